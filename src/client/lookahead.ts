/**
 * Asks for the next range while the last one is being verified: one request ahead, never more, so that at most two
 * ranges are in memory. It is the request that would have come next, to the same source; only when that source turns out
 * not to be asked next was it one in vain.
 */
import type { Pool } from "../transport/pool/types.js";
import type { RawObject, Source } from "../transport/port.js";

export interface Lookahead {
  /** Asks, if anybody may be asked. What was asked before and not taken is given up. */
  ask(source: Source, start: number, count: number): void;
  /** Is there something that was asked for, from period `start` on? */
  has(start: number): boolean;
  /** The answer of `source` from period `start` on, if that was asked for; however it ends, it is the caller's then. */
  take(source: Source, start: number): Promise<RawObject[]> | null;
  /** What `source` has answered from period `start` on, if it has by now; it is not taken by that. */
  answered(source: Source, start: number): readonly RawObject[] | null;
  /** Gives up what was asked of this source and not taken. */
  dropOf(source: Source): void;
  /** Gives up what was asked for and not taken. */
  drop(): void;
}

interface Asked {
  readonly source: Source;
  readonly start: number;
  readonly abort: AbortController;
  /** `null` until it is known that it may be asked. */
  answer: Promise<RawObject[]> | null;
  /** `null` while it has not come. */
  updates: readonly RawObject[] | null;
}

/** @param signal ends every request, taken or not */
export function createLookahead(pool: Pick<Pool, "countBytes" | "mayAsk" | "spent">, signal: AbortSignal): Lookahead {
  let asked: Asked | null = null;

  function drop(): void {
    asked?.abort.abort(new Error("no longer wanted"));
    asked = null;
  }

  async function begin(mine: Asked, count: number): Promise<void> {
    const { source, start, abort } = mine;
    const permission = pool.mayAsk();
    if (permission !== undefined) await permission;
    if (abort.signal.aborted) return;
    const options = { signal: abort.signal, onBytes: (bytes: number) => pool.countBytes(source, bytes) };
    // a source that throws instead of rejecting is one that failed
    mine.answer = (async () => source.updates(start, count, options))();
    // no more than was asked for
    mine.updates = (await mine.answer).slice(0, count);
  }

  return {
    ask(source, start, count) {
      drop();
      if (signal.aborted || pool.spent() !== null) return;
      const abort = new AbortController();
      const end = () => abort.abort(signal.reason);
      signal.addEventListener("abort", end, { once: true });
      const mine: Asked = { source, start, abort, answer: null, updates: null };
      asked = mine;
      const over = () => signal.removeEventListener("abort", end);
      // it may fail before anybody waits for it, or when nobody does any more
      begin(mine, count).then(over, over);
    },
    has: (start) => asked?.start === start && asked.answer !== null,
    take(source, start) {
      // another source may be asked in between, and fail
      if (asked?.source !== source || asked.start !== start) return null;
      const { answer } = asked;
      if (answer === null) drop();
      asked = null;
      return answer;
    },
    answered: (source, start) => (asked?.source === source && asked.start === start ? asked.updates : null),
    dropOf(source) {
      if (asked?.source === source) drop();
    },
    drop,
  };
}
