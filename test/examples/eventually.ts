/** Waiting for what a browser does. The limit is generous: it only ends what would never happen. */
import { setTimeout as delay } from "node:timers/promises";

const LIMIT_MS = 90_000;
const PAUSE_MS = 50;

/** The first result of `probe` that is neither false nor null. What it throws is told if nothing better ever comes. */
export async function eventually<T>(what: string, probe: () => Promise<T | false | null>): Promise<T> {
  const deadline = Date.now() + LIMIT_MS;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const result = await probe();
      if (result !== false && result !== null) return result;
    } catch (error) {
      last = error;
    }
    await delay(PAUSE_MS);
  }
  throw new Error(`waited in vain for ${what}`, { cause: last });
}
