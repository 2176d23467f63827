/**
 * Generalized indices, by the fork of a slot: fixed tables, never derived from what was sent.
 *
 * Sources: consensus-specs `specs/{altair,electra,gloas}/light-client/sync-protocol.md` (state),
 * `specs/{capella,gloas}/light-client/sync-protocol.md` (body). A test derives each from the containers themselves.
 */
import { forkAtSlot } from "../networks/schedule.js";
import type { LightClientFork, Network } from "../networks/types.js";

interface StateGindices {
  /** `BeaconState.finalized_checkpoint.root` */
  readonly finalizedRoot: number;
  /** `BeaconState.current_sync_committee` */
  readonly currentSyncCommittee: number;
  /** `BeaconState.next_sync_committee` */
  readonly nextSyncCommittee: number;
}

const ALTAIR: StateGindices = { finalizedRoot: 105, currentSyncCommittee: 54, nextSyncCommittee: 55 };
/** EIP-7251 and others made the state's container one level deeper. */
const ELECTRA: StateGindices = { finalizedRoot: 169, currentSyncCommittee: 86, nextSyncCommittee: 87 };
/** EIP-7688: progressive containers. */
const GLOAS: StateGindices = { finalizedRoot: 735, currentSyncCommittee: 2945, nextSyncCommittee: 2946 };

const STATE_GINDICES: Record<LightClientFork, StateGindices> = {
  altair: ALTAIR,
  bellatrix: ALTAIR,
  capella: ALTAIR,
  deneb: ALTAIR,
  electra: ELECTRA,
  fulu: ELECTRA,
  gloas: GLOAS,
};

/** `BeaconBlockBody.execution_payload`, Capella to Fulu. */
export const EXECUTION_PAYLOAD_GINDEX = 25;

/** Of the execution block hash in `BeaconBlockBody`; `null` where a light-client header has no execution data. */
const EXECUTION_BLOCK_HASH_GINDEX: Record<LightClientFork, number | null> = {
  altair: null,
  bellatrix: null,
  capella: 412,
  deneb: 812,
  electra: 812,
  fulu: 812,
  gloas: 2856,
};

/** Before Altair there is no such thing in the state; decoding refuses such slots, this is for callers of the spec. */
function lightClientForkAtSlot(network: Network, slot: number): LightClientFork {
  const fork = forkAtSlot(network, slot);
  return fork === "phase0" ? "altair" : fork;
}

/** `finalized_root_gindex_at_slot` */
export function finalizedRootGindexAtSlot(network: Network, slot: number): number {
  return STATE_GINDICES[lightClientForkAtSlot(network, slot)].finalizedRoot;
}

/** `current_sync_committee_gindex_at_slot` */
export function currentSyncCommitteeGindexAtSlot(network: Network, slot: number): number {
  return STATE_GINDICES[lightClientForkAtSlot(network, slot)].currentSyncCommittee;
}

/** `next_sync_committee_gindex_at_slot` */
export function nextSyncCommitteeGindexAtSlot(network: Network, slot: number): number {
  return STATE_GINDICES[lightClientForkAtSlot(network, slot)].nextSyncCommittee;
}

/** Generalized index of the execution block hash in the body of a block at `slot`; `null` before Capella. */
export function executionBlockHashGindexAtSlot(network: Network, slot: number): number | null {
  return EXECUTION_BLOCK_HASH_GINDEX[lightClientForkAtSlot(network, slot)];
}
