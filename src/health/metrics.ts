/**
 * The numbers that an epoch is judged by: what each is called, in which direction it gets worse, and how finely it can be
 * told from its baseline.
 */

interface MetricInfo {
  /** For people: what a chart is headed with. */
  readonly title: string;
  readonly unit: "share" | "slots" | "epochs" | "count";
  readonly worse: "low" | "high";
  /** Which mode measures it. */
  readonly from: "signatures" | "blocks" | "both";
}

export const METRICS = {
  syncParticipation: { title: "sync committee participation", unit: "share", worse: "low", from: "signatures" },
  responsiveParticipation: {
    title: "participation without the unresponsive",
    unit: "share",
    worse: "low",
    from: "signatures",
  },
  signatureDistance: { title: "signature distance", unit: "slots", worse: "high", from: "signatures" },
  lateHeads: { title: "late heads", unit: "count", worse: "high", from: "signatures" },
  missedHeads: { title: "missed heads", unit: "count", worse: "high", from: "signatures" },
  emptySlots: { title: "empty slots", unit: "count", worse: "high", from: "both" },
  orphanedBlocks: { title: "orphaned blocks", unit: "count", worse: "high", from: "both" },
  reorgDepth: { title: "deepest reorganisation", unit: "slots", worse: "high", from: "signatures" },
  finalityDistance: { title: "finality distance", unit: "epochs", worse: "high", from: "signatures" },
  voteParticipation: { title: "participation of attesters", unit: "share", worse: "low", from: "blocks" },
  inclusionDistance: { title: "inclusion distance", unit: "slots", worse: "high", from: "blocks" },
  effectiveness: { title: "attestation effectiveness", unit: "share", worse: "low", from: "blocks" },
  headAccuracy: { title: "head accuracy", unit: "share", worse: "low", from: "blocks" },
  targetAccuracy: { title: "target accuracy", unit: "share", worse: "low", from: "blocks" },
  sourceAccuracy: { title: "source accuracy", unit: "share", worse: "low", from: "blocks" },
  proposerSlashings: { title: "proposer slashings", unit: "count", worse: "high", from: "blocks" },
  attesterSlashings: { title: "attester slashings", unit: "count", worse: "high", from: "blocks" },
} as const satisfies Record<string, MetricInfo>;

export type Metric = keyof typeof METRICS;

export const METRIC_NAMES = /*#__PURE__*/ Object.keys(METRICS) as readonly Metric[];

/** Values of an epoch. What could not be measured is absent; it is never guessed. */
export type MetricValues = { readonly [M in Metric]?: number };

/** An epoch's values: what detectors, series and files take. */
export interface EpochValues {
  readonly epoch: number;
  readonly values: MetricValues;
}

/**
 * The least standard deviation that a metric is given. A calm chain's baseline may not vary at all, and then everything
 * would be infinitely far from it.
 *
 * Means over an epoch's slots: one slot that goes wrong altogether is 8 deviations off, below the default threshold of
 * 10, and two are beyond it. Counts: of rare things three in an epoch are below it and four beyond, since two now and then
 * are plain chance. Slashings are rarer than that: one is beyond it.
 */
export function resolutionOf(metric: Metric, slotsPerEpoch: number): number {
  if (metric === "proposerSlashings" || metric === "attesterSlashings") return 1 / 16;
  // from 2 to 3 epochs happens at every boundary, 5 does not
  if (metric === "finalityDistance") return 1 / 4;
  if (METRICS[metric].unit === "count" || metric === "reorgDepth") return 1 / 3;
  return 1 / (8 * slotsPerEpoch);
}
