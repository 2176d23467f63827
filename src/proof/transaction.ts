/**
 * Transactions of every type: from JSON-RPC's JSON and from the form in which a block has them, and back into it.
 * Sources: Ethereum Yellow Paper, 4.2; EIP-155, EIP-2718, EIP-2930, EIP-1559, EIP-4844, EIP-7702.
 *
 * The sender is not among the fields: it is what the signature says, and no curve is computed here.
 */
import { toHex } from "../ssz/bytes.js";
import { assertClaim } from "./claim.js";
import {
  address,
  bytes32,
  type Codec,
  fieldFromJson,
  fieldOf,
  hexBytes,
  listOf,
  nullable,
  quantity,
  type RecordOf,
  record,
  smallInteger,
  under,
} from "./codec.js";
import { decodeFailure, type Place, placeIn, placeOf, sentBytes } from "./input.js";
import { keccak256 } from "./keccak.js";
import { decodeRlp, encodeRlp, MAX_RLP_BYTES } from "./rlp.js";

const uint64 = /*#__PURE__*/ quantity(8);
const uint256 = /*#__PURE__*/ quantity(32);
/** More than fit a block, of anything that a transaction lists. */
const MAX_LIST = 1 << 17;

const accessList = /*#__PURE__*/ listOf(
  /*#__PURE__*/ record({ address, storageKeys: /*#__PURE__*/ listOf(bytes32, MAX_LIST) }),
  MAX_LIST,
);

/** Older nodes give it as `v` only. */
const yParity = /*#__PURE__*/ under(uint256, "yParity", "v");
const signature = { yParity, r: uint256, s: uint256 };

const authorizationList = /*#__PURE__*/ listOf(
  /*#__PURE__*/ record({ chainId: uint256, address, nonce: uint64, ...signature }),
  MAX_LIST,
);

const to = /*#__PURE__*/ nullable(address);
const input = /*#__PURE__*/ hexBytes(0, MAX_RLP_BYTES);
const fees = { maxPriorityFeePerGas: uint256, maxFeePerGas: uint256 };

const legacyFields = {
  nonce: uint64,
  gasPrice: uint256,
  gas: uint64,
  to,
  value: uint256,
  input,
  v: uint256,
  r: uint256,
  s: uint256,
};
const accessListFields = {
  chainId: uint256,
  nonce: uint64,
  gasPrice: uint256,
  gas: uint64,
  to,
  value: uint256,
  input,
  accessList,
  ...signature,
};
const feeMarketFields = {
  chainId: uint256,
  nonce: uint64,
  ...fees,
  gas: uint64,
  to,
  value: uint256,
  input,
  accessList,
  ...signature,
};
const blobFields = {
  chainId: uint256,
  nonce: uint64,
  ...fees,
  gas: uint64,
  to: address,
  value: uint256,
  input,
  accessList,
  maxFeePerBlobGas: uint256,
  blobVersionedHashes: /*#__PURE__*/ listOf(bytes32, MAX_LIST),
  ...signature,
};
const setCodeFields = {
  chainId: uint256,
  nonce: uint64,
  ...fees,
  gas: uint64,
  to: address,
  value: uint256,
  input,
  accessList,
  authorizationList,
  ...signature,
};

const CODECS = [
  /*#__PURE__*/ record(legacyFields),
  /*#__PURE__*/ record(accessListFields),
  /*#__PURE__*/ record(feeMarketFields),
  /*#__PURE__*/ record(blobFields),
  /*#__PURE__*/ record(setCodeFields),
] as const;

type Of<Type extends number, Fields> = { readonly type: Type } & Fields;

/**
 * A transaction, by its type: 0 legacy, 1 with an access list (EIP-2930), 2 with a fee market (EIP-1559), 3 with blobs
 * (EIP-4844), 4 that sets code (EIP-7702). Fields under their names in JSON-RPC; integers are `bigint`; `to` is `null`
 * where a contract is made.
 */
export type Transaction =
  | Of<0, RecordOf<typeof legacyFields>>
  | Of<1, RecordOf<typeof accessListFields>>
  | Of<2, RecordOf<typeof feeMarketFields>>
  | Of<3, RecordOf<typeof blobFields>>
  | Of<4, RecordOf<typeof setCodeFields>>;

/** One whose hash was computed. */
export type HashedTransaction = Transaction & {
  /** `Bytes32` */
  readonly hash: string;
};

const OBJECT = "transaction";

/**
 * From JSON of JSON-RPC, or from bytes as a block has them. `index` is for errors. Decoded, not verified; of JSON, the hash that it claims is
 * compared with the one it has.
 * @throws DECODE_FAILED, INPUT_TOO_LARGE, RLP_INVALID, CLAIM_MISMATCH
 */
export function decodeTransaction(transaction: unknown, index?: number): HashedTransaction {
  return readTransaction(transaction, index).transaction;
}

/** The same, with the bytes that a block has of it. */
export function readTransaction(
  transaction: unknown,
  index?: number,
): { transaction: HashedTransaction; raw: Uint8Array } {
  if (typeof transaction === "string" || transaction instanceof Uint8Array) {
    const place = placeOf(OBJECT, "rlp", index);
    const raw = sentBytes(place, transaction, MAX_RLP_BYTES);
    return { transaction: { ...fromBytes(raw, place), hash: toHex(keccak256(raw)) }, raw };
  }
  const place = placeOf(OBJECT, "json-rpc", index);
  const decoded = fromJson(transaction, place);
  const raw = encodeTransaction(decoded);
  const hash = toHex(keccak256(raw));
  assertClaim(place, "hash", fieldFromJson(transaction, "hash", bytes32, place), hash);
  return { transaction: { ...decoded, hash }, raw };
}

function fromJson(json: unknown, place: Place): Transaction {
  // nodes of old left it out
  const isTyped = fieldOf(json, "type", place) !== undefined;
  const type = isTyped ? fieldFromJson(json, "type", smallInteger, place) : 0;
  return { type, ...codecOf(type, place).fromJson(json, place) } as Transaction;
}

/** EIP-2718: a list is a legacy transaction; anything else begins with its type. */
function fromBytes(bytes: Uint8Array, place: Place): Transaction {
  const isLegacy = bytes.length > 0 && bytes[0]! >= 0xc0;
  const type = isLegacy ? 0 : (bytes[0] ?? -1);
  if (!isLegacy && type === 0) throw decodeFailure(placeIn(place, "type"), "a type of 1 to 4, or a list", type);
  const codec = codecOf(type, place);
  return { type, ...codec.fromRlp(decodeRlp(bytes.subarray(isLegacy ? 0 : 1)), place) } as Transaction;
}

function codecOf(type: number, place: Place): Codec<object> {
  const codec = CODECS[type];
  if (codec === undefined) throw decodeFailure(placeIn(place, "type"), "a type of 0 to 4", type);
  return codec as unknown as Codec<object>;
}

/** As a block has it, and as it is hashed. */
export function encodeTransaction(transaction: Transaction): Uint8Array {
  const { type } = transaction;
  return withType(type, encodeRlp((CODECS[type] as unknown as Codec<object>).toRlp(transaction)));
}

/** EIP-2718: what follows a type. Legacy has none. */
export function withType(type: number, payload: Uint8Array): Uint8Array {
  if (type === 0) return payload;
  const bytes = new Uint8Array(1 + payload.length);
  bytes[0] = type;
  bytes.set(payload, 1);
  return bytes;
}
