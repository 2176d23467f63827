/** Tabs of one origin in a real Chromium: closed, crashed, frozen, stopped in the middle of everything. */
import { expect } from "chai";
import type { Page } from "puppeteer-core";
import { type Devnet, type DevnetServer, type Fault, startDevnet } from "../../devnet/src/client.ts";
import { eventually } from "../../examples/eventually.ts";
import { type Chromium, launchChromium, setFrozen } from "./chromium.ts";
import type { TabState } from "./page.ts";
import { bundle, type Site, serveScripts } from "./site.ts";

const SLOT_MS = 1_000;
const SLOTS_PER_EPOCH = 8;

/** Named, so that a report can tell them apart. */
interface OpenTab {
  readonly name: string;
  readonly page: Page;
}

describe("shareLightClient in Chromium", function () {
  this.timeout(180_000);
  let devnet: Devnet;
  let checkpoint: string;
  let site: Site;
  let chromium: Chromium;
  let server: DevnetServer;
  let stopped: number[] = [];

  before(async () => {
    devnet = await startDevnet({ mode: "live", secondsPerSlot: SLOT_MS / 1000, preSlots: 256 });
    checkpoint = (await devnet.checkpoint({ epoch: 9 })).root;
    site = await serveScripts({ "page.js": await bundle("./page.ts") });
  });
  after(async () => {
    site?.close();
    await devnet?.stop();
  });
  beforeEach(async () => {
    chromium = await launchChromium();
  });
  afterEach(async () => {
    for (const pid of stopped) process.kill(pid, "SIGCONT");
    stopped = [];
    await chromium.close();
    await server.close();
  });

  async function open(count: number, ...faults: Fault[]): Promise<OpenTab[]> {
    server = await devnet.newServer(faults);
    const tabs: OpenTab[] = [];
    for (let i = 1; i <= count; i++) {
      const page = await chromium.browser.newPage();
      await page.goto(site.url);
      const task = { info: devnet.info, checkpoint, url: server.url };
      await page.evaluate((given) => tab.share(given), task);
      tabs.push({ name: `tab ${i}`, page });
    }
    await eventually("a stream to be asked for", async () =>
      (await server.requests()).some(({ route }) => route === "events"),
    );
    return tabs;
  }

  const stateOf = ({ page }: OpenTab): Promise<TabState> => page.evaluate(() => tab.state());

  async function rolesOf(tabs: readonly OpenTab[]): Promise<string[]> {
    return (await Promise.all(tabs.map(stateOf))).map(({ role }) => role).sort();
  }

  const oneLeader = (tabs: readonly OpenTab[]) => [...tabs.slice(1).map(() => "follower"), "leader"];

  async function leaderOf(tabs: readonly OpenTab[]): Promise<OpenTab> {
    for (const each of tabs) if ((await stateOf(each)).role === "leader") return each;
    throw new Error("no tab leads");
  }

  async function untilHead(tabs: readonly OpenTab[], beyond: number): Promise<void> {
    for (const each of tabs) {
      await eventually(
        `${each.name}: a head beyond ${beyond}`,
        async () => ((await stateOf(each)).head?.slot ?? 0) > beyond,
      );
    }
  }

  const headOf = async (each: OpenTab) => (await stateOf(each)).head!.slot;

  /** Requests to the server by route, since the last call. */
  async function counts(): Promise<Record<string, number>> {
    const byRoute: Record<string, number> = {};
    for (const { route } of await server.requests()) byRoute[route] = (byRoute[route] ?? 0) + 1;
    await server.clearRequests();
    return byRoute;
  }

  /**
   * One of `tabs` takes over from what the store holds; all of them are told everything, in order, once, and it is true.
   * @returns the one that leads, and after how many milliseconds it did
   */
  async function expectTakeover(tabs: readonly OpenTab[], sinceMs: number, how: string): Promise<OpenTab> {
    await eventually("another tab to lead", async () => (await rolesOf(tabs)).includes("leader"));
    await eventually("one leader", async () => String(await rolesOf(tabs)) === String(oneLeader(tabs)));
    const leader = await leaderOf(tabs);
    const tookOver = (await stateOf(leader)).roles.find(({ role, atMs }) => role === "leader" && atMs >= sinceMs)!;
    await untilHead(tabs, (await headOf(leader)) + 2 * SLOTS_PER_EPOCH);
    for (const each of tabs) {
      const { heads, finalized, errors, status } = await stateOf(each);
      expect(heads, "each head once, in order").to.deep.equal([...new Set(heads)].sort((a, b) => a - b));
      // where there is no stream, that is said
      expect(errors.filter((error) => !error.includes("no event stream here"))).to.deep.equal([]);
      expect(status).to.equal("following");
      const gaps = finalized.slice(1).map((slot, i) => slot - finalized[i]!);
      // the first may have been told in the middle of an epoch: the checkpoint
      expect(gaps.slice(1), "no finality is missing").to.satisfy((all: number[]) =>
        all.every((gap) => gap === SLOTS_PER_EPOCH),
      );
      for (const slot of finalized) expect(await devnet.truth(slot)).to.not.equal(null);
    }
    if (process.env["SIDELIGHT_REPORT"] !== undefined) console.log(`      ${how}: ${tookOver.atMs - sinceMs} ms`);
    return leader;
  }

  it("is one follower for all of them: nothing is asked twice", async () => {
    const tabs = await open(4, { kind: "sse-refused" });
    expect(await rolesOf(tabs)).to.deep.equal(oneLeader(tabs));
    await counts();
    const from = await headOf(tabs[0]!);
    await untilHead(tabs, from + 2 * SLOTS_PER_EPOCH);
    const slots = (await headOf(tabs[0]!)) - from + 1;
    const { optimistic_update = 0, finality_update = 0, bootstrap = 0, updates = 0 } = await counts();
    expect(bootstrap).to.equal(0);
    expect(updates).to.be.at.most(4);
    expect(optimistic_update + finality_update).to.be.within(slots - 3, slots + 4);
  });

  for (const how of ["closed", "crashed", "navigated away"] as const) {
    it(`goes on in another tab when the one that follows is ${how}`, async () => {
      const tabs = await open(3);
      const leader = await leaderOf(tabs);
      const others = tabs.filter((each) => each !== leader);
      await counts();
      const sinceMs = Date.now();
      if (how === "closed") await leader.page.close();
      else if (how === "navigated away") await leader.page.goto("about:blank");
      else void leader.page.goto("chrome://crash").catch(() => {});
      await expectTakeover(others, sinceMs, how);
      const { bootstrap = 0, events, optimistic_update = 0 } = await counts();
      expect({ bootstrap, events }).to.deep.equal({ bootstrap: 0, events: 1 });
      expect(optimistic_update).to.be.at.most(2);
    });
  }

  it("goes on in another tab when the one that follows is frozen, which listens when it wakes", async () => {
    const tabs = await open(3);
    const leader = await leaderOf(tabs);
    const others = tabs.filter((each) => each !== leader);
    await counts();
    const sinceMs = Date.now();
    await setFrozen(leader.page, true);
    await expectTakeover(others, sinceMs, "frozen");
    expect((await counts())["events"]).to.equal(1);
    await setFrozen(leader.page, false);
    await untilHead(tabs, await headOf(others[0]!));
    expect(await rolesOf(tabs)).to.deep.equal(oneLeader(tabs));
    expect((await stateOf(leader)).roles.map(({ role }) => role)).to.deep.equal(["leader", "follower"]);
    expect(await counts()).to.not.have.any.keys("events", "bootstrap", "optimistic_update");
  });

  it("goes on in another tab when the process of the one that follows stands still, which asks for nothing when it wakes", async function () {
    if (process.platform === "win32") this.skip();
    const tabs = await open(3, { kind: "sse-refused" });
    const leader = await leaderOf(tabs);
    const others = tabs.filter((each) => each !== leader);
    const pid = await chromium.processOf(leader.page);
    for (const each of others) expect(await chromium.processOf(each.page), "a process of its own").to.not.equal(pid);
    await others[0]!.page.bringToFront();
    await untilHead(others, await headOf(others[0]!));
    expect(await leaderOf(tabs)).to.equal(leader);
    await counts();
    stopped.push(pid);
    const sinceMs = Date.now();
    process.kill(pid, "SIGSTOP");
    const next = await expectTakeover(others, sinceMs, "stopped");
    await counts();
    const wokeMs = Date.now();
    process.kill(pid, "SIGCONT");
    await eventually("it to listen", async () => (await stateOf(leader)).role === "follower");
    await untilHead(tabs, (await headOf(next)) + 4);
    expect(await leaderOf(tabs)).to.equal(next);
    const slots = Math.ceil((Date.now() - wokeMs) / SLOT_MS);
    const { optimistic_update = 0, finality_update = 0, events = 0, bootstrap = 0 } = await counts();
    // what one tab asks for, and none for the other
    expect(optimistic_update + finality_update).to.be.at.most(slots + 2);
    expect(bootstrap).to.equal(0);
    expect(events).to.be.at.most(2);
  });

  it("follows closely as long as one tab is seen, and less often when none is", async () => {
    const tabs = await open(2, { kind: "sse-refused" });
    const leader = await leaderOf(tabs);
    const other = tabs.find((each) => each !== leader)!;
    const perSlot = async () => {
      await counts();
      const from = await headOf(other);
      await untilHead([other], from + 12);
      const { optimistic_update = 0, finality_update = 0 } = await counts();
      return (optimistic_update + finality_update) / ((await headOf(other)) - from);
    };
    await other.page.bringToFront();
    await untilHead([other], (await headOf(other)) + 3);
    expect(await perSlot()).to.be.within(0.8, 1.3);
    const cover = await chromium.browser.newPage();
    await cover.bringToFront();
    await untilHead([other], (await headOf(other)) + 3);
    // a quarter of an epoch is two slots
    expect(await perSlot()).to.be.within(0.3, 0.75);
    await other.page.bringToFront();
    await untilHead([other], (await headOf(other)) + 1);
    expect(await perSlot()).to.be.within(0.8, 1.3);
  });
});
