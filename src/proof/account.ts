/**
 * What a state root proves of an account: its four fields, its storage, its code. Sources: Ethereum Yellow Paper, 4.1;
 * EIP-1186.
 */
import { optionInvalid, SidelightError } from "../errors.js";
import { toHex } from "../ssz/bytes.js";
import { bytes32, quantity, type RecordOf, record, under } from "./codec.js";
import { type BytesLike, optionBytes, placeOf, sentBytes } from "./input.js";
import { keccak256 } from "./keccak.js";
import { decodeRlp } from "./rlp.js";
import { verifyTrieProof } from "./trie-proof.js";

/** More than the largest node of a state or storage trie: a branch of 16 hashes has 532 bytes. */
const MAX_NODE_BYTES = 1024;

/** More than any code (EIP-170: 24 KiB; the limit may grow, EIP-7907: 256 KiB). */
const MAX_CODE_BYTES = 1024 * 1024;

const accountFields = {
  nonce: /*#__PURE__*/ quantity(8),
  balanceWei: /*#__PURE__*/ under(/*#__PURE__*/ quantity(32), "balance"),
  storageHash: bytes32,
  codeHash: bytes32,
};

export const accountCodec = /*#__PURE__*/ record(accountFields);

/** `nonce`, `balanceWei`, `storageHash` (root of its storage trie, `Bytes32`) and `codeHash` (`Bytes32`). */
export type Account = RecordOf<typeof accountFields>;

export interface AccountProofOptions {
  /** `Bytes32`, of a header that you trust: `execution.stateRoot` of what the client hands out. */
  readonly stateRoot: BytesLike;
  /** 20 bytes. */
  readonly address: BytesLike;
  /** `accountProof` of `eth_getProof`. */
  readonly proof: readonly BytesLike[];
}

/**
 * The account at `address` in the state of `stateRoot`; `null` if it is proven that there is none.
 *
 * @throws OPTION_INVALID a state root or address that is none
 * @throws DECODE_FAILED, INPUT_TOO_LARGE, RLP_INVALID, TRIE_NODE_MALFORMED a proof that is none
 * @throws TRIE_NODE_HASH_MISMATCH, TRIE_NODE_MISSING, TRIE_NODES_EXTRA a proof of something else
 */
export function verifyAccountProof({ stateRoot, address, proof }: AccountProofOptions): Account | null {
  const root = optionBytes("stateRoot", stateRoot, 32);
  const key = keccak256(optionBytes("address", address, 20));
  const value = verifyTrieProof({ root, key, proof, maxNodeBytes: MAX_NODE_BYTES, name: "accountProof" });
  return value && accountCodec.fromRlp(decodeRlp(value), placeOf("account", "rlp"));
}

/** Of storage: a number, or up to 32 bytes. */
export type Slot = bigint | number | BytesLike;

export interface StorageProofOptions {
  /** `Bytes32`, of a proven account. */
  readonly storageHash: BytesLike;
  readonly slot: Slot;
  /** `storageProof[i].proof` of `eth_getProof`. */
  readonly proof: readonly BytesLike[];
  /** For errors. @default "storageProof" */
  readonly name?: string;
}

const word = /*#__PURE__*/ quantity(32);

/**
 * What is stored at `slot`: a word of 32 bytes as a number, 0 if it is proven that nothing is (which is the same).
 *
 * @throws as {@link verifyAccountProof}
 */
export function verifyStorageProof({ storageHash, slot, proof, name = "storageProof" }: StorageProofOptions): bigint {
  const root = optionBytes("storageHash", storageHash, 32);
  const key = keccak256(slotBytes(slot));
  const value = verifyTrieProof({ root, key, proof, maxNodeBytes: MAX_NODE_BYTES, name });
  return value === null ? 0n : word.fromRlp(decodeRlp(value), placeOf("stored value", "rlp"));
}

/** A slot as 32 bytes. @throws OPTION_INVALID */
export function slotBytes(slot: Slot): Uint8Array {
  const hex = slotDigits(slot).padStart(64, "0");
  return optionBytes("slot", `0x${hex}`, 32);
}

function slotDigits(slot: Slot): string {
  if (slot instanceof Uint8Array && slot.length <= 32) return toHex(slot).slice(2);
  if (typeof slot === "bigint" ? slot >= 0n : Number.isSafeInteger(slot) && Number(slot) >= 0) return slot.toString(16);
  if (typeof slot === "string" && /^0x[0-9a-fA-F]{1,64}$/.test(slot)) return slot.slice(2);
  throw optionInvalid("slot", "an integer of at most 32 bytes, `0x` hex of it, or up to 32 bytes", slot);
}

export interface CodeOptions {
  /** `Bytes32`, of a proven account. */
  readonly codeHash: BytesLike;
  /** What `eth_getCode` answers. */
  readonly code: BytesLike;
}

/**
 * The code whose hash is `codeHash`, as `0x` hex.
 *
 * @throws OPTION_INVALID a hash that is none
 * @throws DECODE_FAILED, INPUT_TOO_LARGE code that is no hex, or more than a mebibyte
 * @throws CODE_HASH_MISMATCH
 */
export function verifyCode({ codeHash, code }: CodeOptions): string {
  const expected = toHex(optionBytes("codeHash", codeHash, 32));
  const place = placeOf("code", "json-rpc");
  const bytes = sentBytes(place, code, MAX_CODE_BYTES);
  const actual = toHex(keccak256(bytes));
  if (actual === expected) return toHex(bytes);
  const message = `code: expected the hash ${expected}, got ${actual}`;
  throw new SidelightError("CODE_HASH_MISMATCH", message, { expected, actual });
}
