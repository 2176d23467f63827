import { expect } from "chai";
import { isSidelightError } from "../../../src/errors.js";
import type { RawObject } from "../../../src/transport/port.js";
import {
  codesOf,
  createFakeChain,
  type FakeChain,
  type FakeSource,
  networkFailed,
  notAvailable,
  record,
} from "./fake-chain.js";
import { drive, passTime, rejectionOf, watchUnhandled } from "./waiting.js";

describe("catching up", () => {
  watchUnhandled();
  let chain: FakeChain;
  let source: FakeSource;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
    source = chain.source("first");
  });

  /** Truly signed, and of no use: it proves no finality. */
  function useless(period: number): RawObject {
    return chain.forge.update({ attestedSlot: period * 64 + 50, finalizedSlot: null }).raw();
  }

  function serveUseless(target: FakeSource, from: number): void {
    const honest = target.updates;
    target.updates = async (start, count, options) => {
      const updates = await honest(start, count, options);
      return updates.map((update, i) => (start + i >= from ? useless(start + i) : update));
    };
  }

  it("asks the next source when the first one's update proves nothing", async () => {
    const second = chain.source("second");
    serveUseless(source, 1);
    const client = chain.client({ sources: [source, second] });
    const log = record(client);
    const { head, periods } = await drive(chain.clock, client.syncOnce());
    expect({ slot: head.slot, periods }).to.deep.equal({ slot: 202, periods: 3 });
    expect(log.error.map((report) => `${report.source} ${report.error.code}`)).to.deep.equal([
      "first CATCH_UP_INCOMPLETE",
    ]);
    // the second goes on where the first stopped, and the first is not blamed: its update was true
    expect(second.requests).to.include("updates");
    await passTime(chain.clock, 6_000);
    await drive(chain.clock, client.syncOnce());
    expect(client.head?.slot).to.equal(203);
  });

  it("fails when nobody's does, and says which period it is", async () => {
    serveUseless(source, 1);
    const client = chain.client({ sources: [source] });
    const log = record(client);
    const thrown = await rejectionOf(drive(chain.clock, client.syncOnce()));
    if (!isSidelightError(thrown, "CATCH_UP_INCOMPLETE")) throw thrown;
    expect(thrown.details).to.deep.equal({ period: 1, targetPeriod: 3 });
    expect(log.committee.map(({ period }) => period)).to.deep.equal([0, 1]);
    expect(source.requests).to.deep.equal(["bootstrap", "updates"]);
  });

  it("stops at once for a source that answers with an empty list", async () => {
    source.overrides.updates = async () => [];
    const client = chain.client({ sources: [source] });
    record(client);
    const thrown = await rejectionOf(drive(chain.clock, client.syncOnce()));
    expect(isSidelightError(thrown, "CATCH_UP_INCOMPLETE")).to.equal(true);
    expect(source.requests).to.deep.equal(["bootstrap", "updates"]);
  });

  it("keeps what one source proved when another has to go on", async () => {
    const second = chain.source("second");
    const honest = source.updates;
    source.updates = async (start, count, options) => [(await honest(start, count, options))[0]!, useless(0)];
    const client = chain.client({ sources: [source, second] });
    const log = record(client);
    await drive(chain.clock, client.syncOnce());
    expect(codesOf(log)).to.deep.equal(["RESPONSE_INVALID"]);
    expect(log.committee.map(({ period }) => period)).to.deep.equal([0, 1, 2, 3]);
  });

  it("halves a range that a server refuses for one period that it misses", async () => {
    await chain.clock.advanceTo(chain.timeOf(203 + 64 * 6));
    const asked: [number, number][] = [];
    const honest = source.updates;
    source.updates = async (start, count, options) => {
      asked.push([start, count]);
      // it has lost period 5, and fails every range with it
      if (start <= 5 && start + count > 5 && count > 1) throw notAvailable("updates");
      return honest(start, count, options);
    };
    const client = chain.client({ sources: [source] });
    const { periods } = await drive(chain.clock, client.syncOnce());
    expect(periods).to.equal(9);
    expect(asked).to.deep.equal([
      [0, 9],
      [0, 5],
      [5, 4],
      [5, 2],
      [5, 1],
      [6, 2],
      [8, 1],
    ]);
  });

  it("asks for at most 128 periods at once", async () => {
    await chain.clock.advanceTo(chain.timeOf(64 * 130 + 40));
    const asked: [number, number][] = [];
    source.updates = (start, count) => {
      asked.push([start, count]);
      return Promise.reject(networkFailed("updates"));
    };
    const client = chain.client({ sources: [source], staleCheckpoint: "allow" });
    record(client);
    await rejectionOf(drive(chain.clock, client.syncOnce()));
    expect(asked).to.deep.equal([[0, 128]]);
  });

  it("goes on after a pause in which a new period began", async () => {
    const client = chain.client({ sources: [source] });
    await drive(chain.clock, client.start());
    // the machine sleeps for two periods
    await chain.clock.advanceTo(chain.timeOf(203 + 128));
    await passTime(chain.clock, 12_000);
    expect(client.head?.slot).to.equal(331);
    expect(client.status).to.deep.equal({ state: "following" });
    await client.stop();
  });

  it("tries again after 1, 2, 4 ... slots while following, and an epoch at most", async () => {
    const client = chain.client({ sources: [source] });
    record(client);
    await drive(chain.clock, client.start());
    source.overrides.updates = () => Promise.reject(networkFailed("updates"));
    source.overrides.finalityUpdate = () => Promise.reject(networkFailed("finality update"));
    await passTime(chain.clock, chain.timeOf(340) - chain.clock.nowMs());
    source.requests.splice(0);
    await passTime(chain.clock, 32 * chain.network.slotDurationMs);
    const updates = source.requests.filter((route) => route === "updates");
    expect(updates.length).to.be.at.most(5);
    await client.stop();
  });
});
