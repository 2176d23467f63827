/** A store with an end to its patience: one that never answers (a network share that is gone) must not hold the client. */
import type { Clock } from "../clock.js";
import { SidelightError } from "../errors.js";
import type { CheckpointStore } from "../store/port.js";

const STORE_TIMEOUT_MS = 10_000;

/** The same store; what takes longer than ten seconds rejects with STORE_FAILED. */
export function patientStore(store: CheckpointStore, clock: Clock): Required<CheckpointStore> {
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
    load: (key) => inTime("load", store.load(key)),
    save: (key, bytes) => inTime("save", store.save(key, bytes)),
    clear: (key) => inTime("clear", store.clear(key)),
    close: () => inTime("close", Promise.resolve(store.close?.())),
  };
}
