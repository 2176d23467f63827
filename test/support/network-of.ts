/** The network of a devnet, as a client learns it from a node. */
import { networkFromBeaconNode } from "../../src/networks/custom.js";
import type { Network } from "../../src/networks/types.js";
import type { DevnetInfo } from "../devnet/src/api-types.ts";

export function networkOf({ info }: { readonly info: DevnetInfo }): Network {
  const genesis = {
    genesis_time: info.genesisTime,
    genesis_validators_root: info.genesisValidatorsRoot,
    genesis_fork_version: info.forks[0]!.version,
  };
  return networkFromBeaconNode({ spec: info.spec, genesis });
}
