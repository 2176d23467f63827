/**
 * Containers that states and blocks of several forks have in common. Sources: consensus-specs
 * `specs/{phase0,altair,capella,electra}/beacon-chain.md`.
 *
 * Amounts are `bigint` (Gwei, or wei in execution payloads); slots, epochs, indices and times are numbers. Where the
 * protocol does not bound what someone writes (slots in slashings, counts in votes), they are `bigint` too: every block
 * that is valid can be read.
 */
import { bigUint, bitVector, boolean, byteList, byteVector, uint64 } from "../../ssz/basic.js";
import { container, vector } from "../../ssz/composite.js";
import { list, uint64OrNever } from "../../ssz/list.js";
import type { SszType } from "../../ssz/type.js";
import { MAX_VALIDATORS_PER_COMMITTEE, type StatePreset } from "./preset.js";

export type CommonTypes = ReturnType<typeof createCommonTypes>;

/** Basic types, made once for all containers of a preset. */
export function createBasicTypes() {
  return {
    bytes4: byteVector(4),
    address: byteVector(20),
    bytes32: byteVector(32),
    pubkey: byteVector(48),
    signature: byteVector(96),
    big: bigUint(8),
    wei: bigUint(32),
  };
}

export function createCommonTypes(preset: StatePreset) {
  const basic = createBasicTypes();
  const { bytes4, address, bytes32, pubkey, signature, big } = basic;
  const checkpointOf = <E>(epoch: SszType<E>) => container("Checkpoint", { epoch, root: bytes32 });
  const attestationDataOf = <U>(uint: SszType<U>) =>
    container("AttestationData", {
      slot: uint,
      index: uint,
      beaconBlockRoot: bytes32,
      source: checkpointOf(uint),
      target: checkpointOf(uint),
    });
  const headerOf = <U>(slot: SszType<U>) =>
    container("BeaconBlockHeader", {
      slot,
      proposerIndex: uint64,
      parentRoot: bytes32,
      stateRoot: bytes32,
      bodyRoot: bytes32,
    });
  const signed = <T extends object>(message: SszType<T>) => container("Signed", { message, signature });
  const deposit = { pubkey, withdrawalCredentials: bytes32, amount: big, signature };
  return {
    ...basic,
    signed,
    deposit,
    Fork: container("Fork", { previousVersion: bytes4, currentVersion: bytes4, epoch: uint64 }),
    Checkpoint: checkpointOf(uint64),
    BeaconBlockHeader: headerOf(uint64),
    Eth1Data: container("Eth1Data", { depositRoot: bytes32, depositCount: big, blockHash: bytes32 }),
    Validator: container("Validator", {
      pubkey,
      withdrawalCredentials: bytes32,
      effectiveBalance: big,
      slashed: boolean,
      activationEligibilityEpoch: uint64OrNever,
      activationEpoch: uint64OrNever,
      exitEpoch: uint64OrNever,
      withdrawableEpoch: uint64OrNever,
    }),
    AttestationData: attestationDataOf(uint64),
    /** As slashed attesters signed it: anything. */
    UnboundedAttestationData: attestationDataOf(big),
    ProposerSlashing: container("ProposerSlashing", {
      signedHeader1: signed(headerOf(big)),
      signedHeader2: signed(headerOf(big)),
    }),
    Deposit: container("Deposit", { proof: vector(bytes32, 33), data: container("DepositData", deposit) }),
    SignedVoluntaryExit: signed(container("VoluntaryExit", { epoch: uint64, validatorIndex: uint64 })),
    SyncCommittee: container("SyncCommittee", {
      pubkeys: vector(pubkey, preset.syncCommitteeSize),
      aggregatePubkey: pubkey,
    }),
    SyncAggregate: container("SyncAggregate", {
      syncCommitteeBits: bitVector(preset.syncCommitteeSize),
      syncCommitteeSignature: signature,
    }),
    SignedBLSToExecutionChange: signed(
      container("BLSToExecutionChange", { validatorIndex: uint64, fromBlsPubkey: pubkey, toExecutionAddress: address }),
    ),
    Withdrawal: container("Withdrawal", { index: uint64, validatorIndex: uint64, address, amount: big }),
    HistoricalSummary: container("HistoricalSummary", { blockSummaryRoot: bytes32, stateSummaryRoot: bytes32 }),
    PendingDeposit: container("PendingDeposit", { ...deposit, slot: uint64 }),
    PendingPartialWithdrawal: container("PendingPartialWithdrawal", {
      validatorIndex: uint64,
      amount: big,
      withdrawableEpoch: uint64,
    }),
    PendingConsolidation: container("PendingConsolidation", { sourceIndex: uint64, targetIndex: uint64 }),
    DepositRequest: container("DepositRequest", { ...deposit, index: uint64 }),
    WithdrawalRequest: container("WithdrawalRequest", { sourceAddress: address, validatorPubkey: pubkey, amount: big }),
    ConsolidationRequest: container("ConsolidationRequest", {
      sourceAddress: address,
      sourcePubkey: pubkey,
      targetPubkey: pubkey,
    }),
  };
}

/** consensus-specs `specs/{phase0,electra}/beacon-chain.md`, `AttesterSlashing` of up to `limit` attesters. */
export function attesterSlashing(common: CommonTypes, committees = 1) {
  const attestation = container("IndexedAttestation", {
    attestingIndices: list(uint64, MAX_VALIDATORS_PER_COMMITTEE * committees),
    data: common.UnboundedAttestationData,
    signature: common.signature,
  });
  return container("AttesterSlashing", { attestation1: attestation, attestation2: attestation });
}

/** What a payload and its header have in common: consensus-specs `specs/bellatrix/beacon-chain.md`. */
export function payloadHead({ bytes32, address, big, wei }: CommonTypes) {
  return {
    parentHash: bytes32,
    feeRecipient: address,
    stateRoot: bytes32,
    receiptsRoot: bytes32,
    logsBloom: byteVector(256),
    prevRandao: bytes32,
    blockNumber: big,
    gasLimit: big,
    gasUsed: big,
    timestamp: big,
    extraData: byteList(32),
    baseFeePerGas: wei,
    blockHash: bytes32,
  };
}

/** consensus-specs `specs/deneb/beacon-chain.md` */
export function blobGas({ big }: CommonTypes) {
  return { blobGasUsed: big, excessBlobGas: big };
}
