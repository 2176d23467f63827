/**
 * Typed events with bounded memory: listeners, `once`, and async iteration.
 *
 * A listener that throws (or, if it is asynchronous, rejects) harms nobody else: it is reported and the others still run.
 * An iteration whose reader is too slow keeps the newest values, drops the oldest, and says so.
 */
import { messageOf, optionInvalid, SidelightError } from "./errors.js";

export interface ListenOptions {
  /** Removes the listener (or ends the iteration) when it aborts. */
  readonly signal?: AbortSignal;
}

export interface IterateOptions extends ListenOptions {
  /**
   * How many values may wait for the reader (1 or more); the oldest are dropped beyond it.
   * @default 64
   */
  readonly bufferSize?: number;
}

export type Unsubscribe = () => void;

/** What a host may do with events of the map `M` (event name to payload). */
export interface Events<M> {
  /** Calls `listener` on every event of that name. @returns a function that removes it */
  on<K extends keyof M>(name: K, listener: (payload: M[K]) => void, options?: ListenOptions): Unsubscribe;
  /** The next event of that name. Rejects with `signal.reason` when aborted. */
  once<K extends keyof M>(name: K, options?: ListenOptions): Promise<M[K]>;
  /**
   * All events of that name from now on; ends when `signal` aborts or the loop is left.
   * @throws OPTION_INVALID
   */
  events<K extends keyof M>(name: K, options?: IterateOptions): AsyncIterableIterator<M[K]>;
}

/** An {@link Events} that its owner can emit on. */
export interface Emitter<M> extends Events<M> {
  /** The payload is only made when somebody listens. */
  emit<K extends keyof M>(name: K, makePayload: () => M[K]): void;
  listenerCount(name: keyof M): number;
}

/**
 * @param onTrouble told of listeners that threw (`LISTENER_FAILED`) and of values that were dropped (`EVENTS_DROPPED`)
 * @param onInterest told when a name gets its first listener, and when it loses its last
 */
export function createEmitter<M>(
  onTrouble: (error: SidelightError, event: keyof M) => void,
  onInterest: (name: keyof M) => void = () => {},
): Emitter<M> {
  // every listener of a name takes that name's payload: `on` is the only way in
  const listeners = new Map<keyof M, Set<(payload: never) => void>>();

  function on<K extends keyof M>(name: K, listener: (payload: M[K]) => void, options: ListenOptions = {}) {
    const { signal } = options;
    if (signal?.aborted) return () => {};
    const ofName = listeners.get(name) ?? new Set();
    listeners.set(name, ofName);
    // wrapped, so that the same function may listen twice and be removed once
    const entry = (payload: M[K]) => listener(payload);
    ofName.add(entry);
    if (ofName.size === 1) onInterest(name);
    const remove = () => {
      const wasLast = ofName.delete(entry) && ofName.size === 0;
      signal?.removeEventListener("abort", remove);
      if (wasLast) onInterest(name);
    };
    signal?.addEventListener("abort", remove, { once: true });
    return remove;
  }

  function emit<K extends keyof M>(name: K, makePayload: () => M[K]) {
    const ofName = listeners.get(name);
    if (ofName === undefined || ofName.size === 0) return;
    const payload = makePayload();
    for (const listener of [...ofName] as ((payload: M[K]) => unknown)[]) {
      // one that was called before it may have removed it
      if (!ofName.has(listener)) continue;
      try {
        const result = listener(payload);
        if (result instanceof Promise) result.catch((cause: unknown) => reportFailed(name, cause));
      } catch (cause) {
        reportFailed(name, cause);
      }
    }
  }

  function reportFailed(name: keyof M, cause: unknown): void {
    const message = messageOf(cause);
    const details = { event: String(name), message };
    const text = `a listener of "${String(name)}" threw: ${message}`;
    onTrouble(new SidelightError("LISTENER_FAILED", text, details, { cause }), name);
  }

  function once<K extends keyof M>(name: K, options: ListenOptions = {}): Promise<M[K]> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const aborted = () => {
        remove();
        reject(signal?.reason);
      };
      const remove = on(name, (payload) => {
        remove();
        signal?.removeEventListener("abort", aborted);
        resolve(payload);
      });
      signal?.addEventListener("abort", aborted, { once: true });
    });
  }

  function events<K extends keyof M>(name: K, options: IterateOptions = {}): AsyncIterableIterator<M[K]> {
    const { signal, bufferSize = 64 } = options;
    if (!(Number.isSafeInteger(bufferSize) && bufferSize > 0))
      throw optionInvalid("bufferSize", "an integer of 1 or more", bufferSize);
    const buffer: M[K][] = [];
    const readers: ((result: IteratorResult<M[K]>) => void)[] = [];
    let dropped = 0;
    let ended = signal?.aborted ?? false;
    const end = () => {
      ended = true;
      remove();
      signal?.removeEventListener("abort", end);
      for (const reader of readers.splice(0)) reader({ done: true, value: undefined });
    };
    const remove = on(name, (payload) => {
      const reader = readers.shift();
      if (reader !== undefined) {
        reader({ done: false, value: payload });
        return;
      }
      buffer.push(payload);
      if (buffer.length <= bufferSize) return;
      buffer.shift();
      dropped++;
      // say it when it starts and each time the number doubles, not with every value
      if ((dropped & (dropped - 1)) === 0) {
        const message = `the reader of "${String(name)}" is too slow: ${dropped} values dropped so far`;
        onTrouble(new SidelightError("EVENTS_DROPPED", message, { event: String(name), dropped }), name);
      }
    });
    if (ended) end();
    else signal?.addEventListener("abort", end, { once: true });
    return {
      next() {
        const payload = buffer.shift();
        if (payload !== undefined) return Promise.resolve({ done: false, value: payload });
        if (ended) return Promise.resolve({ done: true, value: undefined });
        return new Promise((resolve) => readers.push(resolve));
      },
      return() {
        buffer.length = 0;
        end();
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  return { on, once, events, emit, listenerCount: (name) => listeners.get(name)?.size ?? 0 };
}
