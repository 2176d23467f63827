/** Patience for something that comes in parts: each part has its own time. */
import type { Clock } from "../../clock.js";

export interface Watchdog {
  /** Starts anew: `late()` is thrown unless this is called again, or {@link end}, within `ms`. */
  arm(ms: number, late: () => Error): void;
  end(): void;
  /** Rejects when a part is late, or with `signal.reason`; never resolves. */
  readonly barked: Promise<never>;
}

export function createWatchdog(clock: Clock, signal: AbortSignal | undefined): Watchdog {
  let timer = new AbortController();
  let reject: (reason: unknown) => void = () => {};
  const barked = new Promise<never>((_, rejectIt) => {
    reject = rejectIt;
  });
  // it may bark when nobody listens any more
  barked.catch(() => {});
  const aborted = () => reject(signal?.reason);
  if (signal?.aborted) aborted();
  signal?.addEventListener("abort", aborted, { once: true });
  return {
    barked,
    arm(ms, late) {
      timer.abort();
      timer = new AbortController();
      clock.sleep(ms, timer.signal).then(
        () => reject(late()),
        () => {},
      );
    },
    end() {
      timer.abort();
      signal?.removeEventListener("abort", aborted);
    },
  };
}
