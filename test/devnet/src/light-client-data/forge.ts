import { BitArray } from "@chainsafe/ssz";
import { DOMAIN_SYNC_COMMITTEE, SYNC_COMMITTEE_SIZE } from "@lodestar/params";
import {
  type CachedBeaconStateAllForks,
  computeSigningRoot,
  computeSyncPeriodAtSlot,
} from "@lodestar/state-transition";
import { type altair, type phase0, ssz } from "@lodestar/types";
import type { Chain } from "../chain/chain.ts";
import type { ChainEntry } from "../chain/entry.ts";
import { lightClientTypes } from "../chain/ssz-types.ts";
import { proveState } from "./proofs.ts";
import type { AnyUpdate } from "./updates.ts";

/** An update of any kind: finality and optimistic ones simply lack fields. */
export type PartialUpdate = Pick<AnyUpdate, "attestedHeader" | "syncAggregate" | "signatureSlot"> & Partial<AnyUpdate>;

type CommitteeView = { currentSyncCommittee: unknown; nextSyncCommittee: unknown };

/** Validator indices of the committee that signs at `slot`, for a chain that contains `attested`. */
export function signers(chain: Chain, attested: ChainEntry, slot: number): number[] {
  if (!attested.proofs) throw new Error(`block ${attested.root} has no sync committee`);
  const { currentSyncCommittee, nextSyncCommittee } = attested.proofs;
  const committee = computeSyncPeriodAtSlot(slot) === attested.period ? currentSyncCommittee : nextSyncCommittee;
  return committee.pubkeys.map((pubkey) => chain.keys.indexOf(pubkey) as number);
}

/** A true signature of `root` by the members whose bit is set. */
export function signRoot(
  chain: Chain,
  members: readonly number[],
  bits: readonly boolean[],
  root: Uint8Array,
  signatureSlot: number,
): altair.SyncAggregate {
  const domain = chain.config.getDomain(signatureSlot, DOMAIN_SYNC_COMMITTEE, Math.max(signatureSlot, 1) - 1);
  const signing = members.filter((_, i) => bits[i]);
  return {
    syncCommitteeBits: BitArray.fromBoolArray(Array.from({ length: SYNC_COMMITTEE_SIZE }, (_, i) => Boolean(bits[i]))),
    syncCommitteeSignature: chain.keys.signAll(signing, computeSigningRoot(ssz.Root, root, domain)),
  };
}

/** Signs the update's attested header anew. */
export function resign<U extends PartialUpdate>(
  chain: Chain,
  attested: ChainEntry,
  update: U,
  bits: readonly boolean[],
): U {
  const root = ssz.phase0.BeaconBlockHeader.hashTreeRoot(copyHeader(update.attestedHeader.beacon));
  const members = signers(chain, attested, update.signatureSlot);
  return { ...update, syncAggregate: signRoot(chain, members, bits, root, update.signatureSlot) };
}

/** A header without the root that an earlier hashing may have left on it. */
function copyHeader(header: phase0.BeaconBlockHeader): phase0.BeaconBlockHeader {
  return ssz.phase0.BeaconBlockHeader.clone(header);
}

/**
 * The update as it would be if the attested state were another one: the state is changed, the header gets its root, and
 * every branch is proven in the changed tree. Only the block body stays, and with it the execution branch.
 */
export function forgeState<U extends PartialUpdate>(
  chain: Chain,
  attested: ChainEntry,
  update: U,
  change: (state: CachedBeaconStateAllForks) => void,
): U {
  const state = chain.states.get(attested).clone(true);
  change(state);
  state.commit();
  const stateRoot = state.hashTreeRoot();
  const proofs = proveState(attested.fork, state, new Map());
  const attestedHeader = lightClientTypes(attested.fork).LightClientHeader.clone(update.attestedHeader);
  attestedHeader.beacon = copyHeader({ ...copyHeader(attestedHeader.beacon), stateRoot });
  const forged: U = { ...update, attestedHeader };
  if (forged.finalityBranch) forged.finalityBranch = proofs.finalityBranch;
  if (forged.nextSyncCommittee && computeSyncPeriodAtSlot(update.signatureSlot) === attested.period) {
    forged.nextSyncCommittee = proofs.nextSyncCommittee;
    forged.nextSyncCommitteeBranch = proofs.nextSyncCommitteeBranch;
  }
  return forged;
}

/** A committee of real validators that is not the real one. */
export function otherCommittee(chain: Chain): altair.SyncCommittee {
  const { keys } = chain;
  const indices = Array.from({ length: SYNC_COMMITTEE_SIZE }, (_, i) => keys.size - 1 - (i % keys.size));
  return {
    pubkeys: indices.map((index) => keys.publicKeys[index] as Uint8Array),
    aggregatePubkey: keys.aggregate(indices),
  };
}

export function setNextCommittee(state: CachedBeaconStateAllForks, committee: altair.SyncCommittee): void {
  (state as unknown as CommitteeView).nextSyncCommittee = ssz.altair.SyncCommittee.toViewDU(committee);
}
