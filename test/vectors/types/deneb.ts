/** What Deneb changes. Source: consensus-specs `specs/deneb/beacon-chain.md`. */
import { ContainerType, ListCompositeType } from "@chainsafe/ssz";
import { capellaBodyFields, capellaPayloadFields, capellaPayloadHeaderFields, capellaStateFields } from "./capella.js";
import { bytes48, uint64 } from "./phase0.js";
import type { ConsensusPreset } from "./presets.js";

const BLOB_GAS = { blobGasUsed: uint64, excessBlobGas: uint64 };

export function denebPayloadFields(preset: ConsensusPreset) {
  return { ...capellaPayloadFields(preset), ...BLOB_GAS };
}

export function denebBodyFields(preset: ConsensusPreset) {
  return {
    ...capellaBodyFields(preset),
    executionPayload: new ContainerType(denebPayloadFields(preset)),
    blobKzgCommitments: new ListCompositeType(bytes48, preset.maxBlobCommitmentsPerBlock),
  };
}

export function denebStateFields(preset: ConsensusPreset) {
  return {
    ...capellaStateFields(preset),
    latestExecutionPayloadHeader: new ContainerType({ ...capellaPayloadHeaderFields(preset), ...BLOB_GAS }),
  };
}
