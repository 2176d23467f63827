import { gnosisChurn } from "./churn.js";
import { gnosisPreset } from "./presets.js";
import type { Network } from "./types.js";

/**
 * Gnosis Chain. Forks to Electra, blob limit and schedule: gnosischain/specs `consensus/config/gnosis.yaml`
 * (1b055043), Lighthouse's built-in configuration. Fulu (2026-04-14): Teku#10518, Lodestar#9074, Lighthouse#9007,
 * Erigon#20081. Genesis: Nethermind's `BeaconChainSpec` (2026), Erigon's `clparams`. It came when enough validators had
 * deposited, later than MIN_GENESIS_TIME + GENESIS_DELAY. The blob schedule stays empty after Fulu: Nethermind's.
 * Gloas: version reserved, no date. Read 2026-11-21.
 *
 * Stake: a third of the 100,000 validators of 32 mGNO of December 2022 (The Defiant; read 2026-11-21). Any amount over
 * 0.5 million mGNO gives the same period.
 */
export const gnosis: Network = {
  name: "gnosis",
  preset: gnosisPreset,
  genesisTime: 1638993340,
  genesisValidatorsRoot: "0xf5dcb5564e829aab27264b9becd5dfaa017085611224cb3036f573368dbb9d47",
  slotDurationMs: 5_000,
  forks: {
    phase0: { version: "0x00000064", epoch: 0 },
    altair: { version: "0x01000064", epoch: 512 },
    bellatrix: { version: "0x02000064", epoch: 385_536 },
    capella: { version: "0x03000064", epoch: 648_704 },
    deneb: { version: "0x04000064", epoch: 889_856 },
    electra: { version: "0x05000064", epoch: 1_337_856 },
    fulu: { version: "0x06000064", epoch: 1_714_688 },
    gloas: { version: "0x07000064", epoch: Infinity },
  },
  maxBlobsPerBlockElectra: 2,
  blobSchedule: [],
  stake: { churn: gnosisChurn, activeBalanceFloorEth: 1_048_576 },
};
