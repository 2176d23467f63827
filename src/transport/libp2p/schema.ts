/** What of a network is needed to read light-client data and to label it with its fork digest. */
import { computeEpochAtSlot, forkDigests } from "../../networks/schedule.js";
import type { ForkName, Network } from "../../networks/types.js";
import type { DecodeSchema } from "../../ssz/decode.js";
import { sha256 } from "../../ssz/hash.js";
import { createTypes } from "../../ssz/types.js";

export interface Schema extends DecodeSchema {
  /** The digest that data of a slot carries, `0x` hex. */
  digestAtSlot(slot: number): string;
}

export function createSchema(network: Network): Schema {
  const digests = forkDigests(network, sha256);
  return {
    network,
    types: createTypes(network.preset),
    forkOfDigest: new Map<string, ForkName>(digests.map(({ digest, fork }) => [digest, fork])),
    digestAtSlot(slot) {
      const epoch = Math.max(0, computeEpochAtSlot(network, slot));
      return digests.findLast((entry) => entry.epoch <= epoch)!.digest;
    },
  };
}
