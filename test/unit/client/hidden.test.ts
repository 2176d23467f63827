import { expect } from "chai";
import type { LightClient } from "../../../src/client/light-client.js";
import type { LightClientOptions } from "../../../src/options.js";
import { type ManualVisibility, manualVisibility } from "../../support/visibility.js";
import { createFakeChain, type FakeChain, type FakeSource, networkFailed, record } from "./fake-chain.js";
import { drive, passTime, settle, watchUnhandled } from "./waiting.js";

describe("a client of a page that is hidden", () => {
  watchUnhandled();
  let chain: FakeChain;
  let client: LightClient;
  let page: ManualVisibility;
  let source: FakeSource;
  let slotMs: number;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 200 });
    slotMs = chain.network.slotDurationMs;
    page = manualVisibility();
    source = chain.source("one", { streams: false });
  });
  afterEach(async () => {
    await client.stop();
    await settle();
    expect(chain.clock.sleepers).to.equal(0);
    expect(page.watchers).to.equal(0);
  });

  async function follow(options: Partial<LightClientOptions> = {}) {
    client = chain.client({ sources: [source], visibility: page, ...options });
    const log = record(client);
    await drive(chain.clock, client.start());
    source.requests.splice(0);
    return log;
  }

  async function toSlot(slot: number, part = 0.6): Promise<void> {
    await passTime(chain.clock, chain.timeOf(slot) + part * slotMs - chain.clock.nowMs());
  }

  function asked(...routes: string[]): number {
    return source.requests.filter((route) => routes.length === 0 || routes.includes(route)).length;
  }

  /** One full hidden slot is grace; the minimal preset has 8 slots an epoch. */
  async function hideFrom(slot: number): Promise<void> {
    await toSlot(slot);
    page.hide();
    await toSlot(slot + 2);
    source.requests.splice(0);
  }

  it("looks once every quarter of an epoch", async () => {
    await follow();
    await hideFrom(202);
    await toSlot(204 + 32);
    expect(asked("optimisticUpdate", "finalityUpdate")).to.be.within(14, 17);
    expect(asked("updates")).to.be.at.most(1);
    expect(client.status.state).to.equal("following");
    expect(client.finalized!.slot).to.equal(216);
  });

  it("looks often enough for maxHeadAgeSlots", async () => {
    await follow({ maxHeadAgeSlots: 3 });
    await hideFrom(202);
    await toSlot(204 + 16);
    expect(asked("optimisticUpdate", "finalityUpdate")).to.be.within(15, 17);
    expect(client.status.state).to.equal("following");
  });

  it("follows as ever if asked to", async () => {
    await follow({ whenHidden: "follow" });
    await hideFrom(202);
    await toSlot(204 + 16);
    expect(asked("optimisticUpdate", "finalityUpdate")).to.equal(16);
  });

  it("asks for nothing if it is to pause, says so, and goes on when it is seen again", async () => {
    const log = await follow({ whenHidden: "pause" });
    await hideFrom(202);
    await toSlot(204 + 31);
    expect(source.requests).to.deep.equal([]);
    expect(client.status).to.deep.equal({ state: "paused", reason: "the page is hidden" });
    page.show();
    await settle();
    expect(client.head!.slot).to.equal(234);
    expect(client.status.state).to.equal("following");
    expect(log.status.map(({ state }) => state).slice(-2)).to.deep.equal(["paused", "following"]);
  });

  it("asks at once for what it missed, also at the start of a slot", async () => {
    await follow({ whenHidden: "pause" });
    await hideFrom(202);
    await toSlot(230, 0.1);
    page.show();
    await settle();
    expect(client.head!.slot).to.equal(229);
    expect(client.finalized!.slot).to.equal(208);
    expect(asked()).to.be.at.most(3);
  });

  it("is not taken for hidden when it is seen again within a slot", async () => {
    await follow({ whenHidden: "pause" });
    for (let slot = 202; slot < 210; slot++) {
      await toSlot(slot, 0.3);
      page.hide();
      await toSlot(slot, 0.9);
      page.show();
    }
    expect(client.head!.slot).to.equal(208);
    expect(asked()).to.be.within(7, 9);
  });

  it("is not driven to more requests by a page that is shown and hidden all the time", async () => {
    await follow();
    await toSlot(203, 0.1);
    for (let i = 0; i < 100; i++) {
      page.hide();
      page.tell("woken");
      page.show();
      await settle();
      await passTime(chain.clock, slotMs / 50);
    }
    // slots 203 to 205, in one of which finality is due
    expect(asked("optimisticUpdate")).to.be.at.most(3);
    expect(asked("finalityUpdate")).to.be.at.most(1);
  });

  it("closes its stream, and opens it again when it is seen", async () => {
    source = chain.source("streaming", { streams: true });
    await follow();
    expect(source.streams.size).to.equal(1);
    await toSlot(202);
    page.hide();
    await toSlot(206);
    expect(source.streams.size).to.equal(0);
    await toSlot(240);
    page.show();
    await passTime(chain.clock, 5 * slotMs);
    expect(source.streams.size).to.equal(1);
  });

  it("starts all the same, and slowly from then on", async () => {
    page.hide();
    await follow();
    expect(client.head!.slot).to.equal(199);
    await toSlot(200 + 8);
    expect(asked()).to.be.within(3, 6);
  });

  it("tries to start again when the network is back, but no more than once a second", async () => {
    let attempts = 0;
    source.overrides.bootstrap = () => {
      attempts++;
      return Promise.reject(networkFailed());
    };
    client = chain.client({ sources: [source], visibility: page });
    record(client);
    const started = client.start();
    started.catch(() => {});
    await passTime(chain.clock, 40_000);
    const before = attempts;
    for (let i = 0; i < 1_000; i++) {
      page.tell("woken");
      if (i % 10 === 0) await passTime(chain.clock, 20);
    }
    expect(attempts - before).to.be.at.most(2);
    delete source.overrides.bootstrap;
    await passTime(chain.clock, 60_000);
    page.tell("woken");
    await drive(chain.clock, started);
  });

  it("tries to start again soon when the network came back during an attempt", async () => {
    let attempts = 0;
    let fail!: (error: Error) => void;
    const hanging = () => {
      attempts++;
      return new Promise<never>((_, reject) => (fail = reject));
    };
    client = chain.client({ checkpoint: { name: "down", checkpoint: hanging }, sources: [source], visibility: page });
    record(client);
    client.start().catch(() => {});
    await settle();
    while (attempts < 8) {
      fail(networkFailed());
      await passTime(chain.clock, 60_000);
    }
    page.tell("woken");
    fail(networkFailed());
    await passTime(chain.clock, 1_500);
    expect(attempts).to.equal(9);
  });

  it("tries to start again soon when it wakes, though the clock was set back meanwhile", async () => {
    let attempts = 0;
    const down = () => {
      attempts++;
      return Promise.reject(networkFailed());
    };
    client = chain.client({ checkpoint: { name: "down", checkpoint: down }, sources: [source], visibility: page });
    record(client);
    client.start().catch(() => {});
    await passTime(chain.clock, 60_000);
    const before = attempts;
    chain.clock.jumpTo(chain.clock.nowMs() - 3_600_000);
    page.tell("woken");
    await passTime(chain.clock, 2_000);
    expect(attempts).to.equal(before + 1);
  });
});

describe("a client whose machine was suspended", () => {
  watchUnhandled();

  for (const streams of [false, true]) {
    it(`notices it by the clock, tells it once, and asks at once (${streams ? "with" : "without"} a stream)`, async () => {
      const chain = await createFakeChain({ slot: 200 });
      const source = chain.source("one", { streams });
      const client = chain.client({ sources: [source] });
      const log = record(client);
      await drive(chain.clock, client.start());
      await passTime(chain.clock, 2 * chain.network.slotDurationMs);
      source.requests.splice(0);
      chain.clock.jumpTo(chain.timeOf(230) + 60);
      await passTime(chain.clock, 0);
      await settle();
      expect(log.woke).to.have.length(1);
      expect(log.woke[0]!.suspendedMs).to.be.within(25 * 6_000, 29 * 6_000);
      expect(client.head!.slot).to.equal(229);
      expect(client.finalized!.slot).to.equal(208);
      expect(source.requests.length).to.be.at.most(3);
      await client.stop();
      expect(chain.clock.sleepers).to.equal(0);
    });
  }

  it("does not take a timer for a suspension that a browser held back in a hidden page", async () => {
    const chain = await createFakeChain({ slot: 200 });
    const page = manualVisibility("hidden");
    const client = chain.client({ visibility: page });
    const log = record(client);
    await drive(chain.clock, client.start());
    chain.clock.jumpTo(chain.clock.nowMs() + 12_000 + 60_000);
    await passTime(chain.clock, 0);
    expect(log.woke).to.deep.equal([]);
    await client.stop();
  });
});
