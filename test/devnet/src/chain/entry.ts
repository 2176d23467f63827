import type { ForkName } from "@lodestar/params";
import type { altair, LightClientHeader, phase0 } from "@lodestar/types";
import type { StateProofs } from "../light-client-data/proofs.ts";

export type Checkpoint = { epoch: number; root: string };

/**
 * A block and everything that is served about it. Entries form a tree by `parent`; nothing in an entry depends on which
 * branch is the canonical one, so any entry can be looked at as the head of its own chain.
 */
export type ChainEntry = {
  root: string;
  rootBytes: Uint8Array;
  slot: number;
  epoch: number;
  period: number;
  fork: ForkName;
  parent: ChainEntry | null;
  /** Newest ancestor of an earlier epoch, and of an earlier period: shortcuts for walks. */
  previousEpoch: ChainEntry | null;
  previousPeriod: ChainEntry | null;
  header: phase0.BeaconBlockHeader;
  signature: Uint8Array;
  /** SSZ of the signed block. */
  blockBytes: Uint8Array;
  syncAggregate: altair.SyncAggregate | null;
  participants: number;
  executionHash: Uint8Array | null;
  finalized: Checkpoint;
  justified: Checkpoint;
  previousJustified: Checkpoint;
  /** Null before Altair. */
  lightClientHeader: LightClientHeader | null;
  proofs: StateProofs | null;
  /** Block whose sync aggregate makes the best update of this entry's period, up to this entry. */
  best: ChainEntry | null;
  /** Newest block, up to this entry, whose sync aggregate makes a light-client update at all. */
  newestSigned: ChainEntry | null;
};

/** The block at a slot, or the newest one before it, on the chain that ends in `head`. */
export function ancestorAt(head: ChainEntry, slot: number): ChainEntry | null {
  let entry: ChainEntry | null = head;
  while (entry && entry.slot > slot) {
    if (entry.previousPeriod && entry.previousPeriod.slot >= slot) entry = entry.previousPeriod;
    else if (entry.previousEpoch && entry.previousEpoch.slot >= slot) entry = entry.previousEpoch;
    else entry = entry.parent;
  }
  return entry;
}

export function isAncestor(entry: ChainEntry, head: ChainEntry): boolean {
  return ancestorAt(head, entry.slot) === entry;
}

export function commonAncestor(a: ChainEntry, b: ChainEntry): ChainEntry {
  let left = a;
  let right = b;
  while (left !== right) {
    if (left.slot >= right.slot && left.parent) left = left.parent;
    else if (right.parent) right = right.parent;
    else throw new Error("the two blocks share no ancestor");
  }
  return left;
}
