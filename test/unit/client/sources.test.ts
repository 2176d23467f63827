/** What a client does and tells about its sources: their standing, and how many bytes they may send. */
import { expect } from "chai";
import { memoryStore } from "../../../src/store/memory.js";
import type { RequestOptions, Source } from "../../../src/transport/port.js";
import { codesOf, createFakeChain, type FakeChain, type FakeSource, networkFailed, record } from "./fake-chain.js";
import { drive, passTime, settle, watchUnhandled } from "./waiting.js";

/** The same source, each answer of which is `bytes` long. */
function weighed(source: FakeSource, bytes: number): Source {
  const weigh = <O extends RequestOptions | undefined>(options: O): O => {
    options?.onBytes?.(bytes);
    return options;
  };
  return {
    name: source.name,
    bootstrap: (root, options) => source.bootstrap(root, weigh(options)),
    updates: (start, count, options) => source.updates(start, count, weigh(options)),
    finalityUpdate: (options) => source.finalityUpdate(weigh(options)),
    optimisticUpdate: (options) => source.optimisticUpdate(weigh(options)),
  };
}

describe("LightClient, its sources", () => {
  watchUnhandled();
  let chain: FakeChain;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
  });

  it("tells with a peer event who did not answer, and has the score", async () => {
    const [bad, good] = [chain.source("bad"), chain.source("good")];
    for (const route of ["bootstrap", "updates", "finalityUpdate", "optimisticUpdate"] as const) {
      bad.overrides[route] = () => Promise.reject(networkFailed());
    }
    const client = chain.client({ sources: [bad, good] });
    const log = record(client);
    await drive(chain.clock, client.start());
    await client.stop();
    expect(log.peer[0]).to.deep.include({
      source: "bad",
      action: "paused",
      code: "NETWORK_FAILED",
      request: "bootstrap",
    });
    const [first, second] = client.sources;
    expect(first!.source).to.equal("bad");
    expect(first!.failures).to.be.at.least(1);
    expect(first!.availability).to.be.lessThan(second!.availability);
  });

  it("tells with a peer event who sent something invalid, which check failed, and for how long it is not asked", async () => {
    const [liar, good] = [chain.source("liar"), chain.source("good")];
    liar.overrides.bootstrap = async () => chain.forge.bootstrap(chain.checkpointSlot + 1).raw();
    const client = chain.client({ sources: [liar, good] });
    const log = record(client);
    await drive(chain.clock, client.start());
    await client.stop();
    expect(log.peer[0]).to.deep.include({
      source: "liar",
      action: "evicted",
      code: "BOOTSTRAP_ROOT_MISMATCH",
      pauseMs: 60_000,
    });
  });

  it("remembers in the store who sent something invalid, and takes it up when it starts again", async () => {
    const store = memoryStore();
    const liar = chain.source("liar");
    liar.overrides.bootstrap = async () => chain.forge.bootstrap(chain.checkpointSlot + 1).raw();
    const first = chain.client({ sources: [liar, chain.source("good")], store });
    await drive(chain.clock, first.syncOnce());
    await first.stop();
    const second = chain.client({ sources: [liar, chain.source("good")], store });
    await drive(chain.clock, second.syncOnce());
    expect(second.sources[0]).to.include({ source: "liar", invalid: 1 });
    await second.stop();
  });

  it("is throttled once maxBytesPerHour have come: asks nothing, says so once, and goes on within the hour", async () => {
    const source = chain.source("talker");
    const client = chain.client({ sources: [weighed(source, 10_000)], maxBytesPerHour: 100_000 });
    const log = record(client);
    await drive(chain.clock, client.start());
    const { slotDurationMs } = chain.network;
    await passTime(chain.clock, 20 * slotDurationMs);
    expect(client.status.state).to.equal("throttled");
    const asked = source.requests.length;
    expect(asked).to.equal(10);
    await passTime(chain.clock, 20 * slotDurationMs);
    expect(source.requests.length).to.equal(asked);
    expect(log.status.filter(({ state }) => state === "throttled")).to.have.length(1);
    expect(codesOf(log)).to.deep.equal([]);
    const { untilMs } = client.status as { untilMs: number };
    expect(untilMs - chain.clock.nowMs()).to.be.within(0, 3_600_000);
    await passTime(chain.clock, untilMs - chain.clock.nowMs() + 12 * slotDurationMs);
    expect(client.status.state).to.equal("following");
    expect(source.requests.length).to.be.greaterThan(asked);
    await client.stop();
    await settle();
    expect(chain.clock.sleepers).to.equal(0);
  });

  it("is throttled while it starts as well, and then starts by itself", async () => {
    const source = chain.source("talker");
    const client = chain.client({ sources: [weighed(source, 40_000)], maxBytesPerHour: 100_000 });
    const log = record(client);
    const starting = client.start();
    await passTime(chain.clock, 120_000);
    expect(client.status.state).to.equal("throttled");
    await drive(chain.clock, starting, { limitMs: 4 * 3_600_000 });
    expect(log.status.map(({ state }) => state)).to.include.members(["throttled", "following"]);
    await client.stop();
  });
});
