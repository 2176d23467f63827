/** What Electra changes. Source: consensus-specs `specs/electra/beacon-chain.md`. */
import { BitListType, BitVectorType, ContainerType, ListCompositeType } from "@chainsafe/ssz";
import { denebBodyFields, denebStateFields } from "./deneb.js";
import { AttestationData, attesterSlashing, bytes20, bytes32, bytes48, bytes96, uint64 } from "./phase0.js";
import type { ConsensusPreset } from "./presets.js";

export const DepositRequest = new ContainerType({
  pubkey: bytes48,
  withdrawalCredentials: bytes32,
  amount: uint64,
  signature: bytes96,
  index: uint64,
});
export const WithdrawalRequest = new ContainerType({
  sourceAddress: bytes20,
  validatorPubkey: bytes48,
  amount: uint64,
});
export const ConsolidationRequest = new ContainerType({
  sourceAddress: bytes20,
  sourcePubkey: bytes48,
  targetPubkey: bytes48,
});
export const PendingDeposit = new ContainerType({
  pubkey: bytes48,
  withdrawalCredentials: bytes32,
  amount: uint64,
  signature: bytes96,
  slot: uint64,
});
export const PendingPartialWithdrawal = new ContainerType({
  validatorIndex: uint64,
  amount: uint64,
  withdrawableEpoch: uint64,
});
export const PendingConsolidation = new ContainerType({ sourceIndex: uint64, targetIndex: uint64 });

export function electraBodyFields(preset: ConsensusPreset) {
  const attesters = preset.maxValidatorsPerCommittee * preset.maxCommitteesPerSlot;
  const Attestation = new ContainerType({
    aggregationBits: new BitListType(attesters),
    data: AttestationData,
    signature: bytes96,
    committeeBits: new BitVectorType(preset.maxCommitteesPerSlot),
  });
  return {
    ...denebBodyFields(preset),
    attesterSlashings: new ListCompositeType(attesterSlashing(attesters), preset.maxAttesterSlashingsElectra),
    attestations: new ListCompositeType(Attestation, preset.maxAttestationsElectra),
    executionRequests: new ContainerType({
      deposits: new ListCompositeType(DepositRequest, preset.maxDepositRequestsPerPayload),
      withdrawals: new ListCompositeType(WithdrawalRequest, preset.maxWithdrawalRequestsPerPayload),
      consolidations: new ListCompositeType(ConsolidationRequest, preset.maxConsolidationRequestsPerPayload),
    }),
  };
}

/** What Electra appends to the state. */
export function electraStateTail(preset: ConsensusPreset) {
  return {
    depositRequestsStartIndex: uint64,
    depositBalanceToConsume: uint64,
    exitBalanceToConsume: uint64,
    earliestExitEpoch: uint64,
    consolidationBalanceToConsume: uint64,
    earliestConsolidationEpoch: uint64,
    pendingDeposits: new ListCompositeType(PendingDeposit, preset.pendingDepositsLimit),
    pendingPartialWithdrawals: new ListCompositeType(PendingPartialWithdrawal, preset.pendingPartialWithdrawalsLimit),
    pendingConsolidations: new ListCompositeType(PendingConsolidation, preset.pendingConsolidationsLimit),
  };
}

export function electraStateFields(preset: ConsensusPreset) {
  return { ...denebStateFields(preset), ...electraStateTail(preset) };
}
