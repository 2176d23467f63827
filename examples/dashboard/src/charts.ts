/** Which charts there are: what each shows, of which slots or epochs. Values in, columns out. */
import { type Judgement, METRICS, type Metric, nameStress, type SeriesPoint } from "sidelight/health";
import { capitalized, type Unit, unitOf } from "./format.js";
import { offIn, type SlotPoint } from "./model.js";

export interface Line {
  readonly label: string;
  readonly unit: Unit;
  /** Which of the page's line colours and dashes. */
  readonly tone: number;
  /** Only lines that are out of the ordinary have a colour and a place in the legend. */
  readonly isQuiet?: boolean;
}

export interface ChartSpec {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly x: "slot" | "epoch";
  readonly lines: readonly Line[];
  /** `share`: up to 1. `zero`: from 0. `deviations`: around 0, large distances pressed together. */
  readonly scale: "share" | "zero" | "deviations";
}

/** Columns as uPlot has them: x first; `null` is a gap. */
export type Columns = [number[], ...(number | null)[][]];

/** Epochs in which something was out of the ordinary, and what that looked like. */
export interface Mark {
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

/** `lines` are metrics, or values of a slot. */
interface SlotChart extends ChartSpec {
  readonly x: "slot";
  readonly keys: readonly (keyof SlotPoint)[];
}
interface EpochChart extends ChartSpec {
  readonly x: "epoch";
  readonly metrics: readonly Metric[];
}

const line = (label: string, unit: Unit, tone: number): Line => ({ label, unit, tone });
const metricLines = (metrics: readonly Metric[]) =>
  metrics.map((metric, tone) => line(capitalized(METRICS[metric].title), unitOf(metric), tone));

function slotChart(spec: Omit<SlotChart, "x">): SlotChart {
  return { ...spec, x: "slot" };
}

function epochChart(spec: Omit<EpochChart, "x" | "lines">): EpochChart {
  return { ...spec, x: "epoch", lines: metricLines(spec.metrics) };
}

export const ALL_METRICS = Object.keys(METRICS) as Metric[];

export const DEVIATIONS: EpochChart = {
  id: "deviations",
  title: "Distance from the baseline",
  note: "Every metric of every epoch, in standard deviations of its own baseline. Beyond 10, in the direction that is worse, it is an anomaly.",
  x: "epoch",
  metrics: ALL_METRICS,
  lines: metricLines(ALL_METRICS).map((each, i) => ({ ...each, unit: "deviations", tone: i, isQuiet: true })),
  scale: "deviations",
};

export const SLOT_CHARTS: readonly SlotChart[] = [
  slotChart({
    id: "participation",
    title: "Participation, slot by slot",
    note: "Share of the sync committee that signed each block; then without those who have not signed for two epochs.",
    lines: [line("Sync committee", "share", 0), line("Without the unresponsive", "share", 1)],
    keys: ["participation", "responsive"],
    scale: "share",
  }),
  slotChart({
    id: "ages",
    title: "Head and finality, by the clock",
    note: "As each slot begins: how old the newest verified head is, and how far back the newest final epoch.",
    lines: [line("Age of the head", "slots", 0), line("Finality distance", "epochs", 2)],
    keys: ["headAge", "finality"],
    scale: "zero",
  }),
];

export const EPOCH_CHARTS: readonly EpochChart[] = [
  epochChart({
    id: "shares",
    title: "Participation, epoch by epoch",
    note: "Means over the blocks of an epoch; attesters as blocks carry their votes.",
    metrics: ["syncParticipation", "responsiveParticipation", "voteParticipation"],
    scale: "share",
  }),
  epochChart({
    id: "accuracy",
    title: "Effectiveness and accuracy",
    note: "How soon votes are included, of how soon they could be; and how many name the right head, target and source.",
    metrics: ["effectiveness", "headAccuracy", "targetAccuracy", "sourceAccuracy"],
    scale: "share",
  }),
  epochChart({
    id: "distance",
    title: "Inclusion distance",
    note: "Slots until a vote, or a sync committee's signature, is in a block. 1 is the best there is.",
    metrics: ["inclusionDistance", "signatureDistance"],
    scale: "zero",
  }),
  epochChart({
    id: "blocks",
    title: "Empty slots and orphaned blocks",
    note: "Slots of an epoch without a canonical block, blocks that were replaced, signatures that came late.",
    metrics: ["emptySlots", "orphanedBlocks", "lateHeads"],
    scale: "zero",
  }),
  epochChart({
    id: "slashings",
    title: "Slashings",
    note: "Proofs, in an epoch's blocks, that somebody signed two things that contradict each other.",
    metrics: ["proposerSlashings", "attesterSlashings"],
    scale: "zero",
  }),
  epochChart({
    id: "reorganisations",
    title: "Finality and reorganisations",
    note: "Epochs from each epoch back to the final one as it ended; slots that the deepest reorganisation took back.",
    metrics: ["finalityDistance", "reorgDepth", "missedHeads"],
    scale: "zero",
  }),
];

export function slotColumns(chart: SlotChart, slots: readonly SlotPoint[]): Columns {
  return [slots.map(({ slot }) => slot), ...chart.keys.map((key) => slots.map((point) => point[key]))];
}

/** From the first to the last epoch, with gaps where nothing is known. */
export function epochColumns(chart: EpochChart, points: readonly SeriesPoint[]): Columns {
  return columnsOf(chart, points, (point, metric) => point.values[metric]);
}

export function deviationColumns(judgements: readonly Judgement[]): Columns {
  return columnsOf(DEVIATIONS, judgements, (judgement, metric) => judgement.scores[metric]?.distance);
}

function columnsOf<P extends { readonly epoch: number; readonly epochs?: number }>(
  chart: EpochChart,
  points: readonly P[],
  read: (point: P, metric: Metric) => number | null | undefined,
): Columns {
  const known: (P | null)[] = [];
  const x: number[] = [];
  for (const point of points) {
    const due = (x.at(-1) ?? point.epoch - 1) + 1;
    const before = known.at(-1);
    // one gap is enough for the line to break
    if (before && point.epoch >= due + (before.epochs ?? 1)) {
      known.push(null);
      x.push(due);
    }
    known.push(point);
    x.push(point.epoch);
  }
  return [x, ...chart.metrics.map((metric) => known.map((point) => (point && read(point, metric)) ?? null))];
}

/** Runs of epochs in which one of the metrics was anomalous. */
export function marksOf(judgements: readonly Judgement[], metrics: readonly Metric[]): Mark[] {
  const marks: Mark[] = [];
  for (const judgement of judgements) {
    const { epoch } = judgement;
    const off = offIn(judgement);
    if (!metrics.some((metric) => off.includes(metric))) continue;
    const name = nameStress(off).join(", ");
    const last = marks.at(-1);
    if (last?.to === epoch - 1 && (last.name === name || metrics.length < ALL_METRICS.length)) {
      marks[marks.length - 1] = { ...last, to: epoch };
    } else marks.push({ from: epoch, to: epoch, name });
  }
  return marks;
}
