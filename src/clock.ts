/** Time as a port: tests drive it, `--at` shifts it. */
export interface Clock {
  /** Unix time in milliseconds. */
  nowMs(): number;
  /** Resolves after `ms`; rejects with `signal.reason` when aborted, and leaves no timer behind. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock. */
export function systemClock(): Clock {
  return { nowMs: () => Date.now(), sleep: sleepFor };
}

/**
 * A clock that started at `startMs` when it was made and runs at normal speed: for verifying old data "as of" a time.
 */
export function clockStartingAt(startMs: number): Clock {
  const origin = Date.now();
  return { nowMs: () => startMs + (Date.now() - origin), sleep: sleepFor };
}

function sleepFor(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    // setTimeout turns a delay beyond 2^31-1 ms into 1 ms: cap it, callers look at the clock again when they wake.
    const timer = setTimeout(done, Math.min(Math.max(ms, 0), 0x7fffffff));
    function done() {
      signal?.removeEventListener("abort", aborted);
      resolve();
    }
    function aborted() {
      clearTimeout(timer);
      reject(signal?.reason);
    }
    signal?.addEventListener("abort", aborted, { once: true });
  });
}
