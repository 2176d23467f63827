/**
 * What Gloas brings: payloads leave the block (EIP-7732), and large containers become progressive (EIP-7688). Source:
 * consensus-specs v1.7.0-alpha.13 `specs/gloas/beacon-chain.md`.
 */
import { bitVector, boolean, uint64 } from "../../ssz/basic.js";
import { container } from "../../ssz/composite.js";
import { bitList, list, uint8, uint64OrNever } from "../../ssz/list.js";
import { progressiveContainer } from "../../ssz/progressive.js";
import type { SszType } from "../../ssz/type.js";
import type { CommonTypes } from "./common-types.js";
import type { StatePreset } from "./preset.js";

export type GloasTypes = ReturnType<typeof createGloasTypes>;

export function createGloasTypes({ bytes32, address, pubkey, big, deposit, ...common }: CommonTypes) {
  const unlimited = <E>(element: SszType<E>) => list(element, null);
  const BuilderPendingWithdrawal = container("BuilderPendingWithdrawal", {
    feeRecipient: address,
    amount: big,
    // all ones for a proposer that builds by itself
    builderIndex: big,
  });
  return {
    unlimited,
    ExecutionPayloadBid: progressiveContainer("ExecutionPayloadBid", {
      parentBlockHash: bytes32,
      parentBlockRoot: bytes32,
      blockHash: bytes32,
      prevRandao: bytes32,
      feeRecipient: address,
      gasLimit: big,
      builderIndex: big,
      slot: uint64,
      value: big,
      executionPayment: big,
      blobKzgCommitments: unlimited(pubkey),
      executionRequestsRoot: bytes32,
    }),
    ExecutionRequests: progressiveContainer("ExecutionRequests", {
      deposits: unlimited(common.DepositRequest),
      withdrawals: unlimited(common.WithdrawalRequest),
      consolidations: unlimited(common.ConsolidationRequest),
      builderDeposits: unlimited(container("BuilderDepositRequest", deposit)),
      builderExits: unlimited(container("BuilderExitRequest", { sourceAddress: address, pubkey })),
    }),
    Builder: container("Builder", {
      pubkey,
      version: uint8,
      executionAddress: address,
      balance: big,
      depositEpoch: uint64,
      withdrawableEpoch: uint64OrNever,
    }),
    BuilderPendingWithdrawal,
    BuilderPendingPayment: container("BuilderPendingPayment", {
      weight: big,
      withdrawal: BuilderPendingWithdrawal,
      proposerIndex: uint64,
    }),
  };
}

export function createGloasBody(preset: StatePreset, common: CommonTypes, gloas: GloasTypes) {
  const { signature, bytes32 } = common;
  const { unlimited } = gloas;
  const IndexedAttestation = progressiveContainer("IndexedAttestation", {
    attestingIndices: unlimited(uint64),
    data: common.UnboundedAttestationData,
    signature,
  });
  const Attestation = progressiveContainer("Attestation", {
    aggregationBits: bitList(null),
    data: common.AttestationData,
    signature,
    committeeBits: bitVector(preset.maxCommitteesPerSlot),
  });
  const PayloadAttestation = progressiveContainer("PayloadAttestation", {
    aggregationBits: bitVector(preset.ptcSize),
    data: container("PayloadAttestationData", {
      beaconBlockRoot: bytes32,
      slot: uint64,
      payloadPresent: boolean,
      blobDataAvailable: boolean,
    }),
    signature,
  });
  const AttesterSlashing = container("AttesterSlashing", {
    attestation1: IndexedAttestation,
    attestation2: IndexedAttestation,
  });
  return progressiveContainer("BeaconBlockBody", {
    randaoReveal: signature,
    eth1Data: common.Eth1Data,
    graffiti: bytes32,
    proposerSlashings: unlimited(common.ProposerSlashing),
    attesterSlashings: unlimited(AttesterSlashing),
    attestations: unlimited(Attestation),
    deposits: unlimited(common.Deposit),
    voluntaryExits: unlimited(common.SignedVoluntaryExit),
    syncAggregate: common.SyncAggregate,
    blsToExecutionChanges: unlimited(common.SignedBLSToExecutionChange),
    signedExecutionPayloadBid: common.signed(gloas.ExecutionPayloadBid),
    payloadAttestations: unlimited(PayloadAttestation),
    parentExecutionRequests: gloas.ExecutionRequests,
  });
}
