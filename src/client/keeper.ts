/** Keeps the verified state in the store: what changed is written, one write at a time, and no failure stops anything. */
import type { CheckpointStore } from "../store/port.js";
import { type Snapshot, snapshotCodec, snapshotKey } from "../store/snapshot.js";
import type { Context } from "./context.js";
import type { VerifiedState } from "./state.js";

export interface Keeper {
  /**
   * What the store holds. A store that fails is reported, and holds nothing.
   * @throws SNAPSHOT_INVALID
   */
  load(): Promise<Snapshot | null>;
  /** This state came from the store: it need not be written. */
  isSaved(state: VerifiedState): void;
  /** Writes the state if it has changed since; resolves when it is kept (or the failure is reported). */
  save(): Promise<void>;
  close(): Promise<void>;
}

export function createKeeper({ chain, options, clock, verified, report }: Context): Keeper {
  const store: CheckpointStore = options.store;
  const codec = snapshotCodec(chain);
  const key = snapshotKey(chain.network);
  let saved: VerifiedState | null = null;
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const state = verified.state();
    if (state === null || (saved !== null && isSameSnapshot(saved, state))) return;
    try {
      await store.save(key, codec.encode({ ...state, savedAtMs: clock.nowMs() }));
      saved = state;
    } catch (error) {
      report(error, null, "saving the verified state");
    }
  }

  return {
    async load() {
      let bytes: Uint8Array | null;
      try {
        bytes = await store.load(key);
      } catch (error) {
        report(error, null, "loading the stored state");
        return null;
      }
      return bytes && codec.decode(bytes);
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
        await store.close?.();
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
