/** Keeps what the pool learned of its sources between runs: read once, written now and then, and never in the way. */
import { snapshotKey } from "../store/snapshot.js";
import type { Context } from "./context.js";

/** What was learned is worth a write this often, and after each eviction. */
const SAVE_INTERVAL_MS = 300_000;

export interface Records {
  /** Takes up what an earlier run learned. Only the first call that ends does anything. @throws `signal.reason` */
  load(signal: AbortSignal): Promise<void>;
  /** Something happened that the next run should know. */
  touch(): void;
  /** Writes, if it is time to. */
  save(): Promise<void>;
}

export function createRecords({ chain, clock, pool, store }: Context): Records {
  const key = `${snapshotKey(chain.network)}-sources`;
  let savedAtMs = Number.NEGATIVE_INFINITY;
  let isTouched = false;
  let isLoaded = false;

  return {
    async load(signal) {
      if (isLoaded) return;
      const bytes = await store.load(key, "loading what is known of the sources", signal);
      isLoaded = true; // not before: what was never read must not be written over
      savedAtMs = clock.nowMs();
      if (ArrayBuffer.isView(bytes)) pool.restore(bytes);
    },
    touch() {
      isTouched = true;
    },
    async save() {
      const nowMs = clock.nowMs();
      if (!isLoaded) return;
      if (!isTouched && Math.abs(nowMs - savedAtMs) < SAVE_INTERVAL_MS) return;
      [isTouched, savedAtMs] = [false, nowMs];
      await store.save(key, "saving what is known of the sources", pool.encode());
    },
  };
}
