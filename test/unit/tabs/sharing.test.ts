import { expect } from "chai";
import type { LightClient } from "../../../src/client/light-client.js";
import { codesOf, createFakeChain, type FakeChain } from "../client/fake-chain.js";
import { drive, passTime, settle, watchUnhandled } from "../client/waiting.js";
import { createTabs, type Tab, type Tabs } from "./tabs.js";

describe("shareLightClient", () => {
  watchUnhandled();
  let chain: FakeChain;
  let tabs: Tabs;
  let slotMs: number;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
    slotMs = chain.network.slotDurationMs;
    tabs = createTabs(chain);
  });
  afterEach(async () => {
    await tabs.closeAll();
    await settle();
    expect(tabs.locks.held).to.equal(0);
    expect(chain.clock.sleepers).to.equal(0);
  });

  async function start(...started: Tab[]): Promise<void> {
    await drive(chain.clock, Promise.all(started.map(({ client }) => client.start())));
  }

  function asked(): Record<string, number> {
    return Object.fromEntries(tabs.all.map(({ name, source }) => [name, source.requests.splice(0).length]));
  }

  const pass = (ms: number) => passTime(chain.clock, ms);

  it("is a client as any other", () => {
    const client: LightClient = tabs.open().client;
    expect(client.status).to.deep.equal({ state: "idle" });
    expect([client.head, client.finalized, client.participation, client.evidence]).to.deep.equal([
      null,
      null,
      null,
      [],
    ]);
  });

  it("does nothing before it is started", async () => {
    tabs.open();
    await pass(5_000);
    expect(tabs.locks.held).to.equal(0);
    expect(asked()).to.deep.equal({ "tab-1": 0 });
    expect(tabs.all[0]!.client.role).to.equal("idle");
  });

  it("lets one tab follow, and tells all the same", async () => {
    const [first, second, third] = [tabs.open(), tabs.open(), tabs.open()];
    await start(first);
    await start(second, third);
    expect(tabs.leaders()).to.deep.equal(["tab-1"]);
    expect([second, third].map(({ client }) => client.role)).to.deep.equal(["follower", "follower"]);
    asked();
    await pass(12 * slotMs);
    const counts = asked();
    expect(counts["tab-1"]).to.be.within(11, 14);
    expect(counts).to.include({ "tab-2": 0, "tab-3": 0 });
    for (const tab of [second, third]) {
      expect(tab.client.head).to.deep.equal(first.client.head);
      expect(tab.client.finalized).to.deep.equal(first.client.finalized);
      expect(tab.client.participation).to.deep.equal(first.client.participation);
      expect(tab.log.head.map(({ slot }) => slot)).to.deep.equal(first.log.head.map(({ slot }) => slot));
      expect(tab.client.status.state).to.equal("following");
    }
    expect(tabs.all.flatMap(({ log }) => log.error)).to.deep.equal([]);
  });

  it("elects one when they all start at once", async () => {
    const started = Array.from({ length: 6 }, () => tabs.open());
    await start(...started);
    expect(tabs.leaders()).to.have.length(1);
    await pass(3 * slotMs);
    expect(tabs.leaders()).to.have.length(1);
    const counts = Object.values(asked());
    expect(counts.filter((count) => count > 0)).to.have.length(1);
  });

  it("resolves start everywhere with a verified head", async () => {
    const [first, second] = [tabs.open(), tabs.open()];
    const heads = await drive(chain.clock, Promise.all([first.client.start(), second.client.start()]));
    expect(heads.map(({ slot }) => slot)).to.deep.equal([202, 202]);
  });

  it("passes once through whoever follows", async () => {
    const [first, second] = [tabs.open(), tabs.open()];
    await start(first);
    asked();
    const { head } = await drive(chain.clock, second.client.syncOnce());
    expect(head.slot).to.equal(202);
    expect(asked()["tab-2"]).to.equal(0);
    expect(second.client.role).to.equal("idle");
    expect(second.client.status).to.deep.equal({ state: "idle" });
    expect(first.client.status.state).to.equal("following");
  });

  it("gives who starts later the head of that moment, in any tab", async () => {
    const [first, second] = [tabs.open(), tabs.open()];
    await start(first);
    await pass(20 * slotMs);
    for (const { client } of [second, second, first]) {
      const head = await drive(chain.clock, client.start());
      expect(head.slot).to.be.at.least(220);
      expect(head).to.deep.equal(client.head);
    }
  });

  it("follows on from a pass with the status of who follows", async () => {
    const [first, second] = [tabs.open(), tabs.open()];
    await start(first);
    await pass(slotMs);
    let answer: (() => void) | undefined;
    first.source.overrides.optimisticUpdate = () =>
      new Promise((resolve) => {
        answer = () => resolve(chain.object("optimisticUpdate"));
      });
    await pass(2 * slotMs);
    const passing = second.client.syncOnce();
    while (second.client.role !== "follower") await pass(50);
    const started = second.client.start();
    await settle();
    expect(second.client.status).to.deep.equal({ state: "following" });
    delete first.source.overrides.optimisticUpdate;
    answer!();
    await drive(chain.clock, Promise.all([passing, started]));
    expect(second.client.status).to.deep.equal({ state: "following" });
  });

  it("passes once by itself when nobody follows", async () => {
    const tab = tabs.open();
    const { head } = await drive(chain.clock, tab.client.syncOnce());
    expect(head.slot).to.equal(202);
    expect(tab.client.head!.slot).to.equal(202);
    expect(tab.roles).to.deep.equal(["leader", "idle"]);
    expect(tabs.locks.held).to.equal(0);
  });

  it("hands over at once when the tab that follows is stopped", async () => {
    const [first, second] = [tabs.open(), tabs.open()];
    await start(first);
    await start(second);
    await drive(chain.clock, first.client.stop());
    expect(first.client.role).to.equal("idle");
    expect(first.client.status).to.deep.equal({ state: "stopped", reason: "stopped" });
    await pass(200);
    expect(tabs.leaders()).to.deep.equal(["tab-2"]);
    expect(second.roles).to.deep.equal(["follower", "leader"]);
    asked();
    await pass(4 * slotMs);
    const { head } = second.client;
    expect(head!.slot).to.be.at.least(205);
    expect(asked()["tab-1"]).to.equal(0);
    expect(first.client.head!.slot).to.equal(202);
    // from the store: nobody had to begin again
    expect(second.log.store.map(({ outcome }) => outcome)).to.deep.equal(["resumed"]);
    await start(first);
    expect(first.client.role).to.equal("follower");
    expect(first.client.head!.slot).to.equal(head!.slot);
  });

  it("follows on when a tab that only listened is stopped", async () => {
    const [first, second] = [tabs.open(), tabs.open()];
    await start(first);
    await start(second);
    await drive(chain.clock, second.client.stop());
    expect(second.client.status).to.deep.equal({ state: "stopped", reason: "stopped" });
    await pass(2 * slotMs);
    expect(first.client.head!.slot).to.equal(203);
    expect(second.client.head!.slot).to.equal(202);
    expect(tabs.leaders()).to.deep.equal(["tab-1"]);
  });

  it("keeps apart what is not the same", async () => {
    const other = await createFakeChain({ slot: 203, checkpointSlot: 16 });
    const [first, second] = [tabs.open(), tabs.open({ share: { name: "another" } })];
    const third = tabs.open({ client: { checkpoint: other.checkpoint } });
    third.source.overrides.bootstrap = async () => other.object("bootstrap");
    await start(first, second, third);
    expect(tabs.leaders()).to.deep.equal(["tab-1", "tab-2", "tab-3"]);
  });

  it("serves events that only a tab listens to that does not follow", async () => {
    const [first, second] = [tabs.open(), tabs.open()];
    await start(first);
    await start(second);
    first.source.overrides.optimisticUpdate = () => Promise.reject(new Error("out of order"));
    await pass(2 * slotMs);
    expect(second.log.error.map(({ source }) => source)).to.include("tab-1");
    expect(second.log.error[0]!.error.code).to.equal("UNEXPECTED");
  });

  it("follows closely as long as any tab is seen, also when that is not the one that follows", async () => {
    const [first, second] = [tabs.open(), tabs.open()];
    await start(first);
    await start(second);
    first.page.hide();
    await pass(3 * slotMs);
    asked();
    await pass(8 * slotMs);
    expect(asked()["tab-1"]).to.be.at.least(8);
    second.page.hide();
    await pass(3 * slotMs);
    asked();
    await pass(8 * slotMs);
    expect(asked()["tab-1"]).to.be.within(3, 5);
    second.page.show();
    await settle();
    await pass(200);
    expect(second.client.head!.slot).to.equal(chain.slot() - 1);
  });

  it("is not led astray by what others write to its channel", async () => {
    const [first, second] = [tabs.open(), tabs.open()];
    await start(first, second);
    const { name, genesisValidatorsRoot } = chain.network;
    const channel = new BroadcastChannel(`sidelight/1/${name}/${genesisValidatorsRoot}/${chain.checkpoint}/`);
    const id = "ab".repeat(16);
    try {
      const junk: unknown[] = [
        null,
        7,
        "lead",
        [],
        {},
        { type: "lead" },
        { sidelight: 1 },
        { sidelight: 2, type: "seek", tab: id },
      ];
      for (const leader of ["", 7, "x".repeat(1 << 20), "../../x"])
        junk.push({ sidelight: 1, type: "lead", leader, to: null });
      for (const tab of [null, "", {}, id.toUpperCase()]) junk.push({ sidelight: 1, type: "seek", tab });
      for (const message of junk) channel.postMessage(message);
      await pass(slotMs);
      expect(second.roles).to.deep.equal(["follower"]);
      // somebody who asks and is never heard of again, and a leader that is none
      for (let i = 0; i < 300; i++)
        channel.postMessage({ sidelight: 1, type: "seek", tab: i.toString(16).padStart(32, "0") });
      channel.postMessage({ sidelight: 1, type: "lead", leader: id, to: null });
      await pass(3 * slotMs);
      expect(tabs.leaders()).to.deep.equal(["tab-1"]);
      expect(second.client.head).to.deep.equal(first.client.head);
      expect(second.client.head!.slot).to.be.at.least(205);
    } finally {
      channel.close();
    }
  });

  for (const side of ["leads", "follows"] as const)
    it(`tells when the tab that ${side} cannot open a channel to another, and both go on`, async () => {
      let isFull = false;
      const openChannel = (name: string) => {
        // the channel that all tabs share has the shorter name
        if (isFull && /\/[0-9a-f]{32}\/[0-9a-f]{32}$/.test(name)) throw new TypeError("too many channels");
        return new BroadcastChannel(name);
      };
      const of = (one: typeof side) => (one === side ? { environment: { openChannel } } : {});
      const first = tabs.open(of("leads"));
      await start(first);
      isFull = true;
      const second = tabs.open(of("follows"));
      const starting = second.client.start();
      await pass(500);
      const { log } = side === "leads" ? first : second;
      expect(codesOf(log)).to.include("UNEXPECTED");
      expect(log.error[0]!.error.message).to.include("too many channels");
      isFull = false;
      await drive(chain.clock, starting);
      await pass(2 * slotMs);
      for (const { client } of [first, second]) expect(client.status.state).to.equal("following");
      expect([first, second].map(({ client }) => client.role)).to.have.members(["leader", "follower"]);
    });

  it("closes its channel when it is stopped before it has joined", async () => {
    let opened = 0;
    const openChannel = (name: string) => {
      opened++;
      const channel = new BroadcastChannel(name);
      const close = channel.close.bind(channel);
      return Object.assign(channel, {
        close() {
          opened--;
          close();
        },
      });
    };
    const never = (_: string, { signal }: LockOptions) =>
      new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    const locks = { ...tabs.locks.forTab("tab-1"), request: never as LockManager["request"] };
    const tab = tabs.open({ environment: { openChannel, locks } });
    tab.client.start().catch(() => {});
    await pass(100);
    expect(opened).to.equal(1);
    await drive(chain.clock, tab.client.stop());
    expect(opened).to.equal(0);
  });

  describe("without Web Locks or BroadcastChannel", () => {
    for (const missing of ["locks", "openChannel"] as const) {
      it(`follows in each tab (no ${missing})`, async () => {
        const environment = { [missing]: undefined };
        const [first, second] = [tabs.open({ environment }), tabs.open({ environment })];
        await start(first, second);
        expect([first, second].map(({ roles }) => roles)).to.deep.equal([["alone"], ["alone"]]);
        await pass(2 * slotMs);
        expect(second.client.head!.slot).to.equal(203);
        await drive(chain.clock, first.client.stop());
        expect(first.client.role).to.equal("idle");
        expect(second.client.status.state).to.equal("following");
      });
    }
  });
});
