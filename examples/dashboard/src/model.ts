/** What there is to show, as a value. Everything in it is bounded: the page may stay open for months. */
import type { SourceStatus, Status, VerifiedHeader } from "sidelight";
import {
  type Anomaly,
  type BlockProgress,
  type Judgement,
  type Metric,
  nameStress,
  type SeriesPoint,
  type Stress,
} from "sidelight/health";

/** Slots that are shown, and anomalies that are listed. */
export const SLOTS_SHOWN = 256;
export const ANOMALIES_SHOWN = 50;
/** Epochs that must be known before one is judged: the detector's default. */
export const BASELINE_EPOCHS = 16;
/** An epoch is judged by its blocks when the second one after it is over; what is older than this is the past. */
const EPOCHS_OF_NOW = 5;

/** One slot as it went by. What is not known (yet, or ever) is `null`. */
export interface SlotPoint {
  readonly slot: number;
  readonly participation: number | null;
  readonly responsive: number | null;
  readonly unresponsive: number | null;
  /** Slots between the head and the clock, as this slot began; epochs between it and what is final. */
  readonly headAge: number | null;
  readonly finality: number | null;
}

export interface Model {
  readonly network: string;
  readonly slotsPerEpoch: number;
  readonly status: Status;
  readonly head: VerifiedHeader | null;
  readonly finalized: VerifiedHeader | null;
  /** Oldest first. */
  readonly slots: readonly SlotPoint[];
  readonly points: readonly SeriesPoint[];
  readonly judgements: readonly Judgement[];
  readonly sources: readonly SourceStatus[];
  /** The same nodes, as sources of blocks. */
  readonly blockSources: readonly SourceStatus[];
  /** Last thing that a source did wrong, by its name. */
  readonly faults: Readonly<Record<string, string>>;
  /** Of the walk into the past, while there is one. */
  readonly progress: BlockProgress | null;
  /** Slot of the clock. */
  readonly clockSlot: number;
  /** What does not work, while the page goes on: blocks of the head, the walk into the past, keeping the series. */
  readonly troubles: { readonly [what in Trouble]?: string | undefined };
}

export type Trouble = "blocks" | "past" | "series";

export function emptyModel(network: string, slotsPerEpoch: number): Model {
  return {
    network,
    slotsPerEpoch,
    status: { state: "idle" },
    head: null,
    finalized: null,
    slots: [],
    points: [],
    judgements: [],
    sources: [],
    blockSources: [],
    faults: {},
    progress: null,
    clockSlot: 0,
    troubles: {},
  };
}

/** Adds what is newly known of a slot. Slots that nothing is known of stay as gaps. */
export function withSlot(slots: readonly SlotPoint[], slot: number, known: Partial<SlotPoint>): readonly SlotPoint[] {
  const newest = Math.max(slot, slots.at(-1)?.slot ?? slot);
  const oldest = Math.max(newest - SLOTS_SHOWN + 1, Math.min(slot, slots[0]?.slot ?? slot));
  if (slot < oldest) return slots;
  const before = new Map(slots.map((point) => [point.slot, point]));
  return Array.from({ length: newest - oldest + 1 }, (_, i) => {
    const point = before.get(oldest + i) ?? unknownSlot(oldest + i);
    return point.slot === slot ? { ...point, ...known } : point;
  });
}

function unknownSlot(slot: number): SlotPoint {
  return { slot, participation: null, responsive: null, unresponsive: null, headAge: null, finality: null };
}

/**
 * From the oldest to the newest epoch that no blocks have told theirs of, in a range; `null` if there is none. What lies
 * between them has to be walked through anyway: a block is proven by the ones after it.
 */
export function missingPast(
  points: readonly SeriesPoint[],
  fromEpoch: number,
  toEpoch: number,
): { readonly fromEpoch: number; readonly toEpoch: number } | null {
  // counted in every block: other metrics can be absent from an epoch that was measured
  const measured = points.filter(({ values }) => values.proposerSlashings !== undefined);
  const isKnown = (epoch: number) =>
    measured.some((point) => epoch >= point.epoch && epoch < point.epoch + point.epochs);
  let [first, last] = [fromEpoch, toEpoch];
  while (first <= last && isKnown(first)) first++;
  while (last >= first && isKnown(last)) last--;
  return first <= last ? { fromEpoch: first, toEpoch: last } : null;
}

/** Metrics that are in an anomaly and were measured in this epoch: of the newest epochs, blocks have yet to tell theirs. */
export function offIn({ active, scores }: Judgement): Metric[] {
  return active.filter((metric) => scores[metric] !== undefined);
}

/**
 * What is the matter now: by the newest epoch, and by the newest one that blocks have told theirs of. Each by itself, as
 * metrics of different epochs together look like what neither of them was.
 */
export function presentStress(model: Model): { names: Stress[]; metrics: Metric[] } {
  const recent = recentJudgements(model);
  const whole = recent.findLast(({ scores }) => scores.voteParticipation !== undefined);
  const sets = [whole, recent.at(-1)].flatMap((judgement) => (judgement === undefined ? [] : [offIn(judgement)]));
  return { names: [...new Set(sets.flatMap(nameStress))], metrics: [...new Set(sets.flat())] };
}

/** What a series from the last visit says is no news; nor is anything before the clock is known. */
export function recentJudgements({ judgements, clockSlot, slotsPerEpoch }: Model): readonly Judgement[] {
  if (clockSlot === 0) return [];
  return judgements.filter(({ epoch }) => epoch > clockSlot / slotsPerEpoch - EPOCHS_OF_NOW);
}

/** Epochs that are missing until there is something to compare the present with. */
export function missingEpochs(judgements: readonly Judgement[]): number {
  const isCompared = judgements.some(({ scores }) => scores.syncParticipation?.baseline != null);
  const measured = judgements.filter(({ scores }) => scores.syncParticipation !== undefined).length;
  return isCompared ? 0 : Math.max(1, BASELINE_EPOCHS - measured);
}

/** Newest first. */
export function anomaliesOf(judgements: readonly Judgement[]): readonly Anomaly[] {
  return judgements
    .flatMap(({ anomalies }) => anomalies)
    .slice(-ANOMALIES_SHOWN)
    .reverse();
}
