import { mainnetChurn } from "./churn.js";
import { mainnetPreset } from "./presets.js";
import type { Network } from "./types.js";

/**
 * Ethereum. Forks and blob schedule: consensus-specs v1.7.0-alpha.13 `configs/mainnet.yaml`, Teku's `mainnet.yaml` of
 * August 2026. Genesis: eth-clients/mainnet `README.md`. Gloas has no date (beaconcha.in and Arbitrum documentation,
 * October 2026; read 2026-11-21).
 *
 * Stake: half of the 32.1 million ETH of 2024-03-28 (Coinspeaker, of a Dune dashboard; read 2026-11-21). Up to Fulu any
 * amount over 8.4 million gives the same period.
 */
export const mainnet: Network = {
  name: "mainnet",
  preset: mainnetPreset,
  genesisTime: 1606824023,
  genesisValidatorsRoot: "0x4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95",
  slotDurationMs: 12_000,
  forks: {
    phase0: { version: "0x00000000", epoch: 0 },
    altair: { version: "0x01000000", epoch: 74_240 },
    bellatrix: { version: "0x02000000", epoch: 144_896 },
    capella: { version: "0x03000000", epoch: 194_048 },
    deneb: { version: "0x04000000", epoch: 269_568 },
    electra: { version: "0x05000000", epoch: 364_032 },
    fulu: { version: "0x06000000", epoch: 411_392 },
    gloas: { version: "0x07000000", epoch: Infinity },
  },
  maxBlobsPerBlockElectra: 9,
  blobSchedule: [
    { epoch: 412_672, maxBlobsPerBlock: 15 },
    { epoch: 419_072, maxBlobsPerBlock: 21 },
  ],
  stake: { churn: mainnetChurn, activeBalanceFloorEth: 16_777_216 },
};
