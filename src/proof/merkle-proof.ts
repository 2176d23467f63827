/**
 * SSZ Merkle proofs by generalized index: one node by its branch, several by what they have not in common. Source:
 * consensus-specs `ssz/merkle-proofs.md`. Everything is `Bytes32`.
 */
import { SidelightError } from "../errors.js";
import { equalBytes, toHex } from "../ssz/bytes.js";
import { hashPair } from "../ssz/hash.js";
import { depthOf, descending, type Gindex, getHelperIndices, toGindex, toGindices } from "./gindex.js";
import { type BytesLike, decodeFailure, optionBytes, placeIn, placeOf, sentBytes, sentList } from "./input.js";

/** Of one proof: more than any that has been asked for. */
export const MAX_NODES = 1 << 16;

export interface MerkleBranchOptions {
  /** `Bytes32`, that you trust. */
  readonly root: BytesLike;
  /** `Bytes32`: what is to be proven. */
  readonly leaf: BytesLike;
  /** `Bytes32[depth]`: the siblings, from the leaf's up. */
  readonly branch: readonly BytesLike[];
  readonly gindex: Gindex;
  /** What it is a proof of, for errors. @default "Merkle branch" */
  readonly name?: string;
}

/**
 * That `leaf` is at `gindex` of the tree of `root`. Gives the leaf.
 *
 * @throws OPTION_INVALID a root or an index that is none
 * @throws DECODE_FAILED, INPUT_TOO_LARGE a leaf or a branch that is none
 * @throws MERKLE_PROOF_LENGTH_INVALID a branch that has not the depth of the index
 * @throws MERKLE_ROOT_MISMATCH it is not there
 */
export function verifyMerkleBranch({
  root,
  leaf,
  branch,
  gindex,
  name = "Merkle branch",
}: MerkleBranchOptions): string {
  const expected = optionBytes("root", root, 32);
  const index = toGindex("gindex", gindex);
  const nodes = nodesOf(name, "branch", branch, depthOf(index));
  const node = nodeOf(name, "leaf", leaf);
  let computed = node;
  nodes.forEach((sibling, level) => {
    computed = (index >> BigInt(level)) & 1n ? hashPair(sibling, computed) : hashPair(computed, sibling);
  });
  assertRoot(name, expected, computed);
  return toHex(node);
}

export interface MultiproofOptions {
  /** `Bytes32`, that you trust. */
  readonly root: BytesLike;
  /** `Bytes32` each, in the order of `gindices`: what is to be proven. */
  readonly leaves: readonly BytesLike[];
  /** None twice, none above another. */
  readonly gindices: readonly Gindex[];
  /** `Bytes32` each: the nodes at `getHelperIndices(gindices)`, in that order. */
  readonly proof: readonly BytesLike[];
  /** What it is a proof of, for errors. @default "multiproof" */
  readonly name?: string;
}

/**
 * `verify_merkle_multiproof`: that each of `leaves` is at its index of the tree of `root`. Gives the leaves.
 *
 * @throws as {@link verifyMerkleBranch}
 */
export function verifyMultiproof(options: MultiproofOptions): string[] {
  const { indices, known } = verifyMultiproofNodes(options);
  return indices.map((gindex) => toHex(known.get(gindex)!));
}

/** All nodes of a proof by their generalized index, proven to be of the tree of `root`. */
export function verifyMultiproofNodes({ root, leaves, gindices, proof, name = "multiproof" }: MultiproofOptions) {
  const expected = optionBytes("root", root, 32);
  const indices = toGindices(gindices);
  const helpers = getHelperIndices(indices);
  const values = nodesOf(name, "leaves", leaves, indices.length);
  const others = nodesOf(name, "proof", proof, helpers.length);
  const known = new Map<bigint, Uint8Array>();
  indices.forEach((gindex, i) => void known.set(gindex, values[i]!));
  helpers.forEach((gindex, i) => void known.set(gindex, others[i]!));
  assertRoot(name, expected, rootOf(known));
  return { indices, known };
}

/** Of nodes of which none is above another, and none is missing. */
function rootOf(known: Map<bigint, Uint8Array>): Uint8Array {
  // what is made comes after what was given: a node whose sibling is not there yet waits for it
  const order = [...known.keys()].sort(descending);
  for (const gindex of order) {
    const parent = gindex >> 1n;
    if (parent === 0n || known.has(parent) || !known.has(gindex ^ 1n)) continue;
    known.set(parent, hashPair(known.get(gindex & ~1n)!, known.get(gindex | 1n)!));
    order.push(parent);
  }
  return known.get(1n)!;
}

/** @throws DECODE_FAILED, INPUT_TOO_LARGE, MERKLE_PROOF_LENGTH_INVALID */
export function nodesOf(name: string, part: string, list: unknown, count: number): Uint8Array[] {
  const place = placeIn(placeOf(name, "json-rpc"), part);
  const nodes = sentList(place, list, MAX_NODES);
  if (nodes.length !== count) {
    const message = `${name}: expected ${count} nodes as ${part}, got ${nodes.length}`;
    const details = { proof: name, part, expected: count, actual: nodes.length };
    throw new SidelightError("MERKLE_PROOF_LENGTH_INVALID", message, details);
  }
  // Array.from, since map passes over holes
  return Array.from(nodes, (node, i) => bytes32Of(placeIn(place, i), node));
}

function nodeOf(name: string, part: string, node: unknown): Uint8Array {
  return bytes32Of(placeIn(placeOf(name, "json-rpc"), part), node);
}

function bytes32Of(place: ReturnType<typeof placeIn>, node: unknown): Uint8Array {
  const bytes = sentBytes(place, node, 32);
  if (bytes.length !== 32) throw decodeFailure(place, "32 bytes", node);
  return bytes;
}

/** @throws MERKLE_ROOT_MISMATCH */
export function assertRoot(name: string, expectedRoot: Uint8Array, computed: Uint8Array): void {
  if (equalBytes(expectedRoot, computed)) return;
  const [expected, actual] = [toHex(expectedRoot), toHex(computed)];
  const message = `${name}: expected the root ${expected}, got ${actual}`;
  throw new SidelightError("MERKLE_ROOT_MISMATCH", message, { proof: name, expected, actual });
}
