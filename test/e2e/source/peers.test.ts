/** The source contract for peers, in Node; `test:browser` runs it in browsers. */
import "../../support/websocket.js";
import { peerWorld } from "../../contract/peer-world.js";
import { sourceContract } from "../../contract/source.js";
import { type Devnet, startDevnet } from "../../devnet/src/client.ts";
import { watchUnhandled } from "../../unit/client/waiting.js";

describe("peers of a real chain", () => {
  watchUnhandled();
  let devnet: Devnet;

  before(async () => {
    devnet = await startDevnet({ preSlots: 224 });
  });
  after(() => devnet?.stop());

  sourceContract("createPeers", async () => peerWorld(devnet));
});
