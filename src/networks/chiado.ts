import { gnosisPreset } from "./presets.js";
import type { Network } from "./types.js";

/**
 * Gnosis Chain's testnet. Forks and blob limit: gnosischain/configs `chiado/config.yaml` (0498d303), Lighthouse's
 * built-in configuration. Fulu (2026-03-16): the same file, Teku#10487, Lodestar#9027. Genesis: Nethermind's
 * `BeaconChainSpec` (2026), Erigon's `clparams`. Empty blob schedule: Nethermind's, Lodestar 1.33.0. Gloas: version
 * reserved (Lighthouse), no date. Read 2026-11-21.
 *
 * Stake: not stated, as no public figure of late was found.
 */
export const chiado: Network = {
  name: "chiado",
  preset: gnosisPreset,
  genesisTime: 1665396300,
  genesisValidatorsRoot: "0x9d642dac73058fbf39c0ae41ab1e34e4d889043cb199851ded7095bc99eb4c1e",
  slotDurationMs: 5_000,
  forks: {
    phase0: { version: "0x0000006f", epoch: 0 },
    altair: { version: "0x0100006f", epoch: 90 },
    bellatrix: { version: "0x0200006f", epoch: 180 },
    capella: { version: "0x0300006f", epoch: 244_224 },
    deneb: { version: "0x0400006f", epoch: 516_608 },
    electra: { version: "0x0500006f", epoch: 948_224 },
    fulu: { version: "0x0600006f", epoch: 1_353_216 },
    gloas: { version: "0x0700006f", epoch: Infinity },
  },
  maxBlobsPerBlockElectra: 2,
  blobSchedule: [],
};
