/** A head that is too old is not handed out as current: a source (or all) can be hours behind without a wrong word. */
import { SidelightError } from "../errors.js";
import { type Context, currentSlot, newestSlot, viewOf } from "./context.js";
import { ageInSlots } from "./describe.js";

/** @throws HEAD_STALLED; CLOCK_SKEWED for a head that the clock has not reached: it was set back since */
export function assertFresh(context: Context): void {
  const { maxHeadAgeSlots } = context.options;
  const headSlot = context.verified.state()!.store.optimisticHeader.beacon.slot;
  if (headSlot > newestSlot(context)) {
    const details = { slot: headSlot, currentSlot: currentSlot(context) };
    const message = `the head is of slot ${headSlot}, but the local clock is at slot ${details.currentSlot}: the clock was set back`;
    throw new SidelightError("CLOCK_SKEWED", message, details);
  }
  if (ageInSlots(viewOf(context), headSlot) <= maxHeadAgeSlots) return;
  const message = `the newest head that could be verified (slot ${headSlot}) is older than ${maxHeadAgeSlots} slots`;
  const details = { headSlot, currentSlot: currentSlot(context), maxAgeSlots: maxHeadAgeSlots };
  throw new SidelightError("HEAD_STALLED", message, details);
}
