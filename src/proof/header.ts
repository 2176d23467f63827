/**
 * Headers of execution blocks, of every fork, and the hash that makes them what they are. Sources: Ethereum Yellow Paper,
 * 4.3; execution-specs `src/ethereum/forks/*\/blocks.py`; the EIPs named below.
 */
import { SidelightError } from "../errors.js";
import { toHex } from "../ssz/bytes.js";
import { assertClaim } from "./claim.js";
import {
  address,
  bytes32,
  type Codec,
  fieldFromJson,
  fieldOf,
  hexBytes,
  quantity,
  type RecordOf,
  record,
  rlpListOf,
  smallInteger,
} from "./codec.js";
import { type BytesLike, decodeFailure, optionBytes, type Place, placeIn, placeOf, sentBytes } from "./input.js";
import { keccak256 } from "./keccak.js";
import { decodeRlp, encodeRlp, type RlpValue } from "./rlp.js";

/** More than any chain's: 32 bytes on mainnet, a list of signers with proof of authority. */
const MAX_EXTRA_DATA_BYTES = 4096;
const MAX_HEADER_BYTES = 8192;

const uint64 = /*#__PURE__*/ quantity(8);

/** Of every fork, from Frontier on. */
const frontierFields = {
  parentHash: bytes32,
  sha3Uncles: bytes32,
  miner: address,
  stateRoot: bytes32,
  transactionsRoot: bytes32,
  receiptsRoot: bytes32,
  logsBloom: /*#__PURE__*/ hexBytes(256),
  difficulty: /*#__PURE__*/ quantity(32),
  number: smallInteger,
  gasLimit: uint64,
  gasUsed: uint64,
  timestamp: smallInteger,
  extraData: /*#__PURE__*/ hexBytes(0, MAX_EXTRA_DATA_BYTES),
  /** From Paris on the beacon chain's `prev_randao` (EIP-4399). */
  mixHash: bytes32,
  nonce: /*#__PURE__*/ hexBytes(8),
};

/** What later forks have put after them, in their order. */
const laterFields = {
  /** London (EIP-1559). */
  baseFeePerGas: /*#__PURE__*/ quantity(32),
  /** Shanghai (EIP-4895). */
  withdrawalsRoot: bytes32,
  /** Cancun (EIP-4844). */
  blobGasUsed: uint64,
  /** Cancun (EIP-4844). */
  excessBlobGas: uint64,
  /** Cancun (EIP-4788). */
  parentBeaconBlockRoot: bytes32,
  /** Prague (EIP-7685). */
  requestsHash: bytes32,
  /** Amsterdam (EIP-7928). */
  blockAccessListHash: bytes32,
  /** Amsterdam (EIP-7843). */
  slotNumber: smallInteger,
};

/** How many of them a header has: none up to Berlin; London and Paris; Shanghai; Cancun; Prague and Osaka; Amsterdam. */
const LATER_COUNTS: readonly number[] = [0, 1, 2, 5, 6, 8];

const frontier = /*#__PURE__*/ record(frontierFields);
const FRONTIER_COUNT = 15;

type LaterFields = RecordOf<typeof laterFields>;

/**
 * Fields under their names in JSON-RPC, in the order of the RLP. Hashes and other bytes are `0x` hex; `number`,
 * `timestamp` (Unix time in seconds) and `slotNumber` are numbers, other integers `bigint`. What the header's fork has
 * not is `null`.
 */
export type ExecutionHeader = RecordOf<typeof frontierFields> & {
  readonly [K in keyof LaterFields]: LaterFields[K] | null;
};

const OBJECT = "execution header";

/**
 * From the JSON of a block (`eth_getBlockByHash` and others), whose other fields are ignored. Decoded, not verified.
 * @throws DECODE_FAILED
 */
export function decodeExecutionHeaderJson(json: unknown): ExecutionHeader {
  const place = placeOf(OBJECT, "json-rpc");
  const names = Object.keys(laterFields);
  const isThere = names.map((name) => (fieldOf(json, name, place) ?? null) !== null);
  const count = isThere.lastIndexOf(true) + 1;
  const missing = isThere.indexOf(false);
  if (missing !== -1 && missing < count) {
    throw decodeFailure(placeIn(place, names[missing]!), `a value, as ${names[count - 1]} has one`, undefined);
  }
  assertLaterCount(count, place);
  const later = laterOf(count, (name, codec) => fieldFromJson(json, name, codec, place));
  return { ...frontier.fromJson(json, place), ...later };
}

/**
 * From RLP. Decoded, not verified.
 * @throws DECODE_FAILED, INPUT_TOO_LARGE, RLP_INVALID
 */
export function decodeExecutionHeaderRlp(header: BytesLike): ExecutionHeader {
  const place = placeOf(OBJECT, "rlp");
  const bytes = sentBytes(place, header, MAX_HEADER_BYTES);
  const items = rlpListOf(
    decodeRlp(bytes),
    LATER_COUNTS.map((count) => FRONTIER_COUNT + count),
    place,
  );
  let next = FRONTIER_COUNT;
  const later = laterOf(items.length - FRONTIER_COUNT, (name, codec) =>
    codec.fromRlp(items[next++]!, placeIn(place, name)),
  );
  return { ...frontier.fromRlp(items.slice(0, FRONTIER_COUNT), place), ...later };
}

/** Reads the first `count` of the later fields; the others are `null`. */
function laterOf(count: number, read: (name: string, codec: Codec<unknown>) => unknown) {
  const later: Record<string, unknown> = {};
  Object.entries(laterFields).forEach(([name, codec], i) => {
    later[name] = i < count ? read(name, codec as Codec<unknown>) : null;
  });
  return later as { readonly [K in keyof LaterFields]: LaterFields[K] | null };
}

function assertLaterCount(count: number, place: Place): void {
  if (LATER_COUNTS.includes(count)) return;
  const names = Object.keys(laterFields);
  throw decodeFailure(placeIn(place, names[count]!), `a value, as ${names[count - 1]} has one`, undefined);
}

/** The RLP whose hash is the block's. */
export function encodeExecutionHeader(header: ExecutionHeader): Uint8Array {
  const later: RlpValue[] = [];
  for (const [name, codec] of Object.entries(laterFields)) {
    const value = header[name as keyof LaterFields];
    if (value !== null) later.push((codec as Codec<unknown>).toRlp(value));
  }
  return encodeRlp([...(frontier.toRlp(header) as readonly RlpValue[]), ...later]);
}

/** The block's hash, computed. `Bytes32` */
export function executionHeaderHash(header: ExecutionHeader): string {
  return toHex(keccak256(encodeExecutionHeader(header)));
}

export interface ExecutionHeaderOptions {
  /** `Bytes32`, that you trust: `execution.blockHash` of what the client hands out. */
  readonly blockHash: BytesLike;
  /** The JSON of the block, as a node answers it; or the RLP of its header, as bytes or `0x` hex. */
  readonly header: unknown;
}

/**
 * The header whose hash is `blockHash`. From Gloas on, this is how to get to a state root; and by `parentHash`, at any
 * time, to those of older blocks.
 *
 * @throws OPTION_INVALID a hash that is none
 * @throws DECODE_FAILED, INPUT_TOO_LARGE, RLP_INVALID a header that is none
 * @throws BLOCK_HASH_MISMATCH another header
 * @throws CLAIM_MISMATCH the right one, of a block that says it had another hash
 */
export function verifyExecutionHeader({ blockHash, header }: ExecutionHeaderOptions): ExecutionHeader {
  const expected = toHex(optionBytes("blockHash", blockHash, 32));
  const isRlp = typeof header === "string" || header instanceof Uint8Array;
  const decoded = isRlp ? decodeExecutionHeaderRlp(header) : decodeExecutionHeaderJson(header);
  const actual = executionHeaderHash(decoded);
  if (actual !== expected) {
    const message = `${OBJECT}: expected the hash ${expected}, got ${actual}`;
    throw new SidelightError("BLOCK_HASH_MISMATCH", message, { expected, actual });
  }
  if (!isRlp) assertClaimedHash(header, actual);
  return decoded;
}

function assertClaimedHash(json: unknown, hash: string): void {
  const place = placeOf(OBJECT, "json-rpc");
  if ((fieldOf(json, "hash", place) ?? null) === null) return;
  assertClaim(place, "hash", fieldFromJson(json, "hash", bytes32, place), hash);
}
