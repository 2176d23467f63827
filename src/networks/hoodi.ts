import { mainnetChurn } from "./churn.js";
import { mainnetPreset } from "./presets.js";
import type { Network } from "./types.js";

/**
 * Forks and blob schedule: Teku's `hoodi.yaml` of August 2026, Lighthouse's and Lodestar's built-in configurations.
 * Genesis: eth-clients/hoodi `README.md`, `genesis_validators_root.txt`.
 *
 * Gloas is not scheduled. Epoch 132352 (2026-10-26) was withdrawn on 2026-10-22 with no new date (release notes of
 * Nethermind 2.2.1 and Rocket Pool 1.25.1, beaconcha.in documentation; read 2026-11-21). Clients released shortly
 * before that day still carry it.
 *
 * Stake: under half of the 20 million ETH at its start (notes.ethereum.org/@ethpandaops/hoodi; read 2026-11-21).
 */
export const hoodi: Network = {
  name: "hoodi",
  preset: mainnetPreset,
  genesisTime: 1742213400,
  genesisValidatorsRoot: "0x212f13fc4df078b6cb7db228f1c8307566dcecf900867401a92023d7ba99cb5f",
  slotDurationMs: 12_000,
  forks: {
    phase0: { version: "0x10000910", epoch: 0 },
    altair: { version: "0x20000910", epoch: 0 },
    bellatrix: { version: "0x30000910", epoch: 0 },
    capella: { version: "0x40000910", epoch: 0 },
    deneb: { version: "0x50000910", epoch: 0 },
    electra: { version: "0x60000910", epoch: 2048 },
    fulu: { version: "0x70000910", epoch: 50_688 },
    gloas: { version: "0x80000910", epoch: Infinity },
  },
  maxBlobsPerBlockElectra: 9,
  blobSchedule: [
    { epoch: 52_480, maxBlobsPerBlock: 15 },
    { epoch: 54_016, maxBlobsPerBlock: 21 },
  ],
  stake: { churn: mainnetChurn, activeBalanceFloorEth: 8_388_608 },
};
