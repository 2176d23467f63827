/**
 * The client's verified state, and how one more verified object changes it. Pure: the loop around it is elsewhere.
 *
 * Beside the protocol's store it carries what a label or a later run needs: which proofs the committees came with, which
 * update finalized the header, and who sent what.
 */
import { computeSyncCommitteePeriodAtSlot } from "../networks/schedule.js";
import type { Chain } from "../spec/chain.js";
import { initializeLightClientStore } from "../spec/initialize.js";
import { processLightClientStoreForceUpdate, processLightClientUpdate } from "../spec/process.js";
import { isNextSyncCommitteeKnown, type LightClientStore, storePeriod } from "../spec/store.js";
import { countParticipants, hasSupermajority } from "../spec/update.js";
import type { LightClientBootstrap, LightClientUpdate, SyncCommittee } from "../ssz/objects.js";
import type { CommitteeProof, Snapshot } from "../store/snapshot.js";

/** Where a header came from and who signed it. */
export interface Provenance {
  readonly source: string;
  /** `null`: it is the checkpoint's own header. */
  readonly participation: { readonly count: number; readonly size: number } | null;
  /** `true`: by a forced update, so neither 2/3 nor finality stand behind it. */
  readonly forced?: boolean;
}

export interface VerifiedState extends Omit<Snapshot, "savedAtMs" | "store" | "keys"> {
  readonly store: LightClientStore;
  readonly finalizedBy: Provenance;
  readonly optimisticBy: Provenance;
  /** `null` while the next committee is not known. */
  readonly nextCommitteeBy: Provenance | null;
  /** Who sent `store.bestValidUpdate`; `null` without one. */
  readonly bestUpdateBy: Provenance | null;
}

/** A signature that was verified: what a `participation` event is made from. */
export interface VerifiedSignature {
  readonly update: LightClientUpdate;
  readonly committee: SyncCommittee;
  /** What proves that committee. */
  readonly proof: CommitteeProof;
  readonly period: number;
  readonly by: Provenance;
}

/** The state after an object, and what it brought. */
export interface Transition {
  readonly state: VerifiedState;
  readonly signature: VerifiedSignature;
}

/** First period whose update is needed to go on from a state. */
export function neededPeriodAt(chain: Chain, { store }: VerifiedState): number {
  return storePeriod(chain, store) + (isNextSyncCommitteeKnown(store) ? 1 : 0);
}

/** From the checkpoint: `trustedRoot` is what the user vouches for. @throws what `initializeLightClientStore` throws */
export function stateFromBootstrap(
  chain: Chain,
  trustedRoot: Uint8Array,
  bootstrap: LightClientBootstrap,
  source: string,
): VerifiedState {
  const store = initializeLightClientStore(chain, trustedRoot, bootstrap);
  const by: Provenance = { source, participation: null };
  return {
    checkpoint: trustedRoot,
    checkpointSlot: bootstrap.header.beacon.slot,
    forced: false,
    store,
    currentCommitteeProof: {
      header: bootstrap.header.beacon,
      kind: "current",
      branch: bootstrap.currentSyncCommitteeBranch,
    },
    nextCommitteeProof: null,
    finality: null,
    finalizedBy: by,
    optimisticBy: by,
    nextCommitteeBy: null,
    bestUpdateBy: null,
  };
}

/** Verifies and applies an update. @throws what `processLightClientUpdate` throws; `state` stands */
export function applyUpdate(
  chain: Chain,
  state: VerifiedState,
  update: LightClientUpdate,
  currentSlot: number,
  source: string,
): Transition {
  const before = state.store;
  const store = withKnownSupport(before, processLightClientUpdate(chain, before, update, currentSlot), update);
  const signature = signatureOf(chain, state, update, source);
  return { state: followStore(state, store, update, signature.by), signature };
}

/** Who signed an update that was verified from this state. */
export function signatureOf(
  chain: Chain,
  { store, currentCommitteeProof, nextCommitteeProof }: VerifiedState,
  update: LightClientUpdate,
  source: string,
): VerifiedSignature {
  const period = computeSyncCommitteePeriodAtSlot(chain.network, update.signatureSlot);
  const isCurrent = period === storePeriod(chain, store);
  const size = update.syncAggregate.syncCommitteeBits.bitLen;
  return {
    update,
    committee: isCurrent ? store.currentSyncCommittee : store.nextSyncCommittee!,
    proof: isCurrent ? currentCommitteeProof : nextCommitteeProof!,
    period,
    by: { source, participation: { count: countParticipants(update.syncAggregate), size } },
  };
}

/** Applies a forced update if one is due; the same state if not. @throws FINALIZED_PERIOD_MISMATCH */
export function applyForceUpdate(chain: Chain, state: VerifiedState, currentSlot: number): VerifiedState {
  const best = state.store.bestValidUpdate;
  const store = processLightClientStoreForceUpdate(chain, state.store, currentSlot);
  if (store === state.store || best === null) return state;
  const by: Provenance = { ...(state.bestUpdateBy ?? state.optimisticBy), forced: true };
  return { ...followStore(state, store, best, by), forced: true };
}

/**
 * The specification asks for more than half as many signers as have lately signed. Where nobody has yet, that is anyone:
 * one member could show a client that has just started a head of its own. Until 2/3 were seen, more than half must sign.
 */
function withKnownSupport(
  before: LightClientStore,
  after: LightClientStore,
  update: LightClientUpdate,
): LightClientStore {
  const size = update.syncAggregate.syncCommitteeBits.bitLen;
  const seen = Math.max(before.previousMaxActiveParticipants, before.currentMaxActiveParticipants);
  const participants = countParticipants(update.syncAggregate);
  if (hasSupermajority(seen, size) || participants * 2 > size) return after;
  return { ...after, optimisticHeader: before.optimisticHeader };
}

/** Keeps proofs and provenance in step with a store that `update` has changed. */
function followStore(
  state: VerifiedState,
  store: LightClientStore,
  update: LightClientUpdate,
  by: Provenance,
): VerifiedState {
  const before = state.store;
  const rotated = store.currentSyncCommittee !== before.currentSyncCommittee;
  const finalized = store.finalizedHeader !== before.finalizedHeader;
  return {
    ...state,
    store,
    currentCommitteeProof: rotated ? state.nextCommitteeProof! : state.currentCommitteeProof,
    nextCommitteeProof: nextProof(state, store, update),
    finality: finalized ? update : state.finality,
    finalizedBy: finalized ? by : state.finalizedBy,
    optimisticBy: store.optimisticHeader !== before.optimisticHeader ? by : state.optimisticBy,
    nextCommitteeBy: nextProvenance(state, store, by),
    bestUpdateBy: bestProvenance(state, store, by),
  };
}

function nextProvenance(state: VerifiedState, store: LightClientStore, by: Provenance): Provenance | null {
  if (store.nextSyncCommittee === null) return null;
  return store.nextSyncCommittee === state.store.nextSyncCommittee ? state.nextCommitteeBy : by;
}

function bestProvenance(state: VerifiedState, store: LightClientStore, by: Provenance): Provenance | null {
  if (store.bestValidUpdate === null) return null;
  return store.bestValidUpdate === state.store.bestValidUpdate ? state.bestUpdateBy : by;
}

function nextProof(state: VerifiedState, store: LightClientStore, update: LightClientUpdate): CommitteeProof | null {
  if (store.nextSyncCommittee === null) return null;
  if (store.nextSyncCommittee === state.store.nextSyncCommittee) return state.nextCommitteeProof;
  return { header: update.attestedHeader.beacon, kind: "next", branch: update.nextSyncCommitteeBranch };
}
