/** Keeps the verified state in the store: what changed is written, one write at a time, and no failure stops anything. */

import { orAborted } from "../abort.js";
import { describeValue } from "../errors.js";
import { type Snapshot, snapshotCodec, snapshotKey } from "../store/snapshot.js";
import { invalid } from "../store/snapshot-envelope.js";
import type { Context } from "./context.js";
import type { VerifiedState } from "./state.js";
import { exportCommitteeKeys } from "./stored-keys.js";

export interface Keeper {
  /**
   * What the store holds; nothing, once that was {@link refuse}d or {@link discard}ed. A store that fails is reported, and
   * holds nothing.
   * @throws SNAPSHOT_INVALID, `signal.reason`
   */
  load(signal: AbortSignal): Promise<Snapshot | null>;
  /**
   * What was loaded is of no use here. It stays where it is until there is something to take its place: a page of another
   * version, or with another checkpoint, may have nothing else to go on from.
   */
  refuse(): void;
  /** Forgets what the store holds, and asks no more for it. A failure is reported. @throws `signal.reason` */
  discard(signal: AbortSignal): Promise<void>;
  /** This state came from the store: it need not be written. */
  isSaved(state: VerifiedState): void;
  /**
   * Writes the state if it has changed since; resolves when it is kept (or the failure is reported: a write that failed is
   * tried again with the next change).
   */
  save(): Promise<void>;
  close(): Promise<void>;
}

export function createKeeper({ chain, clock, verified, report, store }: Context): Keeper {
  const codec = snapshotCodec(chain);
  const key = snapshotKey(chain.network);
  /** What was written last, or could not be. */
  let saved: VerifiedState | null = null;
  let writing: Promise<void> = Promise.resolve();
  let isRefused = false;

  async function write(): Promise<void> {
    const state = verified.state();
    if (state === null || (saved !== null && isSameSnapshot(saved, state))) return;
    saved = state;
    const during = "saving the verified state";
    try {
      const snapshot: Snapshot = { ...state, savedAtMs: Math.floor(clock.nowMs()) };
      await store.save(key, during, codec.encode(withKeys(snapshot, state)));
    } catch (error) {
      report(error, null, during); // encoding: the store's own failures are told by it
    }
  }

  /** With the keys that the backend has decompressed so far. The state is kept whatever becomes of them. */
  function withKeys(snapshot: Snapshot, state: VerifiedState): Snapshot {
    try {
      const keys = exportCommitteeKeys(chain, state.store);
      return keys === undefined ? snapshot : { ...snapshot, keys };
    } catch (error) {
      report(error, null, "exporting the committees' keys");
      return snapshot;
    }
  }

  return {
    async load(signal) {
      const bytes = await store.load(key, "loading the stored state", signal);
      if (bytes === null || bytes === undefined || isRefused) return null;
      if (!ArrayBuffer.isView(bytes)) throw invalid("not bytes", "a Uint8Array", describeValue(bytes));
      return codec.decode(bytes);
    },
    refuse() {
      isRefused = true;
    },
    async discard(signal) {
      isRefused = true;
      await orAborted(writing, signal); // else it would be there again
      await store.clear(key, "discarding the stored state", signal);
    },
    isSaved(state) {
      saved = state;
    },
    save() {
      writing = writing.then(write);
      return writing;
    },
    async close() {
      await writing;
      await store.close();
    },
  };
}

/** Only what a later run needs: a newer optimistic head is not worth a write. */
function isSameSnapshot(a: VerifiedState, b: VerifiedState): boolean {
  return (
    a.store.finalizedHeader === b.store.finalizedHeader &&
    a.store.currentSyncCommittee === b.store.currentSyncCommittee &&
    a.store.nextSyncCommittee === b.store.nextSyncCommittee
  );
}
