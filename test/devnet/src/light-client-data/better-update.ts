import { SYNC_COMMITTEE_SIZE } from "@lodestar/params";
import { computeSyncPeriodAtSlot } from "@lodestar/state-transition";

/** What the ranking of updates looks at. */
export type UpdateRank = {
  participants: number;
  attestedSlot: number;
  signatureSlot: number;
  hasSyncCommittee: boolean;
  hasFinality: boolean;
  finalizedSlot: number;
};

/** `is_better_update`, specs/altair/light-client/sync-protocol.md. */
export function isBetterUpdate(next: UpdateRank, old: UpdateRank): boolean {
  const supermajority = (rank: UpdateRank): boolean => rank.participants * 3 >= SYNC_COMMITTEE_SIZE * 2;
  if (supermajority(next) !== supermajority(old)) return supermajority(next);
  if (!supermajority(next) && next.participants !== old.participants) return next.participants > old.participants;

  const relevantCommittee = (rank: UpdateRank): boolean =>
    rank.hasSyncCommittee && computeSyncPeriodAtSlot(rank.attestedSlot) === computeSyncPeriodAtSlot(rank.signatureSlot);
  if (relevantCommittee(next) !== relevantCommittee(old)) return relevantCommittee(next);

  if (next.hasFinality !== old.hasFinality) return next.hasFinality;

  const committeeFinality = (rank: UpdateRank): boolean =>
    computeSyncPeriodAtSlot(rank.finalizedSlot) === computeSyncPeriodAtSlot(rank.attestedSlot);
  if (next.hasFinality && committeeFinality(next) !== committeeFinality(old)) return committeeFinality(next);

  // Beyond a supermajority: more participants, then older data, for fewer changes of the best update.
  if (next.participants !== old.participants) return next.participants > old.participants;
  if (next.attestedSlot !== old.attestedSlot) return next.attestedSlot < old.attestedSlot;
  return next.signatureSlot < old.signatureSlot;
}
