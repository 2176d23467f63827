/** The source contract in Node; `test:browser` runs the same suites in browsers. */
import { restSourceContract } from "../../contract/rest-source.js";
import { restWorld } from "../../contract/rest-world.js";
import { sourceContract } from "../../contract/source.js";
import { type Devnet, startDevnet } from "../../devnet/src/client.ts";
import { watchUnhandled } from "../../unit/client/waiting.js";

describe("sources in front of a real chain", () => {
  watchUnhandled();
  let devnet: Devnet;

  before(async () => {
    devnet = await startDevnet({ preSlots: 224 });
  });
  after(() => devnet?.stop());

  sourceContract("restSource", async () => restWorld(devnet));
  sourceContract("restSource, JSON only", async () => restWorld(devnet, { encodings: "json" }));
  restSourceContract("node", () => devnet);
});
