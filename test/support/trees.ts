/** Merkle trees with chosen leaves at chosen generalized indices, everything else deterministic filler. */
import { BranchNode, LeafNode, type Node, Tree } from "@chainsafe/persistent-merkle-tree";
import { fill } from "./fill.js";

export interface SparseTree {
  readonly root: Uint8Array;
  /** Sibling nodes from the leaf up. */
  branch(gindex: number): Uint8Array[];
}

/**
 * A tree with `leaves` (by generalized index) and filler wherever a branch needs a sibling. No node of it is zero
 * unless asked for, so that a branch shows where its own nodes start.
 */
export function sparseTree(leaves: ReadonlyMap<number, Uint8Array>, seed: string): SparseTree {
  const inner = new Set<number>();
  for (const leaf of leaves.keys()) {
    for (let gindex = leaf >> 1; gindex >= 1; gindex >>= 1) {
      if (leaves.has(gindex)) throw new Error(`gindex ${leaf} lies below ${gindex}`);
      inner.add(gindex);
    }
  }
  const build = (gindex: number): Node => {
    if (inner.has(gindex)) return new BranchNode(build(2 * gindex), build(2 * gindex + 1));
    return LeafNode.fromRoot(leaves.get(gindex) ?? fill(seed, gindex));
  };
  const tree = new Tree(build(1));
  return { root: tree.root, branch: (gindex) => tree.getSingleProof(BigInt(gindex)) };
}
