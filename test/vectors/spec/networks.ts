/** The networks that the specification's vectors were made on. */
import { type ConfigValues, networkFromConfig } from "../../../src/networks/custom.js";
import { LIGHT_CLIENT_FORKS, type LightClientFork, type Network } from "../../../src/networks/types.js";

/** Of a `config.yaml` beside a vector; it has neither a name nor a genesis time of its own. */
export function networkOfConfig(config: unknown, genesisValidatorsRoot: string): Network {
  const values: ConfigValues = { CONFIG_NAME: "vectors", ...(config as ConfigValues) };
  return networkFromConfig(values, { genesisTime: 1_578_009_900, genesisValidatorsRoot });
}

/** For vectors without a configuration: `fork` is in force from genesis on, and nothing comes after it. */
export function networkOfFork(fork: LightClientFork, preset: "minimal" | "mainnet"): Network {
  const values: Record<string, unknown> = {
    PRESET_BASE: preset,
    GENESIS_FORK_VERSION: "0x00000001",
    SLOT_DURATION_MS: "6000",
    MAX_BLOBS_PER_BLOCK_ELECTRA: "9",
    BLOB_SCHEDULE: [],
  };
  for (const [i, name] of LIGHT_CLIENT_FORKS.entries()) {
    values[`${name.toUpperCase()}_FORK_VERSION`] = `0x0${i + 1}000001`;
    values[`${name.toUpperCase()}_FORK_EPOCH`] = i <= LIGHT_CLIENT_FORKS.indexOf(fork) ? "0" : "18446744073709551615";
  }
  return networkOfConfig(values, `0x${"00".repeat(32)}`);
}
