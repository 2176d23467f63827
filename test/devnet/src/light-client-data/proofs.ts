import type { ForkName } from "@lodestar/params";
import type { BeaconStateAltair, CachedBeaconStateAllForks } from "@lodestar/state-transition";
import type { altair } from "@lodestar/types";
import { branchOf, toHex } from "../chain/ssz-types.ts";
import { stateGindices } from "./gindices.ts";

/** What light-client data needs of a post state; with it the state itself can be forgotten. */
export type StateProofs = {
  finalizedRoot: Uint8Array;
  finalityBranch: Uint8Array[];
  currentSyncCommittee: altair.SyncCommittee;
  currentSyncCommitteeBranch: Uint8Array[];
  nextSyncCommittee: altair.SyncCommittee;
  nextSyncCommitteeBranch: Uint8Array[];
};

/** Committees by root: every state of a period refers to the same two. */
export type CommitteeCache = Map<string, altair.SyncCommittee>;

type CommitteeView = BeaconStateAltair["currentSyncCommittee"];

function committeeOf(view: CommitteeView, cache: CommitteeCache): altair.SyncCommittee {
  const key = toHex(view.hashTreeRoot());
  const known = cache.get(key);
  if (known) return known;
  const committee = view.toValue();
  cache.set(key, committee);
  return committee;
}

/** The state must be committed and hashed. */
export function proveState(fork: ForkName, state: CachedBeaconStateAllForks, cache: CommitteeCache): StateProofs {
  const gindices = stateGindices(fork);
  const altairState = state as unknown as BeaconStateAltair;
  return {
    finalizedRoot: state.finalizedCheckpoint.root,
    finalityBranch: branchOf(state.node, gindices.finalizedRoot),
    currentSyncCommittee: committeeOf(altairState.currentSyncCommittee, cache),
    currentSyncCommitteeBranch: branchOf(state.node, gindices.currentSyncCommittee),
    nextSyncCommittee: committeeOf(altairState.nextSyncCommittee, cache),
    nextSyncCommitteeBranch: branchOf(state.node, gindices.nextSyncCommittee),
  };
}
