/** How old the beginning of all trust may be: weak subjectivity. */
import { SidelightError } from "../errors.js";
import { weakSubjectivityPeriodSeconds } from "../networks/weak-subjectivity.js";
import { type Context, currentSlot, viewOf } from "./context.js";
import { ageInSeconds, ageInSlots } from "./describe.js";
import type { VerifiedState } from "./state.js";

/** The default's upper bound, where a network's own period is longer. */
const MOST_BY_DEFAULT_SECONDS = 1_209_600;

export interface Age {
  readonly ageSeconds: number;
  readonly maxAgeSeconds: number;
  readonly stale: boolean;
}

/** The age of what was final at `slot`, and whether that is too old to start from. */
export function ageOf(context: Context, slot: number): Age {
  const { options, chain } = context;
  const byNetwork = () => weakSubjectivityPeriodSeconds(chain.network, currentSlot(context));
  const maxAgeSeconds = options.maxCheckpointAgeSeconds ?? Math.min(MOST_BY_DEFAULT_SECONDS, byNetwork());
  const ageSeconds = ageInSeconds(viewOf(context), slot);
  return { ageSeconds, maxAgeSeconds, stale: ageSeconds > maxAgeSeconds };
}

/** Is it too old, and the caller has not said to start from it all the same? */
export function isRefused(context: Context, slot: number): boolean {
  return context.options.staleCheckpoint === "refuse" && ageOf(context, slot).stale;
}

/** For what goes on. @throws CHECKPOINT_TOO_OLD; the caller's to mend */
export function assertUsableAge(context: Context, slot: number): void {
  if (isRefused(context, slot)) throw tooOld(context, slot, true);
}

/**
 * For what begins: as {@link assertUsableAge}, and a warning where the caller wants one.
 * @param stored is it a stored state, rather than the checkpoint?
 * @throws CHECKPOINT_TOO_OLD; the caller's to mend
 */
export function acceptAge(context: Context, slot: number, stored: boolean): void {
  if (!ageOf(context, slot).stale) return;
  const { staleCheckpoint } = context.options;
  if (staleCheckpoint === "refuse") throw tooOld(context, slot, stored);
  if (staleCheckpoint === "warn") context.report(tooOld(context, slot, stored), null, "looking at the checkpoint");
}

/**
 * Has the client slept for so long that its state is what a stored one of that age would be? While heads come in it has not:
 * that nothing becomes final for long is the chain's trouble, and told by other means. Ask before anything new is taken.
 */
export function hasSleptLong(context: Context, { store }: VerifiedState): boolean {
  const headAgeSlots = ageInSlots(viewOf(context), store.optimisticHeader.beacon.slot);
  if (headAgeSlots <= context.chain.network.preset.slotsPerEpoch) return false;
  return ageOf(context, store.finalizedHeader.beacon.slot).stale;
}

export function tooOld(context: Context, slot: number, stored: boolean): SidelightError<"CHECKPOINT_TOO_OLD"> {
  const { ageSeconds, maxAgeSeconds } = ageOf(context, slot);
  const what = stored ? "stored state" : "checkpoint";
  const message = `the ${what} (slot ${slot}) is ${ageSeconds} s old, more than maxCheckpointAgeSeconds (${maxAgeSeconds}): validators that left since could have signed another history. Use a newer checkpoint; staleCheckpoint says what else to do`;
  return new SidelightError("CHECKPOINT_TOO_OLD", message, { slot, ageSeconds, maxAgeSeconds, stored });
}
