/** Takes in what sources sent: decodes it, verifies it, changes the state. What does not hold throws and changes nothing. */
import type { SyncAggregateItem } from "../bls/port.js";
import { isSidelightError, SidelightError } from "../errors.js";
import { forkAtSlot } from "../networks/schedule.js";
import type { Chain } from "../spec/chain.js";
import { deferSignatures } from "../spec/defer.js";
import { executionBlockHashGindexAtSlot } from "../spec/gindices.js";
import { finalityUpdateAsUpdate, optimisticUpdateAsUpdate } from "../spec/process.js";
import { assertVerifiedUpdate } from "../spec/validate.js";
import { decodeFinalityUpdate, decodeOptimisticUpdate, decodeUpdate } from "../ssz/decode.js";
import type { LightClientHeader, LightClientUpdate } from "../ssz/objects.js";
import { isNobodysFault } from "../transport/pool/fault.js";
import type { RawObject, Source, SourceEvent } from "../transport/port.js";
import { hasTwoThirds } from "./agreement.js";
import { type Context, newestSlot } from "./context.js";
import { periodAtSlot } from "./describe.js";
import { applyUpdate, signatureOf, type Transition, type VerifiedState } from "./state.js";

/** What an update leads to if its signature verifies, and not otherwise. */
export interface Foreseen {
  readonly transition: Transition;
  readonly signature: SyncAggregateItem;
}

export interface Intake {
  /** The update of one period out of a range. @throws whatever its decoding and verification throw */
  takeUpdate(raw: RawObject, period: number, source: Source): void;
  /**
   * As {@link takeUpdate} from a state that need not be verified, with every check but the signature's. Changes nothing.
   * @throws as `takeUpdate`; but where `state` is not verified, neither is what is thrown
   */
  foreseeUpdate(state: VerifiedState, raw: RawObject, period: number, source: Source): Foreseen;
  /**
   * A finality or optimistic update. What is known already is not verified again.
   * @returns what it advanced: the head, finality, both, or nothing
   * @throws whatever its decoding and verification throw
   */
  takeNews(event: SourceEvent, source: Source): readonly SourceEvent["type"][];
}

export function createIntake(context: Context): Intake {
  const { chain, verified, agreement } = context;

  /** @throws what decoding throws, RESPONSE_INVALID; the second after `onOther` */
  function decodeUpdateOf(
    period: number,
    raw: RawObject,
    source: Source,
    onOther?: (update: LightClientUpdate) => void,
  ): LightClientUpdate {
    const update = decodeUpdate(chain, raw);
    const attestedPeriod = periodAtSlot(chain, update.attestedHeader.beacon.slot);
    if (attestedPeriod === period) return update;
    onOther?.(update);
    const details = { source: source.name, request: "updates", expected: `${period}`, actual: `${attestedPeriod}` };
    const message = `${source.name}: expected an update of period ${period}, got one of period ${attestedPeriod}`;
    throw new SidelightError("RESPONSE_INVALID", message, details);
  }

  function apply(on: Chain, state: VerifiedState, update: LightClientUpdate, source: Source): Transition {
    assertPayloadHeader(on, "attested header", update.attestedHeader);
    return applyUpdate(on, state, update, newestSlot(context), source.name);
  }

  function take(update: LightClientUpdate, source: Source): void {
    try {
      verified.follow(apply(chain, verified.state()!, update, source));
    } catch (error) {
      // of no use, and what is of use only to prove something
      if (isSidelightError(error, "UPDATE_IRRELEVANT") || isSidelightError(error, "NEXT_COMMITTEE_CONFLICT")) {
        examine(update, source);
      }
      if (isSidelightError(error, "UPDATE_FROM_FUTURE")) proveSkew(update);
      throw error;
    }
  }

  /** Whoever signed what has not come by this clock shows that it is late. Once is enough. @throws what verification throws */
  function proveSkew(update: LightClientUpdate): void {
    if (context.skew.isBeyondTolerance() || !hasTwoThirds(update)) return;
    try {
      assertVerifiedUpdate(chain, verified.state()!.store, update, Infinity);
      context.skew.signed(update.attestedHeader.beacon.slot);
    } catch (error) {
      // of a committee that is not known yet, for one
      if (!isSidelightError(error) || !isNobodysFault(error.code)) throw error;
    }
  }

  /**
   * What is no news, or was not asked for, may still contradict what was signed before: then it is worth a verification.
   * @throws what verification throws; NEXT_COMMITTEE_CONFLICT, FINALITY_CONFLICT
   */
  function examine(update: LightClientUpdate, source: Source): void {
    const state = verified.state()!;
    if (!agreement.isSuspect(state, update)) return;
    let conflict: unknown = null;
    try {
      assertVerifiedUpdate(chain, state.store, update, newestSlot(context));
    } catch (error) {
      // found after the signature was verified
      if (!isSidelightError(error, "NEXT_COMMITTEE_CONFLICT")) throw error;
      conflict = error;
    }
    agreement.admit(state, signatureOf(chain, state, update, source.name));
    if (conflict !== null) throw conflict;
  }

  return {
    takeUpdate(raw, period, source) {
      const update = decodeUpdateOf(period, raw, source, (other) => examine(other, source));
      take(update, source);
      source.verified?.({ kind: "update", period, raw });
    },
    foreseeUpdate(state, raw, period, source) {
      const { chain: trusting, items } = deferSignatures(chain);
      const transition = apply(trusting, state, decodeUpdateOf(period, raw, source), source);
      return { transition, signature: items[0]! };
    },
    takeNews(event, source) {
      const update =
        event.type === "finality"
          ? finalityUpdateAsUpdate(decodeFinalityUpdate(chain, event.object))
          : optimisticUpdateAsUpdate(decodeOptimisticUpdate(chain, event.object));
      const before = verified.state()!;
      if (!isNews(before, update)) {
        examine(update, source);
        return [];
      }
      take(update, source);
      source.verified?.({ kind: event.type, raw: event.object });
      return advances(before, verified.state()!);
    },
  };
}

/**
 * Data of Capella to Fulu in Gloas' shape verifies, but has lost the payload header: nobody may withhold that from the
 * host. (A block of Gloas may finalize one from before: that is how the fork's first finality is.)
 * @throws FORK_MISMATCH
 */
export function assertPayloadHeader({ network }: Chain, name: string, header: LightClientHeader): void {
  const { slot } = header.beacon;
  const slotFork = forkAtSlot(network, slot);
  if (slotFork === "gloas" || header.execution !== null) return;
  if (executionBlockHashGindexAtSlot(network, slot) === null) return;
  const message = `${name} at slot ${slot}: expected a payload header, as ${slotFork} has it, got the shape of gloas`;
  throw new SidelightError("FORK_MISMATCH", message, { object: name, slot, slotFork, claimedFork: "gloas" });
}

function advances({ store: before }: VerifiedState, { store: after }: VerifiedState): SourceEvent["type"][] {
  return [
    ...(after.finalizedHeader !== before.finalizedHeader ? (["finality"] as const) : []),
    ...(after.optimisticHeader !== before.optimisticHeader ? (["optimistic"] as const) : []),
  ];
}

/** Could it change anything? Asked before the signature is verified: a poll mostly brings what is known. */
function isNews(state: VerifiedState, update: LightClientUpdate): boolean {
  const { optimisticHeader, finalizedHeader } = state.store;
  return (
    update.attestedHeader.beacon.slot > optimisticHeader.beacon.slot ||
    update.finalizedHeader.beacon.slot > finalizedHeader.beacon.slot
  );
}
