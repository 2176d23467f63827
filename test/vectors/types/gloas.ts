/**
 * What Gloas changes: payloads leave the block (EIP-7732), and lists and the large containers become progressive
 * (EIP-7688). Source: consensus-specs v1.7.0-alpha.13 `specs/gloas/beacon-chain.md`.
 */
import {
  BitVectorType,
  ContainerType,
  ProgressiveBitListType,
  ProgressiveContainerType,
  ProgressiveListBasicType,
  ProgressiveListCompositeType,
  type Type,
  VectorBasicType,
  VectorCompositeType,
} from "@chainsafe/ssz";
import { altairStateFields } from "./altair.js";
import { capellaStateTail, SignedBLSToExecutionChange, Withdrawal } from "./capella.js";
import {
  ConsolidationRequest,
  DepositRequest,
  electraStateTail,
  PendingConsolidation,
  PendingDeposit,
  PendingPartialWithdrawal,
  WithdrawalRequest,
} from "./electra.js";
import { fuluStateTail } from "./fulu.js";
import {
  AttestationData,
  boolean,
  bytes20,
  bytes32,
  bytes48,
  bytes96,
  Deposit,
  Eth1Data,
  ProposerSlashing,
  SignedVoluntaryExit,
  SyncAggregateOf,
  uint8,
  uint64,
  Validator,
} from "./phase0.js";
import type { ConsensusPreset } from "./presets.js";

/** `ProgressiveContainer` with `active_fields(width)` and no gaps: each field that is there is active. */
function progressive<F extends Record<string, Type<unknown>>>(fields: F): ProgressiveContainerType<F> {
  return new ProgressiveContainerType(
    fields,
    Object.keys(fields).map(() => true),
  );
}

const uint64s = new ProgressiveListBasicType(uint64);
const withdrawals = new ProgressiveListCompositeType(Withdrawal);

const ExecutionPayloadBid = progressive({
  parentBlockHash: bytes32,
  parentBlockRoot: bytes32,
  blockHash: bytes32,
  prevRandao: bytes32,
  feeRecipient: bytes20,
  gasLimit: uint64,
  builderIndex: uint64,
  slot: uint64,
  value: uint64,
  executionPayment: uint64,
  blobKzgCommitments: new ProgressiveListCompositeType(bytes48),
  executionRequestsRoot: bytes32,
});

const BuilderDepositRequest = new ContainerType({
  pubkey: bytes48,
  withdrawalCredentials: bytes32,
  amount: uint64,
  signature: bytes96,
});

const ExecutionRequests = progressive({
  deposits: new ProgressiveListCompositeType(DepositRequest),
  withdrawals: new ProgressiveListCompositeType(WithdrawalRequest),
  consolidations: new ProgressiveListCompositeType(ConsolidationRequest),
  builderDeposits: new ProgressiveListCompositeType(BuilderDepositRequest),
  builderExits: new ProgressiveListCompositeType(new ContainerType({ sourceAddress: bytes20, pubkey: bytes48 })),
});

const IndexedAttestation = progressive({ attestingIndices: uint64s, data: AttestationData, signature: bytes96 });

const Builder = new ContainerType({
  pubkey: bytes48,
  version: uint8,
  executionAddress: bytes20,
  balance: uint64,
  depositEpoch: uint64,
  withdrawableEpoch: uint64,
});

const BuilderPendingWithdrawal = new ContainerType({ feeRecipient: bytes20, amount: uint64, builderIndex: uint64 });

const BuilderPendingPayment = new ContainerType({
  weight: uint64,
  withdrawal: BuilderPendingWithdrawal,
  proposerIndex: uint64,
});

export function gloasBody(preset: ConsensusPreset) {
  const Attestation = progressive({
    aggregationBits: new ProgressiveBitListType(),
    data: AttestationData,
    signature: bytes96,
    committeeBits: new BitVectorType(preset.maxCommitteesPerSlot),
  });
  const PayloadAttestation = progressive({
    aggregationBits: new BitVectorType(preset.ptcSize),
    data: new ContainerType({
      beaconBlockRoot: bytes32,
      slot: uint64,
      payloadPresent: boolean,
      blobDataAvailable: boolean,
    }),
    signature: bytes96,
  });
  const AttesterSlashing = new ContainerType({ attestation1: IndexedAttestation, attestation2: IndexedAttestation });
  return progressive({
    randaoReveal: bytes96,
    eth1Data: Eth1Data,
    graffiti: bytes32,
    proposerSlashings: new ProgressiveListCompositeType(ProposerSlashing),
    attesterSlashings: new ProgressiveListCompositeType(AttesterSlashing),
    attestations: new ProgressiveListCompositeType(Attestation),
    deposits: new ProgressiveListCompositeType(Deposit),
    voluntaryExits: new ProgressiveListCompositeType(SignedVoluntaryExit),
    syncAggregate: SyncAggregateOf(preset.syncCommitteeSize),
    blsToExecutionChanges: new ProgressiveListCompositeType(SignedBLSToExecutionChange),
    signedExecutionPayloadBid: new ContainerType({ message: ExecutionPayloadBid, signature: bytes96 }),
    payloadAttestations: new ProgressiveListCompositeType(PayloadAttestation),
    parentExecutionRequests: ExecutionRequests,
  });
}

export function gloasState(preset: ConsensusPreset) {
  const participation = new ProgressiveListBasicType(uint8);
  const payloadTimelinessCommittee = new VectorBasicType(uint64, preset.ptcSize);
  return progressive({
    ...altairStateFields(preset),
    validators: new ProgressiveListCompositeType(Validator),
    balances: uint64s,
    previousEpochParticipation: participation,
    currentEpochParticipation: participation,
    inactivityScores: uint64s,
    // takes the place of latest_execution_payload_header
    latestBlockHash: bytes32,
    ...capellaStateTail(preset),
    ...electraStateTail(preset),
    pendingDeposits: new ProgressiveListCompositeType(PendingDeposit),
    pendingPartialWithdrawals: new ProgressiveListCompositeType(PendingPartialWithdrawal),
    pendingConsolidations: new ProgressiveListCompositeType(PendingConsolidation),
    ...fuluStateTail(preset),
    builders: new ProgressiveListCompositeType(Builder),
    nextWithdrawalBuilderIndex: uint64,
    executionPayloadAvailability: new BitVectorType(preset.slotsPerHistoricalRoot),
    builderPendingPayments: new VectorCompositeType(BuilderPendingPayment, 2 * preset.slotsPerEpoch),
    builderPendingWithdrawals: new ProgressiveListCompositeType(BuilderPendingWithdrawal),
    latestExecutionPayloadBid: ExecutionPayloadBid,
    payloadExpectedWithdrawals: withdrawals,
    ptcWindow: new VectorCompositeType(
      payloadTimelinessCommittee,
      (preset.minSeedLookahead + 2) * preset.slotsPerEpoch,
    ),
  });
}
