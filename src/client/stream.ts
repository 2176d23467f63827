/**
 * Keeps one subscription open, to one source at a time, and holds what it brought until the client takes it: the newest
 * object of each kind, no more. Failures are told, and tried again elsewhere or later.
 */
import { orAborted } from "../abort.js";
import { asSidelightError } from "../errors.js";
import { retryAfterMsOf } from "../transport/pool/fault.js";
import type { Source, SourceEvent } from "../transport/port.js";
import type { Context } from "./context.js";

/** Pause before a source is subscribed to again; doubles each time, and is forgotten after a stream that lasted. */
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 300_000;
const LASTING_SLOTS = 32;

export interface Pushed {
  readonly event: SourceEvent;
  readonly source: Source;
}

export interface Stream {
  /** What has arrived since the last call. */
  take(): readonly Pushed[];
  /** Has a source accepted our subscription, and not ended it? */
  isOpen(): boolean;
  /** Resolves when something arrives, but at the latest after `ms`; and when aborted. */
  arrivalOr(ms: number, signal: AbortSignal): Promise<void>;
  /** Ends the subscription, if there is one; the same source is subscribed to again after a pause at the earliest. */
  leave(): void;
  /** Is a subscription wanted at all? At first it is. */
  want(isWanted: boolean): void;
  /** Resolves when it has ended, after its signal aborted. */
  readonly ended: Promise<void>;
}

export function superviseStream(context: Context, signal: AbortSignal): Stream {
  const { clock, pool, chain } = context;
  const held = new Map<SourceEvent["type"], Pushed>();
  const pauses = new Map<Source, { failures: number; atMs: number; pauseMs: number }>();
  let current: { source: Source; abort: AbortController } | null = null;
  let isOpen = false;
  let openedMs = 0;
  let lastTakenMs = Number.NEGATIVE_INFINITY;
  let wake: () => void = () => {};
  let isWanted = true;
  /** Ends waiting for a source, or for being wanted. */
  let lookAgain: () => void = () => {};

  function nextSource(): Source | undefined {
    return pool.available().find((source) => !isPaused(source) && hasStream(source));
  }

  /** A source is somebody else's code: even to look at it may throw. */
  function hasStream(source: Source): boolean {
    try {
      return source.subscribe !== undefined;
    } catch (error) {
      openedMs = clock.nowMs();
      fail(source, error);
      return false;
    }
  }

  function fail(source: Source, thrown: unknown): void {
    const error = asSidelightError(thrown, `the stream of ${source.name}`);
    pause(source, retryAfterMsOf(error));
    context.report(error, source.name, "following a stream");
  }

  function isPaused(source: Source): boolean {
    const { atMs, pauseMs } = pauses.get(source) ?? { atMs: 0, pauseMs: 0 };
    // a distance, as in the pool: the clock may be set back
    return Math.abs(clock.nowMs() - atMs) < pauseMs;
  }

  function pause(source: Source, atLeastMs = 0): void {
    const lasted = clock.nowMs() - openedMs > LASTING_SLOTS * chain.network.slotDurationMs;
    const failures = lasted ? 1 : (pauses.get(source)?.failures ?? 0) + 1;
    const pauseMs = Math.max(Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), MAX_PAUSE_MS), atLeastMs);
    pauses.set(source, { failures, atMs: clock.nowMs(), pauseMs });
  }

  async function subscribeTo(source: Source): Promise<void> {
    const abort = new AbortController();
    const stop = () => abort.abort(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    current = { source, abort };
    openedMs = clock.nowMs();
    try {
      const following = source.subscribe!({
        signal: abort.signal,
        onBytes(bytes) {
          pool.countBytes(source, bytes);
          // not a slot later: a fast line brings a gigabyte in that time
          if (pool.spent() !== null) abort.abort(new Error("no more bytes may come"));
        },
        onOpen: () => {
          isOpen = !abort.signal.aborted;
        },
        onEvent: (event) => {
          if (abort.signal.aborted) return;
          held.get(event.type)?.event.settle?.({ advanced: [], error: null }); // overtaken
          held.set(event.type, { event, source: event.from ?? source });
          wake();
        },
      });
      // a source that does not look at the signal must not hold us; it says no more either
      await orAborted(following, abort.signal).catch((error: unknown) => {
        if (!abort.signal.aborted) throw error;
      });
    } finally {
      current = null;
      isOpen = false;
      signal.removeEventListener("abort", stop);
    }
  }

  async function idle(): Promise<void> {
    const ending = new AbortController();
    lookAgain = () => ending.abort();
    signal.addEventListener("abort", lookAgain, { once: true });
    try {
      await clock.sleep(isWanted ? chain.network.slotDurationMs : Infinity, ending.signal);
    } finally {
      signal.removeEventListener("abort", lookAgain);
      lookAgain = () => {};
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const source = isWanted ? nextSource() : undefined;
      try {
        if (source === undefined) await idle();
        else {
          await pool.mayAsk();
          if (signal.aborted || !isWanted) continue; // meanwhile
          await subscribeTo(source);
          pause(source); // left, or ended without an error: not again at once
        }
      } catch (error) {
        if (signal.aborted) return;
        if (source === undefined) continue;
        fail(source, error);
      }
    }
  }

  return {
    take() {
      const pushed = [...held.values()];
      held.clear();
      if (pushed.length > 0) lastTakenMs = clock.nowMs();
      return pushed;
    },
    isOpen: () => isOpen,
    async arrivalOr(ms, waitSignal) {
      // A stream may not drive us faster than this, whatever it sends: a slot brings one object of each kind.
      const restMs = lastTakenMs + chain.network.slotDurationMs / 16 - clock.nowMs();
      const timer = new AbortController();
      const stop = () => timer.abort();
      waitSignal.addEventListener("abort", stop, { once: true });
      if (waitSignal.aborted) stop();
      try {
        if (restMs > 0) await clock.sleep(Math.min(restMs, ms), timer.signal);
        if (held.size > 0) return;
        wake = stop;
        await clock.sleep(ms - Math.max(0, restMs), timer.signal);
      } catch {
        // woken: by an arrival or by the end
      } finally {
        wake = () => {};
        waitSignal.removeEventListener("abort", stop);
      }
    },
    want(nowWanted) {
      if (nowWanted === isWanted) return;
      isWanted = nowWanted;
      if (isWanted) lookAgain();
      else current?.abort.abort(new Error("not wanted now"));
    },
    leave() {
      current?.abort.abort(new Error("left for another stream"));
    },
    ended: run(),
  };
}
