/** A network as the reference takes it. */
import { LIGHT_CLIENT_FORKS, type Network } from "../../../../src/networks/types.js";

const FAR_FUTURE_EPOCH = "18446744073709551615";

/** What a node of the network would answer to `/eth/v1/config/spec`, as far as a light client reads it. */
export function specOf({ preset, forks }: Network): Record<string, string> {
  const spec: Record<string, string> = { PRESET_BASE: preset.name, GENESIS_FORK_VERSION: forks.phase0.version };
  for (const fork of LIGHT_CLIENT_FORKS) {
    const { version, epoch } = forks[fork];
    spec[`${fork.toUpperCase()}_FORK_VERSION`] = version;
    spec[`${fork.toUpperCase()}_FORK_EPOCH`] = epoch === Number.POSITIVE_INFINITY ? FAR_FUTURE_EPOCH : String(epoch);
  }
  return spec;
}
