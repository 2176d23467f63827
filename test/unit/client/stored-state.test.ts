import { expect } from "chai";
import type { SidelightError } from "../../../src/errors.js";
import type { CheckpointStore } from "../../../src/store/port.js";
import { networkAtFork } from "../../support/networks.js";
import { stubBls } from "../../support/stub-bls.js";
import { codesOf, createFakeChain, type FakeChain, type FakeSource, networkFailed, record } from "./fake-chain.js";
import { drive, passTime, rejectionOf, until, watchUnhandled } from "./waiting.js";

interface SpyStore extends CheckpointStore {
  bytes: Uint8Array | null;
  saves: number;
  closes: number;
}

function spyStore(bytes: Uint8Array | null = null): SpyStore {
  const store: SpyStore = {
    bytes,
    saves: 0,
    closes: 0,
    load: async () => store.bytes,
    async save(_, snapshot) {
      store.saves++;
      store.bytes = snapshot.slice();
    },
    async clear() {
      store.bytes = null;
    },
    async close() {
      store.closes++;
    },
  };
  return store;
}

describe("the stored state of createLightClient", () => {
  watchUnhandled();
  let chain: FakeChain;
  let source: FakeSource;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
    source = chain.source();
  });

  async function sync(store: CheckpointStore, on: FakeChain = chain) {
    const asked = on === chain ? source : on.source();
    asked.requests.splice(0);
    const client = on.client({ sources: [asked], store });
    const log = record(client);
    const result = await drive(on.clock, client.syncOnce());
    await client.stop();
    return { result, log, requests: [...asked.requests] };
  }

  /** What a client has stored that synced now. */
  async function stored(on: FakeChain = chain): Promise<Uint8Array> {
    const store = spyStore();
    await sync(store, on);
    return store.bytes!;
  }

  it("is resumed without asking for a bootstrap, and told", async () => {
    const store = spyStore(await stored());
    await passTime(chain.clock, chain.network.slotDurationMs);
    const { result, log, requests } = await sync(store);
    expect(log.store).to.have.length(1);
    expect(log.store[0]).to.deep.include({ outcome: "resumed", reason: null });
    expect(requests).to.deep.equal(["optimisticUpdate"]);
    expect(result.head.slot).to.equal(203);
    expect(result.finalized.trust).to.deep.include({ source: "store", level: "finalized", forced: false });
    expect(result.finalized.trust.participation).to.deep.equal({ count: 32, size: 32 });
    expect(codesOf(log)).to.deep.equal([]);
  });

  it("is resumed after several periods, with one request for what it missed", async () => {
    const store = spyStore(await stored());
    await chain.clock.advanceTo(chain.timeOf(203 + 5 * 64));
    const { result, requests } = await sync(store);
    expect(result.head.slot).to.equal(522);
    expect(result.periods).to.equal(5);
    expect(requests).to.deep.equal(["updates", "finalityUpdate"]);
  });

  it("is not written again when it is as it was", async () => {
    const store = spyStore(await stored());
    await sync(store);
    expect(store.saves).to.equal(0);
  });

  it("is written once an epoch while following", async () => {
    const store = spyStore();
    const client = chain.client({ sources: [source], store });
    await drive(chain.clock, client.start());
    const before = store.saves;
    await passTime(chain.clock, 16 * chain.network.slotDurationMs);
    expect(store.saves - before).to.be.within(2, 3);
    await client.stop();
  });

  it("is kept as soon as there is one: who is killed before the first update does not ask for the bootstrap again", async () => {
    const store = spyStore();
    source.updates = () => new Promise(() => {});
    const killed = chain.client({ sources: [source], store });
    const log = record(killed);
    killed.syncOnce().catch(() => {});
    await until(() => store.bytes !== null, "the state to be kept");
    expect(source.requests).to.deep.equal(["bootstrap"]);
    source = chain.source();
    const { result, requests } = await sync(store);
    expect(result.head.slot).to.equal(202);
    expect(requests).to.deep.equal(["updates", "finalityUpdate"]);
    expect(codesOf(log)).to.deep.equal([]);
    await killed.stop();
  });

  it("is given back to the store when the client stops", async () => {
    const store = spyStore();
    await sync(store);
    expect(store.closes).to.equal(1);
  });

  describe("is discarded, said so, and the checkpoint used instead, when it", () => {
    const cases: Record<string, (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>> = {
      "is empty": () => new Uint8Array(),
      "is cut off": (bytes) => bytes.subarray(0, bytes.length >> 1),
      "has a byte more": (bytes) => Uint8Array.of(...bytes, 0),
      "has one bit changed": (bytes) => bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte)),
      "is noise": () => Uint8Array.from({ length: 30_000 }, (_, i) => (i * 167 + 91) & 0xff),
      "is no bytes at all": () => "AAAA" as unknown as Uint8Array,
      "is of a newer version": (bytes) => bytes.map((byte, i) => (i === 4 ? 9 : byte)),
      "is of another network": async () => {
        const other = await createFakeChain({ network: { ...networkAtFork("electra"), name: "another" }, slot: 203 });
        return stored(other);
      },
      "is of another checkpoint": async () => stored(await createFakeChain({ checkpointSlot: 16, slot: 203 })),
    };
    for (const [name, spoil] of Object.entries(cases)) {
      it(name, async () => {
        const store = spyStore(await spoil(await stored()));
        const { result, log, requests } = await sync(store);
        expect(log.store).to.have.length(1);
        expect(log.store[0]!.outcome).to.equal("discarded");
        expect(log.store[0]!.reason).to.match(/expected .+, got .+/);
        expect(codesOf(log)).to.deep.equal(["SNAPSHOT_INVALID"]);
        expect(log.error[0]!.source).to.equal(null);
        expect(requests).to.deep.equal(["bootstrap", "updates", "finalityUpdate"]);
        expect(result.head.slot).to.equal(202);
        // what is stored afterwards is of use again
        expect((await sync(store)).log.store.map(({ outcome }) => outcome)).to.deep.equal(["resumed"]);
      });
    }
  });

  describe("stays where it is while nothing can take its place: another page may have a use for it, when it", () => {
    const cases: Record<string, (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>> = {
      "is of a newer version": (bytes) => bytes.map((byte, i) => (i === 4 ? 9 : byte)),
      "is of another checkpoint": async () => stored(await createFakeChain({ checkpointSlot: 16, slot: 203 })),
      "is noise": () => Uint8Array.from({ length: 30_000 }, (_, i) => (i * 167 + 91) & 0xff),
    };
    for (const [name, spoil] of Object.entries(cases)) {
      it(name, async () => {
        const bytes = await spoil(await stored());
        const store = spyStore(bytes);
        // as an old page whose own checkpoint nobody serves any more, or is too old
        source.overrides.bootstrap = () => Promise.reject(networkFailed());
        const client = chain.client({ sources: [source], store });
        const log = record(client);
        // told once, however often it is tried
        for (let tries = 0; tries < 3; tries++) await rejectionOf(drive(chain.clock, client.syncOnce()));
        expect(log.store.map(({ outcome }) => outcome)).to.deep.equal(["discarded"]);
        expect(codesOf(log).filter((code) => code === "SNAPSHOT_INVALID")).to.have.length(1);
        expect(store.bytes).to.deep.equal(bytes);
        await client.stop();
      });
    }
  });

  it("is discarded when its signature does not verify", async () => {
    const store = spyStore(await stored());
    const bls = stubBls();
    bls.answer = "mismatch";
    const client = chain.client({ sources: [source], store, bls });
    const log = record(client);
    client.on("store", () => {
      bls.answer = null;
    });
    await drive(chain.clock, client.syncOnce());
    expect(log.store[0]!.outcome).to.equal("discarded");
    expect(codesOf(log)).to.deep.equal(["SNAPSHOT_INVALID"]);
    await client.stop();
  });

  describe("of a store that fails", () => {
    const broken = new Error("quota");
    const fail = () => Promise.reject(broken);
    const throwNow = () => {
      throw broken;
    };

    for (const [name, failing] of Object.entries({ rejects: fail, throws: throwNow })) {
      it(`is done without: load ${name}`, async () => {
        const { result, log } = await sync({ ...spyStore(), load: failing });
        expect(result.head.slot).to.equal(202);
        // nothing could be loaded; what was verified could be saved
        expect(log.store.map(({ outcome }) => outcome)).to.deep.equal(["degraded", "recovered"]);
        const details = log.error.map(({ error }) => (error as SidelightError<"UNEXPECTED">).details);
        expect(details).to.deep.equal([
          { message: "quota", during: "loading what is known of the sources" },
          { message: "quota", during: "loading a contradiction" },
          { message: "quota", during: "loading the stored state" },
        ]);
      });

      it(`is done without: save ${name}, and nothing is lost`, async () => {
        const { result, log } = await sync({ ...spyStore(), save: failing });
        expect(result.head.slot).to.equal(202);
        expect(new Set(codesOf(log))).to.deep.equal(new Set(["UNEXPECTED"]));
      });

      it(`is done without: close ${name}, and stop resolves`, async () => {
        const { log } = await sync({ ...spyStore(), close: failing });
        expect(codesOf(log)).to.deep.equal(["UNEXPECTED"]);
      });
    }

    it("takes `undefined` from a store of somebody's own for nothing", async () => {
      const { result, log } = await sync({ ...spyStore(), load: async () => undefined as unknown as null });
      expect(result.head.slot).to.equal(202);
      expect(codesOf(log)).to.deep.equal([]);
    });

    it("is not written at every slot when writing fails: once for each change", async () => {
      const client = chain.client({ sources: [source], store: { ...spyStore(), save: fail } });
      await drive(chain.clock, client.start());
      const log = record(client);
      await passTime(chain.clock, 16 * chain.network.slotDurationMs);
      expect(codesOf(log).length).to.be.within(2, 3);
      await client.stop();
    });

    it("does not keep stop or an abort waiting when loading hangs", async () => {
      for (const end of ["stop", "abort"] as const) {
        let isLoading = false;
        const load = () => {
          isLoading = true;
          return new Promise<never>(() => {});
        };
        const controller = new AbortController();
        const client = chain.client({ sources: [source], store: { ...spyStore(), load } });
        const starting = rejectionOf(client.start({ signal: controller.signal }));
        await until(() => isLoading);
        if (end === "stop") await client.stop();
        else controller.abort("enough");
        const thrown = await starting;
        expect(end === "stop" ? (thrown as SidelightError).code : thrown).to.equal(
          end === "stop" ? "CLIENT_STOPPED" : "enough",
        );
        expect(client.status.state).to.equal("stopped");
      }
    });
  });
});
