// A script as in the README: one pass, state kept in a folder.
import { createLightClient } from "sidelight";
import { networkFromBeaconNode } from "sidelight/networks";
import { fileStore } from "sidelight/store/file";
import { restSource } from "sidelight/transport/rest";

const [beacon, checkpoint] = process.argv.slice(2);
const [spec, genesis] = await Promise.all(
  ["/eth/v1/config/spec", "/eth/v1/beacon/genesis"].map(async (path) => (await fetch(beacon + path)).json()),
);
const client = createLightClient({
  network: networkFromBeaconNode({ spec, genesis }),
  checkpoint,
  sources: [restSource(beacon)],
  store: fileStore("state"),
});
const { head, finalized, periods } = await client.syncOnce();
await client.stop();
process.stdout.write(JSON.stringify({ head, finalized, periods }));
