/** A dedicated worker of Node's with a client in it. */
import { parentPort } from "node:worker_threads";
import { serveLightClient } from "../../../src/worker/serve.js";
import { createFakeChain } from "../client/fake-chain.js";

const chain = createFakeChain({ slot: 203 });
void chain.then((made) => serveLightClient(parentPort!, made.client(), { stop: "client" }));
