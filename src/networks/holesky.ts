import { mainnetPreset } from "./presets.js";
import type { Network } from "./types.js";

/**
 * Closed to the public after Fulu (2025), kept for recorded data. Forks and blob schedule: Teku's `holesky.yaml` of
 * August 2026, eth-clients/holesky `metadata/config.yaml` (8aec65f1). Genesis: eth-clients/holesky `README.md`.
 *
 * Stake: not stated, as most of it has left.
 */
export const holesky: Network = {
  name: "holesky",
  preset: mainnetPreset,
  genesisTime: 1695902400,
  genesisValidatorsRoot: "0x9143aa7c615a7f7115e2b6aac319c03529df8242ae705fba9df39b79c59fa8b1",
  slotDurationMs: 12_000,
  forks: {
    phase0: { version: "0x01017000", epoch: 0 },
    altair: { version: "0x02017000", epoch: 0 },
    bellatrix: { version: "0x03017000", epoch: 0 },
    capella: { version: "0x04017000", epoch: 256 },
    deneb: { version: "0x05017000", epoch: 29_696 },
    electra: { version: "0x06017000", epoch: 115_968 },
    fulu: { version: "0x07017000", epoch: 165_120 },
    gloas: { version: "0x08017000", epoch: Infinity },
  },
  maxBlobsPerBlockElectra: 9,
  blobSchedule: [
    { epoch: 166_400, maxBlobsPerBlock: 15 },
    { epoch: 167_936, maxBlobsPerBlock: 21 },
  ],
};
