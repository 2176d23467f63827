/**
 * A series in a store, and what is written there is never lost: neither what another program (a tab, a run) adds to the
 * same series, nor what cannot be read.
 */
import { equalBytes } from "../ssz/bytes.js";
import type { CheckpointStore } from "../store/port.js";
import type { EpochValues } from "./metrics.js";
import { createSeries, type Series, type SeriesOptions, type SeriesPoint } from "./series.js";

export interface KeepSeriesOptions extends Pick<SeriesOptions, "pointsPerLevel"> {
  /** `indexedDbStore()`, for one: it may be the client's own. */
  readonly store: Pick<CheckpointStore, "load" | "save">;
  /** What the series is called there. */
  readonly key: string;
  /** What is there cannot be read (it is damaged, or of a newer version), and is put aside under this key. */
  readonly onUnreadable?: (key: string) => void;
}

export interface KeptSeries extends Pick<Series, "add" | "points"> {
  /**
   * Takes up what is kept.
   * @throws what the store rejects with: `save` takes it up then
   */
  load(): Promise<void>;
  /**
   * Resolves when all that was added so far is kept. Others may keep what they measure under the same key: whoever writes
   * last takes along what the others have written. Where two write at the same moment, one is undone until it writes again.
   * One write at a time: what is asked for during one is one more, of what there is then.
   * @throws what the store rejects with: the next write has all of it
   */
  save(): Promise<void>;
}

/**
 * A series that goes on from what was kept: `load()` it, `add` epochs, `save()` it. Without I/O until then.
 * @throws OPTION_INVALID
 */
export function keepSeries({ store, key, onUnreadable, ...options }: KeepSeriesOptions): KeptSeries {
  let series = createSeries(options);
  /** What was read or written last. */
  let seen: Uint8Array | null = null;
  /** What was added, and has not been read again since it was written: at first so many were written. */
  let fresh: EpochValues[] = [];
  let written = 0;
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;

  /** Takes up what somebody else has written since. */
  async function takeUp(): Promise<void> {
    const kept = (await store.load(key)) ?? null;
    if (kept === null) return;
    if (seen !== null && equalBytes(kept, seen)) {
      [fresh, written] = [fresh.slice(written), 0];
      return;
    }
    const theirs = createSeries({ ...options, restore: kept });
    const points = theirs.points();
    if (points.length > 0) {
      fresh = fresh.filter((epoch) => !isIn(points, epoch));
      for (const epoch of fresh) theirs.add(epoch);
      series = theirs;
    } else if (!equalBytes(kept, createSeries().encode())) {
      await store.save(`${key}-unreadable`, kept);
      onUnreadable?.(`${key}-unreadable`);
    }
    seen = kept;
  }

  async function write(): Promise<void> {
    next = null;
    await takeUp();
    const [bytes, count] = [series.encode(), fresh.length];
    await store.save(key, bytes);
    [seen, written] = [bytes, count];
  }

  return {
    add(epoch) {
      series.add(epoch);
      fresh.push(epoch);
    },
    points: () => series.points(),
    load() {
      last = last.then(takeUp, takeUp);
      return last;
    },
    save() {
      if (next !== null) return next;
      // one that failed was told to whoever asked for it
      next = last = last.then(write, write);
      return next;
    },
  };
}

/** With all its values; in the mean of a span nobody can tell. */
function isIn(points: readonly SeriesPoint[], { epoch, values }: EpochValues): boolean {
  const point = points.find((each) => epoch >= each.epoch && epoch < each.epoch + each.epochs);
  if (point === undefined) return false;
  return point.epochs > 1 || Object.keys(values).every((metric) => Object.hasOwn(point.values, metric));
}
