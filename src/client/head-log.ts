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
  /** How many reorganisations had been told by then, its own included. */
  readonly reorgs: number;
}

export interface HeadLog {
  /** Takes note of a new head. @returns the reorganisation that it proves, if any */
  follow(header: BeaconBlockHeader, root: Uint8Array): Reorg | null;
}

export function createHeadLog(): HeadLog {
  let heads: SeenHead[] = [];
  let reorgs = 0;
  return {
    follow({ slot, parentRoot }, root) {
      const reorg = detectReorg(heads, { slot, root, parentRoot });
      if (reorg !== null) reorgs++;
      heads = [...heads, { slot, root, parentRoot, reorgs }].slice(-MAX_HEADS);
      return reorg;
    },
  };
}

/**
 * The last head is not an ancestor of the new one if the new one's parent lies before it, or is another block of the
 * slot right before. If the parent is a block never seen at a slot not known, nothing can be said.
 */
function detectReorg(heads: readonly SeenHead[], head: Omit<SeenHead, "reorgs">): Reorg | null {
  const last = heads.at(-1);
  if (last === undefined || equalBytes(last.root, head.parentRoot) || equalBytes(last.root, head.root)) return null;
  const line = lineOf(heads, head.parentRoot);
  const parentIsElsewhere = head.slot <= last.slot + 1;
  if (line.length === 0 && !parentIsElsewhere) return null;
  const lastLine = lineOf(heads, last.root);
  const oldest = lastLine.at(-1)!;
  // an older head is taken for one of a line that was not seen so far down, unless there was a reorganisation between
  const isOfLast = (seen: SeenHead) =>
    lastLine.includes(seen) || (seen.slot < oldest.slot && seen.reorgs === oldest.reorgs);
  const ancestor = line.find(isOfLast) ?? null;
  return { from: named(last), to: named(head), commonAncestor: ancestor && named(ancestor) };
}

/** A block and those that it stands on, as far as they were seen, newest first. */
function lineOf(heads: readonly SeenHead[], root: Uint8Array): SeenHead[] {
  const line: SeenHead[] = [];
  for (let wanted = root, i = heads.length - 1; i >= 0; i--) {
    const seen = heads[i]!;
    if (!equalBytes(seen.root, wanted)) continue;
    line.push(seen);
    wanted = seen.parentRoot;
  }
  return line;
}

function named({ slot, root }: Pick<SeenHead, "slot" | "root">) {
  return { slot, root: toHex(root) };
}
