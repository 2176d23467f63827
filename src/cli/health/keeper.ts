/** The series between two runs, in the folder of `--store`, beside the client's state. */
import { messageOf } from "../../errors.js";
import type { Series } from "../../health/series.js";
import type { Network } from "../../networks/types.js";
import { fileStore } from "../../store/file.js";
import type { CheckpointStore } from "../../store/port.js";
import { snapshotKey } from "../../store/snapshot.js";
import type { Reporter } from "../reporter.js";

export interface Keeper {
  load(): Promise<Uint8Array | null>;
  /**
   * Resolves when the series is kept as it is now. One write at a time: what is asked for during one is one more, of what
   * there is then.
   */
  save(series: Series): Promise<void>;
}

/** Tells that a series was not kept, once for each reason: a walk saves with every epoch. */
export function tellNotKept(reporter: Pick<Reporter, "warn">): (error: unknown) => void {
  const told = new Set<string>();
  return (error) => {
    const text = `the series was not kept: ${messageOf(error)}`;
    if (!told.has(text)) reporter.warn(text);
    told.add(text);
  };
}

/** @param folder without one, nothing is kept */
export function createKeeper(network: Network, folder: string | undefined): Keeper {
  if (folder === undefined) return { load: async () => null, save: async () => {} };
  const store: CheckpointStore = fileStore(folder);
  const key = `${snapshotKey(network)}-health`;
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  return {
    load: async () => (await store.load(key)) ?? null,
    save(series) {
      if (next !== null) return next;
      const write = () => {
        next = null;
        return store.save(key, series.encode());
      };
      // a write that failed was told to whoever asked for it
      next = last = last.then(write, write);
      return next;
    },
  };
}
