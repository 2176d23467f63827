/** Block mode behind a head that moves: each new head's block, and those between it and what is known already. */
import type { Network } from "../../networks/types.js";
import { type BlockEpoch, type BlockHealth, createBlockHealth } from "./block-health.js";
import { type BlockFacts, createBlockDecoder } from "./decode-block.js";
import { type BlockFault, type BlockSource, fetchBlock } from "./fetch-block.js";

export interface BlockFollower {
  /**
   * Takes a verified head: fetches its block and all up to the newest one that is known.
   *
   * @returns epochs that are complete now
   * @throws NO_SOURCE_ANSWERED; the next head tries again from where this one began
   */
  head(head: { readonly root: string; readonly slot: number }): Promise<BlockEpoch[]>;
}

/** Farther back a follower does not go: it begins anew. Reorganisations are not so deep, and gaps are holes in a series. */
const MAX_EPOCHS_BACK = 4;

export function createBlockFollower(options: {
  readonly network: Network;
  readonly sources: readonly BlockSource[];
  readonly onFault?: (fault: BlockFault) => void;
}): BlockFollower {
  const { network, sources, onFault } = options;
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
      const block = await fetchBlock(root, { sources, decoder, onFault });
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
      known.set(block.root, block.slot);
    }
    // what the state machine may have forgotten is no place to go on from
    for (const [each, slot] of known) if (slot < head.slot - 2 * slotsPerEpoch) known.delete(each);
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
