/** A real chain that makes blocks by the clock, since browsers have no other: one slot a second, committees to catch up with. */

import { type Devnet, type RangePattern, type StartOptions, startDevnet } from "../devnet/src/client.ts";
import { state } from "./execution-node.ts";

export const SLOT_MS = 1_000;
/** Six sync-committee periods of the minimal preset, which the browsers verify first. */
const PAST_SLOTS = 6 * 64;

export interface LiveChain {
  readonly devnet: Devnet;
  /** A root of period 1, far behind. */
  readonly checkpoint: string;
  /** Slot of the clock. */
  slot(): number;
  /** Slot and root of a header are the chain's, at that slot. */
  assertTrue(header: { readonly slot: number; readonly root: string }): Promise<void>;
}

export async function startLiveChain(options: StartOptions = {}): Promise<LiveChain> {
  const preSlots = options.preSlots ?? PAST_SLOTS;
  const devnet = await startDevnet({
    mode: "live",
    secondsPerSlot: SLOT_MS / 1000,
    preSlots,
    patterns: livelyPatterns(preSlots),
    executionStateRoot: state.stateRoot,
    ...options,
  });
  const checkpoint = await devnet.checkpoint({ epoch: options.preset === "mainnet" ? 4 : 9 });
  return {
    devnet,
    checkpoint: checkpoint.root,
    slot: () => Math.floor((Date.now() / 1000 - devnet.info.genesisTime) / (SLOT_MS / 1000)),
    async assertTrue({ slot, root }) {
      const truth = await devnet.truth(slot);
      if (truth === null) throw new Error(`the chain has no block at slot ${slot}`);
      if (truth.root !== root) throw new Error(`slot ${slot}: expected root ${truth.root}, got ${root}`);
    },
  };
}

/** Some are offline now and then, once in a while many, and a slot here and there is empty: there is something to see. */
function livelyPatterns(from: number): RangePattern[] {
  return Array.from({ length: 600 }, (_, i) => {
    const wave = 0.05 + 0.04 * Math.sin(i / 3) + 0.03 * Math.sin(i / 1.7);
    const burst = i % 29 > 24 ? 0.14 : 0;
    const slot = from + i;
    return { from: slot, to: slot, offline: Math.max(0, wave + burst), ...(i % 23 === 17 ? { missed: true } : {}) };
  });
}
