/** A head that is too old is not handed out as current: a source (or all) can be hours behind without a wrong word. */
import { SidelightError } from "../errors.js";

/** How far a head may be ahead of the local clock, where the client's own tolerance is not known. */
export const USUAL_TOLERANCE_MS = 2_000;

/** What turns time into slots: a network has it, and what a connected client knows of its chain. */
export interface SlotTimes {
  /** Unix time in seconds. */
  readonly genesisTime: number;
  readonly slotDurationMs: number;
}

/**
 * Is the head of now? Not if there is none, nor if nothing is known of the chain's time.
 * @throws HEAD_STALLED; CLOCK_SKEWED for a head that the clock has not reached: it was set back since
 */
export function assertFreshSlot(
  headSlot: number | null,
  maxAgeSlots: number,
  times: SlotTimes | null,
  nowMs: number,
  toleranceMs = USUAL_TOLERANCE_MS,
): void {
  const { genesisTime, slotDurationMs } = times ?? { genesisTime: Number.NaN, slotDurationMs: 1 };
  const slotAt = (ms: number) => Math.floor((ms - genesisTime * 1000) / slotDurationMs);
  const currentSlot = slotAt(nowMs);
  if (headSlot !== null && headSlot > slotAt(nowMs + toleranceMs)) {
    const message = `the head is of slot ${headSlot}, but the local clock is at slot ${currentSlot}: the clock was set back`;
    throw new SidelightError("CLOCK_SKEWED", message, { slot: headSlot, currentSlot });
  }
  // written so that what is no number is too old
  if (headSlot !== null && currentSlot - headSlot <= maxAgeSlots) return;
  const message = `the newest verified head (slot ${headSlot ?? "none"}) is not of the last ${maxAgeSlots} slots`;
  throw new SidelightError("HEAD_STALLED", message, { headSlot, currentSlot, maxAgeSlots });
}
