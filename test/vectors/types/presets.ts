/**
 * Preset values that the sizes of blocks and states depend on.
 * Source: consensus-specs v1.7.0-alpha.13 `presets/{minimal,mainnet}/*.yaml`.
 */

export type ConsensusPreset = typeof MAINNET;

const COMMON = {
  maxValidatorsPerCommittee: 2048,
  historicalRootsLimit: 2 ** 24,
  validatorRegistryLimit: 2 ** 40,
  minSeedLookahead: 1,
  maxProposerSlashings: 16,
  maxAttesterSlashings: 2,
  maxAttestations: 128,
  maxDeposits: 16,
  maxVoluntaryExits: 16,
  maxBytesPerTransaction: 2 ** 30,
  maxTransactionsPerPayload: 2 ** 20,
  bytesPerLogsBloom: 256,
  maxExtraDataBytes: 32,
  maxBlsToExecutionChanges: 16,
  maxBlobCommitmentsPerBlock: 4096,
  pendingDepositsLimit: 2 ** 27,
  maxAttesterSlashingsElectra: 1,
  maxAttestationsElectra: 8,
  maxDepositRequestsPerPayload: 8192,
  maxWithdrawalRequestsPerPayload: 16,
  maxConsolidationRequestsPerPayload: 2,
};

const MAINNET = {
  ...COMMON,
  maxCommitteesPerSlot: 64,
  slotsPerEpoch: 32,
  epochsPerEth1VotingPeriod: 64,
  slotsPerHistoricalRoot: 8192,
  epochsPerHistoricalVector: 65_536,
  epochsPerSlashingsVector: 8192,
  syncCommitteeSize: 512,
  maxWithdrawalsPerPayload: 16,
  pendingPartialWithdrawalsLimit: 2 ** 27,
  pendingConsolidationsLimit: 2 ** 18,
  ptcSize: 512,
};

const MINIMAL: ConsensusPreset = {
  ...COMMON,
  maxCommitteesPerSlot: 4,
  slotsPerEpoch: 8,
  epochsPerEth1VotingPeriod: 4,
  slotsPerHistoricalRoot: 64,
  epochsPerHistoricalVector: 64,
  epochsPerSlashingsVector: 64,
  syncCommitteeSize: 32,
  maxWithdrawalsPerPayload: 4,
  pendingPartialWithdrawalsLimit: 64,
  pendingConsolidationsLimit: 64,
  ptcSize: 16,
};

export const CONSENSUS_PRESETS = { mainnet: MAINNET, minimal: MINIMAL };
