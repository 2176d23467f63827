/**
 * The store as the client uses it: nothing that goes wrong with it stops anything. A failure is reported, and the client
 * goes on in memory; that it does, and that the store takes again what is saved, is told once each.
 */
import { orAborted } from "../abort.js";
import type { Context } from "./context.js";
import { patientStore } from "./patient-store.js";

export interface StoreAccess {
  /** `null`: there is nothing; `undefined`: the store failed, and nobody knows. @throws `signal.reason` */
  load(key: string, during: string, signal: AbortSignal): Promise<Uint8Array | null | undefined>;
  save(key: string, during: string, bytes: Uint8Array): Promise<void>;
  /** @throws `signal.reason` */
  clear(key: string, during: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export function createStoreAccess({
  options,
  clock,
  emitter,
  report,
}: Pick<Context, "options" | "clock" | "emitter" | "report">): StoreAccess {
  const store = patientStore(options.store, clock);
  let isDegraded = false;

  function tell(nowDegraded: boolean, reason: string | null): void {
    if (nowDegraded === isDegraded) return;
    isDegraded = nowDegraded;
    emitter.emit("store", () => ({ outcome: nowDegraded ? "degraded" : "recovered", reason, keys: null }));
  }

  /** `undefined`: it failed. */
  async function attempt<T>(during: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T | undefined> {
    try {
      return await orAborted(work(), signal);
    } catch (error) {
      signal?.throwIfAborted();
      tell(true, report(error, null, during).message);
      return undefined;
    }
  }

  return {
    load: (key, during, signal) => attempt(during, async () => (await store.load(key)) ?? null, signal),
    save: (key, during, bytes) =>
      attempt(during, async () => {
        await store.save(key, bytes);
        // that something can be read proves nothing: a full disk can be, too
        tell(false, null);
      }),
    clear: (key, during, signal) => attempt(during, () => store.clear(key), signal),
    close: () => attempt("closing the store", () => store.close()),
  };
}
