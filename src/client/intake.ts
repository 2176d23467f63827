/** Takes in what sources sent: decodes it, verifies it, changes the state. What does not hold throws and changes nothing. */
import { isSidelightError, SidelightError } from "../errors.js";
import { forkAtSlot } from "../networks/schedule.js";
import type { Chain } from "../spec/chain.js";
import { executionBlockHashGindexAtSlot } from "../spec/gindices.js";
import { finalityUpdateAsUpdate, optimisticUpdateAsUpdate } from "../spec/process.js";
import { isNextSyncCommitteeKnown, storePeriod } from "../spec/store.js";
import { countParticipants, hasSupermajority, isSyncCommitteeUpdate } from "../spec/update.js";
import { assertVerifiedUpdate } from "../spec/validate.js";
import { toHex } from "../ssz/bytes.js";
import { decodeFinalityUpdate, decodeOptimisticUpdate, decodeUpdate } from "../ssz/decode.js";
import type { LightClientHeader, LightClientUpdate } from "../ssz/objects.js";
import type { RawObject, Source, SourceEvent } from "../transport/port.js";
import { type Context, newestSlot } from "./context.js";
import { periodAtSlot } from "./describe.js";
import { applyUpdate, type VerifiedState } from "./state.js";
import type { Evidence } from "./types.js";

/** Evidence kept at most: the newest. Each is one update, about 25 KiB. */
const MAX_EVIDENCE = 16;

export interface Intake {
  /** Truly signed contradictions, newest last. */
  readonly evidence: readonly Evidence[];
  /** The update of one period out of a range. @throws whatever its decoding and verification throw */
  takeUpdate(raw: RawObject, period: number, source: Source): void;
  /**
   * A finality or optimistic update. What is known already is not verified again.
   * @returns what it advanced: the head, finality, both, or nothing
   * @throws whatever its decoding and verification throw
   */
  takeNews(event: SourceEvent, source: Source): readonly SourceEvent["type"][];
}

export function createIntake(context: Context): Intake {
  const { chain, verified, clock } = context;
  const evidence: Evidence[] = [];

  function take(update: LightClientUpdate, raw: RawObject, source: Source): void {
    assertPayloadHeader(chain, "attested header", update.attestedHeader);
    try {
      verified.follow(applyUpdate(chain, verified.state()!, update, newestSlot(context), source.name));
    } catch (error) {
      keepEvidence(error, raw, source);
      throw error;
    }
  }

  /** An update nobody asked for may still prove something: that the committee signed two successors. */
  function refuseContradiction(update: LightClientUpdate, raw: RawObject, source: Source): void {
    const { store } = verified.state()!;
    const { syncCommitteeBits } = update.syncAggregate;
    // fewer than 2/3 prove no more than that some members sign anything
    if (!hasSupermajority(countParticipants(update.syncAggregate), syncCommitteeBits.bitLen)) return;
    if (!isNextSyncCommitteeKnown(store) || !isSyncCommitteeUpdate(update)) return;
    if (periodAtSlot(chain, update.attestedHeader.beacon.slot) !== storePeriod(chain, store)) return;
    try {
      assertVerifiedUpdate(chain, store, update, newestSlot(context));
    } catch (error) {
      keepEvidence(error, raw, source);
      throw error;
    }
  }

  function keepEvidence(error: unknown, raw: RawObject, source: Source): void {
    if (!isSidelightError(error, "NEXT_COMMITTEE_CONFLICT")) return;
    const { period, known, received } = error.details;
    // one is enough: whoever repeats it must not push the others out
    if (evidence.some((kept) => kept.period === period && kept.received === received)) return;
    const claim = raw.fork ?? (raw.encoding === "ssz" ? chain.forkOfDigest.get(raw.digest ?? "") : undefined);
    evidence.push({
      kind: "next-committee-conflict",
      source: source.name,
      receivedAtMs: clock.nowMs(),
      period,
      known,
      received,
      update:
        raw.encoding === "ssz"
          ? { encoding: "ssz", fork: claim ?? "", bytes: toHex(raw.bytes) }
          : { encoding: "json", fork: claim ?? "", value: raw.value },
    });
    if (evidence.length > MAX_EVIDENCE) evidence.shift();
  }

  return {
    evidence,
    takeUpdate(raw, period, source) {
      const update = decodeUpdate(chain, raw);
      const attestedPeriod = periodAtSlot(chain, update.attestedHeader.beacon.slot);
      if (attestedPeriod !== period) {
        refuseContradiction(update, raw, source);
        const details = { source: source.name, request: "updates", expected: `${period}`, actual: `${attestedPeriod}` };
        const message = `${source.name}: expected an update of period ${period}, got one of period ${attestedPeriod}`;
        throw new SidelightError("RESPONSE_INVALID", message, details);
      }
      take(update, raw, source);
    },
    takeNews(event, source) {
      const update =
        event.type === "finality"
          ? finalityUpdateAsUpdate(decodeFinalityUpdate(chain, event.object))
          : optimisticUpdateAsUpdate(decodeOptimisticUpdate(chain, event.object));
      const before = verified.state()!;
      if (!isNews(before, update)) return [];
      take(update, event.object, source);
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
