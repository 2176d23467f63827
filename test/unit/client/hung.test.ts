import { expect } from "chai";
import type { LightClient } from "../../../src/client/light-client.js";
import { isSidelightError, SidelightError } from "../../../src/errors.js";
import { memoryStore } from "../../../src/store/memory.js";
import type { CheckpointStore } from "../../../src/store/port.js";
import { codesOf, createFakeChain, type FakeChain, type FakeSource, notAvailable, record } from "./fake-chain.js";
import { drive, passTime, rejectionOf, settle, until, watchUnhandled } from "./waiting.js";

/** Neither answers nor hangs up. */
const never = () => new Promise<never>(() => {});

describe("a store that never answers", () => {
  watchUnhandled();
  let chain: FakeChain;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
  });

  async function run(store: CheckpointStore) {
    const client = chain.client({ store });
    const log = record(client);
    await drive(chain.clock, client.start(), { limitMs: 120_000 });
    expect(client.status).to.deep.equal({ state: "following" });
    await drive(chain.clock, client.stop(), { limitMs: 120_000 });
    expect(client.status.state).to.equal("stopped");
    await settle();
    expect(chain.clock.sleepers).to.equal(0);
    const operations = log.error.map(({ error }) => {
      if (!isSidelightError(error, "STORE_FAILED")) throw error;
      return error.details.operation;
    });
    return { operations: [...new Set(operations)] };
  }

  it("to save does not keep start from resolving, nor stop, and is told", async () => {
    expect(await run({ ...memoryStore(), save: never })).to.deep.equal({ operations: ["save"] });
  });

  it("to close does not keep stop from resolving, and is told", async () => {
    expect(await run({ ...memoryStore(), close: never })).to.deep.equal({ operations: ["close"] });
  });

  it("to clear does not keep forgetConflict from resolving, and is told", async () => {
    const said = { source: "a", slot: 1, root: `0x${"11".repeat(32)}` };
    const kept = { checkpoint: chain.checkpoint, evidence: { known: said, received: said } };
    const load = async (key: string) =>
      key.endsWith("-conflict") ? new TextEncoder().encode(JSON.stringify(kept)) : null;
    const client = chain.client({ store: { ...memoryStore(), load, clear: never } });
    const log = record(client);
    expect(isSidelightError(await rejectionOf(client.start()), "FINALITY_CONFLICT")).to.equal(true);
    await drive(chain.clock, client.forgetConflict(), { limitMs: 120_000 });
    await drive(chain.clock, client.start(), { limitMs: 120_000 });
    await client.stop();
    const told = log.error.map(({ error }) => error).filter((error) => isSidelightError(error, "STORE_FAILED"));
    expect(told.map(({ details }) => details)).to.deep.include.members([
      { operation: "clear", message: "the store: clear has not ended within 10000 ms" },
    ]);
  });

  it("does not keep a client that follows from following", async () => {
    const store: CheckpointStore = memoryStore();
    const client = chain.client({ store });
    await drive(chain.clock, client.start());
    store.save = never;
    const log = record(client);
    for (const slot of [216, 232]) {
      await passTime(chain.clock, chain.timeOf(slot) + 0.9 * chain.network.slotDurationMs - chain.clock.nowMs());
      expect(client.head!.slot).to.be.at.least(slot - 3);
    }
    expect(new Set(codesOf(log))).to.deep.equal(new Set(["STORE_FAILED"]));
    await drive(chain.clock, client.stop(), { limitMs: 60_000 });
  });
});

describe("a source that does not look at the signal", () => {
  watchUnhandled();
  let chain: FakeChain;
  let source: FakeSource;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
    source = chain.source("deaf", { streams: true });
  });
  afterEach(async () => {
    await settle();
    expect(chain.clock.sleepers).to.equal(0);
  });

  for (const route of ["bootstrap", "updates", "finalityUpdate"] as const) {
    it(`does not keep stop from resolving while it starts: ${route}`, async () => {
      source.overrides[route] = never;
      const client = chain.client({ sources: [source] });
      const starting = rejectionOf(client.start());
      await until(() => source.requests.includes(route));
      await client.stop();
      expect(isSidelightError(await starting, "CLIENT_STOPPED")).to.equal(true);
      expect(client.status.state).to.equal("stopped");
    });
  }

  it("does not keep stop from resolving while it is asked for the head, and can be asked again", async () => {
    source = chain.source("deaf");
    const client = chain.client({ sources: [source] });
    await drive(chain.clock, client.start());
    source.overrides.optimisticUpdate = never;
    source.requests.splice(0);
    await passTime(chain.clock, 2 * chain.network.slotDurationMs);
    expect(source.requests).to.deep.equal(["optimisticUpdate"]);
    await client.stop();
    delete source.overrides.optimisticUpdate;
    expect((await drive(chain.clock, client.start())).slot).to.equal(chain.slot() - 1);
    await client.stop();
  });

  it("does not keep stop from resolving while it streams, and is not listened to any more", async () => {
    let push: ((slot: number) => void) | undefined;
    source.subscribe = ({ onOpen, onEvent }) => {
      onOpen?.();
      push = (slot) => onEvent({ type: "optimistic", object: chain.object("optimisticUpdate", slot) });
      return never();
    };
    const client = chain.client({ sources: [source] });
    const log = record(client);
    await drive(chain.clock, client.start());
    await until(() => push !== undefined);
    await client.stop();
    const before = log.head.length;
    await chain.clock.advance(chain.network.slotDurationMs);
    push!(204);
    await settle();
    expect(log.head).to.have.length(before);
    expect(codesOf(log)).to.deep.equal([]);
  });
});

describe("a network that answers for the sources (a captive portal)", () => {
  watchUnhandled();
  let chain: FakeChain;
  let sources: FakeSource[];

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
    sources = [chain.source("first"), chain.source("second")];
  });

  const details = { source: "fake", request: "bootstrap", expected: "JSON or SSZ", actual: "text/html" };
  const answers: Record<string, () => Error> = {
    "a login page": () => new SidelightError("RESPONSE_INVALID", "expected JSON or SSZ, got text/html", details),
    "what nobody foresaw": () => new TypeError("redirected"),
  };
  for (const [name, answer] of Object.entries(answers)) {
    it(`by ${name} does not end a start: it resolves once that is gone`, async () => {
      for (const { overrides } of sources) overrides.bootstrap = () => Promise.reject(answer());
      const client = chain.client({ sources });
      record(client);
      const starting = client.start();
      starting.catch(() => {});
      await passTime(chain.clock, 90_000);
      expect(client.status.state).to.equal("stalled");
      for (const { overrides } of sources) delete overrides.bootstrap;
      expect((await drive(chain.clock, starting, { limitMs: 180_000 })).slot).to.equal(chain.slot() - 1);
      await client.stop();
    });
  }

  it("does not end a start while one source says that there is no such block", async () => {
    sources[0]!.overrides.bootstrap = () => Promise.reject(answers["a login page"]!());
    sources[1]!.overrides.bootstrap = () => Promise.reject(notAvailable("bootstrap"));
    const client = chain.client({ sources });
    record(client);
    const starting = client.start();
    starting.catch(() => {});
    await passTime(chain.clock, 10_000);
    delete sources[0]!.overrides.bootstrap;
    await drive(chain.clock, starting, { limitMs: 180_000 });
    await client.stop();
  });

  it("is not what it is when every source has no such block, or another one", async () => {
    const none = () => Promise.reject(notAvailable("bootstrap"));
    const another = async () => chain.forge.bootstrap(16).raw();
    for (const [first, second] of [
      [none, none],
      [another, another],
      [none, another],
    ] as const) {
      sources[0]!.overrides.bootstrap = first;
      sources[1]!.overrides.bootstrap = second;
      const client = chain.client({ sources });
      record(client);
      const thrown = await rejectionOf(drive(chain.clock, client.start(), { limitMs: 0 }));
      expect(isSidelightError(thrown, "NO_SOURCE_ANSWERED")).to.equal(true);
      expect(client.status.state).to.equal("stopped");
    }
  });
});

describe("stop", () => {
  watchUnhandled();
  let chain: FakeChain;
  let client: LightClient;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
  });
  afterEach(() => client.stop());

  it("that ends late does not call a client stopped that was started again", async () => {
    let release = () => {};
    let isSlow = false;
    const close = () => (isSlow ? new Promise<void>((resolve) => (release = resolve)) : Promise.resolve());
    client = chain.client({ store: { ...memoryStore(), close } });
    const log = record(client);
    await drive(chain.clock, client.syncOnce());
    isSlow = true;
    const stopping = client.stop();
    await settle();
    isSlow = false;
    await drive(chain.clock, client.start());
    release();
    await stopping;
    await settle();
    expect(client.status).to.deep.equal({ state: "following" });
    expect(log.status.map(({ state }) => state)).to.not.include("stopped");
  });
});

describe("a stream of updates from the future", () => {
  watchUnhandled();

  it("is left, and not reported for each of them", async () => {
    const chain = await createFakeChain({ slot: 203 });
    const source = chain.source("early", { streams: true });
    const client = chain.client({ sources: [source] });
    const log = record(client);
    await drive(chain.clock, client.start());
    const push = () => source.push("optimistic", chain.object("optimisticUpdate", chain.slot() + 1_000));
    expect(source.streams.size).to.equal(1);
    push();
    await settle();
    expect(source.streams.size).to.equal(0);
    for (let i = 0; i < 200; i++) {
      push();
      await passTime(chain.clock, 100);
    }
    expect(new Set(codesOf(log))).to.deep.equal(new Set(["UPDATE_FROM_FUTURE"]));
    expect(codesOf(log).length).to.be.at.most(5);
    // the head is polled for meanwhile
    expect(client.head!.slot).to.be.at.least(chain.slot() - 2);
    await client.stop();
  });
});
