/** Signatures to verify together. */
import type { Bls, SyncAggregateItem } from "../../src/bls/port.js";
import { bitsOf, someMembers } from "./bits.js";
import { fill } from "./fill.js";
import { createCommittee } from "./keys.js";

export interface ItemOptions {
  readonly size?: number;
  readonly count?: number;
}

/** Truly signed by `count` of `size`: another committee, another root for each `i`. */
export function signedItem(bls: Bls, i: number, { size = 32, count = 20 }: ItemOptions = {}): SyncAggregateItem {
  const committee = createCommittee(size, "batch", i);
  const members = someMembers(size, count, `batch ${i}`);
  const signingRoot = fill("batch", i);
  const signature = committee.sign(members, signingRoot);
  return { committee: bls.committee(committee.value), bits: bitsOf(size, members), signingRoot, signature };
}

/** The same, over another root than the one that was signed. */
export function falseItem(bls: Bls, i: number, options?: ItemOptions): SyncAggregateItem {
  return { ...signedItem(bls, i, options), signingRoot: fill("false", i) };
}
