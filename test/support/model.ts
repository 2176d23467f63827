/**
 * The sync protocol's state machine once more, line by line as consensus-specs
 * `specs/altair/light-client/sync-protocol.md` has it: mutable, asserting, without any cryptography. What it is given
 * must have true branches and signatures; it decides what follows from slots, periods and participation.
 */
import type { Preset } from "../../src/networks/types.js";
import type { LightClientHeader, LightClientUpdate, SyncCommittee } from "../../src/ssz/objects.js";
import { contentOf } from "./frozen.js";

export interface ModelStore {
  finalizedHeader: LightClientHeader;
  currentSyncCommittee: SyncCommittee;
  nextSyncCommittee: SyncCommittee | null;
  bestValidUpdate: LightClientUpdate | null;
  optimisticHeader: LightClientHeader;
  previousMaxActiveParticipants: number;
  currentMaxActiveParticipants: number;
}

/** The model refuses. */
export class ModelAssertion extends Error {}

export function createModel(preset: Preset) {
  const period = (slot: number) =>
    Math.floor(Math.floor(slot / preset.slotsPerEpoch) / preset.epochsPerSyncCommitteePeriod);
  const sum = (update: LightClientUpdate) => update.syncAggregate.syncCommitteeBits.getTrueBitIndexes().length;
  const isSet = (branch: readonly Uint8Array[]) => branch.some((node) => node.some((byte) => byte !== 0));
  const same = (a: SyncCommittee | null, b: SyncCommittee | null) => contentOf(a) === contentOf(b);

  function assert(condition: boolean): void {
    if (!condition) throw new ModelAssertion();
  }

  function isBetterUpdate(newUpdate: LightClientUpdate, oldUpdate: LightClientUpdate): boolean {
    const max = newUpdate.syncAggregate.syncCommitteeBits.bitLen;
    const newActive = sum(newUpdate);
    const oldActive = sum(oldUpdate);
    const newHasSupermajority = newActive * 3 >= max * 2;
    const oldHasSupermajority = oldActive * 3 >= max * 2;
    if (newHasSupermajority !== oldHasSupermajority) return newHasSupermajority;
    if (!newHasSupermajority && newActive !== oldActive) return newActive > oldActive;
    const relevant = (update: LightClientUpdate) =>
      isSet(update.nextSyncCommitteeBranch) &&
      period(update.attestedHeader.beacon.slot) === period(update.signatureSlot);
    if (relevant(newUpdate) !== relevant(oldUpdate)) return relevant(newUpdate);
    const newHasFinality = isSet(newUpdate.finalityBranch);
    if (newHasFinality !== isSet(oldUpdate.finalityBranch)) return newHasFinality;
    if (newHasFinality) {
      const committeeFinality = (update: LightClientUpdate) =>
        period(update.finalizedHeader.beacon.slot) === period(update.attestedHeader.beacon.slot);
      if (committeeFinality(newUpdate) !== committeeFinality(oldUpdate)) return committeeFinality(newUpdate);
    }
    if (newActive !== oldActive) return newActive > oldActive;
    const [newSlot, oldSlot] = [newUpdate.attestedHeader.beacon.slot, oldUpdate.attestedHeader.beacon.slot];
    if (newSlot !== oldSlot) return newSlot < oldSlot;
    return newUpdate.signatureSlot < oldUpdate.signatureSlot;
  }

  function validate(store: ModelStore, update: LightClientUpdate, currentSlot: number): void {
    assert(sum(update) >= preset.minSyncCommitteeParticipants);
    const attestedSlot = update.attestedHeader.beacon.slot;
    const finalizedSlot = update.finalizedHeader.beacon.slot;
    assert(currentSlot >= update.signatureSlot);
    assert(update.signatureSlot > attestedSlot);
    assert(attestedSlot >= finalizedSlot);
    const storePeriod = period(store.finalizedHeader.beacon.slot);
    const signaturePeriod = period(update.signatureSlot);
    if (store.nextSyncCommittee !== null) assert([storePeriod, storePeriod + 1].includes(signaturePeriod));
    else assert(signaturePeriod === storePeriod);
    const attestedPeriod = period(attestedSlot);
    const hasNextSyncCommittee =
      store.nextSyncCommittee === null && isSet(update.nextSyncCommitteeBranch) && attestedPeriod === storePeriod;
    assert(attestedSlot > store.finalizedHeader.beacon.slot || hasNextSyncCommittee);
    if (isSet(update.nextSyncCommitteeBranch) && attestedPeriod === storePeriod && store.nextSyncCommittee !== null) {
      assert(same(update.nextSyncCommittee, store.nextSyncCommittee));
    }
  }

  function apply(store: ModelStore, update: LightClientUpdate): void {
    const storePeriod = period(store.finalizedHeader.beacon.slot);
    const finalizedPeriod = period(update.finalizedHeader.beacon.slot);
    if (store.nextSyncCommittee === null) {
      assert(finalizedPeriod === storePeriod);
      store.nextSyncCommittee = update.nextSyncCommittee;
    } else if (finalizedPeriod === storePeriod + 1) {
      store.currentSyncCommittee = store.nextSyncCommittee;
      store.nextSyncCommittee = update.nextSyncCommittee;
      store.previousMaxActiveParticipants = store.currentMaxActiveParticipants;
      store.currentMaxActiveParticipants = 0;
    }
    if (update.finalizedHeader.beacon.slot > store.finalizedHeader.beacon.slot) {
      store.finalizedHeader = update.finalizedHeader;
      if (store.finalizedHeader.beacon.slot > store.optimisticHeader.beacon.slot) {
        store.optimisticHeader = store.finalizedHeader;
      }
    }
  }

  function process(store: ModelStore, update: LightClientUpdate, currentSlot: number): void {
    validate(store, update, currentSlot);
    const active = sum(update);
    if (store.bestValidUpdate === null || isBetterUpdate(update, store.bestValidUpdate)) store.bestValidUpdate = update;
    store.currentMaxActiveParticipants = Math.max(store.currentMaxActiveParticipants, active);
    const threshold = Math.max(store.previousMaxActiveParticipants, store.currentMaxActiveParticipants) >> 1;
    const attestedSlot = update.attestedHeader.beacon.slot;
    if (active > threshold && attestedSlot > store.optimisticHeader.beacon.slot) {
      store.optimisticHeader = update.attestedHeader;
    }
    const hasFinalizedNextSyncCommittee =
      store.nextSyncCommittee === null &&
      isSet(update.nextSyncCommitteeBranch) &&
      isSet(update.finalityBranch) &&
      period(update.finalizedHeader.beacon.slot) === period(attestedSlot);
    const isNewer = update.finalizedHeader.beacon.slot > store.finalizedHeader.beacon.slot;
    const size = update.syncAggregate.syncCommitteeBits.bitLen;
    if (active * 3 >= size * 2 && (isNewer || hasFinalizedNextSyncCommittee)) {
      apply(store, update);
      store.bestValidUpdate = null;
    }
  }

  function forceUpdate(store: ModelStore, currentSlot: number): void {
    if (currentSlot <= store.finalizedHeader.beacon.slot + preset.updateTimeoutSlots) return;
    const best = store.bestValidUpdate;
    if (best === null) return;
    const isOld = best.finalizedHeader.beacon.slot <= store.finalizedHeader.beacon.slot;
    apply(store, isOld ? { ...best, finalizedHeader: best.attestedHeader } : best);
    store.bestValidUpdate = null;
  }

  return { process, forceUpdate };
}
