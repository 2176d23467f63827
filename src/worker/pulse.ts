import type { Clock } from "../clock.js";

export interface PulseOptions {
  readonly clock: Clock;
  /** How long the other side may be quiet before it is asked. `Infinity`: it never is. */
  readonly intervalMs: () => number;
  /** How long it may take to answer. */
  readonly timeoutMs: number;
  readonly ping: () => void;
  /** It gave no sign of life. Called once, then nothing more happens. */
  readonly onSilent: () => void;
}

/** Notices when the other side of a wire is gone. */
export interface Pulse {
  /** Something came from it. */
  heard(): void;
  /** Asks now: there is reason to doubt. */
  ask(): void;
  stop(): void;
}

/**
 * Asks when nothing was heard for `intervalMs`, and takes the other side for gone when nothing comes for `timeoutMs` after
 * that. Timers that are held back (a hidden page, a suspended machine) only make that later: an answer may be waiting
 * behind them, so a wait that took more than twice its time is no proof, and it is asked again.
 */
export function takePulse({ clock, intervalMs, timeoutMs, ping, onSilent }: PulseOptions): Pulse {
  const stopped = new AbortController();
  let heardMs = clock.nowMs();
  let hasHeard = false;
  let isInDoubt = false;
  let hurry: () => void = () => {};

  /** Until it has been quiet for long enough, or somebody doubts. */
  async function rest(): Promise<void> {
    while (!isInDoubt) {
      // within bounds, since the clock may be set
      const leftMs = Math.min(intervalMs(), intervalMs() - (clock.nowMs() - heardMs));
      if (leftMs <= 0) return;
      stopped.signal.throwIfAborted(); // it may have been stopped between a timer's end and this
      const resting = new AbortController();
      hurry = () => resting.abort();
      stopped.signal.addEventListener("abort", hurry, { once: true });
      await clock.sleep(leftMs, resting.signal).catch(() => stopped.signal.throwIfAborted());
      stopped.signal.removeEventListener("abort", hurry);
    }
  }

  async function run(): Promise<void> {
    for (;;) {
      await rest();
      isInDoubt = false;
      hasHeard = false;
      ping();
      const askedMs = clock.nowMs();
      await clock.sleep(timeoutMs, stopped.signal);
      if (!hasHeard && clock.nowMs() - askedMs <= 2 * timeoutMs) return onSilent();
    }
  }

  run().catch((error: unknown) => {
    if (!stopped.signal.aborted) throw error;
  });
  return {
    heard() {
      heardMs = clock.nowMs();
      hasHeard = true;
    },
    ask() {
      isInDoubt = true;
      hurry();
    },
    stop: () => stopped.abort(),
  };
}
