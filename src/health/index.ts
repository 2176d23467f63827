/** `sidelight/health`: the network's pulse from verified data, and what is wrong with it. Pure: no I/O, no timers. */
export { type BlockEpoch, type BlockHealth, createBlockHealth } from "./blocks/block-health.js";
export { type BlockDecoder, type BlockFacts, createBlockDecoder } from "./blocks/decode-block.js";
export type { BlockFetcher } from "./blocks/fetcher.js";
export { type BlockFollower, createBlockFollower } from "./blocks/follow.js";
export { type BlockProgress, type MeasureOptions, measureBlocks } from "./blocks/walk.js";
export {
  type Anomaly,
  type Baseline,
  type BaselineOptions,
  createDetector,
  type Detector,
  type DetectorOptions,
  detectAnomalies,
  type Judgement,
  type Score,
} from "./detector.js";
export { csvHeader, csvLine, toCsv, toJsonLines } from "./export.js";
export { type FeedOptions, feedHealth, type HealthFeed } from "./feed.js";
export { type KeepSeriesOptions, type KeptSeries, keepSeries } from "./kept-series.js";
export { createLightHealth, type LightHealth, type LightHealthOptions } from "./light.js";
export type {
  EpochHealth,
  HealthReport,
  MemberClass,
  MemberRecord,
  PeriodHealth,
  SeenCommittee,
  SeenHead,
  SeenReorg,
  SeenSignature,
  SlotHealth,
  SlotLetters,
} from "./light-types.js";
export { type EpochValues, METRICS, type Metric, type MetricValues, resolutionOf } from "./metrics.js";
export { nameStress, type Stress } from "./name-stress.js";
export { createSeries, type Series, type SeriesOptions, type SeriesPoint } from "./series.js";
