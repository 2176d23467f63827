/** The series of a run, and how it is kept in the folder of `--store`, beside the client's state. */
import type { EpochValues } from "../../health/metrics.js";
import { createSeries, type Series } from "../../health/series.js";
import type { Network } from "../../networks/types.js";
import { equalBytes } from "../../ssz/bytes.js";
import { fileStore } from "../../store/file.js";
import { snapshotKey } from "../../store/snapshot.js";

export interface KeptSeries extends Pick<Series, "add" | "points"> {
  /**
   * Resolves when all that was added so far is kept. Another run may keep in the same folder what it measures: whichever
   * writes last takes along what the other has written. One write at a time: what is asked for during one is one more, of
   * what there is then.
   */
  save(): Promise<void>;
}

/**
 * Goes on from what earlier runs have kept.
 * @param folder without one, nothing is kept
 * @throws STORE_FAILED
 */
export async function openSeries(network: Network, folder: string | undefined): Promise<KeptSeries> {
  if (folder === undefined) return { ...createSeries(), save: async () => {} };
  const store = fileStore(folder);
  const key = `${snapshotKey(network)}-health`;
  /** What this run has read or written last, and what it has added since. */
  let seen = await store.load(key);
  let fresh: EpochValues[] = [];
  let series = createSeries({ restore: seen });
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;

  async function write(): Promise<void> {
    next = null;
    const kept = await store.load(key);
    if (kept !== null && (seen === null || !equalBytes(kept, seen))) {
      const theirs = createSeries({ restore: kept });
      // what cannot be read is written over
      if (theirs.points().length > 0) {
        for (const epoch of fresh) theirs.add(epoch);
        series = theirs;
      }
    }
    const [bytes, written] = [series.encode(), fresh.length];
    await store.save(key, bytes);
    [seen, fresh] = [bytes, fresh.slice(written)];
  }

  return {
    add(epoch) {
      series.add(epoch);
      fresh.push(epoch);
    },
    points: () => series.points(),
    save() {
      if (next !== null) return next;
      // a write that failed was told to whoever asked for it
      next = last = last.then(write, write);
      return next;
    },
  };
}
