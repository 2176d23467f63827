/** Web Locks (https://w3c.github.io/web-locks/): what one tab of an origin holds, no other does. */

/** What of `navigator.locks` is used. */
export type Locks = Pick<LockManager, "request" | "query">;

/** A lock that is held until it is released, or stolen. */
export interface Lease {
  /** Aborts when somebody has stolen it. */
  readonly lost: AbortSignal;
  release(): void;
}

/**
 * Waits for a lock.
 * @throws `signal.reason` while it waits
 */
export function lease(locks: Locks, name: string, options: { signal: AbortSignal } | { steal: true }): Promise<Lease> {
  return new Promise((resolve, reject) => {
    const lost = new AbortController();
    const held = () =>
      new Promise<void>((release) => {
        const isLate = "signal" in options && options.signal.aborted;
        if (isLate) release();
        else resolve({ lost: lost.signal, release });
      });
    locks.request(name, options, held).catch((error: unknown) => {
      lost.abort(error);
      reject(error);
    });
  });
}

/** Which of these locks are held by the same tab (or worker)? */
export async function areHeldTogether(locks: Locks, names: readonly [string, string]): Promise<boolean> {
  const { held = [] } = await locks.query();
  const [one, other] = names.map((name) => held.find((lock) => lock.name === name)?.clientId);
  return one !== undefined && one === other;
}
