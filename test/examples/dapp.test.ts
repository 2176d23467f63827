import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect } from "chai";
import type { Page } from "playwright-core";
import { type Site, serveFolder } from "../../scripts/serve-folder.js";
import type { DevnetServer, Fault } from "../devnet/src/client.ts";
import { ABSENT, PLAIN } from "../support/state.js";
import { type Chromium, launchChromium, slotOf, textOf } from "./chromium.ts";
import { eventually } from "./eventually.ts";
import { type ExecutionNode, SOMEBODY, startExecutionNode, state } from "./execution-node.ts";
import type { LiveChain } from "./live-chain.ts";
import { photograph } from "./photos.ts";
import { sharedChain } from "./shared-chain.ts";

const DAPP = fileURLToPath(new URL("../../examples/dapp-vite/", import.meta.url));

/** A command of the example's own package. */
function run(command: string, ...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(DAPP, "node_modules", command), ...args], {
    cwd: DAPP,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${command} failed:\n${stdout}${stderr}`);
}

describe("examples/dapp-vite", function () {
  this.timeout(300_000);
  let chain: LiveChain;
  let browser: Chromium;
  let site: Site;
  /** Stays open from one test to the next, and its node with it. */
  let following: Page;
  let followed: DevnetServer;
  const servers: DevnetServer[] = [];

  before(async () => {
    run("typescript/bin/tsc");
    run("vite/bin/vite.js", "build", "--logLevel", "error");
    [chain, browser, site] = await Promise.all([sharedChain(), launchChromium(), serveFolder(join(DAPP, "dist"))]);
  });
  after(async () => {
    await browser?.close();
    site?.close();
    for (const server of servers) await server.close();
  });

  async function newServer(...faults: Fault[]): Promise<DevnetServer> {
    const server = await chain.devnet.newServer(faults);
    servers.push(server);
    return server;
  }

  /** A visitor without a past. */
  async function visit(url = site.url): Promise<Page> {
    const page = await browser.context.newPage();
    await page.goto(url);
    await page.evaluate(() => localStorage.clear());
    await page.evaluate(() => indexedDB.deleteDatabase("sidelight"));
    await page.reload();
    return page;
  }

  async function follow(page: Page, { url }: DevnetServer, checkpoint = chain.checkpoint): Promise<void> {
    await page.selectOption("[name=network]", "custom");
    await page.fill("[name=beacon]", url);
    await page.fill("[name=checkpoint]", checkpoint);
    await page.click("[type=submit]");
  }

  async function untilFollowing(page: Page): Promise<void> {
    await eventually("a page that follows", async () => (await textOf(page, "#state")) === "Following the head");
    await eventually("a first beat", async () => (await textOf(page, "#pulse > text")) !== "");
  }

  /** What the page says at one moment. */
  async function shown(page: Page) {
    const [head, root, finalized, rate, ring, newest] = await page.evaluate(() => [
      ...["head", "head-root", "finalized", "participation"].map((id) => document.getElementById(id)!.textContent!),
      document.getElementById("ring")!.getAttribute("aria-label")!,
      document.querySelector("#pulse > text")!.textContent!,
    ]);
    return { head: head!, root: root!, finalized: finalized!, rate: rate!, ring: ring!, newest: newest! };
  }

  async function assertTrue(seen: Awaited<ReturnType<typeof shown>>): Promise<void> {
    const truth = (await chain.devnet.truth(slotOf(seen.head)))!;
    expect(seen.root).to.equal(`${truth.root.slice(0, 10)}…${truth.root.slice(-6)}`);
    expect(await chain.devnet.truth(slotOf(seen.finalized)), "finalized").not.to.equal(null);
    expect(slotOf(seen.finalized)).to.be.lessThan(slotOf(seen.head));
    const { participants, syncBits, parentRoot } = (await chain.devnet.truth(slotOf(seen.newest)))!;
    expect(parentRoot, "what was signed is the head").to.equal(truth.root);
    expect(seen.ring).to.equal(`${participants} of ${syncBits.length} members of the sync committee signed`);
    expect(seen.rate).to.equal(`${((100 * participants) / syncBits.length).toFixed(1)} %`);
  }

  it("asks for what it needs, and refuses what cannot be right", async () => {
    const page = await visit();
    await photograph(page, "dapp-setup");
    await follow(page, await newServer(), "0x1234");
    await eventually("a refusal", async () => (await textOf(page, "#refusal")).includes("0x hex of 32 bytes"));
    expect(await page.evaluate(() => localStorage.length), "nothing is kept").to.equal(0);
    await page.close();
  });

  it("can be filled in by a link, and follows nothing before it is sent", async () => {
    const server = await newServer();
    const query = new URLSearchParams({ network: "custom", beacon: server.url, checkpoint: chain.checkpoint });
    const page = await visit(`${site.url}#${query}`);
    expect(await page.inputValue("[name=checkpoint]")).to.equal(chain.checkpoint);
    expect(await server.requests()).to.deep.equal([]);
    await page.press("[name=checkpoint]", "Enter");
    await untilFollowing(page);
    await page.close();
  });

  it("tells how far it is while it catches up", async () => {
    const page = await visit();
    // one answer in four seconds: time to look
    await follow(page, await newServer({ kind: "slow", ms: 4_000, routes: ["updates"] }));
    await eventually("progress", async () => (await textOf(page, "#state")).startsWith("Catching up: 0 of "));
    await photograph(page, "dapp-catching-up");
    await untilFollowing(page);
    expect(await page.isVisible("#progress")).to.equal(false);
    await page.close();
  });

  it("shows head, finality and participation as they are, and takes them up again after a reload", async () => {
    const server = await newServer();
    const page = await visit();
    await follow(page, server);
    await untilFollowing(page);
    const first = await shown(page);
    await assertTrue(first);
    await eventually("five more blocks", async () => slotOf((await shown(page)).head) >= slotOf(first.head) + 5);
    await assertTrue(await shown(page));

    await server.clearRequests();
    await page.reload();
    await untilFollowing(page);
    await assertTrue(await shown(page));
    expect((await server.requests()).map(({ route }) => route)).not.to.include.members(["bootstrap"]);
    following = page;
    followed = server;
  });

  type Verdict = Record<"trust" | "balance" | "note" | "tone", string>;

  async function prove(address: string, at: "finalized" | "head", ...nodes: ExecutionNode[]): Promise<Verdict> {
    await following.fill("[name=execution]", nodes.map(({ url }) => url).join(" "));
    await following.fill("[name=address]", address);
    await following.selectOption("[name=at]", at);
    await following.click("[name=prove]");
    return eventually("an answer", async () => {
      const note = await textOf(following, "#balance-note");
      if (note === "" || !(await following.isEnabled("[name=prove]"))) return false;
      const tone = (await following.getAttribute("#balance-result", "data-tone"))!;
      return {
        trust: await textOf(following, "#balance-trust"),
        balance: await textOf(following, "#balance"),
        note,
        tone,
      };
    });
  }

  it("proves the balance of an account in the finalized state or the head's, or that there is none, and says who lied", async () => {
    const [honest, liar] = await Promise.all([startExecutionNode(chain.devnet), startExecutionNode(chain.devnet)]);
    liar.lie(PLAIN);
    const said = (host: string) => `${host} lied`;
    try {
      const final = await prove(SOMEBODY, "finalized", honest);
      expect(final).to.include({ trust: "Verified at finalized", balance: "1,234.56789 ETH", tone: "good" });
      const block = slotOf(/block ([\d,]+)/.exec(final.note)![1]!);
      expect(block).to.equal(honest.blocks.at(-1));
      expect(final.note).to.include(state.stateRoot.slice(0, 10)).and.include("which is final");
      await eventually("a pulse to look at", async () => (await following.locator("#pulse .bars").count()) >= 10);
      await photograph(following, "dapp-following");

      const newest = await prove(SOMEBODY, "head", honest);
      expect(newest).to.include({ trust: "Verified at head", balance: "1,234.56789 ETH", tone: "warn" });
      expect(newest.note)
        .to.match(/signed by \d+ of 32/)
        .and.include("may still replace");
      expect(honest.blocks.at(-1)).to.be.above(block);
      expect(await prove(ABSENT, "finalized", honest)).to.include({ balance: "No such account", tone: "good" });

      const passedOver = await prove(SOMEBODY, "finalized", liar, honest);
      expect(passedOver).to.include({ trust: "Verified at finalized", balance: "1,234.56789 ETH", tone: "good" });
      expect(passedOver.note)
        .to.include(`${said(liar.host)}, and was passed over`)
        .and.not.include(said(honest.host));
      await photograph(following, "dapp-liar-passed-over");

      const refused = await prove(SOMEBODY, "finalized", liar);
      expect(refused).to.include({ trust: "Not proven", balance: "No balance", tone: "bad" });
      expect(refused.note).to.include(said(liar.host));
      await photograph(following, "dapp-liar");
    } finally {
      for (const node of [honest, liar]) node.close();
      await followed.close(); // until this is noticed, there are other things to test
    }
  });

  it("runs from the development server as well", async () => {
    const vite = (await import(pathToFileURL(join(DAPP, "node_modules/vite/dist/node/index.js")).href)) as {
      createServer(options: object): Promise<{
        listen(): Promise<unknown>;
        close(): Promise<void>;
        resolvedUrls: { local: string[] };
      }>;
    };
    const server = await vite.createServer({ root: DAPP, logLevel: "error", server: { port: 0, host: "127.0.0.1" } });
    await server.listen();
    try {
      const page = await visit(server.resolvedUrls.local[0]);
      await follow(page, await newServer());
      await untilFollowing(page);
      await assertTrue(await shown(page));
      await page.close();
    } finally {
      await server.close();
    }
  });

  it("follows what was chosen last, though the node of an earlier choice answers late", async () => {
    const page = await visit();
    const [late, prompt] = [await newServer(), await newServer()];
    let letAnswer: () => void = () => {};
    const mayAnswer = new Promise<void>((resolve) => {
      letAnswer = resolve;
    });
    await page.route(`${late.url}/**`, async (route) => {
      await mayAnswer;
      await route.continue();
    });
    await follow(page, late);
    await page.click("#change");
    await follow(page, prompt);
    await untilFollowing(page);
    const answers = ["/eth/v1/config/spec", "/eth/v1/beacon/genesis"].map((path) =>
      page.waitForResponse(late.url + path),
    );
    letAnswer();
    await Promise.all(answers);
    const { newest } = await shown(page);
    await eventually("another beat", async () => (await shown(page)).newest !== newest);
    await assertTrue(await shown(page));
    expect((await late.requests()).map(({ path }) => path)).to.have.length(2);
    await page.close();
  });

  it("says what to do when no node knows the checkpoint", async () => {
    const page = await visit();
    await follow(page, await newServer(), `0x${"12".repeat(32)}`);
    await eventually("the end", async () => (await textOf(page, "#state")) === "Stopped");
    expect(await textOf(page, "#advice")).to.include("does it know the checkpoint?");
    await photograph(page, "dapp-stopped");
    await page.click("#change");
    expect(await page.isVisible("#form")).to.equal(true);
    await page.close();
  });

  it("says that the head stands still when its node is gone, and goes on trying", async () => {
    await eventually("a stall", async () => (await textOf(following, "#state")).startsWith("Stalled."));
    await eventually("advice", async () => (await textOf(following, "#advice")) !== "");
    await photograph(following, "dapp-stalled");
    await following.close();
  });

  it("has complained about nothing but what was done to it", () => {
    const expected = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|status of 404/;
    expect(browser.complaints.filter((line) => !expected.test(line))).to.deep.equal([]);
  });
});
