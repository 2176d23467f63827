import { expect } from "chai";
import type { LightClient } from "../../../src/client/light-client.js";
import { isSidelightError } from "../../../src/errors.js";
import { memoryStore } from "../../../src/store/memory.js";
import { createFakeChain, type FakeChain, type FakeSource, hang, networkFailed, record } from "./fake-chain.js";
import { drive, passTime, rejectionOf, settle, until, watchUnhandled } from "./waiting.js";

describe("LightClient.syncOnce", () => {
  watchUnhandled();
  let chain: FakeChain;
  let source: FakeSource;
  let client: LightClient;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
    source = chain.source("fake", { streams: true });
    client = chain.client({ sources: [source] });
    record(client);
  });

  it("gets to the head in one pass and stays idle afterwards", async () => {
    const result = await drive(chain.clock, client.syncOnce());
    expect(result.head.slot).to.equal(202);
    expect(result.finalized.slot).to.equal(184);
    expect(result.periods).to.equal(3);
    expect(result.elapsedMs).to.be.at.least(0);
    expect(client.status).to.deep.equal({ state: "idle" });
    expect(source.requests).to.deep.equal(["bootstrap", "updates", "finalityUpdate"]);
    expect({ sleepers: chain.clock.sleepers, streams: source.streams.size }).to.deep.equal({ sleepers: 0, streams: 0 });
  });

  it("asks for nothing that cannot be newer yet", async () => {
    await drive(chain.clock, client.syncOnce());
    source.requests.splice(0);
    await drive(chain.clock, client.syncOnce());
    expect(source.requests).to.deep.equal([]);
    await passTime(chain.clock, chain.network.slotDurationMs);
    await drive(chain.clock, client.syncOnce());
    expect(source.requests).to.deep.equal(["optimisticUpdate"]);
  });

  it("tells the head and the finality of the whole pass once, at its end", async () => {
    const log = record(client);
    await drive(chain.clock, client.syncOnce());
    expect(log.head.map(({ slot }) => slot)).to.deep.equal([202]);
    expect(log.finality.map(({ slot }) => slot)).to.deep.equal([184]);
    expect(log.committee.map(({ period }) => period)).to.deep.equal([0, 1, 2, 3]);
    expect(log.reorg).to.deep.equal([]);
  });

  it("shares one pass among calls that overlap", async () => {
    const results = await drive(chain.clock, Promise.all([client.syncOnce(), client.syncOnce(), client.syncOnce()]));
    expect(new Set(results).size).to.equal(1);
    expect(source.requests).to.deep.equal(["bootstrap", "updates", "finalityUpdate"]);
  });

  it("lets one caller give up while the other gets its result", async () => {
    const controller = new AbortController();
    const [given, kept] = [client.syncOnce({ signal: controller.signal }), client.syncOnce()];
    const reason = { exactly: "this" };
    controller.abort(reason);
    expect(await rejectionOf(given)).to.equal(reason);
    expect((await drive(chain.clock, kept)).head.slot).to.equal(202);
  });

  it("gives up the pass when its last caller does", async () => {
    source.overrides.updates = hang;
    const [one, two] = [new AbortController(), new AbortController()];
    const calls = [one, two].map(({ signal }) => rejectionOf(client.syncOnce({ signal })));
    await until(() => source.requests.includes("updates"));
    one.abort("one");
    two.abort("two");
    expect(await Promise.all(calls)).to.deep.equal(["one", "two"]);
    await until(() => client.status.state === "idle");
    expect(chain.clock.sleepers).to.equal(0);
  });

  it("does not hand a pass that was given up to the next caller", async () => {
    source.overrides.updates = hang;
    const controller = new AbortController();
    const given = rejectionOf(client.syncOnce({ signal: controller.signal }));
    await until(() => source.requests.includes("updates"));
    delete source.overrides.updates;
    controller.abort("given up");
    expect(await given).to.equal("given up");
    const next = client.syncOnce();
    expect((await drive(chain.clock, next)).head.slot).to.equal(202);
    expect(client.status).to.deep.equal({ state: "idle" });
  });

  it("works after a stop, and beside one that comes before it", async () => {
    const first = rejectionOf(client.syncOnce());
    const stopping = client.stop();
    const second = client.syncOnce();
    expect(isSidelightError(await first, "CLIENT_STOPPED")).to.equal(true);
    await stopping;
    expect((await drive(chain.clock, second)).head.slot).to.equal(202);
    expect(client.status).to.deep.equal({ state: "idle" });
  });

  it("rejects at once with the reason of a signal that has aborted, and asks nobody", async () => {
    expect(await rejectionOf(client.syncOnce({ signal: AbortSignal.abort("before") }))).to.equal("before");
    expect(source.requests).to.deep.equal([]);
  });

  it("rejects at the first failure and leaves the client idle", async () => {
    source.overrides.updates = () => Promise.reject(networkFailed());
    const thrown = await rejectionOf(drive(chain.clock, client.syncOnce()));
    expect(isSidelightError(thrown, "NO_SOURCE_ANSWERED")).to.equal(true);
    expect(client.status).to.deep.equal({ state: "idle" });
    expect(source.requests).to.deep.equal(["bootstrap", "updates"]);
  });

  it("goes on where the pass before it failed", async () => {
    source.overrides.finalityUpdate = () => Promise.reject(networkFailed());
    await rejectionOf(drive(chain.clock, client.syncOnce()));
    delete source.overrides.finalityUpdate;
    await passTime(chain.clock, 10_000); // the source's pause
    source.requests.splice(0);
    const result = await drive(chain.clock, client.syncOnce());
    expect(result.head.slot).to.equal(203);
    expect(source.requests).to.deep.equal(["finalityUpdate"]);
  });

  it("works beside a client that follows, and leaves it following", async () => {
    await drive(chain.clock, client.start());
    await passTime(chain.clock, 2.6 * chain.network.slotDurationMs);
    const result = await drive(chain.clock, client.syncOnce());
    expect(result.head.slot).to.equal(204);
    expect(client.status).to.deep.equal({ state: "following" });
    await client.stop();
  });

  it("takes its turn with a start that is under way", async () => {
    const [head, result] = await drive(chain.clock, Promise.all([client.start(), client.syncOnce()]));
    expect(result.head.root).to.equal(head.root);
    expect(source.requests).to.deep.equal(["bootstrap", "updates", "finalityUpdate"]);
    await client.stop();
    await settle();
    expect(chain.clock.sleepers).to.equal(0);
  });

  it("reads all that is kept of the sources, though the one before was given up while it was read", async () => {
    const store = memoryStore();
    const giveUp = new AbortController();
    let loads = 0;
    const load = (key: string) => {
      if (key.endsWith("-sources") && ++loads === 1) giveUp.abort(new Error("given up"));
      return store.load(key);
    };
    const kept = await createFakeChain();
    const client = kept.client({ store: { ...store, load } });
    expect(await rejectionOf(client.syncOnce({ signal: giveUp.signal }))).to.equal(giveUp.signal.reason);
    await drive(kept.clock, client.syncOnce());
    await drive(kept.clock, client.syncOnce());
    expect(loads).to.equal(2);
  });
});
