// From a checkpoint root to verified state roots, once, in Node:
//   node examples/node-sync/sync.js --checkpoint 0x… --beacon https://…
import { parseArgs } from "node:util";
import { createLightClient } from "sidelight";
import { networkByName, networkFromBeaconNode } from "sidelight/networks";
import { fileStore } from "sidelight/store/file";
import { restSource } from "sidelight/transport/rest";

const { values } = parseArgs({
  options: {
    checkpoint: { type: "string" }, // root of a finalized block: the one thing that is trusted
    beacon: { type: "string" },
    network: { type: "string", default: "mainnet" }, // "other": as the beacon node says
    store: { type: "string", default: ".sidelight" },
  },
});

const client = createLightClient({
  network: values.network === "other" ? await networkOf(values.beacon) : networkByName(values.network),
  checkpoint: values.checkpoint,
  sources: [restSource(values.beacon)],
  store: fileStore(values.store),
});
const { finalized, head, periods } = await client.syncOnce({ signal: AbortSignal.timeout(300_000) });
await client.stop();

console.log(`verified ${periods} committee periods; the head is slot ${head.slot}`);
console.log(`finalized slot ${finalized.slot}, beacon state root ${finalized.stateRoot}`);
// What account and storage proofs are checked against (before Gloas; from Gloas on, fetch the header of blockHash).
console.log(`execution block ${finalized.execution?.blockHash}, state root ${finalized.execution?.stateRoot}`);

async function networkOf(url) {
  const get = async (route) => (await fetch(`${url}${route}`)).json();
  return networkFromBeaconNode({
    spec: await get("/eth/v1/config/spec"),
    genesis: await get("/eth/v1/beacon/genesis"),
  });
}
