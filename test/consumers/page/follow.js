// What every browser app here does: follow a chain by its light-client data, as a dapp would.
import { createLightClient } from "sidelight";
import { networkFromBeaconNode } from "sidelight/networks";
import { indexedDbStore } from "sidelight/store/indexeddb";
import { restSource } from "sidelight/transport/rest";

/**
 * @param {{ beacon: string, checkpoint: string, bls?: import("sidelight").Bls }} options
 * @returns the first verified head, the next one, the finalized one, and what went wrong on the way
 */
export async function follow({ beacon, checkpoint, ...options }) {
  const [spec, genesis] = await Promise.all([
    json(`${beacon}/eth/v1/config/spec`),
    json(`${beacon}/eth/v1/beacon/genesis`),
  ]);
  const client = createLightClient({
    network: networkFromBeaconNode({ spec, genesis }),
    checkpoint,
    sources: [restSource(beacon)],
    store: indexedDbStore(),
    ...options,
  });
  const errors = [];
  client.on("error", ({ error }) => errors.push(error.toJSON()));
  try {
    const first = await client.start();
    const next = await client.once("head");
    return { first, next, finalized: client.finalized, errors };
  } finally {
    await client.stop();
  }
}

async function json(url) {
  return (await fetch(url)).json();
}
