/**
 * `LightClientStore` and its helpers. Source: consensus-specs `specs/altair/light-client/sync-protocol.md`.
 * A store is a value: processing gives a new one, or throws and the old one stands.
 */
import { computeSyncCommitteePeriodAtSlot } from "../networks/schedule.js";
import type { LightClientHeader, LightClientUpdate, SyncCommittee } from "../ssz/objects.js";
import type { Chain } from "./chain.js";

export interface LightClientStore {
  readonly finalizedHeader: LightClientHeader;
  readonly currentSyncCommittee: SyncCommittee;
  /** `null` stands for the specification's empty committee: not known yet. */
  readonly nextSyncCommittee: SyncCommittee | null;
  /** Best update seen since the last finality: what a forced update would apply. */
  readonly bestValidUpdate: LightClientUpdate | null;
  readonly optimisticHeader: LightClientHeader;
  readonly previousMaxActiveParticipants: number;
  readonly currentMaxActiveParticipants: number;
}

/** `is_next_sync_committee_known` */
export function isNextSyncCommitteeKnown(store: LightClientStore): boolean {
  return store.nextSyncCommittee !== null;
}

/** `get_safety_threshold`: participants that a new optimistic header must exceed. */
export function getSafetyThreshold(store: LightClientStore): number {
  return Math.floor(Math.max(store.previousMaxActiveParticipants, store.currentMaxActiveParticipants) / 2);
}

/** Period of the store: that of its finalized header. */
export function storePeriod({ network }: Chain, store: LightClientStore): number {
  return computeSyncCommitteePeriodAtSlot(network, store.finalizedHeader.beacon.slot);
}
