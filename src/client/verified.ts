/**
 * Holds the verified state while the client runs, and tells what changed: the one place that replaces it.
 */
import { isSidelightError } from "../errors.js";
import type { Emitter } from "../events.js";
import type { Chain } from "../spec/chain.js";
import { beaconHeaderRoot } from "../ssz/roots.js";
import type { Agreement } from "./agreement.js";
import { describeCommittee, describeFinalized, describeHead, describeParticipation, type View } from "./describe.js";
import { createHeadLog } from "./head-log.js";
import type { Transition, VerifiedSignature, VerifiedState } from "./state.js";
import type { LightClientEvents, Participation } from "./types.js";

export interface Verified {
  /** `null` until something is verified. */
  state(): VerifiedState | null;
  participation(): Participation | null;
  /** Replaces the state and tells its committees; its headers too, unless this happens within {@link quietly}. */
  become(next: VerifiedState): void;
  /** As {@link become}, and tells who signed. @throws what `admit` throws; the state stands */
  follow(transition: Transition): void;
  /** There is no state any more. */
  forget(): void;
  /**
   * Runs `change`, and tells `finality`, `head` and `reorg` only once, at its end; nothing where it ends in a contradiction
   * of finality.
   */
  quietly<T>(change: () => Promise<T>): Promise<T>;
}

/** @param admit told of each signature with the state that it was verified from, before anything follows from it */
export function createVerified(
  chain: Chain,
  emitter: Emitter<LightClientEvents>,
  view: () => View,
  admit: Agreement["admit"],
): Verified {
  const headLog = createHeadLog();
  let state: VerifiedState | null = null;
  /** The state whose headers were told last. */
  let told: VerifiedState | null = null;
  let quiet = 0;
  let participation: Participation | null = null;

  function become(next: VerifiedState): void {
    const before = state;
    state = next;
    tellCommittees(before, next);
    if (quiet === 0) tellHeaders();
  }

  function tellCommittees(before: VerifiedState | null, now: VerifiedState): void {
    const { currentSyncCommittee: current, nextSyncCommittee: next } = now.store;
    // at first, and after beginning anew from a later checkpoint: a current one that was not the next before
    if (current !== before?.store.currentSyncCommittee && current !== before?.store.nextSyncCommittee) {
      emitter.emit("committee", () => describeCommittee(view(), now, "current"));
    }
    if (next !== null && next !== before?.store.nextSyncCommittee) {
      emitter.emit("committee", () => describeCommittee(view(), now, "next"));
    }
  }

  function tellHeaders(): void {
    const before = told;
    const now = state;
    if (now === null || now === before) return;
    told = now;
    const { finalizedHeader, optimisticHeader } = now.store;
    if (finalizedHeader !== before?.store.finalizedHeader) {
      emitter.emit("finality", () => describeFinalized(view(), now));
    }
    if (optimisticHeader !== before?.store.optimisticHeader) {
      const root = beaconHeaderRoot(chain.types, optimisticHeader.beacon);
      const reorg = headLog.follow(optimisticHeader.beacon, root);
      if (reorg !== null) emitter.emit("reorg", () => reorg);
      emitter.emit("head", () => describeHead(view(), now));
    }
  }

  function tellSignature(now: VerifiedState, signature: VerifiedSignature): void {
    // Once for each block: a finality update and an optimistic update mostly carry the same signature. By the slot of the
    // block, which is signed; that of the signature is not.
    const attestedSlot = signature.update.attestedHeader.beacon.slot;
    if (participation !== null && attestedSlot < participation.attestedSlot) return;
    // the same block again is news only if more have signed it: who sends a poorer aggregate first hides nobody
    const count = signature.by.participation?.count ?? 0;
    if (attestedSlot === participation?.attestedSlot && count <= participation.count) return;
    const payload = describeParticipation(view(), now, signature);
    participation = payload;
    emitter.emit("participation", () => payload);
  }

  return {
    state: () => state,
    participation: () => participation,
    become,
    follow(transition) {
      admit(state!, transition.signature);
      become(transition.state);
      tellSignature(transition.state, transition.signature);
    },
    forget() {
      state = null;
      told = null;
      participation = null;
    },
    async quietly(change) {
      quiet++;
      try {
        return await change();
      } catch (error) {
        // what was taken before it is one side of a contradiction: not told as final, nor as the head
        if (isSidelightError(error, "FINALITY_CONFLICT")) told = state;
        throw error;
      } finally {
        quiet--;
        if (quiet === 0) tellHeaders();
      }
    },
  };
}
