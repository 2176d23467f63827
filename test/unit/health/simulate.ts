/**
 * Epochs of a network, simulated from a seed: healthy ones with the variation that real ones have, and incidents. For
 * detection delays and false alarms, which need thousands of epochs.
 */
import type { EpochValues, MetricValues } from "../../../src/health/metrics.js";

export const SIMULATED_SLOTS_PER_EPOCH = 32;

/** What an incident changes, at full strength. */
export interface Incident {
  readonly name: string;
  readonly change: (values: Required<MetricValues>, draw: Draw, since: number) => Partial<MetricValues>;
}

export interface Draw {
  /** From 0 up to 1. */
  uniform(): number;
  /** Of mean 0 and deviation 1. */
  normal(): number;
  /** How many of `count` happen, each with `chance`. */
  binomial(count: number, chance: number): number;
}

/** mulberry32: small, seeded, the same everywhere. */
export function createDraw(seed: number): Draw {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return {
    uniform,
    normal,
    binomial(count, chance) {
      let hits = 0;
      for (let i = 0; i < count; i++) if (uniform() < chance) hits++;
      return hits;
    },
  };
}

const share = (value: number) => Math.min(1, Math.max(0, value));

/** An epoch of a network as mainnet is on an ordinary day: 99 % of slots have a block, 97 % sign, a few votes are late. */
export function healthyEpoch(draw: Draw): Required<MetricValues> {
  const emptySlots = draw.binomial(SIMULATED_SLOTS_PER_EPOCH, 0.008);
  const blocks = SIMULATED_SLOTS_PER_EPOCH - emptySlots;
  const lateBlocks = draw.binomial(blocks, 0.02);
  const orphanedBlocks = draw.binomial(emptySlots, 0.2);
  const syncParticipation = share(0.97 + 0.006 * draw.normal() - (0.1 * lateBlocks) / SIMULATED_SLOTS_PER_EPOCH);
  return {
    syncParticipation,
    responsiveParticipation: share(syncParticipation + 0.012 + 0.002 * draw.normal()),
    signatureDistance: 1 + emptySlots / blocks,
    lateHeads: emptySlots,
    missedHeads: draw.binomial(blocks, 0.002),
    emptySlots,
    orphanedBlocks,
    reorgDepth: orphanedBlocks > 0 ? 1 : 0,
    finalityDistance: draw.uniform() < 0.01 ? 3 : 2,
    voteParticipation: share(0.992 + 0.002 * draw.normal()),
    inclusionDistance: 1.02 + 0.01 * Math.abs(draw.normal()) + emptySlots / SIMULATED_SLOTS_PER_EPOCH,
    effectiveness: share(0.985 - 0.008 * Math.abs(draw.normal()) - 0.002 * lateBlocks),
    headAccuracy: share(0.985 + 0.005 * draw.normal() - (0.4 * lateBlocks) / SIMULATED_SLOTS_PER_EPOCH),
    targetAccuracy: share(0.997 + 0.001 * draw.normal()),
    sourceAccuracy: 1,
    proposerSlashings: 0,
    attesterSlashings: 0,
  };
}

export const INCIDENTS: readonly Incident[] = [
  {
    name: "a third offline",
    change: (v) => ({
      syncParticipation: v.syncParticipation - 0.33,
      voteParticipation: v.voteParticipation - 0.33,
      emptySlots: v.emptySlots + 10,
      signatureDistance: v.signatureDistance + 0.45,
      inclusionDistance: v.inclusionDistance + 0.4,
    }),
  },
  {
    name: "a tenth offline",
    change: (v) => ({
      syncParticipation: v.syncParticipation - 0.1,
      voteParticipation: v.voteParticipation - 0.1,
      emptySlots: v.emptySlots + 3,
    }),
  },
  {
    name: "blocks come late: right votes, included late",
    change: (v) => ({ effectiveness: v.effectiveness - 0.2, inclusionDistance: v.inclusionDistance + 0.6 }),
  },
  {
    name: "votes for stale heads, included in time",
    change: (v) => ({ headAccuracy: v.headAccuracy - 0.3 }),
  },
  {
    name: "half the slots empty",
    change: (v) => ({ emptySlots: 16, signatureDistance: 2, inclusionDistance: v.inclusionDistance + 1 }),
  },
  {
    name: "participation slides by 2 % an epoch",
    change: (v, _, since) => ({ syncParticipation: v.syncParticipation - 0.02 * (since + 1) }),
  },
  { name: "a slashing", change: () => ({ attesterSlashings: 1 }) },
  { name: "a reorganisation of four slots", change: () => ({ reorgDepth: 4, orphanedBlocks: 4 }) },
  { name: "nothing becomes final", change: (_, draw) => ({ finalityDistance: 6 + Math.floor(2 * draw.uniform()) }) },
];

/** Healthy epochs, with an incident of `length` epochs at `at`, if any. */
export function simulate(seed: number, count: number, incident?: Incident, at = 0, length = 0): EpochValues[] {
  const draw = createDraw(seed);
  return Array.from({ length: count }, (_, epoch) => {
    const values = healthyEpoch(draw);
    const isHit = incident !== undefined && epoch >= at && epoch < at + length;
    return { epoch, values: isHit ? { ...values, ...incident.change(values, draw, epoch - at) } : values };
  });
}
