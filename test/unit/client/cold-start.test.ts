/** The backend starts (WASM compiles, a first verification warms it up) while the first request is on its way. */
import { expect } from "chai";
import { blstBls } from "../../../src/bls/blst/index.js";
import type { Bls } from "../../../src/bls/port.js";
import type { LightClient } from "../../../src/client/light-client.js";
import { SidelightError } from "../../../src/errors.js";
import { codesOf, createFakeChain, type FakeChain, record } from "./fake-chain.js";
import { drive, rejectionOf, settle, until, watchUnhandled } from "./waiting.js";

const CALLS: [string, (client: LightClient) => Promise<unknown>][] = [
  ["start", (client) => client.start()],
  ["syncOnce", (client) => client.syncOnce()],
];

describe("a cold start", () => {
  watchUnhandled();
  let chain: FakeChain;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
  });

  for (const [name, call] of CALLS) {
    describe(`by ${name}`, () => {
      it("gets the backend going, self-test and all, while the first request is not answered yet", async () => {
        const bls = blstBls();
        const source = chain.source();
        let answer: () => void = () => {};
        const released = new Promise<void>((resolve) => {
          answer = resolve;
        });
        source.overrides.bootstrap = () => released.then(() => chain.object("bootstrap"));
        const client = chain.client({ bls, sources: [source] });
        const done = drive(chain.clock, call(client));
        await until(() => bls.variant !== null, "the backend to have started");
        // it verifies: all while nothing has come
        expect(source.requests).to.deep.equal(["bootstrap"]);
        expect(bls.verifyBatch([])).to.equal(null);
        answer();
        await done;
        await client.stop();
      });

      it("sends the first request while the backend has not started yet, and believes nothing before it has", async () => {
        const { bls, started, begin } = held();
        const source = chain.source();
        const client = chain.client({ bls, sources: [source] });
        const log = record(client);
        const done = drive(chain.clock, call(client));
        await until(() => source.requests.length === 1);
        await settle();
        expect(started()).to.equal(1);
        // the bootstrap has come and waits: what follows needs signatures
        expect(source.requests).to.deep.equal(["bootstrap"]);
        expect(client.finalized).to.equal(null);
        begin();
        await done;
        expect(client.finalized!.slot).to.equal(184);
        expect(codesOf(log)).to.deep.equal([]);
        expect(started()).to.equal(1);
        await client.stop();
      });

      it("fails with the backend's own error, whatever came meanwhile", async () => {
        const bls: Bls = {
          ...blstBls(),
          ready: () =>
            Promise.reject(
              new SidelightError("BLS_UNAVAILABLE", "no WASM here", { backend: "blst", message: "no WASM" }),
            ),
        };
        const client = chain.client({ bls });
        record(client);
        const thrown = await rejectionOf(drive(chain.clock, call(client)));
        expect((thrown as SidelightError).code).to.equal("BLS_UNAVAILABLE");
        await client.stop();
      });
    });
  }
});

/** A backend that starts when it is told to. */
function held(): { bls: Bls; started: () => number; begin: () => void } {
  const real = blstBls();
  let calls = 0;
  let begin: () => void = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const bls: Bls = {
    ...real,
    async ready() {
      calls++;
      await begun;
      await real.ready();
    },
  };
  return { bls, started: () => calls, begin: () => begin() };
}
