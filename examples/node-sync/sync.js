// From a checkpoint root to verified state roots, once, in Node:
//   node examples/node-sync/sync.js <checkpoint root> <beacon node URL> [folder to keep the state in]
import { createLightClient } from "sidelight";
import { mainnet } from "sidelight/networks";
import { fileStore } from "sidelight/store/file";
import { restSource } from "sidelight/transport/rest";

const [checkpoint, url, folder = ".sidelight"] = process.argv.slice(2);
const client = createLightClient({
  network: mainnet,
  checkpoint,
  sources: [restSource(url)],
  store: fileStore(folder),
});
const { finalized, head, periods } = await client.syncOnce({ signal: AbortSignal.timeout(300_000) });
await client.stop();

console.log(`verified ${periods} committee periods; the head is slot ${head.slot}`);
console.log(`finalized slot ${finalized.slot}, beacon state root ${finalized.stateRoot}`);
// What account and storage proofs are checked against (before Gloas; from Gloas on, fetch the header of blockHash).
console.log(`execution block ${finalized.execution?.blockHash}, state root ${finalized.execution?.stateRoot}`);
