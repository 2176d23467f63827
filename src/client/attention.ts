/** How closely to follow: by who looks, and what to do about having been away. */
import type { Clock } from "../clock.js";
import type { ResolvedOptions } from "../options.js";
import { stateOfAll, type Visibility, type VisibilityChange } from "../visibility.js";

/** `slow`: as seldom as the head stays fresh enough. `paused`: not at all. */
export type Level = "full" | "slow" | "paused";

/** Whoever comes back at once is not treated as gone: in slots. */
const GRACE_SLOTS = 1;
/** Between two attempts that did not wait for their time. */
const LEAST_PAUSE_MS = 1_000;
/** A sleep that ends so much later than asked was a suspension: in slots, and at least. */
const LATE_SLOTS = 1;
const LATE_MS = 5_000;
/** Browsers let the timers of a page that is hidden for long fire once a minute. */
const LATE_WHILE_HIDDEN_MS = 75_000;

export interface Attention {
  level(): Level;
  /** Aborts when somebody comes or goes, or the page wakes: for one wait. Renew it before what is waited for is decided. */
  stir(): AbortSignal;
  /** Has somebody come, or the page woken, since the last call? Then what could have been missed is asked for at once. */
  takeUrgency(): boolean;
  /** `ms`, or a second if the page wakes, or has since `stirred` was taken. @throws `signal.reason` */
  pause(ms: number, signal: AbortSignal, stirred: AbortSignal): Promise<void>;
  /** One more who looks. @returns a function that removes it */
  addViewer(viewer: Visibility): () => void;
  /** Looks after the viewers until `signal` aborts. */
  watchUntil(signal: AbortSignal): void;
  /** A suspension was noticed. */
  wake(): void;
  /** How late a sleep may end that was no suspension. */
  latenessMs(): number;
}

export interface AttentionOptions extends Pick<ResolvedOptions, "visibility" | "whenHidden"> {
  readonly clock: Clock;
  readonly slotDurationMs: number;
}

export function createAttention(options: AttentionOptions): Attention {
  const { clock, whenHidden, slotDurationMs } = options;
  /** With what ends watching each; nothing is watched while the client does not run. */
  const viewers = new Map<Visibility, () => void>();
  let isWatching = false;
  let isUrgent = false;
  /** `null`: somebody looks, or nobody can. */
  let hiddenSinceMs: number | null = null;
  let stir = new AbortController();

  function isHidden(): boolean {
    return stateOfAll(viewers.keys()) === "hidden";
  }

  function stirUp(isWoken: boolean): void {
    isUrgent ||= isWoken;
    stir.abort();
  }

  function onChange(change: VisibilityChange): void {
    const wasHidden = hiddenSinceMs !== null;
    hiddenSinceMs = isHidden() ? (hiddenSinceMs ?? clock.nowMs()) : null;
    if (change === "woken") stirUp(true);
    else if (wasHidden !== (hiddenSinceMs !== null)) stirUp(wasHidden);
  }

  function addViewer(viewer: Visibility): () => void {
    viewers.set(viewer, isWatching ? viewer.watch(onChange) : () => {});
    if (isWatching) onChange(viewer.state() === "hidden" ? "hidden" : "shown");
    return () => {
      viewers.get(viewer)?.();
      viewers.delete(viewer);
      if (isWatching) onChange("hidden");
    };
  }

  addViewer(options.visibility);
  return {
    level() {
      if (whenHidden === "follow" || !isHidden()) return "full";
      const goneMs = clock.nowMs() - (hiddenSinceMs ?? Number.NEGATIVE_INFINITY);
      // a distance: the clock may be set back
      if (Math.abs(goneMs) < GRACE_SLOTS * slotDurationMs) return "full";
      return whenHidden === "slow" ? "slow" : "paused";
    },
    stir() {
      if (stir.signal.aborted) stir = new AbortController();
      return stir.signal;
    },
    takeUrgency() {
      const was = isUrgent;
      isUrgent = false;
      return was;
    },
    async pause(ms, signal, stirred) {
      const startedMs = clock.nowMs();
      const woken = new AbortController();
      const wake = () => woken.abort();
      for (const each of [stirred, signal]) each.addEventListener("abort", wake, { once: true });
      if (signal.aborted || stirred.aborted) wake();
      try {
        await clock.sleep(ms, woken.signal);
      } catch {
        signal.throwIfAborted();
        // the network may be back: soon, but no storm
        // (a clock that was set back says nothing about how long it was)
        const leftMs = Math.min(ms, LEAST_PAUSE_MS) - Math.max(0, clock.nowMs() - startedMs);
        if (leftMs > 0) await clock.sleep(leftMs, signal);
      } finally {
        for (const each of [stirred, signal]) each.removeEventListener("abort", wake);
      }
    },
    addViewer,
    watchUntil(signal) {
      isWatching = true;
      isUrgent = false;
      // who starts while nobody looks is not kept at full speed for it
      hiddenSinceMs = isHidden() ? Number.NEGATIVE_INFINITY : null;
      for (const viewer of viewers.keys()) viewers.set(viewer, viewer.watch(onChange));
      const end = () => {
        isWatching = false;
        for (const [viewer, unwatch] of viewers) {
          unwatch();
          viewers.set(viewer, () => {});
        }
        stirUp(false);
      };
      if (signal.aborted) end();
      else signal.addEventListener("abort", end, { once: true });
    },
    wake: () => stirUp(true),
    latenessMs() {
      const lateMs = Math.max(LATE_SLOTS * slotDurationMs, LATE_MS);
      return isHidden() ? Math.max(lateMs, LATE_WHILE_HIDDEN_MS) : lateMs;
    },
  };
}
