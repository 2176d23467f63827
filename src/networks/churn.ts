import type { ValidatorChurn } from "./types.js";

/**
 * Mainnet and all public Ethereum testnets. consensus-specs v1.7.0-alpha.13 `configs/mainnet.yaml`; Teku's `sepolia.yaml`,
 * `hoodi.yaml` and `holesky.yaml` of August 2026 have the same quotient and minimum.
 */
export const mainnetChurn: ValidatorChurn = {
  quotient: 65_536,
  minPerEpochEth: 128,
  gloas: { quotient: 32_768, consolidationQuotient: 65_536, maxActivationPerEpochEth: 256 },
};

/** Gnosis Chain and Chiado. gnosischain/configs `mainnet/config.yaml`, `chiado/config.yaml` (0498d303). */
export const gnosisChurn: ValidatorChurn = { quotient: 4_096, minPerEpochEth: 128 };
