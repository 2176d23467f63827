import { type CachedBeaconStateAllForks, processSlots } from "@lodestar/state-transition";
import { applyBlock } from "./block.ts";
import type { ChainEntry } from "./entry.ts";
import { blockTypes } from "./ssz-types.ts";

export type StateStore = {
  add(entry: ChainEntry, state: CachedBeaconStateAllForks): void;
  /** Post state of a block: from memory, or computed again from the nearest ancestor that still has one. */
  get(entry: ChainEntry): CachedBeaconStateAllForks;
  /** How many states are in memory. */
  readonly size: number;
};

/** Epochs whose first post state is kept, and recomputed states that are kept. */
const KEPT_EPOCHS = 32;
const KEPT_RECOMPUTED = 16;

/**
 * Keeps the newest `window` states, the first of each recent epoch, and the first of every sync committee period: the
 * memory of a long run is bounded by its periods, and every state is at most a period of blocks away.
 */
export function createStateStore(window: number): StateStore {
  const states = new Map<string, CachedBeaconStateAllForks>();
  const recent: ChainEntry[] = [];
  const epochStarts: string[] = [];
  const recomputed: string[] = [];

  function release(entry: ChainEntry): void {
    if (!entry.parent || entry.parent.period !== entry.period) return;
    if (entry.parent.epoch === entry.epoch) {
      states.delete(entry.root);
      return;
    }
    epochStarts.push(entry.root);
    if (epochStarts.length > KEPT_EPOCHS) states.delete(epochStarts.shift() as string);
  }

  function recompute(entry: ChainEntry): CachedBeaconStateAllForks {
    const path: ChainEntry[] = [];
    let base: ChainEntry = entry;
    while (!states.has(base.root)) {
      path.push(base);
      if (!base.parent) throw new Error(`the state of block ${entry.root} cannot be computed: no ancestor has one`);
      base = base.parent;
    }
    let state = states.get(base.root) as CachedBeaconStateAllForks;
    for (const { fork, blockBytes } of path.reverse()) {
      const block = blockTypes(fork).SignedBeaconBlock.deserialize(blockBytes);
      state = applyBlock(state, block);
    }
    state.hashTreeRoot();
    states.set(entry.root, state);
    recomputed.push(entry.root);
    if (recomputed.length > KEPT_RECOMPUTED) states.delete(recomputed.shift() as string);
    return state;
  }

  return {
    add(entry, state) {
      states.set(entry.root, state);
      recent.push(entry);
      if (recent.length > window) release(recent.shift() as ChainEntry);
    },
    get: (entry) => states.get(entry.root) ?? recompute(entry),
    get size() {
      return states.size;
    },
  };
}

/** The state at a slot that may have no block: the post state of the block before, moved through the empty slots. */
export function stateAtSlot(store: StateStore, entry: ChainEntry, slot: number): CachedBeaconStateAllForks {
  const state = store.get(entry);
  if (slot <= entry.slot) return state;
  const advanced = processSlots(state, slot);
  advanced.hashTreeRoot();
  return advanced;
}
