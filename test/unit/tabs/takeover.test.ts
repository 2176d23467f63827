import { expect } from "chai";
import { isSidelightError } from "../../../src/errors.js";
import { connectLightClient } from "../../../src/worker/connect.js";
import { serveLightClient } from "../../../src/worker/serve.js";
import { expectCode } from "../../support/expect-code.js";
import { codesOf, createFakeChain, type FakeChain, hang, notAvailable } from "../client/fake-chain.js";
import { drive, passTime, rejectionOf, settle, watchUnhandled } from "../client/waiting.js";
import { closeAll, pair, puppet } from "../worker/wires.js";
import { createTabs, type Tab, type Tabs } from "./tabs.js";

/** What is promised. */
const TAKEOVER_MS = 2_000;

describe("shareLightClient when the tab that follows", () => {
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
    closeAll();
    expect(tabs.locks.held).to.equal(0);
    expect(chain.clock.sleepers).to.equal(0);
  });

  const pass = (ms: number) => passTime(chain.clock, ms);

  async function start(...started: Tab[]): Promise<void> {
    for (const { client } of started) await drive(chain.clock, client.start());
  }

  async function openAndStart(count: number, options: Parameters<Tabs["open"]>[0] = {}): Promise<Tab[]> {
    const opened = Array.from({ length: count }, () => tabs.open(options));
    await start(...opened);
    expect(tabs.leaders()).to.deep.equal(["tab-1"]);
    await pass(1.3 * slotMs);
    return opened;
  }

  /** Which tabs have asked since the last call. */
  function askers(): string[] {
    return tabs.all.filter(({ source }) => source.requests.splice(0).length > 0).map(({ name }) => name);
  }

  /** One of `others` leads in time, is the only one that asks, and the others hear of it. */
  async function expectTakeover(others: readonly Tab[], ms = TAKEOVER_MS): Promise<Tab> {
    askers();
    await pass(ms);
    const leaders = others.filter(({ client }) => client.role === "leader");
    expect(leaders, "leaders").to.have.length(1);
    const leader = leaders[0]!;
    await pass(4 * slotMs);
    expect(askers()).to.deep.equal([leader.name]);
    for (const { client, log } of others) {
      expect(client.head!.slot).to.be.at.least(chain.slot() - 2);
      expect(client.head).to.deep.equal(leader.client.head);
      expect(client.status.state).to.equal("following");
      for (const headers of [log.head, log.finality]) {
        const slots = headers.map(({ slot }) => slot);
        expect(slots, "each once, in order").to.deep.equal([...new Set(slots)].sort((a, b) => a - b));
      }
      expect(codesOf(log)).to.deep.equal([]);
    }
    return leader;
  }

  it("is closed, another one takes over at once, from what the store holds", async () => {
    const [first, ...others] = await openAndStart(4);
    first!.kill();
    const leader = await expectTakeover(others, 300);
    expect(leader.source.requests).to.not.include("bootstrap");
    expect(leader.log.store.map(({ outcome }) => outcome)).to.deep.equal(["resumed"]);
    expect(leader.roles).to.deep.equal(["follower", "leader"]);
  });

  it("is closed again and again, there is always one", async () => {
    const opened = await openAndStart(4);
    for (let alive = opened; alive.length > 1; ) {
      alive.find(({ client }) => client.role === "leader")!.kill();
      alive = alive.filter(({ client }) => client.role !== "leader");
      await expectTakeover(alive, 300);
    }
  });

  it("freezes without a word, another one takes over in time", async () => {
    const [first, ...others] = await openAndStart(4);
    first!.freeze();
    await expectTakeover(others);
  });

  it("wakes after that, it notices before it asks for anything, and listens from then on", async () => {
    for (const streams of [false, true]) {
      const [first, ...others] = await openAndStart(3, { streams });
      first!.freeze();
      const leader = await expectTakeover(others);
      const [subscriptions] = [first!.source.streams.size];
      await first!.thaw();
      await settle();
      await pass(3 * slotMs);
      expect(first!.client.role).to.equal("follower");
      expect(first!.source.requests).to.deep.equal([]);
      expect(first!.source.streams.size).to.be.at.most(subscriptions);
      expect(first!.client.head).to.deep.equal(leader.client.head);
      expect(first!.roles).to.deep.equal(["leader", "follower"]);
      expect(first!.client.status.state).to.equal("following");
      await tabs.closeAll();
      tabs = createTabs(chain);
    }
  });

  it("says that it freezes, another one takes over at once", async () => {
    const [first, ...others] = await openAndStart(3);
    first!.page.tell("frozen");
    first!.freeze();
    await expectTakeover(others, 300);
    await first!.thaw();
    first!.page.tell("woken");
    await pass(300);
    expect(first!.client.role).to.equal("follower");
    expect(first!.client.head).to.deep.equal(others[0]!.client.head);
    expect(askers()).to.not.include("tab-1");
  });

  it("says that it freezes, and wakes before it has let go, it takes part again", async () => {
    const [first] = await openAndStart(1);
    first!.page.tell("frozen");
    first!.page.tell("woken");
    await pass(300);
    expect(first!.client.role).to.equal("leader");
    const { slot } = first!.client.head!;
    await pass(3 * slotMs);
    expect(first!.client.head!.slot).to.be.above(slot);
  });

  it("is silent, and another tab loses its turn to take over, that goes on", async () => {
    const [first, second] = await openAndStart(2);
    first!.freeze();
    const turn = () => tabs.locks.names.find((each) => each.endsWith("/takeover"));
    for (let i = 0; i < 200 && turn() === undefined; i++) await pass(10);
    const [owner, name] = turn()!.split(": ");
    expect(owner).to.equal("tab-2");
    // of a tab that is out of patience, and then gone
    await tabs.locks.forTab("impatient").request(name!, { steal: true }, async () => {});
    await expectTakeover([second!], 2 * TAKEOVER_MS);
  });

  it("is closed, the lock does not go to a tab that froze while it waited", async () => {
    const [first, second, third] = await openAndStart(3);
    second!.page.tell("frozen");
    second!.freeze();
    first!.kill();
    await expectTakeover([third!], 300);
    await second!.thaw();
    second!.page.tell("woken");
    await pass(300);
    expect(second!.client.role).to.equal("follower");
  });

  it("is closed, and the lock goes to a tab that froze without a word, it is taken from that", async () => {
    const [first, second, third, fourth] = await openAndStart(4);
    second!.freeze();
    first!.kill();
    const leader = await expectTakeover([third!, fourth!], TAKEOVER_MS + 1_000);
    await second!.thaw();
    await pass(2 * slotMs);
    expect(second!.client.role).to.equal("follower");
    expect(tabs.leaders().filter((name) => name !== "tab-1")).to.deep.equal([leader.name]);
    expect(second!.source.requests).to.deep.equal([]);
  });

  it("is only slow to answer, it goes on following", async () => {
    const [first, second] = await openAndStart(2);
    for (let i = 0; i < 10; i++) {
      first!.freeze();
      await pass(700);
      await first!.thaw();
      await pass(700);
    }
    expect(first!.client.role).to.equal("leader");
    expect(second!.roles).to.deep.equal(["follower"]);
  });

  it("cannot go on for good, every tab says so and why", async () => {
    const [first, second] = await openAndStart(2, { client: { maxCheckpointAgeSeconds: 86_400 } });
    chain.clock.jumpTo(chain.clock.nowMs() + 30 * 86_400_000);
    await pass(3 * slotMs);
    await pass(10_000);
    for (const tab of [first!, second!]) {
      expect(tab.client.status.state).to.equal("stopped");
      expect(tab.client.status).to.have.property("reason").that.includes("maxCheckpointAgeSeconds");
      expect(codesOf(tab.log)).to.include("CHECKPOINT_TOO_OLD");
      expect(tab.client.role).to.equal("idle");
    }
  });

  it("cannot start, every tab that starts is told why", async () => {
    const [first, second] = [tabs.open(), tabs.open()];
    for (const { source } of [first, second]) source.overrides.bootstrap = async () => chain.forge.bootstrap(16).raw();
    for (const { client } of [first, second]) {
      const thrown = await rejectionOf(drive(chain.clock, client.start()));
      expect(isSidelightError(thrown, "NO_SOURCE_ANSWERED"), String(thrown)).to.equal(true);
      expect(client.status.state).to.equal("stopped");
    }
  });

  it("is given up while it starts, leaves nothing behind", async () => {
    const tab = tabs.open();
    tab.source.overrides.bootstrap = (signal) =>
      new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
    const abort = new AbortController();
    const started = tab.client.start({ signal: abort.signal });
    await pass(100);
    expect(tab.source.requests).to.deep.equal(["bootstrap"]);
    const reason = new Error("enough");
    abort.abort(reason);
    expect(await rejectionOf(drive(chain.clock, started))).to.equal(reason);
    expect(tab.client.role).to.equal("idle");
    expect(tabs.locks.held).to.equal(0);
  });

  it("is stopped while it starts, rejects as any client does", async () => {
    const [first, second] = [tabs.open(), tabs.open()];
    const [started, passing] = [first.client.start(), second.client.syncOnce()];
    for (const call of [started, passing]) call.catch(() => {});
    const stops = Promise.all([first.client.stop(), second.client.stop()]);
    for (const call of [started, passing]) {
      const thrown = await rejectionOf(drive<unknown>(chain.clock, call));
      expect(isSidelightError(thrown, "CLIENT_STOPPED")).to.equal(true);
    }
    await drive(chain.clock, stops);
    await start(first);
    expect(first.client.role).to.equal("leader");
  });

  it("dies in the middle of a pass that another one asked for, the pass is made by the next", async () => {
    const [first, second] = await openAndStart(2);
    first!.source.overrides.optimisticUpdate = () => new Promise(() => {});
    await pass(2 * slotMs);
    const passing = second!.client.syncOnce();
    await pass(100);
    first!.kill();
    const { head } = await drive(chain.clock, passing);
    expect(head.slot).to.be.at.least(204);
    expect(second!.client.role).to.equal("leader");
  });

  describe("is a shared worker", () => {
    async function worker() {
      const source = chain.source("worker");
      const client = chain.client({ sources: [source] });
      const [there, here] = pair();
      const served = serveLightClient(there, client, { clock: chain.clock });
      return { client, source, served, port: here };
    }

    it("all tabs are told what it follows, and none of them has to", async () => {
      const shared = await worker();
      const opened = Array.from({ length: 3 }, () => {
        let created = 0;
        const share = {
          sharedWorker: () => shared.port,
          create: () => {
            created++;
            throw new Error("not needed");
          },
        };
        return { ...tabs.open({ share }), created: () => created };
      });
      await start(...opened);
      await pass(3 * slotMs);
      for (const { client, created, roles } of opened) {
        expect(client.head).to.deep.equal(shared.client.head);
        expect(created()).to.equal(0);
        expect(roles).to.deep.equal(["follower"]);
      }
      expect(askers()).to.deep.equal([]);
      expect(tabs.locks.held).to.equal(0);
      await shared.client.stop();
    });

    it("and is lost, a tab is elected in its place, and it is told", async () => {
      const shared = await worker();
      const opened = [1, 2].map(() => tabs.open({ share: { sharedWorker: () => shared.port } }));
      await start(...opened);
      await shared.client.stop();
      shared.served.close();
      await pass(TAKEOVER_MS + 5_000);
      expect(tabs.leaders()).to.have.length(1);
      expect(askers()).to.have.length(1);
      expect(opened.map(({ log }) => codesOf(log))).to.deep.equal([["CONNECTION_LOST"], ["CONNECTION_LOST"]]);
      expect(opened[0]!.client.status.state).to.equal("following");
    });

    it("and its client ends, a tab is elected in its place, and it is told", async () => {
      const shared = await worker();
      const opened = [1, 2].map(() => tabs.open({ share: { sharedWorker: () => shared.port } }));
      await start(...opened);
      await shared.client.stop();
      await pass(TAKEOVER_MS + 5_000);
      expect(tabs.leaders()).to.have.length(1);
      for (const { client, log } of opened) {
        expect(client.status.state).to.equal("following");
        expect(client.head!.slot).to.be.at.least(chain.slot() - 2);
        expect(codesOf(log)).to.deep.equal(["CONNECTION_LOST"]);
      }
      expect(shared.served.connections).to.equal(0);
      shared.served.close();
    });

    it("and its client cannot start, whoever starts is told why, by that client", async () => {
      const shared = await worker();
      shared.source.overrides.bootstrap = () => Promise.reject(notAvailable("bootstrap"));
      const create = () => {
        throw new Error("not needed");
      };
      const { client } = tabs.open({ share: { sharedWorker: () => shared.port, create } });
      const thrown = await rejectionOf(drive(chain.clock, client.start()));
      expect(isSidelightError(thrown, "NO_SOURCE_ANSWERED"), String(thrown)).to.equal(true);
      expect(client.status.state).to.equal("stopped");
      shared.served.close();
    });

    it("and its client is stopped while it starts, a tab is elected in its place", async () => {
      const shared = await worker();
      shared.source.overrides.bootstrap = hang;
      const { client } = tabs.open({ share: { sharedWorker: () => shared.port } });
      const started = client.start();
      await pass(1_000);
      expect(client.role).to.equal("follower");
      await shared.client.stop();
      expect((await drive(chain.clock, started)).slot).to.be.at.least(202);
      expect(client.role).to.equal("leader");
      shared.served.close();
    });

    it("and is lost, and no client can be made in its place, whoever waits is told", async () => {
      let isBroken = true;
      const create = () => {
        if (isBroken) throw new Error("no client");
        return chain.client({ sources: [chain.source("late")] });
      };
      const sharedWorker = () => {
        throw new ReferenceError("SharedWorker is not defined");
      };
      const { client } = tabs.open({ share: { create, sharedWorker } });
      for (const call of [() => client.start(), () => client.syncOnce()]) {
        let thrown: unknown = null;
        call().catch((error: unknown) => (thrown = error));
        await pass(1_000);
        expect(isSidelightError(thrown, "UNEXPECTED") && thrown.details.message).to.equal("no client");
      }
      isBroken = false;
      await drive(chain.clock, client.start());
      expect(client.role).to.equal("leader");
    });

    for (const [name, sharedWorker] of Object.entries({
      "and there are none": () => {
        throw new ReferenceError("SharedWorker is not defined");
      },
      "and never answers": () => puppet().port,
    })) {
      it(`${name}, a tab is elected`, async () => {
        const tab = tabs.open({ share: { sharedWorker } });
        await start(tab);
        expect(tab.roles).to.deep.equal(["leader"]);
        expect(codesOf(tab.log)).to.have.length(1);
      });
    }
  });
});

describe("options of shareLightClient", () => {
  it("are refused when they make no sense", async () => {
    const tabs = createTabs(await createFakeChain());
    const malformed = { create: [null, {}], name: [null, 7], sharedWorker: [null, "worker.js"] };
    for (const [option, values] of Object.entries(malformed)) {
      for (const value of values) {
        const details = expectCode("OPTION_INVALID", () => tabs.open({ share: { [option]: value } }));
        expect(details.option).to.equal(option);
      }
    }
  });

  it("need a name for a client that does not say which chain it follows", async () => {
    const tabs = createTabs(await createFakeChain());
    const connected = connectLightClient(puppet().port);
    expectCode("OPTION_INVALID", () => tabs.open({ share: { create: () => connected } }));
    connected.disconnect();
  });
});
