/** What Capella changes. Source: consensus-specs `specs/capella/beacon-chain.md`. */
import { ContainerType, ListCompositeType } from "@chainsafe/ssz";
import {
  bellatrixBodyFields,
  bellatrixPayloadFields,
  bellatrixPayloadHeaderFields,
  bellatrixStateFields,
} from "./bellatrix.js";
import { bytes20, bytes32, bytes48, bytes96, uint64 } from "./phase0.js";
import type { ConsensusPreset } from "./presets.js";

export const Withdrawal = new ContainerType({
  index: uint64,
  validatorIndex: uint64,
  address: bytes20,
  amount: uint64,
});
export const BLSToExecutionChange = new ContainerType({
  validatorIndex: uint64,
  fromBlsPubkey: bytes48,
  toExecutionAddress: bytes20,
});
export const SignedBLSToExecutionChange = new ContainerType({ message: BLSToExecutionChange, signature: bytes96 });
export const HistoricalSummary = new ContainerType({ blockSummaryRoot: bytes32, stateSummaryRoot: bytes32 });

export function capellaPayloadFields(preset: ConsensusPreset) {
  return {
    ...bellatrixPayloadFields(preset),
    withdrawals: new ListCompositeType(Withdrawal, preset.maxWithdrawalsPerPayload),
  };
}

export function capellaPayloadHeaderFields(preset: ConsensusPreset) {
  return { ...bellatrixPayloadHeaderFields(preset), withdrawalsRoot: bytes32 };
}

export function capellaBodyFields(preset: ConsensusPreset) {
  return {
    ...bellatrixBodyFields(preset),
    executionPayload: new ContainerType(capellaPayloadFields(preset)),
    blsToExecutionChanges: new ListCompositeType(SignedBLSToExecutionChange, preset.maxBlsToExecutionChanges),
  };
}

/** What Capella appends to the state, and what Gloas keeps after the field it renames. */
export function capellaStateTail(preset: ConsensusPreset) {
  return {
    nextWithdrawalIndex: uint64,
    nextWithdrawalValidatorIndex: uint64,
    historicalSummaries: new ListCompositeType(HistoricalSummary, preset.historicalRootsLimit),
  };
}

export function capellaStateFields(preset: ConsensusPreset) {
  return {
    ...bellatrixStateFields(preset),
    latestExecutionPayloadHeader: new ContainerType(capellaPayloadHeaderFields(preset)),
    ...capellaStateTail(preset),
  };
}
