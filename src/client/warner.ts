import type { Clock } from "../clock.js";
import type { SidelightError } from "../errors.js";

/** Errors that nobody listens to go to the console: each code at most once a minute. */
export function createWarner(clock: Clock): (error: SidelightError) => void {
  const lastMs = new Map<string, number>();
  return (error) => {
    const nowMs = clock.nowMs();
    // a distance: the clock may be set back
    if (Math.abs(nowMs - (lastMs.get(error.code) ?? Number.NEGATIVE_INFINITY)) < 60_000) return;
    lastMs.set(error.code, nowMs);
    // biome-ignore lint/suspicious/noConsole: the host listens to no `error` event, and silence would hide a failure
    console.warn(`sidelight: ${error.code}: ${error.message} (listen to "error" to handle this)`);
  };
}
