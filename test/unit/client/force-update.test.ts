import { expect } from "chai";
import { memoryStore } from "../../../src/store/memory.js";
import { codesOf, createFakeChain, type FakeChain, type FakeSource, notAvailable, record } from "./fake-chain.js";
import { drive, passTime, watchUnhandled } from "./waiting.js";

/** `UPDATE_TIMEOUT` of the minimal preset. */
const TIMEOUT = 64;
/** Newest finality that signatures of period 3 prove. */
const FINAL = 232;

describe("forceUpdate", () => {
  watchUnhandled();
  let chain: FakeChain;
  let source: FakeSource;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
    source = chain.source();
    // From period 3 on no update proves the committee after it: none has finality.
    const honest = source.updates;
    source.updates = async (start, count, options) => {
      const updates = await honest(start, count, options);
      return updates.map((update, i) => (start + i < 3 ? update : withoutFinality(start + i)));
    };
  });

  function withoutFinality(period: number) {
    return chain.forge.update({ attestedSlot: period * 64 + 50, finalizedSlot: null, participants: 24 }).raw();
  }

  async function follow(forceUpdate: boolean | undefined, untilSlot: number) {
    const store = memoryStore();
    const client = chain.client({
      store,
      sources: [source],
      ...(forceUpdate === undefined ? {} : { forceUpdate }),
    });
    const log = record(client);
    await drive(chain.clock, client.start());
    await passTime(chain.clock, chain.timeOf(untilSlot) - chain.clock.nowMs());
    return { client, log, store };
  }

  it("is off by default: the last finality stands, and the client stalls", async () => {
    const { client, log } = await follow(undefined, FINAL + TIMEOUT + 20);
    expect(log["forced-update"]).to.deep.equal([]);
    expect(client.finalized?.slot).to.equal(FINAL);
    expect(client.finalized?.trust.forced).to.equal(false);
    expect(client.status.state).to.equal("stalled");
    await client.stop();
  });

  it("waits for UPDATE_TIMEOUT, although the client has been stuck since the period ended", async () => {
    const { client, log } = await follow(true, FINAL + TIMEOUT);
    expect(codesOf(log)).to.include("CATCH_UP_INCOMPLETE");
    expect(log["forced-update"]).to.deep.equal([]);
    expect(client.finalized?.slot).to.equal(FINAL);
    await client.stop();
  });

  it("is not used as long as the client can do without", async () => {
    // nothing is final for longer than UPDATE_TIMEOUT, but the committees of this period and the next are known
    const calm = await createFakeChain({ slot: 203, participants: (slot) => (slot > 203 ? 20 : 32) });
    const client = calm.client({ forceUpdate: true });
    const log = record(client);
    await drive(calm.clock, client.start());
    await passTime(calm.clock, calm.timeOf(254) - calm.clock.nowMs());
    expect(client.finalized!.trust.ageSlots).to.be.greaterThan(TIMEOUT);
    expect(client.status).to.include({ state: "stalled", what: "finality", cause: "low-participation" });
    expect(log["forced-update"]).to.deep.equal([]);
    await client.stop();
  });

  it("then takes the best update, says so, and marks every label from then on", async () => {
    const { client, log } = await follow(true, FINAL + TIMEOUT + 12);
    expect(log["forced-update"]).to.have.length(1);
    const [forced] = log["forced-update"];
    expect(forced!.slot).to.equal(3 * 64 + 50);
    expect(forced!.trust.forced).to.equal(true);
    expect(forced!.trust.level).to.equal("optimistic");
    expect(log.committee.map(({ period }) => period)).to.deep.equal([0, 1, 2, 3, 4]);
    await passTime(chain.clock, 8 * chain.network.slotDurationMs);
    expect(client.status).to.deep.equal({ state: "following" });
    for (const header of [client.head, client.finalized, log.head.at(-1)]) expect(header!.trust.forced).to.equal(true);
    expect(log.participation.at(-1)!.trust.forced).to.equal(true);
    expect(log.head.filter(({ slot }) => slot < FINAL + 20).some(({ trust }) => trust.forced)).to.equal(false);
    await client.stop();
  });

  it("keeps the mark in the store", async () => {
    const { client, store } = await follow(true, FINAL + TIMEOUT + 16);
    expect(client.finalized!.trust.forced).to.equal(true);
    await client.stop();
    const resumed = chain.client({ store, sources: [source] });
    const log = record(resumed);
    const { finalized, head } = await drive(chain.clock, resumed.syncOnce());
    expect(codesOf(log)).to.not.include("SNAPSHOT_INVALID");
    expect(log.store.map(({ outcome }) => outcome)).to.deep.equal(["resumed"]);
    expect([finalized.trust.forced, head.trust.forced]).to.deep.equal([true, true]);
  });

  it("does not keep a later run from knowing what has truly become final since", async () => {
    const { client, store } = await follow(true, FINAL + TIMEOUT + 16);
    const { slot } = client.finalized!;
    expect(slot).to.be.above(3 * 64 + 50);
    await client.stop();
    const liar = chain.source("liar", { streams: true });
    liar.updates = source.updates;
    liar.overrides.finalityUpdate = () => Promise.reject(notAvailable("finality update"));
    const resumed = chain.client({ store, sources: [liar] });
    const log = record(resumed);
    await drive(chain.clock, resumed.start());
    expect([resumed.finalized!.slot, resumed.finalized!.trust.source]).to.deep.equal([slot, "store"]);
    const lie = { attestedSlot: chain.slot() - 1, finalizedSlot: slot - 2, finalizedEpoch: slot / 8 };
    liar.push("finality", chain.forge.finalityUpdate(lie).raw());
    await passTime(chain.clock, chain.network.slotDurationMs);
    expect(codesOf(log)).to.include("FINALITY_CONFLICT");
    expect(resumed.finalized).to.equal(null);
    await resumed.stop();
  });
});
