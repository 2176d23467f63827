/** The series of a run, kept in the folder of `--store`, beside the client's state. */
import { messageOf } from "../../errors.js";
import { type KeptSeries, keepSeries } from "../../health/kept-series.js";
import { createSeries } from "../../health/series.js";
import type { Network } from "../../networks/types.js";
import { fileStore } from "../../store/file.js";
import { snapshotKey } from "../../store/snapshot.js";
import type { Reporter } from "../reporter.js";

/** Tells that a series was not kept, once for each reason: a walk saves with every epoch. */
export function tellNotKept(reporter: Pick<Reporter, "warn">): (error: unknown) => void {
  const told = new Set<string>();
  return (error) => {
    const text = `the series was not kept: ${messageOf(error)}`;
    if (!told.has(text)) reporter.warn(text);
    told.add(text);
  };
}

/**
 * Goes on from what earlier runs have kept.
 * @param folder without one, nothing is kept
 * @param warn told of what was put aside
 * @throws STORE_FAILED
 */
export async function openSeries(
  network: Network,
  folder: string | undefined,
  warn: (message: string) => void,
): Promise<KeptSeries> {
  if (folder === undefined) return { ...createSeries(), load: async () => {}, save: async () => {} };
  const series = keepSeries({
    store: fileStore(folder),
    key: `${snapshotKey(network)}-health`,
    onUnreadable: (key) => warn(`the series in --store cannot be read, and is put aside there as ${key}`),
  });
  await series.load();
  return series;
}
