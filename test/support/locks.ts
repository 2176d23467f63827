/** Web Locks (https://w3c.github.io/web-locks/) for tests: exclusive ones, with `ifAvailable`, `steal` and `signal`. */
import type { Locks } from "../../src/tabs/locks.js";

interface Held {
  readonly name: string;
  readonly owner: string;
  steal(error: Error): void;
}

interface Queued {
  readonly name: string;
  readonly owner: string;
  grant(): void;
}

export interface LockTable {
  /** The locks as one tab has them. */
  forTab(owner: string): Locks;
  /** The tab is gone. */
  drop(owner: string): void;
  /** Who holds a lock. */
  holderOf(name: string): string | null;
  readonly held: number;
  readonly names: readonly string[];
}

export function createLockTable(): LockTable {
  const held = new Map<string, Held>();
  const queues = new Map<string, Queued[]>();

  function grantNext(name: string): void {
    if (held.has(name)) return;
    queues.get(name)?.shift()?.grant();
  }

  function release(lock: Held): void {
    if (held.get(lock.name) !== lock) return;
    held.delete(lock.name);
    grantNext(lock.name);
  }

  function request(owner: string, name: string, options: LockOptions, callback: LockGrantedCallback<unknown>) {
    return new Promise<unknown>((resolve, reject) => {
      const { signal, ifAvailable = false, steal = false } = options;
      if (signal?.aborted) return reject(signal.reason);
      const grant = () => {
        signal?.removeEventListener("abort", aborted);
        const lock: Held = { name, owner, steal: reject };
        held.set(name, lock);
        queueMicrotask(async () => {
          try {
            resolve(await callback({ name, mode: "exclusive" }));
          } catch (error) {
            reject(error);
          } finally {
            release(lock);
          }
        });
      };
      const queue = queues.get(name) ?? [];
      queues.set(name, queue);
      const entry: Queued = { name, owner, grant };
      const aborted = () => {
        queue.splice(queue.indexOf(entry), 1);
        reject(signal?.reason);
      };
      const holder = held.get(name);
      if (steal) {
        held.delete(name);
        holder?.steal(new DOMException("Lock broken by another request with the 'steal' option.", "AbortError"));
        grant();
      } else if (holder === undefined) {
        grant();
      } else if (ifAvailable) {
        queueMicrotask(() => Promise.resolve(callback(null)).then(resolve, reject));
      } else {
        queue.push(entry);
        signal?.addEventListener("abort", aborted, { once: true });
      }
    });
  }

  return {
    forTab: (owner) => ({
      request: ((name: string, options: LockOptions, callback: LockGrantedCallback<unknown>) =>
        request(owner, name, options, callback)) as Locks["request"],
      query: async () => ({
        held: [...held.values()].map(({ name, owner: clientId }) => ({ name, clientId, mode: "exclusive" as const })),
        pending: [],
      }),
    }),
    drop(owner) {
      for (const queue of queues.values()) {
        const others = queue.filter((entry) => entry.owner !== owner);
        queue.splice(0, queue.length, ...others);
      }
      for (const lock of [...held.values()]) if (lock.owner === owner) release(lock);
    },
    holderOf: (name) => held.get(name)?.owner ?? null,
    get names() {
      return [...held.values()].map(({ name, owner }) => `${owner}: ${name}`);
    },
    get held() {
      return held.size;
    },
  };
}
