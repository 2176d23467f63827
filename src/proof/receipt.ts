/**
 * Receipts of every type: from JSON-RPC's JSON and from the form in which a block's trie has them, and back into it.
 * Sources: Ethereum Yellow Paper, 4.3.1; EIP-658 (status), EIP-2718 (types).
 *
 * Only what the trie commits to is among the fields. What nodes add (addresses, prices, hashes) is not.
 */
import { SidelightError } from "../errors.js";
import { logsBloomOf } from "./bloom.js";
import {
  address,
  bytes32,
  type Codec,
  fieldFromJson,
  fieldOf,
  hexBytes,
  listOf,
  quantity,
  type RecordOf,
  record,
  rlpListOf,
  smallInteger,
} from "./codec.js";
import { decodeFailure, type Place, placeIn, placeOf, sentBytes } from "./input.js";
import { decodeRlp, encodeRlp, MAX_RLP_BYTES, type RlpValue } from "./rlp.js";
import { withType } from "./transaction.js";

/** More than the gas of any block pays for, strings and lists within one receipt. */
const MAX_ITEMS = 1 << 20;

const logFields = {
  address,
  topics: /*#__PURE__*/ listOf(bytes32, 4),
  data: /*#__PURE__*/ hexBytes(0, MAX_RLP_BYTES),
};

/** `address`, `topics` (up to four, `Bytes32`) and `data`, as `0x` hex. */
export type Log = RecordOf<typeof logFields>;

const cumulativeGasUsed = /*#__PURE__*/ quantity(8);
const logsBloom = /*#__PURE__*/ hexBytes(256);
const logs = /*#__PURE__*/ listOf(/*#__PURE__*/ record(logFields), MAX_ITEMS);

export interface Receipt {
  /** Of its transaction, 0 to 4. */
  readonly type: number;
  /** 1: it succeeded, 0: it was reverted. `null` before Byzantium. */
  readonly status: 0 | 1 | null;
  /** The state's root after its transaction, before Byzantium; `null` from then on. */
  readonly root: string | null;
  /** Of this transaction and those before it in the block. */
  readonly cumulativeGasUsed: bigint;
  /** `0x` hex of 256 bytes. */
  readonly logsBloom: string;
  readonly logs: readonly Log[];
}

const MAX_TYPE = 4;
const OBJECT = "receipt";

/**
 * From JSON of JSON-RPC, or from bytes as the trie has them. `index` is for errors. That its bloom is of its logs is checked; nothing else.
 * @throws DECODE_FAILED, INPUT_TOO_LARGE, RLP_INVALID, LOGS_BLOOM_MISMATCH
 */
export function decodeReceipt(receipt: unknown, index?: number): Receipt {
  const isBytes = typeof receipt === "string" || receipt instanceof Uint8Array;
  const place = placeOf(OBJECT, isBytes ? "rlp" : "json-rpc", index);
  const decoded = isBytes ? fromBytes(sentBytes(place, receipt, MAX_RLP_BYTES), place) : fromJson(receipt, place);
  assertBloom(index === undefined ? OBJECT : `${OBJECT} ${index}`, decoded.logsBloom, logsBloomOf(decoded.logs));
  return decoded;
}

function fromJson(json: unknown, place: Place): Receipt {
  const field = <T>(name: string, codec: Codec<T>): T => fieldFromJson(json, name, codec, place);
  const isThere = (name: string) => (fieldOf(json, name, place) ?? null) !== null;
  // before Byzantium there is a root instead; nodes of old left the type out
  const outcome = !isThere("status") && isThere("root") ? field("root", bytes32) : field("status", statusCodec);
  const type = isThere("type") ? assertType(field("type", smallInteger), place) : 0;
  return {
    type,
    ...outcomeOf(outcome),
    cumulativeGasUsed: field("cumulativeGasUsed", cumulativeGasUsed),
    logsBloom: field("logsBloom", logsBloom),
    logs: field("logs", logs),
  };
}

function fromBytes(bytes: Uint8Array, place: Place): Receipt {
  const isLegacy = bytes.length > 0 && bytes[0]! >= 0xc0;
  const type = isLegacy ? 0 : assertType(bytes[0] || -1, place);
  const value = decodeRlp(bytes.subarray(isLegacy ? 0 : 1), { maxItems: MAX_ITEMS });
  const [outcome, gas, bloom, list] = rlpListOf(value, [4], place) as [RlpValue, RlpValue, RlpValue, RlpValue];
  const isRoot = outcome instanceof Uint8Array && outcome.length === 32;
  const outcomePlace = placeIn(place, isRoot ? "root" : "status");
  return {
    type,
    ...outcomeOf(isRoot ? bytes32.fromRlp(outcome, outcomePlace) : statusCodec.fromRlp(outcome, outcomePlace)),
    cumulativeGasUsed: cumulativeGasUsed.fromRlp(gas, placeIn(place, "cumulativeGasUsed")),
    logsBloom: logsBloom.fromRlp(bloom, placeIn(place, "logsBloom")),
    logs: logs.fromRlp(list, placeIn(place, "logs")),
  };
}

const statusCodec: Codec<number> = {
  fromJson: (json, place) => assertStatus(smallInteger.fromJson(json, place), place),
  fromRlp: (value, place) => assertStatus(smallInteger.fromRlp(value, place), place),
  toRlp: smallInteger.toRlp,
};

function assertStatus(status: number, place: Place): number {
  if (status > 1) throw decodeFailure(place, "0 or 1", status);
  return status;
}

function assertType(type: number, place: Place): number {
  if (type < 0 || type > MAX_TYPE) throw decodeFailure(placeIn(place, "type"), `a type of 0 to ${MAX_TYPE}`, type);
  return type;
}

function outcomeOf(outcome: string | number): Pick<Receipt, "status" | "root"> {
  return typeof outcome === "string" ? { status: null, root: outcome } : { status: outcome as 0 | 1, root: null };
}

/** As the trie has it. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const { type, status, root } = receipt;
  const payload = encodeRlp([
    root === null ? statusCodec.toRlp(status ?? 0) : bytes32.toRlp(root),
    cumulativeGasUsed.toRlp(receipt.cumulativeGasUsed),
    logsBloom.toRlp(receipt.logsBloom),
    logs.toRlp(receipt.logs),
  ]);
  return withType(type, payload);
}

/** @throws LOGS_BLOOM_MISMATCH */
export function assertBloom(of: string, claimed: string, computed: string): void {
  if (claimed === computed) return;
  const message = `${of}: the bloom is not the one of the logs`;
  throw new SidelightError("LOGS_BLOOM_MISMATCH", message, { of, claimed, computed });
}
