import { expect } from "chai";
import { memoryStore } from "../../../src/store/memory.js";
import { codesOf, createFakeChain, type FakeChain, record } from "./fake-chain.js";
import { drive, passTime, watchUnhandled } from "./waiting.js";

/** Fewer than 2/3 of 32 sign from slot 204 on: nothing after slot 184 becomes final. */
const CALM_UNTIL = 203;
const FINAL = 184;
/** `UPDATE_TIMEOUT` of the minimal preset. */
const TIMEOUT = 64;

describe("forceUpdate", () => {
  watchUnhandled();
  let chain: FakeChain;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: CALM_UNTIL, participants: (slot) => (slot > CALM_UNTIL ? 20 : 32) });
  });

  async function follow(forceUpdate: boolean | undefined, untilSlot: number) {
    const store = memoryStore();
    const client = chain.client({ store, ...(forceUpdate === undefined ? {} : { forceUpdate }) });
    const log = record(client);
    await drive(chain.clock, client.start());
    await passTime(chain.clock, chain.timeOf(untilSlot) - chain.clock.nowMs());
    return { client, log, store };
  }

  it("is off by default: the last finality stands, however long it takes", async () => {
    const { client, log } = await follow(undefined, FINAL + 2 * TIMEOUT);
    expect(log["forced-update"]).to.deep.equal([]);
    expect(client.finalized?.slot).to.equal(FINAL);
    expect(client.finalized?.trust.forced).to.equal(false);
    await client.stop();
  });

  it("waits for UPDATE_TIMEOUT", async () => {
    const { client, log } = await follow(true, FINAL + TIMEOUT);
    expect(log["forced-update"]).to.deep.equal([]);
    expect(client.finalized?.slot).to.equal(FINAL);
    await client.stop();
  });

  it("then takes the best update, says so, and marks every label from then on", async () => {
    const { client, log } = await follow(true, FINAL + TIMEOUT + 2);
    expect(log["forced-update"]).to.have.length(1);
    const [forced] = log["forced-update"];
    expect(forced!.slot).to.be.greaterThan(FINAL);
    expect(forced!.trust).to.deep.include({ forced: true, participation: { count: 20, size: 32 } });
    expect(client.finalized).to.deep.include({ slot: forced!.slot, root: forced!.root });
    expect(log.finality.at(-1)!.slot).to.equal(forced!.slot);
    await passTime(chain.clock, 3 * chain.network.slotDurationMs);
    for (const header of [client.head, client.finalized, log.head.at(-1)]) expect(header!.trust.forced).to.equal(true);
    expect(log.participation.at(-1)!.trust.forced).to.equal(true);
    expect(log.head.filter(({ slot }) => slot < FINAL + TIMEOUT).some(({ trust }) => trust.forced)).to.equal(false);
    await client.stop();
  });

  it("keeps the mark in the store", async () => {
    const { client, store } = await follow(true, FINAL + TIMEOUT + 2);
    const forced = client.finalized!;
    await client.stop();
    const resumed = chain.client({ store });
    const log = record(resumed);
    const { finalized, head } = await drive(chain.clock, resumed.syncOnce());
    expect(codesOf(log)).to.deep.equal([]);
    expect(log.store).to.deep.equal([{ outcome: "resumed", reason: null }]);
    expect(finalized).to.deep.include({ slot: forced.slot, root: forced.root });
    expect([finalized.trust.forced, head.trust.forced]).to.deep.equal([true, true]);
  });
});
