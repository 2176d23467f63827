import { expect } from "chai";
import type { LightClient } from "../../../src/client/light-client.js";
import { isSidelightError } from "../../../src/errors.js";
import { memoryStore } from "../../../src/store/memory.js";
import { stubBls } from "../../support/stub-bls.js";
import { createFakeChain, type FakeChain, type FakeSource, hang, networkFailed, record } from "./fake-chain.js";
import { drive, passTime, rejectionOf, settle, until, watchUnhandled } from "./waiting.js";

/** After the client has ended: nobody sleeps, nothing is open, and an hour later nobody has been asked. */
async function expectSilence(chain: FakeChain, ...sources: FakeSource[]): Promise<void> {
  await settle();
  expect(chain.clock.sleepers, "sleepers").to.equal(0);
  const asked = sources.map(({ requests }) => requests.length);
  await passTime(chain.clock, 3_600_000);
  await settle();
  expect(chain.clock.sleepers, "sleepers an hour later").to.equal(0);
  expect(sources.map(({ requests }) => requests.length)).to.deep.equal(asked);
  for (const { streams } of sources) expect(streams.size, "open streams").to.equal(0);
}

interface Phase {
  readonly name: string;
  readonly status: string;
  /** Brings a client that is starting into the phase. */
  reach(chain: FakeChain, client: LightClient, source: FakeSource): Promise<void>;
}

const PHASES: readonly Phase[] = [
  {
    name: "while the bootstrap hangs",
    status: "bootstrapping",
    async reach(_, __, source) {
      source.overrides.bootstrap = hang;
      await until(() => source.requests.includes("bootstrap"));
    },
  },
  {
    name: "while the updates hang",
    status: "catching-up",
    async reach(_, __, source) {
      source.overrides.updates = hang;
      await until(() => source.requests.includes("updates"));
    },
  },
  {
    name: "in the middle of a range of updates",
    status: "catching-up",
    reach: (_, client) =>
      new Promise((resolve) => {
        client.on("status", (status) => {
          if (status.state === "catching-up" && status.progress.atPeriod === 2) resolve();
        });
      }),
  },
  {
    name: "while the newest update hangs",
    status: "catching-up",
    async reach(_, __, source) {
      source.overrides.finalityUpdate = hang;
      await until(() => source.requests.includes("finalityUpdate"));
    },
  },
  {
    name: "between two attempts to start",
    status: "stalled",
    async reach(chain, client, source) {
      source.overrides.bootstrap = () => Promise.reject(networkFailed());
      await until(() => client.status.state === "stalled" && chain.clock.sleepers === 1);
    },
  },
];

describe("createLightClient", () => {
  watchUnhandled();
  let chain: FakeChain;
  let source: FakeSource;
  let client: LightClient;

  beforeEach(async () => {
    chain = await createFakeChain();
    source = chain.source();
    client = chain.client({ sources: [source] });
    record(client);
  });

  it("does nothing before start or syncOnce", async () => {
    const calls: string[] = [];
    const noting = <T extends object>(name: string, target: T): T =>
      new Proxy(target, {
        get(of, key) {
          const value = Reflect.get(of, key) as unknown;
          if (typeof value !== "function") return value;
          return (...args: unknown[]) => {
            calls.push(`${name}.${String(key)}`);
            return value.apply(of, args);
          };
        },
      });
    const parts = {
      store: noting("store", memoryStore()),
      bls: noting("bls", stubBls()),
      sources: [noting("source", source)],
      clock: noting("clock", chain.clock),
    };
    const made = chain.client(parts);
    made.on("head", () => {});
    expect(made.status).to.deep.equal({ state: "idle" });
    expect([made.head, made.finalized, made.participation, made.evidence]).to.deep.equal([null, null, null, []]);
    await settle();
    expect(calls).to.deep.equal([]);
    await drive(chain.clock, made.syncOnce());
    expect(calls).to.include.members(["store.load", "store.save", "bls.ready", "source.bootstrap", "clock.nowMs"]);
  });

  describe("start", () => {
    it("resolves with the newest verified head and goes on following", async () => {
      const head = await drive(chain.clock, client.start());
      expect(head.slot).to.equal(199);
      expect(client.status).to.deep.equal({ state: "following" });
      await passTime(chain.clock, 5 * chain.network.slotDurationMs);
      await until(() => client.head?.slot === 203);
      await client.stop();
    });

    it("starts once, however often it is called", async () => {
      const heads = await drive(chain.clock, Promise.all([client.start(), client.start(), client.start()]));
      expect(new Set(heads.map(({ root }) => root)).size).to.equal(1);
      expect(source.requests.filter((route) => route === "bootstrap")).to.have.length(1);
      expect(await client.start()).to.deep.equal(heads[0]);
      await client.stop();
    });

    it("gives who starts it later the head of that moment, and not the first one", async () => {
      await drive(chain.clock, client.start());
      await passTime(chain.clock, 20 * chain.network.slotDurationMs);
      const head = await client.start();
      expect(head).to.deep.equal(client.head);
      expect(head.slot).to.be.above(215);
      await client.stop();
    });

    it("rejects at once with the reason of a signal that has aborted, and does nothing", async () => {
      const reason = { exactly: "this" };
      expect(await rejectionOf(client.start({ signal: AbortSignal.abort(reason) }))).to.equal(reason);
      expect(client.status).to.deep.equal({ state: "idle" });
      expect(source.requests).to.deep.equal([]);
    });

    it("does not mind that its signal aborts after it has resolved", async () => {
      const controller = new AbortController();
      await drive(chain.clock, client.start({ signal: controller.signal }));
      controller.abort();
      await passTime(chain.clock, 3 * chain.network.slotDurationMs);
      await until(() => client.head?.slot === 201);
      expect(client.status).to.deep.equal({ state: "following" });
      await client.stop();
    });

    for (const { name, status, reach } of PHASES) {
      it(`rejects with exactly signal.reason when it aborts ${name}, and leaves nothing`, async () => {
        const controller = new AbortController();
        const starting = client.start({ signal: controller.signal });
        await reach(chain, client, source);
        expect(client.status.state).to.equal(status);
        const reason = { exactly: name };
        controller.abort(reason);
        expect(await rejectionOf(starting)).to.equal(reason);
        expect(client.status).to.deep.equal({ state: "stopped", reason: "stopped" });
        await expectSilence(chain, source);
      });
    }

    it("goes on for one caller when another one gives up", async () => {
      const controller = new AbortController();
      const [one, other] = [client.start(), client.start({ signal: controller.signal })];
      controller.abort("enough");
      expect(await rejectionOf(other)).to.equal("enough");
      expect((await drive(chain.clock, one)).slot).to.equal(199);
      await client.stop();
    });

    it("rejects at once when it is given up while it waits for a syncOnce that gets no answer", async () => {
      source.overrides.bootstrap = () => new Promise(() => {});
      const passing = client.syncOnce();
      passing.catch(() => {});
      await settle();
      const controller = new AbortController();
      const started = client.start({ signal: controller.signal });
      await settle();
      controller.abort("enough");
      expect(await rejectionOf(started)).to.equal("enough");
      expect(source.requests).to.deep.equal(["bootstrap"]);
      await client.stop();
      expect(isSidelightError(await rejectionOf(passing), "CLIENT_STOPPED")).to.equal(true);
    });
  });

  describe("stop", () => {
    for (const { name, status, reach } of PHASES) {
      it(`ends a start ${name}, which rejects with CLIENT_STOPPED`, async () => {
        const starting = rejectionOf(client.start());
        await reach(chain, client, source);
        await client.stop();
        const thrown = await starting;
        if (!isSidelightError(thrown, "CLIENT_STOPPED")) throw thrown;
        expect(thrown.details).to.deep.equal({ during: status });
        expect(client.status).to.deep.equal({ state: "stopped", reason: "stopped" });
        await expectSilence(chain, source);
      });
    }

    it("ends following: timers, requests and the stream", async () => {
      source = chain.source("streaming", { streams: true });
      client = chain.client({ sources: [source] });
      await drive(chain.clock, client.start());
      await until(() => source.streams.size === 1);
      source.overrides.optimisticUpdate = hang;
      source.overrides.finalityUpdate = hang;
      await passTime(chain.clock, 6 * chain.network.slotDurationMs);
      await client.stop();
      expect(client.status).to.deep.equal({ state: "stopped", reason: "stopped" });
      await expectSilence(chain, source);
    });

    it("ends a client that has stalled", async () => {
      await drive(chain.clock, client.start());
      for (const route of ["finalityUpdate", "optimisticUpdate", "updates"] as const) {
        source.overrides[route] = () => Promise.reject(networkFailed());
      }
      await passTime(chain.clock, 20 * chain.network.slotDurationMs);
      await until(() => client.status.state === "stalled");
      await client.stop();
      await expectSilence(chain, source);
    });

    it("may be called before start, twice, and by several at once", async () => {
      await client.stop();
      expect(client.status).to.deep.equal({ state: "stopped", reason: "stopped" });
      await client.stop();
      await drive(chain.clock, client.start());
      await Promise.all([client.stop(), client.stop(), client.stop()]);
      await client.stop();
      await expectSilence(chain, source);
    });

    it("keeps what was verified, and the client can start again from it", async () => {
      await drive(chain.clock, client.start());
      await client.stop();
      expect(client.head?.slot).to.equal(199);
      await passTime(chain.clock, 10 * chain.network.slotDurationMs);
      source.requests.splice(0);
      const head = await drive(chain.clock, client.start());
      expect(head.slot).to.equal(209);
      expect(source.requests).to.not.include.members(["bootstrap"]);
      expect(client.status).to.deep.equal({ state: "following" });
      await client.stop();
      await expectSilence(chain, source);
    });

    it("ends a syncOnce, which rejects with CLIENT_STOPPED", async () => {
      source.overrides.updates = hang;
      const syncing = rejectionOf(client.syncOnce());
      await until(() => source.requests.includes("updates"));
      await client.stop();
      expect(isSidelightError(await syncing, "CLIENT_STOPPED")).to.equal(true);
      expect(client.status).to.deep.equal({ state: "stopped", reason: "stopped" });
      await expectSilence(chain, source);
    });

    it("does not end a start that comes right after it", async () => {
      const first = rejectionOf(client.start());
      const stopping = client.stop();
      const second = client.start();
      expect(isSidelightError(await first, "CLIENT_STOPPED")).to.equal(true);
      await stopping;
      expect((await drive(chain.clock, second)).slot).to.equal(199);
      expect(client.status).to.deep.equal({ state: "following" });
      await passTime(chain.clock, 3 * chain.network.slotDurationMs);
      await until(() => client.head?.slot === 201);
      await client.stop();
      await expectSilence(chain, source);
    });

    it("does not let a start after it resolve with the head of the run that it ends", async () => {
      await drive(chain.clock, client.start());
      await passTime(chain.clock, 10 * chain.network.slotDurationMs);
      const stopping = client.stop();
      const head = await drive(chain.clock, client.start());
      await stopping;
      expect(head.slot).to.equal(209);
      expect(client.status).to.deep.equal({ state: "following" });
      await client.stop();
    });
  });
});
