import {
  CURRENT_SYNC_COMMITTEE_GINDEX,
  CURRENT_SYNC_COMMITTEE_GINDEX_ELECTRA,
  CURRENT_SYNC_COMMITTEE_GINDEX_GLOAS,
  FINALIZED_ROOT_GINDEX,
  FINALIZED_ROOT_GINDEX_ELECTRA,
  FINALIZED_ROOT_GINDEX_GLOAS,
  type ForkName,
  ForkSeq,
  NEXT_SYNC_COMMITTEE_GINDEX,
  NEXT_SYNC_COMMITTEE_GINDEX_ELECTRA,
  NEXT_SYNC_COMMITTEE_GINDEX_GLOAS,
} from "@lodestar/params";

export type StateGindices = { finalizedRoot: number; currentSyncCommittee: number; nextSyncCommittee: number };

/** `finalized_root_gindex_at_slot` and its siblings, by fork. */
export function stateGindices(fork: ForkName): StateGindices {
  const seq = ForkSeq[fork];
  if (seq >= ForkSeq.gloas) {
    return {
      finalizedRoot: FINALIZED_ROOT_GINDEX_GLOAS,
      currentSyncCommittee: CURRENT_SYNC_COMMITTEE_GINDEX_GLOAS,
      nextSyncCommittee: NEXT_SYNC_COMMITTEE_GINDEX_GLOAS,
    };
  }
  if (seq >= ForkSeq.electra) {
    return {
      finalizedRoot: FINALIZED_ROOT_GINDEX_ELECTRA,
      currentSyncCommittee: CURRENT_SYNC_COMMITTEE_GINDEX_ELECTRA,
      nextSyncCommittee: NEXT_SYNC_COMMITTEE_GINDEX_ELECTRA,
    };
  }
  return {
    finalizedRoot: FINALIZED_ROOT_GINDEX,
    currentSyncCommittee: CURRENT_SYNC_COMMITTEE_GINDEX,
    nextSyncCommittee: NEXT_SYNC_COMMITTEE_GINDEX,
  };
}

export function gindexDepth(gindex: number): number {
  return Math.floor(Math.log2(gindex));
}
