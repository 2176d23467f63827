/**
 * A series of epochs that can grow for ever in bounded memory: the newest in full, older ones as means of ever longer
 * spans. Pure: `encode` gives what a store keeps, `restore` takes it back.
 */
import { type EpochValues, METRIC_NAMES, METRICS, type Metric, type MetricValues } from "./metrics.js";
import { assertEpoch, positiveInteger } from "./options.js";

/** Values of one epoch, or their means over several. */
export interface SeriesPoint extends EpochValues {
  /** Epochs that it stands for, from `epoch` on. */
  readonly epochs: number;
  /** How many of them were measured, where that is fewer. */
  readonly measured?: number;
  /** In how many of those a metric was measured, where that is fewer. */
  readonly counts?: MetricValues;
}

export interface Series {
  /**
   * Takes the values of an epoch. Those of an epoch that is there already are added to its own.
   * @throws OPTION_INVALID for what is no epoch, and for values that are no numbers
   */
  add(epoch: EpochValues): void;
  /** Oldest first. */
  points(): readonly SeriesPoint[];
  encode(): Uint8Array;
}

export interface SeriesOptions {
  /**
   * Points of each resolution: so many epochs one by one, so many spans of 8, of 64, and of 512 epochs. What is older is
   * forgotten. With 512 points, mainnet's last two days in full and the last three years and more in all.
   * @default 512
   */
  readonly pointsPerLevel?: number;
  /** What {@link Series.encode} gave. What cannot be read is ignored: it is measured anew. */
  readonly restore?: Uint8Array | null;
}

const SPANS = [1, 8, 64, 512] as const;
const VERSION = 1;

/** @throws OPTION_INVALID */
export function createSeries({ pointsPerLevel = 512, restore = null }: SeriesOptions = {}): Series {
  const limit = positiveInteger("pointsPerLevel", pointsPerLevel);
  /** By epoch, within one level each; the first level has the newest. */
  const levels: Map<number, SeriesPoint>[] = SPANS.map(() => new Map());
  for (const point of decode(restore)) levels[SPANS.indexOf(point.epochs as 1)]!.set(point.epoch, point);

  /** The oldest points of a level become one of the next, whole spans at a time. */
  function age(level: number): void {
    const own = levels[level]!;
    while (own.size > limit) {
      const oldest = Math.min(...own.keys());
      const span = SPANS[level + 1];
      if (span === undefined) {
        own.delete(oldest);
        continue;
      }
      const start = oldest - (oldest % span);
      const group = [...own.values()].filter(({ epoch }) => epoch >= start && epoch < start + span);
      for (const { epoch } of group) own.delete(epoch);
      const next = levels[level + 1]!;
      // who walks into the past adds to a span epoch by epoch
      const known = next.get(start);
      const points = known === undefined ? group : [known, ...group];
      next.set(start, meanOf(points, start, span));
      age(level + 1);
    }
  }

  return {
    add(added) {
      assertEpoch(added);
      const { epoch, values } = added;
      const points = levels[0]!;
      points.set(epoch, { epoch, epochs: 1, values: { ...points.get(epoch)?.values, ...values } });
      age(0);
    },
    points: () => levels.flatMap((points) => [...points.values()]).sort((a, b) => a.epoch - b.epoch),
    encode() {
      const points = levels.flatMap((level) => [...level.values()]);
      return new Uint8Array(Array.from(JSON.stringify({ version: VERSION, points }), (char) => char.charCodeAt(0)));
    },
  };
}

/** One point of several. */
function meanOf(points: readonly SeriesPoint[], epoch: number, epochs: number): SeriesPoint {
  const measured = Math.min(
    epochs,
    points.reduce((sum, point) => sum + weightOf(point), 0),
  );
  const values: { [M in Metric]?: number } = {};
  const counts: { [M in Metric]?: number } = {};
  for (const metric of METRIC_NAMES) {
    let [sum, count] = [0, 0];
    for (const point of points) {
      const value = point.values[metric];
      if (value === undefined) continue;
      const weight = point.counts?.[metric] ?? weightOf(point);
      sum += weight * value;
      count += weight;
    }
    if (count === 0) continue;
    values[metric] = sum / count;
    if (count < measured) counts[metric] = count;
  }
  return {
    epoch,
    epochs,
    ...(measured < epochs ? { measured } : {}),
    ...(Object.keys(counts).length > 0 ? { counts } : {}),
    values,
  };
}

function weightOf({ epochs, measured = epochs }: SeriesPoint): number {
  return measured;
}

/** Only what this version wrote: anything else is no series. */
function decode(bytes: Uint8Array | null): SeriesPoint[] {
  if (bytes === null) return [];
  try {
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    const { version, points } = JSON.parse(text) as { version: unknown; points: unknown };
    if (version !== VERSION || !Array.isArray(points)) return [];
    return points.filter(isPoint);
  } catch {
    return [];
  }
}

function isPoint(point: unknown): point is SeriesPoint {
  const { epoch, epochs, measured = epochs, counts = {}, values } = (point ?? {}) as Partial<SeriesPoint>;
  if (!Number.isSafeInteger(epoch) || epoch! < 0 || !SPANS.includes(epochs as 1)) return false;
  if (!Number.isSafeInteger(measured) || measured! < 1 || measured! > epochs!) return false;
  if (typeof values !== "object" || values === null || typeof counts !== "object" || counts === null) return false;
  const isCount = (count: number) => Number.isSafeInteger(count) && count > 0 && count <= measured!;
  if (!Object.values(counts).every(isCount)) return false;
  return Object.entries(values).every(([metric, value]) => Object.hasOwn(METRICS, metric) && Number.isFinite(value));
}
