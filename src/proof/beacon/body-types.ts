/** `BeaconBlockBody` of every fork before Gloas. Sources: consensus-specs `specs/<fork>/beacon-chain.md`. */
import { bitVector, byteList } from "../../ssz/basic.js";
import { container } from "../../ssz/composite.js";
import { bitList, list } from "../../ssz/list.js";
import type { ContainerType } from "../../ssz/type.js";
import { attesterSlashing, blobGas, type CommonTypes, payloadHead } from "./common-types.js";
import { MAX_CONSOLIDATION_REQUESTS_PER_PAYLOAD, MAX_VALIDATORS_PER_COMMITTEE, type StatePreset } from "./preset.js";

export function createBodyTypes(preset: StatePreset, common: CommonTypes) {
  const altair = altairFields(common);
  const bellatrixPayload = { ...payloadHead(common), transactions: list(byteList(2 ** 30), 2 ** 20) };
  const capellaPayload = {
    ...bellatrixPayload,
    withdrawals: list(common.Withdrawal, preset.maxWithdrawalsPerPayload),
  };
  const withPayload = <P extends object>(executionPayload: ContainerType<P>) => ({ ...altair, executionPayload });
  const capella = { blsToExecutionChanges: list(common.SignedBLSToExecutionChange, 16) };
  const deneb = {
    ...withPayload(container("ExecutionPayload", { ...capellaPayload, ...blobGas(common) })),
    ...capella,
    blobKzgCommitments: list(common.pubkey, 4096),
  };
  const electra = container("BeaconBlockBody", { ...deneb, ...electraFields(preset, common) });
  return {
    altair: container("BeaconBlockBody", altair),
    bellatrix: container("BeaconBlockBody", withPayload(container("ExecutionPayload", bellatrixPayload))),
    capella: container("BeaconBlockBody", {
      ...withPayload(container("ExecutionPayload", capellaPayload)),
      ...capella,
    }),
    deneb: container("BeaconBlockBody", deneb),
    electra,
    fulu: electra,
  };
}

function altairFields(common: CommonTypes) {
  const Attestation = container("Attestation", {
    aggregationBits: bitList(MAX_VALIDATORS_PER_COMMITTEE),
    data: common.AttestationData,
    signature: common.signature,
  });
  return {
    randaoReveal: common.signature,
    eth1Data: common.Eth1Data,
    graffiti: common.bytes32,
    proposerSlashings: list(common.ProposerSlashing, 16),
    attesterSlashings: list(attesterSlashing(common), 2),
    attestations: list(Attestation, 128),
    deposits: list(common.Deposit, 16),
    voluntaryExits: list(common.SignedVoluntaryExit, 16),
    syncAggregate: common.SyncAggregate,
  };
}

function electraFields({ maxCommitteesPerSlot }: StatePreset, common: CommonTypes) {
  const Attestation = container("Attestation", {
    aggregationBits: bitList(MAX_VALIDATORS_PER_COMMITTEE * maxCommitteesPerSlot),
    data: common.AttestationData,
    signature: common.signature,
    committeeBits: bitVector(maxCommitteesPerSlot),
  });
  return {
    attesterSlashings: list(attesterSlashing(common, maxCommitteesPerSlot), 1),
    attestations: list(Attestation, 8),
    executionRequests: container("ExecutionRequests", {
      deposits: list(common.DepositRequest, 8192),
      withdrawals: list(common.WithdrawalRequest, 16),
      consolidations: list(common.ConsolidationRequest, MAX_CONSOLIDATION_REQUESTS_PER_PAYLOAD),
    }),
  };
}
