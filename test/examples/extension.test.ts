import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import type { Page } from "playwright-core";
import type { DevnetServer } from "../devnet/src/client.ts";
import { slotOf, textOf } from "./chromium.ts";
import { eventually } from "./eventually.ts";
import {
  deliveredPeriods,
  type Extension,
  type ExtensionGlobals,
  isDelivered,
  startExtension,
  type View,
  whileAsking,
} from "./extension.ts";
import type { LiveChain } from "./live-chain.ts";
import { pathOfPhoto, SCHEMES } from "./photos.ts";
import { sharedChain } from "./shared-chain.ts";

/** Longer than any of these tests: who waits for it is killed while waiting. */
const NEVER_MS = 3_600_000;
/** A head so close to the chain's is current. */
const FRESH_SLOTS = 8;

describe("examples/mv3-extension in Chromium", function () {
  // it may have to build, and to install a browser
  this.timeout(300_000);
  let chain: LiveChain;
  let server: DevnetServer;
  let extension: Extension;

  before(async () => {
    [chain, extension] = await Promise.all([sharedChain(), startExtension()]);
    server = await chain.devnet.newServer();
  });
  after(async () => {
    await extension?.browser.close();
    await server?.close();
  });

  async function assertCurrent({ head, finalized, participation, failure }: View): Promise<void> {
    expect(failure).to.equal(null);
    await chain.assertTrue(head!);
    await chain.assertTrue(finalized!);
    expect(head!.slot).to.be.within(chain.slot() - FRESH_SLOTS, chain.slot());
    const { participants } = (await chain.devnet.truth(participation!.slot))!;
    expect(participation!.count).to.equal(participants);
  }

  /** Waits for a pass that got to the present, whoever began it. */
  async function current(): Promise<View> {
    return eventually("a current view", async () => {
      const view = await extension.send("sync");
      return view?.failure === null && view.head!.slot >= chain.slot() - FRESH_SLOTS && view;
    });
  }

  /** What the store keeps, as a text that differs when it does; empty before there is anything. */
  function stored(): Promise<string> {
    return extension.page.evaluate(async () => {
      if (!(await indexedDB.databases()).some(({ name }) => name === "sidelight")) return "";
      const opening = indexedDB.open("sidelight");
      await new Promise((resolve, reject) => {
        opening.onsuccess = resolve;
        opening.onerror = reject;
      });
      const reading = opening.result.transaction("snapshots").objectStore("snapshots").getAll();
      await new Promise((resolve) => reading.transaction?.addEventListener("complete", resolve));
      opening.result.close();
      return reading.result.map((bytes: Uint8Array) => bytes.join()).join();
    });
  }

  it("opens its options when it is installed, and follows nothing before it is set up", async () => {
    expect(await extension.send("state")).to.equal(null);
    expect(await extension.send("sync")).to.equal(null);
    expect(await server.requests()).to.deep.equal([]);
  });

  it("refuses a checkpoint that cannot be one, and keeps nothing of it", async () => {
    await extension.configure(server.url, "0x1234");
    await eventually("a refusal", async () => (await textOf(extension.page, "#said")).includes("0x hex of 32 bytes"));
    expect(await extension.send("state")).to.equal(null);
  });

  it("killed while it waits for the bootstrap, while it catches up, and between: nothing is lost or fetched twice", async () => {
    await server.clearRequests();
    await server.setFaults([{ kind: "slow", ms: NEVER_MS, routes: ["bootstrap"] }]);
    await extension.configure(server.url, chain.checkpoint);
    await whileAsking(server, "bootstrap");
    await extension.kill();

    // woken by a message; killed before the first update has come
    await server.setFaults([{ kind: "slow", ms: NEVER_MS, routes: ["updates"] }]);
    extension.send("sync").catch(() => {}); // nobody lives to answer it
    await whileAsking(server, "updates");
    const bootstrap = await eventually("the bootstrap to be kept", async () => (await stored()) || null);
    await extension.kill();

    // woken by the alarm; killed between the first step and the second
    await server.setFaults([{ kind: "slow", ms: NEVER_MS, routes: ["updates"], after: 1 }]);
    await extension.ring();
    await whileAsking(server, "updates", 3);
    await eventually("the first step to be kept", async () => (await stored()) !== bootstrap);
    await extension.kill();

    await server.setFaults([]);
    await assertCurrent(await current());
    const log = await server.requests();
    expect(log.filter(isDelivered("bootstrap"))).to.have.length(1);
    const periods = deliveredPeriods(log);
    expect(periods.slice(0, 5)).to.deep.equal([1, 2, 3, 4, 5]);
    expect(new Set(periods).size, `${periods}`).to.equal(periods.length);
  });

  it("killed while idle, knows at once what it knew, without a request, and goes on from there", async () => {
    for (const wake of ["message", "alarm", "message", "alarm"] as const) {
      const before = (await current()).head!;
      await extension.kill();
      await server.clearRequests();
      if (wake === "message") {
        const known = (await extension.send("state"))!;
        expect(known.head!.slot).to.be.at.least(before.slot);
        expect(await server.requests()).to.deep.equal([]);
      } else {
        // the alarm's pass is the only one: there has to be something new for it
        await eventually("two more blocks", async () => (await chain.devnet.head()).slot >= before.slot + 2);
        await extension.ring();
        await eventually("the alarm's pass", async () => (await extension.heads()).at(-1)!.slot > before.slot);
      }
      await assertCurrent(await current());
      const log = await server.requests();
      expect(log.filter(({ route }) => route === "bootstrap")).to.deep.equal([]);
      const periods = deliveredPeriods(log);
      expect(new Set(periods).size, `${periods}`).to.equal(periods.length);
    }
  });

  it("killed at any moment of a pass, gets there all the same", async () => {
    const { root } = await chain.devnet.checkpoint({ epoch: 10 });
    await server.setFaults([{ kind: "slow", ms: 60 }]);
    await extension.configure(server.url, root);
    await eventually("the new checkpoint to be asked for", async () =>
      (await server.requests()).some(({ path }) => path.endsWith(root)),
    );
    for (const lifeMs of [0, 40, 80, 120, 160, 200]) {
      await new Promise((resolve) => setTimeout(resolve, lifeMs));
      await extension.kill();
      extension.send("sync").catch(() => {});
    }
    await server.setFaults([]);
    await assertCurrent(await current());
  });

  it("has never gone back, nor kept a head that is not the chain's", async () => {
    const heads = await extension.heads();
    expect(heads.length).to.be.greaterThan(4);
    for (const [i, head] of heads.entries()) {
      await chain.assertTrue(head);
      expect(head.slot, "heads in order").to.be.at.least(heads[i - 1]?.slot ?? 0);
    }
  });

  describe("its popup", () => {
    let popup: Page;
    before(async () => {
      popup = await extension.browser.context.newPage();
      await popup.setViewportSize({ width: 340, height: 400 });
      await popup.goto(extension.urlOf("popup.html"));
    });

    async function shown(): Promise<{ head: number; finalized: number; label: string; slot: number; status: string }> {
      return {
        head: slotOf(await textOf(popup, "#head")),
        finalized: slotOf(await textOf(popup, "#finalized")),
        label: (await popup.getAttribute("#ring", "aria-label"))!,
        slot: (await extension.send("state"))!.participation!.slot,
        status: await textOf(popup, "#status"),
      };
    }

    async function follows(after: number): Promise<void> {
      await eventually(`a head after ${after}`, async () => {
        const { head, status } = await shown();
        return head > after && status.startsWith("Verified here");
      });
    }

    it("shows head, finality and participation as they are, slot by slot", async () => {
      await follows(0);
      const { head } = await shown();
      await follows(head);
      const seen = await eventually("two looks that agree", async () => {
        const [first, second] = [await shown(), await shown()];
        return JSON.stringify(first) === JSON.stringify(second) && first;
      });
      expect(await chain.devnet.truth(seen.head), "the head is a block").not.to.equal(null);
      expect(seen.finalized).to.be.lessThan(seen.head);
      const { participants, syncBits } = (await chain.devnet.truth(seen.slot))!;
      expect(seen.label).to.equal(`${participants} of ${syncBits.length} members of the sync committee signed`);
    });

    it("goes on when the background is killed under it", async () => {
      const { head } = await shown();
      await extension.kill();
      await follows(head);
    });

    it("says what is in the way, and what it means", async () => {
      await server.setFaults([{ kind: "reset" }]);
      await eventually("trouble to be told", async () =>
        (await textOf(popup, "#status")).startsWith("No beacon node gave a usable answer"),
      );
      expect(await badge()).to.equal("!");
      await popup.screenshot({ path: pathOfPhoto("extension-popup-trouble") });
      await server.setFaults([]);
      await popup.click("#sync");
      await follows(0);
    });

    it("is good to look at", async () => {
      await follows((await shown()).head);
      for (const colorScheme of SCHEMES) {
        await popup.emulateMedia({ colorScheme });
        await popup.locator("body").screenshot({ path: pathOfPhoto(`extension-popup-${colorScheme}`) });
        await extension.page.emulateMedia({ colorScheme });
        await extension.page.screenshot({ path: pathOfPhoto(`extension-options-${colorScheme}`), fullPage: true });
      }
      expect(await popup.evaluate(() => document.documentElement.scrollWidth)).to.equal(340);
    });

    after(() => popup?.close());
  });

  function badge(): Promise<string> {
    return extension.page.evaluate(() => (globalThis as unknown as ExtensionGlobals).chrome.action.getBadgeText({}));
  }

  it("shows the participation on its button", async () => {
    await eventually("a badge", async () => {
      const { participation } = (await extension.send("state"))!;
      return (await badge()) === `${Math.floor(participation!.rate * 100)}`;
    });
  });

  it("answers a page that asks", async () => {
    const site = createServer((_, response) => response.setHeader("content-type", "text/html").end("<!doctype html>"));
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
    const page = await extension.browser.context.newPage();
    try {
      await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
      const view = await page.evaluate(
        () =>
          new Promise<View>((resolve) => {
            window.addEventListener("message", ({ data }) => data.sidelightState && resolve(data.sidelightState));
            window.postMessage({ sidelight: "sync" }, location.origin);
          }),
      );
      await assertCurrent(view);
    } finally {
      await page.close();
      site.closeAllConnections();
      site.close();
    }
  });

  it("has complained about nothing but what was done to it", () => {
    const expected = /stored state: another checkpoint|NETWORK_FAILED|NO_SOURCE_ANSWERED|ERR_CONNECTION_RESET/;
    const others = extension.browser.complaints.filter((line) => !expected.test(line));
    expect(others).to.deep.equal([]);
  });
});
