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
 * Goes on from what earlier runs have kept. What cannot be read (it is damaged, or a newer version's) is put aside, as
 * `sidelight-…-health-unreadable.snapshot`: what was seen live cannot be measured anew.
 * @param folder without one, nothing is kept
 * @param warn told of what was put aside
 * @throws STORE_FAILED
 */
export async function openSeries(
  network: Network,
  folder: string | undefined,
  warn: (message: string) => void,
): Promise<KeptSeries> {
  if (folder === undefined) return { ...createSeries(), save: async () => {} };
  const store = fileStore(folder);
  const key = `${snapshotKey(network)}-health`;
  /** What this run has read or written last, and what it has added since. */
  let seen: Uint8Array | null = null;
  let fresh: EpochValues[] = [];
  let series = createSeries();
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;

  /** Takes up what another run has written since this one has read or written. */
  async function takeUp(): Promise<void> {
    const kept = await store.load(key);
    if (kept === null || (seen !== null && equalBytes(kept, seen))) return;
    const theirs = createSeries({ restore: kept });
    if (theirs.points().length > 0) {
      for (const epoch of fresh) theirs.add(epoch);
      series = theirs;
    } else if (!equalBytes(kept, createSeries().encode())) {
      await store.save(`${key}-unreadable`, kept);
      warn(`the series in --store cannot be read, and is put aside there as ${key}-unreadable`);
    }
    seen = kept;
  }

  async function write(): Promise<void> {
    next = null;
    await takeUp();
    const [bytes, written] = [series.encode(), fresh.length];
    await store.save(key, bytes);
    [seen, fresh] = [bytes, fresh.slice(written)];
  }

  await takeUp();
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
