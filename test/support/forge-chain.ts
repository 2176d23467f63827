/** A whole chain for a client to follow: a checkpoint and the best update of each period after it. */
import { toHex } from "../../src/ssz/bytes.js";
import type { Forge, ForgedBootstrap, ForgedFinalityUpdate, ForgedOptimisticUpdate, ForgedUpdate } from "./forge.js";
import { firstSlotOfPeriod } from "./networks.js";

export interface ForgedChain {
  readonly forge: Forge;
  readonly bootstrap: ForgedBootstrap;
  /** Checkpoint root of the bootstrap: `0x` hex. */
  readonly checkpoint: string;
  /** Best update of each period, `fromPeriod` first. */
  readonly updates: readonly ForgedUpdate[];
  /** Newest slot that the updates and the two below were signed at. */
  readonly headSlot: number;
  readonly finalityUpdate: ForgedFinalityUpdate;
  readonly optimisticUpdate: ForgedOptimisticUpdate;
}

export interface ForgeChainOptions {
  /** How many periods have an update. */
  readonly periods: number;
  /** @default 0 */
  readonly fromPeriod?: number;
  /** Slots into the last period that the chain's head is at. @default half a period */
  readonly headOffset?: number;
  /** How many sign. @default all */
  readonly participants?: number;
}

/**
 * Bootstrap in `fromPeriod` (at the start of its second epoch), a finalizing update in each period, and the chain's
 * head in the period after the last update's.
 */
export function forgeChain(forge: Forge, options: ForgeChainOptions): ForgedChain {
  const { periods, fromPeriod = 0, participants = forge.network.preset.syncCommitteeSize } = options;
  const { slotsPerEpoch, epochsPerSyncCommitteePeriod } = forge.network.preset;
  const period = slotsPerEpoch * epochsPerSyncCommitteePeriod;
  const start = (index: number) => firstSlotOfPeriod(forge.network, fromPeriod + index);
  const bootstrap = forge.bootstrap(start(0) + slotsPerEpoch);
  // late enough in the period for the block two epochs back to be of it and after the checkpoint
  const updates = Array.from({ length: periods }, (_, i) =>
    forge.update({ attestedSlot: start(i) + period - 3, participants }),
  );
  const headSlot = start(periods) + (options.headOffset ?? period / 2);
  return {
    forge,
    bootstrap,
    checkpoint: toHex(bootstrap.root),
    updates,
    headSlot,
    finalityUpdate: forge.finalityUpdate({ attestedSlot: headSlot - 1, participants }),
    optimisticUpdate: forge.optimisticUpdate({ attestedSlot: headSlot - 1, participants }),
  };
}
