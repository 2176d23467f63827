/**
 * Anomalies: how far each epoch's values are from a baseline, in its standard deviations, and when that is too far.
 *
 * A pure state machine of bounded memory. Mean and deviation are computed anew from the baseline's values for every epoch,
 * in their order: a hundred additions, and the same numbers to the last bit whether epochs come live or from a file.
 */
import { optionInvalid } from "../errors.js";
import { type EpochValues, METRIC_NAMES, METRICS, type Metric, resolutionOf } from "./metrics.js";
import { nameStress, type Stress } from "./name-stress.js";
import { assertEpoch, positiveInteger, positiveNumber, wholeNumber } from "./options.js";

/** What epochs are compared with. */
export type BaselineOptions =
  | {
      /** The newest epochs that were no anomaly. */
      readonly kind: "rolling";
      /** How many at most. @default 225, a day of mainnet */
      readonly epochs?: number;
      /** Nothing is an anomaly before there are so many. @default 16 */
      readonly minEpochs?: number;
    }
  | {
      /** A healthy window that you name: all epochs from one to another, both included. Nothing before its end is judged. */
      readonly kind: "fixed";
      readonly fromEpoch: number;
      readonly toEpoch: number;
    };

export interface DetectorOptions {
  readonly slotsPerEpoch: number;
  /** @default { kind: "rolling" } */
  readonly baseline?: BaselineOptions;
  /** An anomaly begins beyond so many standard deviations. @default 10 */
  readonly threshold?: number;
  /** It ends when the distance has been below so many … @default half of `threshold` */
  readonly release?: number;
  /** … for so many epochs in a row. @default 2 */
  readonly calmEpochs?: number;
  /**
   * Rolling only: what has lasted so many epochs that were measured is the new normal. The anomaly ends, and the baseline is
   * made of them.
   * @default the `epochs` of the baseline
   */
  readonly adaptAfterEpochs?: number;
  /** Anomalies in the direction that is worse, or in both. @default "worse" */
  readonly direction?: "worse" | "both";
}

export interface Baseline {
  readonly mean: number;
  /** Of the baseline's epochs (divided by their number less one), and at least the metric's resolution. */
  readonly standardDeviation: number;
  readonly epochs: number;
}

export interface Score {
  readonly value: number;
  /** `null` while there is too little to compare with. */
  readonly baseline: Baseline | null;
  /** `(value - mean) / standardDeviation`; positive is above the mean, whatever is worse. `null` without a baseline. */
  readonly distance: number | null;
}

export interface Anomaly {
  /** `adapted`: it lasted, and is the new normal now. */
  readonly kind: "begin" | "end" | "adapted";
  readonly metric: Metric;
  readonly epoch: number;
  /** Epoch that it began in. */
  readonly sinceEpoch: number;
  readonly value: number;
  readonly baseline: Baseline;
  readonly distance: number;
  /** Other metrics that are anomalous in this epoch too. */
  readonly agrees: readonly Metric[];
  /** What all of them together look like. */
  readonly stress: readonly Stress[];
}

export interface Judgement {
  readonly epoch: number;
  readonly scores: { readonly [M in Metric]?: Score };
  /** What began or ended in this epoch. */
  readonly anomalies: readonly Anomaly[];
  /** Metrics that are in an anomaly now. */
  readonly active: readonly Metric[];
  readonly stress: readonly Stress[];
}

export interface Detector {
  /**
   * Judges the next epoch.
   * @throws OPTION_INVALID for one that is not later than those before, and for values that are no numbers
   */
  push(epoch: EpochValues): Judgement;
  /**
   * A second detector that knows what this one knows and goes on by itself: to judge epochs whose values are not all known
   * yet, and from there again when they are.
   */
  fork(): Detector;
}

interface Track {
  /** Values of the baseline, oldest first. */
  normal: number[];
  /** Values since the anomaly began, the newest ones; they may become the new normal. */
  held: number[];
  since: number | null;
  calm: number;
  /** Values after the one that it began with. */
  lasted: number;
}

/** @throws OPTION_INVALID */
export function createDetector(options: DetectorOptions): Detector {
  return detectorFrom(resolve(options), new Map(), Number.NEGATIVE_INFINITY);
}

function detectorFrom(rules: Rules, tracks: Map<Metric, Track>, judgedTo: number): Detector {
  let newest = judgedTo;
  return {
    push(judged) {
      assertEpoch(judged);
      const { epoch, values } = judged;
      if (epoch <= newest) throw optionInvalid("epoch", `an epoch above ${newest}`, epoch);
      newest = epoch;
      const changes: Change[] = [];
      const scores: { [M in Metric]?: Score } = {};
      const active: Metric[] = [];
      for (const metric of METRIC_NAMES) {
        const track = tracks.get(metric) ?? { normal: [], held: [], since: null, calm: 0, lasted: 0 };
        tracks.set(metric, track);
        const value = values[metric];
        if (value !== undefined) {
          const score = scoreOf(metric, value, epoch, track, rules);
          scores[metric] = score;
          const change = step(metric, score, epoch, track, rules);
          if (change !== null) changes.push(change);
        }
        // an anomaly that is told to have ended in this epoch is not active any more
        if (track.since !== null) active.push(metric);
      }
      const stress = nameStress(active);
      return { epoch, scores, active, stress, anomalies: changes.map((change) => tell(change, epoch, active, stress)) };
    },
    fork() {
      const copy = ({ normal, held, ...rest }: Track): Track => ({ normal: [...normal], held: [...held], ...rest });
      return detectorFrom(rules, new Map(Array.from(tracks, ([metric, track]) => [metric, copy(track)])), newest);
    },
  };
}

/** The same over a whole series. @throws OPTION_INVALID */
export function detectAnomalies(series: Iterable<EpochValues>, options: DetectorOptions): Judgement[] {
  const detector = createDetector(options);
  return Array.from(series, (epoch) => detector.push(epoch));
}

/** Mean and standard deviation in two passes, in the order of the values. */
export function baselineOf(values: readonly number[], resolution: number): Baseline {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  const deviation = values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1));
  return { mean, standardDeviation: Math.max(deviation, resolution), epochs: values.length };
}

type Rules = ReturnType<typeof resolve>;

function resolve(options: DetectorOptions) {
  const baseline = options.baseline ?? { kind: "rolling" };
  const threshold = positiveNumber("threshold", options.threshold ?? 10);
  const release = positiveNumber("release", options.release ?? threshold / 2);
  if (release > threshold) throw optionInvalid("release", `at most the threshold, ${threshold}`, release);
  const direction = options.direction ?? "worse";
  if (direction !== "worse" && direction !== "both") throw optionInvalid("direction", '"worse" or "both"', direction);
  const rolling = resolveBaseline(baseline);
  return {
    slotsPerEpoch: positiveInteger("slotsPerEpoch", options.slotsPerEpoch),
    baseline: rolling,
    threshold,
    release,
    direction,
    calmEpochs: positiveInteger("calmEpochs", options.calmEpochs ?? 2),
    adaptAfterEpochs:
      rolling.kind === "fixed"
        ? Infinity
        : positiveInteger("adaptAfterEpochs", options.adaptAfterEpochs ?? rolling.epochs),
  };
}

function resolveBaseline(baseline: BaselineOptions) {
  if (baseline.kind === "rolling") {
    const epochs = positiveInteger("baseline.epochs", baseline.epochs ?? 225);
    const minEpochs = positiveInteger("baseline.minEpochs", baseline.minEpochs ?? Math.min(16, epochs));
    if (minEpochs > epochs) throw optionInvalid("baseline.minEpochs", `at most baseline.epochs, ${epochs}`, minEpochs);
    return { kind: "rolling" as const, epochs, minEpochs };
  }
  if (baseline.kind !== "fixed")
    throw optionInvalid("baseline.kind", '"rolling" or "fixed"', (baseline as BaselineOptions).kind);
  const fromEpoch = wholeNumber("baseline.fromEpoch", baseline.fromEpoch);
  const toEpoch = wholeNumber("baseline.toEpoch", baseline.toEpoch);
  if (toEpoch <= fromEpoch) throw optionInvalid("baseline.toEpoch", `an epoch above ${fromEpoch}`, toEpoch);
  return { kind: "fixed" as const, fromEpoch, toEpoch };
}

function scoreOf(metric: Metric, value: number, epoch: number, track: Track, rules: Rules): Score {
  const { baseline: of, slotsPerEpoch } = rules;
  const isReady =
    of.kind === "rolling" ? track.normal.length >= of.minEpochs : epoch > of.toEpoch && track.normal.length >= 2;
  if (!isReady) return { value, baseline: null, distance: null };
  const baseline = baselineOf(track.normal, resolutionOf(metric, slotsPerEpoch));
  return { value, baseline, distance: (value - baseline.mean) / baseline.standardDeviation };
}

interface Change {
  readonly kind: Anomaly["kind"];
  readonly metric: Metric;
  readonly since: number;
  readonly score: Score;
}

/** Moves one metric on by an epoch. */
function step(metric: Metric, score: Score, epoch: number, track: Track, rules: Rules): Change | null {
  const { value } = score;
  const distance = badness(metric, score.distance ?? 0, rules);
  if (track.since === null) {
    if (distance <= rules.threshold) {
      learn(track, value, epoch, rules);
      return null;
    }
    track.since = epoch;
    track.held = [value];
    track.calm = 0;
    track.lasted = 0;
    return { kind: "begin", metric, since: epoch, score };
  }
  const since = track.since;
  track.calm = distance < rules.release ? track.calm + 1 : 0;
  if (track.calm >= rules.calmEpochs) {
    track.since = null;
    track.held = [];
    learn(track, value, epoch, rules);
    return { kind: "end", metric, since, score };
  }
  if (rules.baseline.kind === "fixed") return null;
  track.held.push(value);
  if (track.held.length > rules.baseline.epochs) track.held.shift();
  // what was not measured did not last
  if (++track.lasted < rules.adaptAfterEpochs) return null;
  track.normal = track.held;
  track.held = [];
  track.since = null;
  return { kind: "adapted", metric, since, score };
}

/** How far it is off in the direction that counts. */
function badness(metric: Metric, distance: number, { direction }: Rules): number {
  if (direction === "both") return Math.abs(distance);
  return METRICS[metric].worse === "high" ? distance : -distance;
}

function learn(track: Track, value: number, epoch: number, { baseline }: Rules): void {
  if (baseline.kind === "fixed") {
    if (epoch >= baseline.fromEpoch && epoch <= baseline.toEpoch) track.normal.push(value);
    return;
  }
  track.normal.push(value);
  if (track.normal.length > baseline.epochs) track.normal.shift();
}

function tell(
  { kind, metric, since, score }: Change,
  epoch: number,
  active: readonly Metric[],
  stress: readonly Stress[],
) {
  const agrees = active.filter((other) => other !== metric);
  // a change without a baseline there is none
  const { value, baseline, distance } = score;
  return { kind, metric, epoch, sinceEpoch: since, value, baseline: baseline!, distance: distance!, agrees, stress };
}
