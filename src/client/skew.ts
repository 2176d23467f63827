/**
 * How far the local clock is off, as far as it can be known: a signed block of a slot that has not begun by it proves that
 * it is behind; what servers say in `Date` is their word, and the median of them is taken. Nothing is accepted or refused
 * for it, it is only told.
 */
import { SidelightError } from "../errors.js";
import { slotAtTime, timeOfSlotMs } from "../networks/schedule.js";
import { type Context, currentSlot } from "./context.js";

/** `Date` has whole seconds. */
const DATE_RESOLUTION_MS = 1_000;
/** What was found so long ago says nothing about now: clocks are set. */
const MEMORY_MS = 600_000;

export interface Skew {
  /** Is the clock known to be off by more than `clockToleranceMs`? */
  isBeyondTolerance(): boolean;
  /** A server answered a question that was asked at `askedMs` (local), and said what time it was there. */
  dated(source: string, serverMs: number, askedMs: number): void;
  /** 2/3 of a committee have signed a block of this slot. */
  signed(slot: number): void;
}

interface Found {
  readonly atMs: number;
  /** At least so far off: above 0, the clock is ahead. 0: may be right. */
  readonly skewMs: number;
}

export function createSkew({
  chain,
  clock,
  options,
  report,
}: Pick<Context, "chain" | "clock" | "options" | "report">): Skew {
  const bySource = new Map<string, Found>();
  let proven: Found | null = null;
  let isTold = false;

  const isRecent = ({ atMs }: Found) => Math.abs(clock.nowMs() - atMs) < MEMORY_MS;

  function find(): { readonly skewMs: number; readonly basis: "signature" | "dates" } {
    if (proven !== null && isRecent(proven)) return { skewMs: proven.skewMs, basis: "signature" };
    const skews = [...bySource.values()]
      .filter(isRecent)
      .map(({ skewMs }) => skewMs)
      .sort((a, b) => a - b);
    return { skewMs: skews[skews.length >> 1] ?? 0, basis: "dates" };
  }

  function tell(): void {
    const { skewMs, basis } = find();
    const isOff = Math.abs(skewMs) > options.clockToleranceMs;
    if (isOff && !isTold) {
      const slot = slotAtTime(chain.network, clock.nowMs() - skewMs);
      const details = { slot, currentSlot: currentSlot({ chain, clock }), skewMs, basis };
      const message = `the local clock is off by ${skewMs} ms or more (by ${basis})`;
      report(new SidelightError("CLOCK_SKEWED", message, details), null, "looking at the clock");
    }
    isTold = isOff;
  }

  return {
    isBeyondTolerance: () => Math.abs(find().skewMs) > options.clockToleranceMs,
    dated(source, serverMs, askedMs) {
      // who verifies old data as of its own time knows that servers live later
      if (options.maxHeadAgeSlots === Infinity) return;
      const atMs = clock.nowMs();
      // said at some moment between the question and now
      const [least, most] = [askedMs - serverMs - DATE_RESOLUTION_MS, atMs - serverMs];
      bySource.set(source, { atMs, skewMs: least > 0 ? least : Math.min(most, 0) });
      tell();
    },
    signed(slot) {
      const atMs = clock.nowMs();
      const aheadMs = timeOfSlotMs(chain.network, slot) - atMs;
      if (aheadMs <= 0) return;
      proven = { atMs, skewMs: -aheadMs };
      tell();
    },
  };
}
