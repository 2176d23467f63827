import { MessageChannel } from "node:worker_threads";
import { expect } from "chai";
import type { LightClient } from "../../../src/client/api.js";
import { asSidelightError, describeValue, isSidelightError, messageOf } from "../../../src/errors.js";
import { EVENT_NAMES } from "../../../src/worker/checks.js";
import { connectPort } from "../../../src/worker/connect.js";
import { serveLightClient } from "../../../src/worker/index.js";
import { createFakeChain, type FakeChain } from "./fake-chain.js";
import { drive, passTime, settle, watchUnhandled } from "./waiting.js";

const refuse = (): never => {
  throw new Error("do not look");
};
/** Errors that do something when they are looked at, and things that are none. */
const HOSTILE: Record<string, () => unknown> = {
  "an error whose message throws": () => Object.defineProperty(new Error("x"), "message", { get: refuse }),
  "an error whose message is a symbol": () => Object.assign(new Error("x"), { message: Symbol("x") }),
  "an error whose name throws": () => Object.defineProperty(new Error("x"), "name", { get: refuse }),
  "an error whose code throws": () =>
    Object.defineProperty(Object.assign(new Error("x"), { name: "SidelightError" }), "code", { get: refuse }),
  "a proxy that refuses everything": () =>
    new Proxy(new Error("x"), { get: refuse, getPrototypeOf: refuse, has: refuse, ownKeys: refuse }),
  "a revoked proxy": () => {
    const { proxy, revoke } = Proxy.revocable(new Error("x"), {});
    revoke();
    return proxy;
  },
  "an object that makes no text": () => ({ toString: refuse, [Symbol.toPrimitive]: refuse }),
  undefined: () => undefined,
};

describe("hostile errors", () => {
  for (const [what, make] of Object.entries(HOSTILE)) {
    it(`are taken as errors all the same: ${what}`, () => {
      const thrown = make();
      expect(messageOf(thrown)).to.be.a("string");
      expect(describeValue(thrown)).to.be.a("string");
      expect(isSidelightError(thrown, "UNEXPECTED")).to.equal(false);
      expect(asSidelightError(thrown, "testing").code).to.equal("UNEXPECTED");
    });
  }
});

describe("hostile listeners", function () {
  this.timeout(60_000);
  watchUnhandled();
  let chain: FakeChain;
  const { warn } = console;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
    console.warn = () => {};
  });
  afterEach(() => {
    console.warn = warn;
  });

  /** Listens to every event in every hostile way. @returns how often it was called */
  function harass(client: LightClient): () => number {
    let calls = 0;
    for (const make of Object.values(HOSTILE)) {
      for (const name of EVENT_NAMES) {
        client.on(name, () => {
          calls++;
          throw make();
        });
        client.on(name, () => {
          calls++;
          return Promise.reject(make());
        });
      }
    }
    return () => calls;
  }

  it("do not stop a client that follows, whatever they throw or reject with", async () => {
    const client = chain.client();
    const calls = harass(client);
    await drive(chain.clock, client.start());
    await passTime(chain.clock, 8 * chain.network.slotDurationMs);
    expect(client.head!.trust.ageSlots).to.be.at.most(2);
    expect(client.status).to.deep.equal({ state: "following" });
    expect(calls()).to.be.greaterThan(100);
    await client.stop();
    expect(client.status.state).to.equal("stopped");
  });

  it("stop a client as it begins to follow: its stream ends, too", async () => {
    const source = chain.source("one", { streams: true });
    const client = chain.client({ sources: [source] });
    let stopped: Promise<void> | null = null;
    client.on("status", ({ state }) => {
      if (state === "following") stopped ??= client.stop();
    });
    await drive(chain.clock, client.start());
    await drive(chain.clock, stopped!);
    expect(source.streams.size).to.equal(0);
    expect(client.status.state).to.equal("stopped");
  });

  it("do not stop one that is connected to, on either side", async () => {
    const client = chain.client();
    const { port1, port2 } = new MessageChannel();
    const served = serveLightClient(port1, client, { clock: chain.clock });
    const connected = connectPort(port2, {
      clock: chain.clock,
      connectTimeoutMs: 10_000,
      heartbeatMs: () => 5_000,
      silenceMs: 5_000,
      visibility: { state: () => "unknown", watch: () => () => {} },
    });
    const calls = [harass(client), harass(connected)];
    await drive(chain.clock, connected.start());
    for (let i = 0; i < 5; i++) {
      await passTime(chain.clock, chain.network.slotDurationMs);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await settle();
    expect(client.head!.trust.ageSlots).to.be.at.most(2);
    expect(connected.head!.trust.ageSlots).to.be.at.most(3);
    expect(connected.assertFresh(3).slot).to.equal(connected.head!.slot);
    for (const count of calls) expect(count()).to.be.greaterThan(50);
    connected.disconnect();
    served.close();
    port1.close();
    await client.stop();
  });

  it("do not stop a client whose sources and store reject with the same", async () => {
    for (const make of Object.values(HOSTILE)) {
      const source = chain.source("hostile");
      const reject = () => Promise.reject(make());
      const store = { load: reject, save: reject, clear: reject, close: reject };
      const client = chain.client({ sources: [source, chain.source("honest")], store });
      source.overrides.optimisticUpdate = reject;
      source.overrides.bootstrap = reject;
      await drive(chain.clock, client.start());
      await passTime(chain.clock, 4 * chain.network.slotDurationMs);
      expect(client.status).to.deep.equal({ state: "following" });
      await client.stop();
    }
  });
});
