/** Keeps the verified state in the store: what changed is written, one write at a time, and no failure stops anything. */

import { orAborted } from "../abort.js";
import { describeValue, SidelightError } from "../errors.js";
import type { CheckpointStore } from "../store/port.js";
import { type Snapshot, snapshotCodec, snapshotKey } from "../store/snapshot.js";
import { invalid } from "../store/snapshot-envelope.js";
import type { Context } from "./context.js";
import type { VerifiedState } from "./state.js";

const STORE_TIMEOUT_MS = 10_000;

export interface Keeper {
  /**
   * What the store holds. A store that fails is reported, and holds nothing.
   * @throws SNAPSHOT_INVALID, `signal.reason`
   */
  load(signal: AbortSignal): Promise<Snapshot | null>;
  /** Forgets what the store holds, which turned out to be of no use. A failure is reported. */
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

export function createKeeper({ chain, options, clock, verified, report }: Context): Keeper {
  const store: CheckpointStore = options.store;
  const codec = snapshotCodec(chain);
  const key = snapshotKey(chain.network);
  /** What was written last, or could not be. */
  let saved: VerifiedState | null = null;
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const state = verified.state();
    if (state === null || (saved !== null && isSameSnapshot(saved, state))) return;
    saved = state;
    try {
      const snapshot = codec.encode({ ...state, savedAtMs: Math.floor(clock.nowMs()) });
      await inTime("save", store.save(key, snapshot));
    } catch (error) {
      report(error, null, "saving the verified state");
    }
  }

  /** A store that never answers (a network share that is gone) must not hold the client. */
  async function inTime<T>(operation: string, work: Promise<T>): Promise<T> {
    const done = new AbortController();
    const late = clock.sleep(STORE_TIMEOUT_MS, done.signal).then((): never => {
      const message = `the store: ${operation} has not ended within ${STORE_TIMEOUT_MS} ms`;
      throw new SidelightError("STORE_FAILED", message, { operation, message });
    });
    late.catch(() => {}); // also rejects when it was not needed
    try {
      return await Promise.race([work, late]);
    } finally {
      done.abort();
    }
  }

  return {
    async load(signal) {
      let bytes: Uint8Array | null | undefined;
      try {
        bytes = await orAborted(inTime("load", store.load(key)), signal);
      } catch (error) {
        signal.throwIfAborted();
        report(error, null, "loading the stored state");
        return null;
      }
      if (bytes === null || bytes === undefined) return null;
      if (!ArrayBuffer.isView(bytes)) throw invalid("not bytes", "a Uint8Array", describeValue(bytes));
      return codec.decode(bytes);
    },
    async discard(signal) {
      try {
        await orAborted(inTime("clear", store.clear(key)), signal);
      } catch (error) {
        signal.throwIfAborted();
        report(error, null, "discarding the stored state");
      }
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
      try {
        await inTime("close", Promise.resolve(store.close?.()));
      } catch (error) {
        report(error, null, "closing the store");
      }
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
