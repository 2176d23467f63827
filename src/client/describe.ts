/** From the verified state to what is handed out: hex roots, plain numbers, and a trust label on everything. */
import { computeEpochAtSlot, computeSyncCommitteePeriodAtSlot, timeOfSlotMs } from "../networks/schedule.js";
import type { Chain } from "../spec/chain.js";
import { executionBlockHashGindexAtSlot } from "../spec/gindices.js";
import { storePeriod } from "../spec/store.js";
import { toHex } from "../ssz/bytes.js";
import type { LightClientHeader, SyncCommittee } from "../ssz/objects.js";
import { beaconHeaderRoot, syncCommitteeRoot } from "../ssz/roots.js";
import type { Provenance, VerifiedSignature, VerifiedState } from "./state.js";
import type { Committee, Participation, TrustLabel, VerifiedExecution, VerifiedHeader } from "./types.js";

/** Everything a description depends on beside the state: the chain, and what time it is. */
export interface View {
  readonly chain: Chain;
  readonly nowMs: number;
}

export function describeHead(view: View, state: VerifiedState): VerifiedHeader {
  const { optimisticHeader, finalizedHeader } = state.store;
  const isFinal = optimisticHeader === finalizedHeader && !state.finalizedBy.forced;
  const label = trustLabel(view, state, optimisticHeader.beacon.slot, isFinal, state.optimisticBy);
  return describeHeader(view, optimisticHeader, label);
}

export function describeFinalized(view: View, state: VerifiedState): VerifiedHeader {
  const header = state.store.finalizedHeader;
  const label = trustLabel(view, state, header.beacon.slot, !state.finalizedBy.forced, state.finalizedBy);
  return describeHeader(view, header, label);
}

export function describeParticipation(view: View, state: VerifiedState, verified: VerifiedSignature): Participation {
  const { update, committee, period, by } = verified;
  const { syncCommitteeBits } = update.syncAggregate;
  const { beacon } = update.attestedHeader;
  const absent: { index: number; pubkey: string }[] = [];
  committee.pubkeys.forEach((pubkey, index) => {
    if (!syncCommitteeBits.get(index)) absent.push({ index, pubkey: toHex(pubkey) });
  });
  const size = syncCommitteeBits.bitLen;
  const count = size - absent.length;
  return {
    slot: update.signatureSlot,
    attestedSlot: beacon.slot,
    attestedRoot: toHex(beaconHeaderRoot(view.chain.types, beacon)),
    period,
    bits: toHex(syncCommitteeBits.uint8Array),
    count,
    size,
    rate: count / size,
    absent,
    trust: trustLabel(view, state, beacon.slot, false, by),
  };
}

/** The store's committees, by period: the current one, and the next if it is known. */
export function describeCommittee(view: View, state: VerifiedState, which: "current" | "next"): Committee {
  const { store } = state;
  const by = which === "current" ? state.finalizedBy : (state.nextCommitteeBy ?? state.finalizedBy);
  const committee: SyncCommittee = which === "current" ? store.currentSyncCommittee : store.nextSyncCommittee!;
  return {
    period: storePeriod(view.chain, store) + (which === "next" ? 1 : 0),
    root: toHex(syncCommitteeRoot(view.chain.types, committee)),
    aggregatePubkey: toHex(committee.aggregatePubkey),
    pubkeys: committee.pubkeys.map(toHex),
    trust: trustLabel(view, state, store.finalizedHeader.beacon.slot, !by.forced, by),
  };
}

/** Seconds between the start of a slot and now. */
export function ageInSeconds({ chain, nowMs }: View, slot: number): number {
  return Math.round((nowMs - timeOfSlotMs(chain.network, slot)) / 1000);
}

/** Slots between a header and now; 0 when the local clock is behind it. */
export function ageInSlots({ chain, nowMs }: View, slot: number): number {
  const { network } = chain;
  return Math.max(0, Math.floor((nowMs - timeOfSlotMs(network, slot)) / network.slotDurationMs));
}

export function periodAtSlot({ network }: Chain, slot: number): number {
  return computeSyncCommitteePeriodAtSlot(network, slot);
}

function trustLabel(view: View, state: VerifiedState, slot: number, isFinal: boolean, by: Provenance): TrustLabel {
  return {
    level: isFinal ? "finalized" : "optimistic",
    participation: by.participation,
    ageSlots: ageInSlots(view, slot),
    source: by.source,
    checkpointAgeSeconds: ageInSeconds(view, state.checkpointSlot),
    forced: state.forced,
  };
}

function describeHeader({ chain }: View, header: LightClientHeader, trust: TrustLabel): VerifiedHeader {
  const { beacon } = header;
  return {
    slot: beacon.slot,
    epoch: computeEpochAtSlot(chain.network, beacon.slot),
    root: toHex(beaconHeaderRoot(chain.types, beacon)),
    parentRoot: toHex(beacon.parentRoot),
    stateRoot: toHex(beacon.stateRoot),
    bodyRoot: toHex(beacon.bodyRoot),
    proposerIndex: beacon.proposerIndex,
    timeSeconds: Math.floor(timeOfSlotMs(chain.network, beacon.slot) / 1000),
    execution: describeExecution(chain, header),
    trust,
  };
}

function describeExecution({ network }: Chain, header: LightClientHeader): VerifiedExecution | null {
  if (executionBlockHashGindexAtSlot(network, header.beacon.slot) === null) return null;
  const { execution } = header;
  return {
    blockHash: toHex(header.executionBlockHash),
    blockNumber: execution && Number(execution.blockNumber),
    stateRoot: execution && toHex(execution.stateRoot),
    receiptsRoot: execution && toHex(execution.receiptsRoot),
    timestamp: execution && Number(execution.timestamp),
  };
}
