/**
 * Merkle branches. Sources: consensus-specs `specs/phase0/beacon-chain.md#is_valid_merkle_branch`,
 * `specs/altair/light-client/sync-protocol.md` (`get_subtree_index`, `is_valid_normalized_merkle_branch`).
 */
import { SidelightError } from "../errors.js";
import { equalBytes, isZero } from "../ssz/bytes.js";
import { hashPair } from "../ssz/hash.js";

/** `floorlog2`: the depth of a generalized index. */
export function floorlog2(gindex: number): number {
  return 31 - Math.clz32(gindex);
}

/** `get_subtree_index`: position of a generalized index among the nodes of its depth. */
export function getSubtreeIndex(gindex: number): number {
  return gindex - 2 ** floorlog2(gindex);
}

/** `is_valid_merkle_branch`: does `leaf` at `index` of the tree's `depth` hash up `branch` to `root`? */
export function isValidMerkleBranch(
  leaf: Uint8Array,
  branch: readonly Uint8Array[],
  depth: number,
  index: number,
  root: Uint8Array,
): boolean {
  return equalBytes(computeMerkleBranchRoot(leaf, branch, depth, index), root);
}

/** `compute_merkle_branch_root`: what `leaf` at `index` of the tree's `depth` hashes up `branch` to. */
export function computeMerkleBranchRoot(
  leaf: Uint8Array,
  branch: readonly Uint8Array[],
  depth: number,
  index: number,
): Uint8Array {
  let node = leaf;
  for (let i = 0; i < depth; i++) {
    const sibling = branch[i]!;
    node = (index >> i) & 1 ? hashPair(sibling, node) : hashPair(node, sibling);
  }
  return node;
}

/**
 * `is_valid_normalized_merkle_branch`: the branch may have zero nodes in front of those that its generalized index
 * needs, and nothing else.
 *
 * @param name which branch, for the error
 * @throws BRANCH_LENGTH_INVALID when it is shorter than the index needs, or what is in front is not zero
 */
export function isValidNormalizedMerkleBranch(
  name: string,
  leaf: Uint8Array,
  branch: readonly Uint8Array[],
  gindex: number,
  root: Uint8Array,
): boolean {
  const depth = floorlog2(gindex);
  const extra = branch.length - depth;
  const firstNonZero = branch.findIndex((node) => !isZero(node));
  if (extra < 0 || (firstNonZero !== -1 && firstNonZero < extra)) {
    const actual = extra < 0 ? branch.length : branch.length - firstNonZero;
    const message = `${name}: expected a branch of ${depth} nodes (generalized index ${gindex}), got ${actual}`;
    throw new SidelightError("BRANCH_LENGTH_INVALID", message, { branch: name, gindex, expected: depth, actual });
  }
  return isValidMerkleBranch(leaf, branch.slice(extra), depth, getSubtreeIndex(gindex), root);
}
