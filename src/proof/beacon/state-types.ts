/** `BeaconState` of every fork. Sources: consensus-specs `specs/<fork>/beacon-chain.md`. */
import { bitVector, uint64 } from "../../ssz/basic.js";
import { container, vector } from "../../ssz/composite.js";
import { basicVector, list, uint8, uint64OrNever } from "../../ssz/list.js";
import { progressiveContainer } from "../../ssz/progressive.js";
import type { ContainerType, SszType } from "../../ssz/type.js";
import { blobGas, type CommonTypes, payloadHead } from "./common-types.js";
import type { GloasTypes } from "./gloas-types.js";
import {
  HISTORICAL_ROOTS_LIMIT,
  PENDING_DEPOSITS_LIMIT,
  type StatePreset,
  VALIDATOR_REGISTRY_LIMIT,
} from "./preset.js";

export function createStateTypes(preset: StatePreset, common: CommonTypes, gloas: GloasTypes) {
  const { bytes32, big } = common;
  const altair = altairFields(preset, common);
  const capella = capellaFields(common);
  const electra = electraFields(preset, common);
  // a vector of one for each slot of this epoch and the next (EIP-7917): MIN_SEED_LOOKAHEAD is 1 in every preset
  const fulu = { proposerLookahead: basicVector(uint64, 2 * preset.slotsPerEpoch) };
  const withHeader = <H extends object>(latestExecutionPayloadHeader: ContainerType<H>) => ({
    ...altair,
    latestExecutionPayloadHeader,
  });
  const bellatrixHeader = { ...payloadHead(common), transactionsRoot: bytes32 };
  const capellaHeader = { ...bellatrixHeader, withdrawalsRoot: bytes32 };
  const denebHeader = container("ExecutionPayloadHeader", { ...capellaHeader, ...blobGas(common) });
  const deneb = { ...withHeader(denebHeader), ...capella };
  const unlimited = <E>(element: SszType<E>) => list(element, null);
  return {
    altair: container("BeaconState", altair),
    bellatrix: container("BeaconState", withHeader(container("ExecutionPayloadHeader", bellatrixHeader))),
    capella: container("BeaconState", {
      ...withHeader(container("ExecutionPayloadHeader", capellaHeader)),
      ...capella,
    }),
    deneb: container("BeaconState", deneb),
    electra: container("BeaconState", { ...deneb, ...electra }),
    fulu: container("BeaconState", { ...deneb, ...electra, ...fulu }),
    gloas: progressiveContainer("BeaconState", {
      ...altair,
      validators: unlimited(common.Validator),
      balances: unlimited(big),
      previousEpochParticipation: unlimited(uint8),
      currentEpochParticipation: unlimited(uint8),
      inactivityScores: unlimited(uint64),
      latestBlockHash: bytes32,
      ...capella,
      ...electra,
      pendingDeposits: unlimited(common.PendingDeposit),
      pendingPartialWithdrawals: unlimited(common.PendingPartialWithdrawal),
      pendingConsolidations: unlimited(common.PendingConsolidation),
      ...fulu,
      builders: unlimited(gloas.Builder),
      nextWithdrawalBuilderIndex: uint64,
      executionPayloadAvailability: bitVector(preset.slotsPerHistoricalRoot),
      builderPendingPayments: vector(gloas.BuilderPendingPayment, 2 * preset.slotsPerEpoch),
      builderPendingWithdrawals: unlimited(gloas.BuilderPendingWithdrawal),
      latestExecutionPayloadBid: gloas.ExecutionPayloadBid,
      payloadExpectedWithdrawals: unlimited(common.Withdrawal),
      ptcWindow: vector(basicVector(uint64, preset.ptcSize), 3 * preset.slotsPerEpoch),
    }),
  };
}

function altairFields(preset: StatePreset, common: CommonTypes) {
  const { bytes32, big } = common;
  const roots = vector(bytes32, preset.slotsPerHistoricalRoot);
  const participation = list(uint8, VALIDATOR_REGISTRY_LIMIT);
  return {
    genesisTime: uint64,
    genesisValidatorsRoot: bytes32,
    slot: uint64,
    fork: common.Fork,
    latestBlockHeader: common.BeaconBlockHeader,
    blockRoots: roots,
    stateRoots: roots,
    historicalRoots: list(bytes32, HISTORICAL_ROOTS_LIMIT),
    eth1Data: common.Eth1Data,
    eth1DataVotes: list(common.Eth1Data, preset.epochsPerEth1VotingPeriod * preset.slotsPerEpoch),
    eth1DepositIndex: uint64,
    validators: list(common.Validator, VALIDATOR_REGISTRY_LIMIT),
    balances: list(big, VALIDATOR_REGISTRY_LIMIT),
    randaoMixes: vector(bytes32, preset.epochsPerHistoricalVector),
    slashings: basicVector(big, preset.epochsPerSlashingsVector),
    previousEpochParticipation: participation,
    currentEpochParticipation: participation,
    justificationBits: bitVector(4),
    previousJustifiedCheckpoint: common.Checkpoint,
    currentJustifiedCheckpoint: common.Checkpoint,
    finalizedCheckpoint: common.Checkpoint,
    inactivityScores: list(uint64, VALIDATOR_REGISTRY_LIMIT),
    currentSyncCommittee: common.SyncCommittee,
    nextSyncCommittee: common.SyncCommittee,
  };
}

function capellaFields({ HistoricalSummary }: CommonTypes) {
  return {
    nextWithdrawalIndex: uint64,
    nextWithdrawalValidatorIndex: uint64,
    historicalSummaries: list(HistoricalSummary, HISTORICAL_ROOTS_LIMIT),
  };
}

function electraFields(preset: StatePreset, common: CommonTypes) {
  return {
    depositRequestsStartIndex: uint64OrNever,
    depositBalanceToConsume: common.big,
    exitBalanceToConsume: common.big,
    earliestExitEpoch: uint64,
    consolidationBalanceToConsume: common.big,
    earliestConsolidationEpoch: uint64,
    pendingDeposits: list(common.PendingDeposit, PENDING_DEPOSITS_LIMIT),
    pendingPartialWithdrawals: list(common.PendingPartialWithdrawal, preset.pendingPartialWithdrawalsLimit),
    pendingConsolidations: list(common.PendingConsolidation, preset.pendingConsolidationsLimit),
  };
}
