/**
 * The whole answer of `eth_getProof` (EIP-1186): what it proves, and that it claims nothing else.
 */
import { toHex } from "../ssz/bytes.js";
import { type Account, accountCodec, type Slot, slotBytes, verifyAccountProof, verifyStorageProof } from "./account.js";
import { assertClaim } from "./claim.js";
import { address as addressCodec, fieldFromJson, fieldOf, quantity } from "./codec.js";
import { type BytesLike, decodeFailure, optionBytes, type Place, pathOf, placeIn, placeOf, sentList } from "./input.js";
import { EMPTY_CODE_HASH, EMPTY_TRIE_ROOT } from "./keccak.js";

export interface GetProofOptions {
  /** `Bytes32`, of a header that you trust. */
  readonly stateRoot: BytesLike;
  /** 20 bytes: what was asked for. */
  readonly address: BytesLike;
  /** What was asked for, in that order. @default [] */
  readonly slots?: readonly Slot[];
  /** `result` of the answer, as it came; with numbers for quantities, as client libraries have it, too. */
  readonly answer: unknown;
}

export interface ProvenState {
  /** `null`: it is proven that there is none. */
  readonly account: Account | null;
  /** In the order of `slots`. */
  readonly storage: readonly ProvenStorage[];
}

export interface ProvenStorage {
  /** `Bytes32` */
  readonly slot: string;
  /** 0 if it is proven that nothing is stored. */
  readonly value: bigint;
}

const OBJECT = "eth_getProof";
const ZERO_HASH = `0x${"0".repeat(64)}`;
const word = /*#__PURE__*/ quantity(32);

/**
 * Account and storage, proven; and nothing in the answer that differs from them, so that it can be used as it is.
 * For an account that is not there, servers claim either what an empty one would have or zero hashes.
 *
 * @throws CLAIM_MISMATCH something in the answer is not what is proven, or not what was asked for
 * @throws what {@link verifyAccountProof} does
 */
export function verifyGetProof({ stateRoot, address, slots = [], answer }: GetProofOptions): ProvenState {
  const place = placeOf(OBJECT, "json-rpc");
  const asked = toHex(optionBytes("address", address, 20));
  assertClaim(place, "address", fieldFromJson(answer, "address", addressCodec, place), asked);

  const proof = listAt(answer, "accountProof", place);
  const account = verifyAccountProof({ stateRoot, address, proof });
  assertAccountClaims(place, answer, account);

  const items = sentList(placeIn(place, "storageProof"), fieldOf(answer, "storageProof", place), slots.length);
  assertClaim(place, "storageProof.length", BigInt(items.length), BigInt(slots.length));
  const storageHash = account?.storageHash ?? EMPTY_TRIE_ROOT;
  const storage = slots.map((slot, i) => verifyItem(placeIn(place, `storageProof[${i}]`), items[i], slot, storageHash));
  return { account, storage };
}

function assertAccountClaims(place: Place, answer: unknown, account: Account | null): void {
  const claimed = accountCodec.fromJson(answer, place);
  const proven = account ?? absentAsClaimed(claimed);
  assertClaim(place, "nonce", claimed.nonce, proven.nonce);
  assertClaim(place, "balance", claimed.balanceWei, proven.balanceWei);
  assertClaim(place, "storageHash", claimed.storageHash, proven.storageHash);
  assertClaim(place, "codeHash", claimed.codeHash, proven.codeHash);
}

function absentAsClaimed({ storageHash, codeHash }: Account): Account {
  return {
    nonce: 0n,
    balanceWei: 0n,
    storageHash: storageHash === ZERO_HASH ? ZERO_HASH : EMPTY_TRIE_ROOT,
    codeHash: codeHash === ZERO_HASH ? ZERO_HASH : EMPTY_CODE_HASH,
  };
}

function verifyItem(place: Place, item: unknown, asked: Slot, storageHash: string): ProvenStorage {
  const slot = toHex(slotBytes(asked));
  assertClaim(place, "key", claimedKey(item, place), slot);
  const proof = listAt(item, "proof", place);
  const value = verifyStorageProof({ storageHash, slot, proof, name: `${pathOf(place)}.proof` });
  assertClaim(place, "value", fieldFromJson(item, "value", word, place), value);
  return { slot, value };
}

/** Servers give the slot as they got it, as a quantity, or padded. */
function claimedKey(item: unknown, place: Place): string {
  const key = fieldFromJson(item, "key", word, place);
  return `0x${key.toString(16).padStart(64, "0")}`;
}

function listAt(json: unknown, key: string, place: Place): readonly BytesLike[] {
  const value = fieldOf(json, key, place);
  if (!Array.isArray(value)) throw decodeFailure(placeIn(place, key), "array", value);
  // what is in it is checked where it is verified
  return value as readonly BytesLike[];
}
