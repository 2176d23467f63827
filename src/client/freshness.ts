/** A head that is too old is not handed out as current: a source (or all) can be hours behind without a wrong word. */
import { SidelightError } from "../errors.js";
import { type Context, currentSlot, viewOf } from "./context.js";
import { ageInSlots } from "./describe.js";

/** @throws HEAD_STALLED */
export function assertFresh(context: Context): void {
  const { maxHeadAgeSlots } = context.options;
  const headSlot = context.verified.state()!.store.optimisticHeader.beacon.slot;
  if (ageInSlots(viewOf(context), headSlot) <= maxHeadAgeSlots) return;
  const message = `the newest head that could be verified (slot ${headSlot}) is older than ${maxHeadAgeSlots} slots`;
  const details = { headSlot, currentSlot: currentSlot(context), maxAgeSlots: maxHeadAgeSlots };
  throw new SidelightError("HEAD_STALLED", message, details);
}
