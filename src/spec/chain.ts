/** What the protocol's functions need to know of a chain: made once per client, never changed. */
import type { Bls } from "../bls/port.js";
import { forkDigests } from "../networks/schedule.js";
import type { ForkName, Network } from "../networks/types.js";
import { fromHex } from "../ssz/bytes.js";
import type { DecodeSchema } from "../ssz/decode.js";
import { sha256 } from "../ssz/hash.js";
import { createTypes } from "../ssz/types.js";

export interface Chain extends DecodeSchema {
  readonly bls: Bls;
  /** `Bytes32` */
  readonly genesisValidatorsRoot: Uint8Array;
}

/** Builds the containers and tables of a network. Pure, a few milliseconds. */
export function createChain(network: Network, bls: Bls): Chain {
  const forkOfDigest = new Map<string, ForkName>();
  for (const { digest, fork } of forkDigests(network, sha256)) forkOfDigest.set(digest, fork);
  return {
    network,
    types: createTypes(network.preset),
    forkOfDigest,
    genesisValidatorsRoot: fromHex(network.genesisValidatorsRoot),
    bls,
  };
}
