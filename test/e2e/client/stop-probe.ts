/**
 * A program of its own: starts a client, reaches a phase, stops, says so, and has nothing left to do. It never calls
 * `process.exit`: whatever a client leaves behind keeps it alive.
 *
 * Arguments: URL of the devnet, checkpoint, phase.
 */
import { createLightClient } from "../../../src/client/light-client.js";
import { networkFromBeaconNode } from "../../../src/networks/custom.js";
import { restSource } from "../../../src/transport/rest.js";

const [url = "", checkpoint = "", phase = ""] = process.argv.slice(2);

async function json(path: string): Promise<unknown> {
  return (await fetch(`${url}${path}`)).json();
}

async function main(): Promise<void> {
  const [spec, genesis] = await Promise.all([json("/eth/v1/config/spec"), json("/eth/v1/beacon/genesis")]);
  const network = networkFromBeaconNode({ spec, genesis });
  const client = createLightClient({ network, checkpoint, sources: [restSource(url)] });
  client.on("error", ({ error }) => process.stderr.write(`${error.code}: ${error.message}\n`));
  const started = client.start().then(
    () => "started",
    (error: { code?: string }) => `rejected ${error.code}`,
  );
  if (phase === "following") {
    await started;
    await client.once("head");
  } else {
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  await client.stop();
  process.stdout.write(`${await started}, ${client.status.state}\n`);
}

void main();
