import type { Preset } from "./types.js";

/** Mainnet and all public Ethereum testnets. consensus-specs v1.7.0-alpha.13 `presets/mainnet/{phase0,altair}.yaml`. */
export const mainnetPreset: Preset = {
  name: "mainnet",
  slotsPerEpoch: 32,
  epochsPerSyncCommitteePeriod: 256,
  syncCommitteeSize: 512,
  minSyncCommitteeParticipants: 1,
  updateTimeoutSlots: 8192,
};

/** Local chains and test vectors. consensus-specs v1.7.0-alpha.13 `presets/minimal/{phase0,altair}.yaml`. */
export const minimalPreset: Preset = {
  name: "minimal",
  slotsPerEpoch: 8,
  epochsPerSyncCommitteePeriod: 8,
  syncCommitteeSize: 32,
  minSyncCommitteeParticipants: 1,
  updateTimeoutSlots: 64,
};

/**
 * Gnosis Chain and Chiado: mainnet's containers with shorter epochs. gnosischain/specs `beacon_chain.md` ("Preset
 * diff", v1.6.0-beta.0), the same in Lodestar 1.41.0 `presets/gnosis.ts` (both read 2026-11-21).
 */
export const gnosisPreset: Preset = {
  name: "gnosis",
  slotsPerEpoch: 16,
  epochsPerSyncCommitteePeriod: 512,
  syncCommitteeSize: 512,
  minSyncCommitteeParticipants: 1,
  // Not in Gnosis's diff, so mainnet's: it is also 16 * 512, one period, as the specification derives it.
  updateTimeoutSlots: 8192,
};
