/** A clock that only moves when a test says so. */
import type { Clock } from "../../src/clock.js";

export interface ManualClock extends Clock {
  /**
   * Moves time on by `ms`. Sleepers wake in the order of their times, each with the clock at its own time, and what
   * they start (further sleeps within the span included) happens before the next one wakes.
   */
  advance(ms: number): Promise<void>;
  /** {@link ManualClock.advance} to a moment; nothing happens when it is past. */
  advanceTo(unixMs: number): Promise<void>;
  /** Sets the time without waking anyone: a machine that slept, or a clock that was corrected. */
  jumpTo(unixMs: number): void;
  /** How many sleeps are under way: 0 when nothing was left behind. */
  readonly sleepers: number;
  /** When the next sleeper wakes; `null` when there is none. */
  readonly nextWakeMs: number | null;
  /** Lets everything that is ready to run, run. Time stands still. */
  settle(): Promise<void>;
}

interface Sleeper {
  readonly wakeMs: number;
  readonly wake: () => void;
}

/** A manual clock. `startMs` is Unix time in milliseconds. */
export function manualClock(startMs = 1_700_000_000_000): ManualClock {
  let now = startMs;
  let sleepers: Sleeper[] = [];

  function next(): Sleeper | undefined {
    let first: Sleeper | undefined;
    // the earliest; of several at one time, the one that fell asleep first
    for (const sleeper of sleepers) if (first === undefined || sleeper.wakeMs < first.wakeMs) first = sleeper;
    return first;
  }

  async function advanceTo(unixMs: number): Promise<void> {
    await settle();
    for (;;) {
      const sleeper = next();
      if (sleeper === undefined || sleeper.wakeMs > unixMs) break;
      now = Math.max(now, sleeper.wakeMs);
      sleepers = sleepers.filter((other) => other !== sleeper);
      sleeper.wake();
      await settle();
    }
    now = Math.max(now, unixMs);
  }

  return {
    nowMs: () => now,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const sleeper: Sleeper = {
          wakeMs: now + Math.max(ms, 0),
          wake() {
            signal?.removeEventListener("abort", aborted);
            resolve();
          },
        };
        function aborted() {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(signal?.reason);
        }
        signal?.addEventListener("abort", aborted, { once: true });
        sleepers.push(sleeper);
      });
    },
    advance: (ms) => advanceTo(now + ms),
    advanceTo,
    jumpTo(unixMs) {
      now = unixMs;
    },
    get sleepers() {
      return sleepers.length;
    },
    get nextWakeMs() {
      return next()?.wakeMs ?? null;
    },
    settle,
  };
}

/** Promise chains of any depth, and whatever Node put off to the next turn of its loop (a few of them: streams). */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
