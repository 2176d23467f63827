/** Takes in what sources sent: decodes it, verifies it, changes the state. What does not hold throws and changes nothing. */
import { isSidelightError, SidelightError } from "../errors.js";
import { finalityUpdateAsUpdate, optimisticUpdateAsUpdate } from "../spec/process.js";
import { toHex } from "../ssz/bytes.js";
import { decodeFinalityUpdate, decodeOptimisticUpdate, decodeUpdate } from "../ssz/decode.js";
import type { LightClientUpdate } from "../ssz/objects.js";
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
   * A finality or optimistic update.
   * @returns whether it was news; what is known already is not verified again
   * @throws whatever its decoding and verification throw
   */
  takeNews(event: SourceEvent, source: Source): boolean;
}

export function createIntake(context: Context): Intake {
  const { chain, verified, clock } = context;
  const evidence: Evidence[] = [];

  function take(update: LightClientUpdate, raw: RawObject, source: Source): void {
    try {
      verified.follow(applyUpdate(chain, verified.state()!, update, newestSlot(context), source.name));
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
      if (!isNews(verified.state()!, update)) return false;
      take(update, event.object, source);
      return true;
    },
  };
}

/** Could it change anything? Asked before the signature is verified: a poll mostly brings what is known. */
function isNews(state: VerifiedState, update: LightClientUpdate): boolean {
  const { optimisticHeader, finalizedHeader } = state.store;
  return (
    update.attestedHeader.beacon.slot > optimisticHeader.beacon.slot ||
    update.finalizedHeader.beacon.slot > finalizedHeader.beacon.slot
  );
}
