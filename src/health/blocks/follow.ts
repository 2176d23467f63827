/** Block mode behind a head that moves: each new head's block, and those between it and what is known already. */
import type { Network } from "../../networks/types.js";
import { type BlockEpoch, type BlockHealth, createBlockHealth } from "./block-health.js";
import { type BlockFacts, createBlockDecoder } from "./decode-block.js";
import { assertFetcher, type BlockFetcher } from "./fetcher.js";

export interface BlockFollower {
  /**
   * Takes a verified head: fetches its block and all up to the newest one that is known.
   *
   * @returns epochs that are complete now
   * @throws what `blocks` rejects with (see {@link BlockFetcher}); the next head tries again from where this one began
   */
  head(head: { readonly root: string; readonly slot: number }): Promise<BlockEpoch[]>;
}

/** Farther back a follower does not go: it begins anew. Reorganisations are not so deep, and gaps are holes in a series. */
const MAX_EPOCHS_BACK = 4;

/** @throws OPTION_INVALID */
export function createBlockFollower(options: {
  readonly network: Network;
  /** Each block is asked for once, by its root. */
  readonly blocks: BlockFetcher;
}): BlockFollower {
  const { network, blocks } = options;
  assertFetcher(blocks);
  const { slotsPerEpoch } = network.preset;
  const decoder = createBlockDecoder(network);
  const known = new Map<string, number>();
  let health: BlockHealth | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  async function advance(head: { readonly root: string; readonly slot: number }): Promise<BlockEpoch[]> {
    if (known.has(head.root)) return [];
    const fresh: BlockFacts[] = [];
    let root = head.root;
    while (!known.has(root)) {
      const due = root;
      const block = await blocks.block(due, (bytes) => decoder.decode(bytes, due));
      fresh.unshift(block);
      const isFar = head.slot - block.slot >= MAX_EPOCHS_BACK * slotsPerEpoch;
      if (health === null || isFar || block.slot === 0) break;
      root = block.parentRoot;
    }
    if (health === null || !known.has(fresh[0]!.parentRoot)) {
      health = createBlockHealth({ network });
      known.clear();
    }
    const epochs: BlockEpoch[] = [];
    for (const block of fresh) {
      epochs.push(...health.add(block));
      // what it replaces is forgotten by the state machine: a branch that comes back is walked again
      const parentSlot = known.get(block.parentRoot) ?? Infinity;
      for (const [each, slot] of known) if (slot > parentSlot) known.delete(each);
      known.set(block.root, block.slot);
    }
    // what the state machine may have forgotten is no place to go on from: it keeps the newest block up to here, and later ones
    const border = (Math.floor(head.slot / slotsPerEpoch) - 1) * slotsPerEpoch;
    const oldest = Math.max(...[...known.values()].filter((slot) => slot <= border));
    for (const [each, slot] of known) if (slot < oldest) known.delete(each);
    return epochs;
  }

  return {
    head(head) {
      const run = queue.then(() => advance(head));
      queue = run.catch(() => {});
      return run;
    },
  };
}
