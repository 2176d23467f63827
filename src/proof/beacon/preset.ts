/**
 * Preset values that the sizes of states and blocks depend on. Source: consensus-specs `presets/{mainnet,minimal}/*.yaml`,
 * gnosischain/specs `consensus/preset/gnosis/*.yaml`.
 */
import type { Preset } from "../../networks/types.js";

export interface StatePreset {
  readonly slotsPerEpoch: number;
  readonly syncCommitteeSize: number;
  readonly maxCommitteesPerSlot: number;
  readonly epochsPerEth1VotingPeriod: number;
  readonly slotsPerHistoricalRoot: number;
  readonly epochsPerHistoricalVector: number;
  readonly epochsPerSlashingsVector: number;
  readonly maxWithdrawalsPerPayload: number;
  readonly pendingPartialWithdrawalsLimit: number;
  readonly pendingConsolidationsLimit: number;
  readonly ptcSize: number;
}

/** What all presets have in common. */
export const MAX_VALIDATORS_PER_COMMITTEE = 2048;
export const HISTORICAL_ROOTS_LIMIT = 2 ** 24;
export const VALIDATOR_REGISTRY_LIMIT = 2 ** 40;
export const PENDING_DEPOSITS_LIMIT = 2 ** 27;
/** Electra's consolidation requests of a payload. */
export const MAX_CONSOLIDATION_REQUESTS_PER_PAYLOAD = 2;

const LARGE = {
  maxCommitteesPerSlot: 64,
  slotsPerHistoricalRoot: 8192,
  epochsPerHistoricalVector: 2 ** 16,
  epochsPerSlashingsVector: 8192,
  epochsPerEth1VotingPeriod: 64,
  maxWithdrawalsPerPayload: 16,
  pendingPartialWithdrawalsLimit: 2 ** 27,
  pendingConsolidationsLimit: 2 ** 18,
  ptcSize: 512,
};

const BY_NAME: Readonly<Record<Preset["name"], Omit<StatePreset, "slotsPerEpoch" | "syncCommitteeSize">>> = {
  mainnet: LARGE,
  gnosis: { ...LARGE, maxWithdrawalsPerPayload: 8 },
  minimal: {
    maxCommitteesPerSlot: 4,
    slotsPerHistoricalRoot: 64,
    epochsPerHistoricalVector: 64,
    epochsPerSlashingsVector: 64,
    epochsPerEth1VotingPeriod: 4,
    maxWithdrawalsPerPayload: 4,
    pendingPartialWithdrawalsLimit: 64,
    pendingConsolidationsLimit: 64,
    ptcSize: 16,
  },
};

export function statePreset({ name, slotsPerEpoch, syncCommitteeSize }: Preset): StatePreset {
  return { ...BY_NAME[name], slotsPerEpoch, syncCommitteeSize };
}
