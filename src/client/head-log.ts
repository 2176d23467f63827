/**
 * Notices when the optimistic head moves to another branch. A light client sees headers, not the block tree: it can tell
 * a reorganisation only by the parent roots of heads it has seen, and stays silent where it cannot know.
 */
import { equalBytes, toHex } from "../ssz/bytes.js";
import type { BeaconBlockHeader } from "../ssz/objects.js";
import type { Reorg } from "./types.js";

/** Heads remembered: two epochs of mainnet. */
const MAX_HEADS = 64;

interface SeenHead {
  readonly slot: number;
  readonly root: Uint8Array;
  readonly parentRoot: Uint8Array;
}

export interface HeadLog {
  /** Takes note of a new head. @returns the reorganisation that it proves, if any */
  follow(header: BeaconBlockHeader, root: Uint8Array): Reorg | null;
}

export function createHeadLog(): HeadLog {
  let heads: SeenHead[] = [];
  return {
    follow({ slot, parentRoot }, root) {
      const reorg = detectReorg(heads, { slot, root, parentRoot });
      heads = [...heads, { slot, root, parentRoot }].slice(-MAX_HEADS);
      return reorg;
    },
  };
}

/**
 * The last head is not an ancestor of the new one if the new one's parent lies before it, or is another block of the
 * slot right before. If the parent is a block never seen at a slot not known, nothing can be said.
 */
function detectReorg(heads: readonly SeenHead[], head: SeenHead): Reorg | null {
  const last = heads.at(-1);
  if (last === undefined || equalBytes(last.root, head.parentRoot) || equalBytes(last.root, head.root)) return null;
  const ancestor = heads.findLast((seen) => equalBytes(seen.root, head.parentRoot)) ?? null;
  const parentIsElsewhere = head.slot <= last.slot + 1;
  if (ancestor === null && !parentIsElsewhere) return null;
  return { from: named(last), to: named(head), commonAncestor: ancestor && named(ancestor) };
}

function named({ slot, root }: SeenHead) {
  return { slot, root: toHex(root) };
}
