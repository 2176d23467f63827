/** Why the head, or finality, stands still: as far as it is known. */
import { type ErrorCode, isSidelightError, SidelightError } from "../errors.js";
import { computeEpochAtSlot } from "../networks/schedule.js";
import { isNobodysFault } from "../transport/pool/fault.js";
import { type Context, currentSlot } from "./context.js";
import { assertFreshSlot } from "./freshness.js";
import type { StallCause, Status } from "./types.js";

/** consensus-specs `specs/phase0/beacon-chain.md`, `MIN_EPOCHS_TO_INACTIVITY_PENALTY`: the chain's own measure. */
const MAX_FINALITY_DELAY_EPOCHS = 4;

const UNANSWERED: readonly ErrorCode[] = ["NETWORK_FAILED", "REQUEST_TIMEOUT", "HTTP_STATUS", "NOT_AVAILABLE"];

export interface Stall {
  readonly status: Extract<Status, { readonly state: "stalled" }>;
  readonly error: SidelightError;
}

/** For what must not be handed out as current. @throws HEAD_STALLED, CLOCK_SKEWED */
export function assertFresh({ chain, clock, options, verified }: Context, maxAgeSlots = options.maxHeadAgeSlots): void {
  const headSlot = verified.state()?.store.optimisticHeader.beacon.slot ?? null;
  assertFreshSlot(headSlot, maxAgeSlots, chain.network, clock.nowMs(), options.clockToleranceMs);
}

/** What stands still in a client that has a state; `null`: nothing does. */
export function findStall(context: Context): Stall | null {
  try {
    assertFresh(context);
  } catch (error) {
    return stalled(context, error);
  }
  return findFinalityStall(context);
}

/** The status after a failure. */
export function stalled(context: Context, thrown: unknown): Stall {
  const error = thrown as SidelightError;
  return { status: { state: "stalled", what: "head", cause: headCause(context, error), reason: error.message }, error };
}

function headCause(context: Context, error: SidelightError): StallCause {
  if (error.code === "CLOCK_SKEWED" || context.skew.isBeyondTolerance()) return "clock-skewed";
  if (error.code !== "HEAD_STALLED") return causeOf(context, error);
  const { verified, heard } = context;
  const signed = verified.participation()?.attestedSlot ?? 0;
  // signed for, and not by enough to be a head
  if (signed > verified.state()!.store.optimisticHeader.beacon.slot) return "low-participation";
  return heard.optimistic ?? "unknown";
}

/** What a question without a usable answer says about the sources. */
export function causeOf({ pool }: Context, error: unknown): StallCause {
  if (!isSidelightError(error, "NO_SOURCE_ANSWERED")) return "unknown";
  const codes = error.details.attempts.map(({ code }) => code);
  const isRefused = (code: ErrorCode) => !UNANSWERED.includes(code) && !isNobodysFault(code);
  // whoever is on pause for something invalid was not asked
  if (codes.some(isRefused) || (codes.length === 0 && pool.scores().some(({ isEvicted }) => isEvicted))) {
    return "sources-invalid";
  }
  return codes.some(isNobodysFault) ? "sources-stale" : "no-source-answers";
}

function findFinalityStall(context: Context): Stall | null {
  const { chain, options, verified } = context;
  const { slotsPerEpoch } = chain.network.preset;
  const finalizedSlot = verified.state()!.store.finalizedHeader.beacon.slot;
  const slot = currentSlot(context);
  const delayEpochs = computeEpochAtSlot(chain.network, slot) - 1 - Math.ceil(finalizedSlot / slotsPerEpoch);
  // data that is meant to be old is as final as it is
  if (delayEpochs <= MAX_FINALITY_DELAY_EPOCHS || options.maxHeadAgeSlots === Infinity) return null;
  const cause = finalityCause(context, slot - slotsPerEpoch);
  const message = `nothing is final since slot ${finalizedSlot}, for ${delayEpochs + 1} epochs`;
  const error = new SidelightError("FINALITY_STALLED", message, { finalizedSlot, currentSlot: slot, cause });
  return { status: { state: "stalled", what: "finality", cause, reason: message }, error };
}

function finalityCause({ agreement, heard }: Context, sinceSlot: number): StallCause {
  if (agreement.signedSlot() < sinceSlot) return "low-participation";
  // a state of late was proven to hold nothing newer as final
  if (agreement.finalitySlot() >= sinceSlot) return "not-finalizing";
  return heard.finality ?? "unknown";
}
