/** What Altair changes. Source: consensus-specs `specs/altair/beacon-chain.md`. */
import { ContainerType, ListBasicType, VectorCompositeType } from "@chainsafe/ssz";
import {
  bytes48,
  phase0BodyFields,
  phase0FinalityFields,
  phase0StateHead,
  SyncAggregateOf,
  uint8,
  uint64,
} from "./phase0.js";
import type { ConsensusPreset } from "./presets.js";

export function altairBodyFields(preset: ConsensusPreset) {
  return { ...phase0BodyFields(preset), syncAggregate: SyncAggregateOf(preset.syncCommitteeSize) };
}

export function altairStateFields(preset: ConsensusPreset) {
  const SyncCommittee = new ContainerType({
    pubkeys: new VectorCompositeType(bytes48, preset.syncCommitteeSize),
    aggregatePubkey: bytes48,
  });
  const participation = new ListBasicType(uint8, preset.validatorRegistryLimit);
  return {
    ...phase0StateHead(preset),
    previousEpochParticipation: participation,
    currentEpochParticipation: participation,
    ...phase0FinalityFields,
    inactivityScores: new ListBasicType(uint64, preset.validatorRegistryLimit),
    currentSyncCommittee: SyncCommittee,
    nextSyncCommittee: SyncCommittee,
  };
}
