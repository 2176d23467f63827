/**
 * One node of a Merkle-Patricia trie, and nothing that is not one. Source: Ethereum Yellow Paper, appendices C and D.
 */
import { SidelightError } from "../errors.js";
import { type RlpItem, splitRlpList } from "./rlp.js";

/**
 * A way through the trie, in nibbles: bytes with the hex prefix (appendix C), from nibble `from` on.
 */
export interface TriePath {
  readonly bytes: Uint8Array;
  /** 1 if the number of nibbles is odd, otherwise 2: what is before them is the prefix. */
  readonly from: 1 | 2;
  /** In nibbles. */
  readonly length: number;
}

export type TrieNode =
  | { readonly kind: "branch"; readonly children: readonly RlpItem[]; readonly value: Uint8Array }
  | { readonly kind: "extension"; readonly path: TriePath; readonly child: RlpItem }
  | { readonly kind: "leaf"; readonly path: TriePath; readonly value: Uint8Array };

/** Nibble `index` of bytes. */
export function nibbleAt(bytes: Uint8Array, index: number): number {
  const byte = bytes[index >> 1]!;
  return index & 1 ? byte & 0x0f : byte >> 4;
}

/** A node below this size is in its parent itself; from it on, its hash is. */
const HASH_LENGTH = 32;

/** Which node of which proof, for errors. */
export interface NodePlace {
  readonly proof: string;
  readonly index: number;
}

/** @throws RLP_INVALID, TRIE_NODE_MALFORMED */
export function decodeTrieNode(bytes: Uint8Array, place: NodePlace): TrieNode {
  const items = splitRlpList(bytes);
  if (items.length === 17) return decodeBranch(items, place);
  if (items.length === 2) return decodeShortNode(items[0]!, items[1]!, place);
  throw malformed(place, "2 or 17 items", `${items.length}`);
}

function decodeBranch(items: readonly RlpItem[], place: NodePlace): TrieNode {
  const children = items.slice(0, 16);
  const last = items[16]!;
  if (last.isList) throw malformed(place, "a byte string as value of a branch", "a list");
  let entries = last.payload.length > 0 ? 1 : 0;
  children.forEach((child, nibble) => {
    if (isEmptyChild(child)) return;
    assertReference(child, place, `child ${nibble} of a branch`);
    entries++;
  });
  // one entry would be a leaf or an extension
  if (entries < 2) throw malformed(place, "a branch with 2 entries or more", `${entries}`);
  return { kind: "branch", children, value: last.payload };
}

function decodeShortNode(first: RlpItem, second: RlpItem, place: NodePlace): TrieNode {
  if (first.isList || first.payload.length === 0) throw malformed(place, "a path with its prefix", "none");
  const bytes = first.payload;
  const flags = nibbleAt(bytes, 0);
  if (flags > 3) throw malformed(place, "a path prefix of 0 to 3", `${flags}`);
  const isOdd = (flags & 1) === 1;
  if (!isOdd && nibbleAt(bytes, 1) !== 0) throw malformed(place, "0 after an even path prefix", `${bytes[0]! & 0x0f}`);
  const from = isOdd ? 1 : 2;
  const path: TriePath = { bytes, from, length: 2 * bytes.length - from };
  if (flags >= 2) {
    if (second.isList || second.payload.length === 0) throw malformed(place, "a leaf with a value", "none");
    return { kind: "leaf", path, value: second.payload };
  }
  if (path.length === 0) throw malformed(place, "an extension with a path", "none");
  assertReference(second, place, "child of an extension");
  return { kind: "extension", path, child: second };
}

export function isEmptyChild({ isList, payload }: RlpItem): boolean {
  return !isList && payload.length === 0;
}

/** A hash, or a node that is shorter than one. */
function assertReference({ isList, payload, raw }: RlpItem, place: NodePlace, what: string): void {
  if (isList ? raw.length < HASH_LENGTH : payload.length === HASH_LENGTH) return;
  const expected = `${what}: a hash of ${HASH_LENGTH} bytes, or a node below that`;
  throw malformed(place, expected, isList ? `a node of ${raw.length} bytes` : `${payload.length} bytes`);
}

/** It hashes to what was expected, and yet is no node. */
export function malformed(place: NodePlace, expected: string, actual: string): SidelightError {
  const message = `${place.proof}, node ${place.index}: expected ${expected}, got ${actual}`;
  return new SidelightError("TRIE_NODE_MALFORMED", message, { ...place, expected, actual });
}
