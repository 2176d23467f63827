/**
 * Reading and ranking updates. Source: consensus-specs `specs/altair/light-client/sync-protocol.md`
 * (`is_sync_committee_update`, `is_finality_update`, `is_better_update`).
 */
import { computeSyncCommitteePeriodAtSlot } from "../networks/schedule.js";
import { isZero } from "../ssz/bytes.js";
import type { LightClientUpdate, SyncAggregate } from "../ssz/objects.js";
import type { Chain } from "./chain.js";

/** `is_sync_committee_update` */
export function isSyncCommitteeUpdate(update: Pick<LightClientUpdate, "nextSyncCommitteeBranch">): boolean {
  return !update.nextSyncCommitteeBranch.every(isZero);
}

/** `is_finality_update` */
export function isFinalityUpdate(update: Pick<LightClientUpdate, "finalityBranch">): boolean {
  return !update.finalityBranch.every(isZero);
}

/** How many members took part. */
export function countParticipants({ syncCommitteeBits }: SyncAggregate): number {
  let count = 0;
  for (let byte of syncCommitteeBits.uint8Array) for (; byte !== 0; byte &= byte - 1) count++;
  return count;
}

/** At least two thirds of the committee. */
export function hasSupermajority(participants: number, size: number): boolean {
  return participants * 3 >= size * 2;
}

/** `is_better_update`: a total order on updates of one period, the same for everyone. */
export function isBetterUpdate(chain: Chain, newUpdate: LightClientUpdate, oldUpdate: LightClientUpdate): boolean {
  const next = rank(chain, newUpdate);
  const old = rank(chain, oldUpdate);

  // Compare supermajority (at least 2/3) participation
  if (next.supermajority !== old.supermajority) return next.supermajority;
  if (!next.supermajority && next.participants !== old.participants) return next.participants > old.participants;

  // Compare presence of a relevant sync committee, of any finality, and of finality within the attested period
  if (next.relevantCommittee !== old.relevantCommittee) return next.relevantCommittee;
  if (next.finality !== old.finality) return next.finality;
  if (next.finality && next.committeeFinality !== old.committeeFinality) return next.committeeFinality;

  // Tiebreakers: more participation, then older data (fewer changes to the best), then an older signature
  if (next.participants !== old.participants) return next.participants > old.participants;
  if (next.attestedSlot !== old.attestedSlot) return next.attestedSlot < old.attestedSlot;
  return newUpdate.signatureSlot < oldUpdate.signatureSlot;
}

function rank({ network }: Chain, update: LightClientUpdate) {
  const period = (slot: number) => computeSyncCommitteePeriodAtSlot(network, slot);
  const attestedSlot = update.attestedHeader.beacon.slot;
  const participants = countParticipants(update.syncAggregate);
  return {
    participants,
    supermajority: hasSupermajority(participants, update.syncAggregate.syncCommitteeBits.bitLen),
    relevantCommittee: isSyncCommitteeUpdate(update) && period(attestedSlot) === period(update.signatureSlot),
    finality: isFinalityUpdate(update),
    committeeFinality: period(update.finalizedHeader.beacon.slot) === period(attestedSlot),
    attestedSlot,
  };
}
