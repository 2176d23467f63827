/**
 * `promise`, or `signal.reason` if that comes first: for promises of others, who may not look at the signal. What the
 * promise stands for goes on: its owner ends it.
 */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason);
    if (signal.aborted) aborted();
    signal.addEventListener("abort", aborted, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", aborted));
  });
}

/** Runs work that ends with the scope's signal. */
export type Scope = <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;

/**
 * Gives each piece of work a signal of its own: one listener at most is on the caller's, and none while nothing is under
 * way, however much is wanted at a time and however long the caller's signal lives. (Node warns of more than ten.)
 */
export function createScope(signal: AbortSignal | undefined): Scope {
  const running = new Set<AbortController>();
  const stop = () => {
    for (const each of running) each.abort(signal?.reason);
  };
  return async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    signal?.throwIfAborted();
    const own = new AbortController();
    if (running.size === 0) signal?.addEventListener("abort", stop, { once: true });
    running.add(own);
    try {
      return await work(own.signal);
    } finally {
      running.delete(own);
      if (running.size === 0) signal?.removeEventListener("abort", stop);
    }
  };
}
