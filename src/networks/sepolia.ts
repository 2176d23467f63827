import { mainnetPreset } from "./presets.js";
import type { Network } from "./types.js";

/**
 * Forks and blob schedule: Teku's `sepolia.yaml` of August 2026, eth-clients/sepolia `metadata/config.yaml` (00d17b43).
 * Genesis: eth-clients/sepolia `README.md`, MIN_GENESIS_TIME + GENESIS_DELAY. Gloas (2026-10-06 13:53:36 UTC): the same
 * `metadata/config.yaml`, ethereum/pm#2205, Teku 26.9.1, the Ethereum Foundation's announcement of 2026-09-17 (read
 * 2026-11-21).
 *
 * Stake: not stated. 1,300 validators at genesis (MIN_GENESIS_ACTIVE_VALIDATOR_COUNT) would add 8 epochs to the 256.
 */
export const sepolia: Network = {
  name: "sepolia",
  preset: mainnetPreset,
  genesisTime: 1655733600,
  genesisValidatorsRoot: "0xd8ea171f3c94aea21ebc42a1ed61052acf3f9209c00e4efbaaddac09ed9b8078",
  slotDurationMs: 12_000,
  forks: {
    phase0: { version: "0x90000069", epoch: 0 },
    altair: { version: "0x90000070", epoch: 50 },
    bellatrix: { version: "0x90000071", epoch: 100 },
    capella: { version: "0x90000072", epoch: 56_832 },
    deneb: { version: "0x90000073", epoch: 132_608 },
    electra: { version: "0x90000074", epoch: 222_464 },
    fulu: { version: "0x90000075", epoch: 272_640 },
    gloas: { version: "0x90000076", epoch: 353_024 },
  },
  maxBlobsPerBlockElectra: 9,
  blobSchedule: [
    { epoch: 274_176, maxBlobsPerBlock: 15 },
    { epoch: 275_712, maxBlobsPerBlock: 21 },
  ],
};
