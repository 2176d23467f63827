import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import type { Browser, Page } from "puppeteer-core";
import { buildExtension } from "../../scripts/example-extension.js";
import type { DevnetServer } from "../devnet/src/client.ts";
import { eventually } from "./eventually.ts";
import { deliveredPeriods, type ExtensionGlobals, isDelivered, type View } from "./extension.ts";
import { findExtensionPage, launchFirefox } from "./firefox.ts";
import type { LiveChain } from "./live-chain.ts";
import { pathOfPhoto } from "./photos.ts";
import { sharedChain } from "./shared-chain.ts";

const FRESH_SLOTS = 8;

describe("examples/mv3-extension in Firefox", function () {
  this.timeout(300_000);
  let chain: LiveChain;
  let server: DevnetServer;
  let browser: Browser | null;
  let page: Page;

  before(async function () {
    browser = await launchFirefox();
    if (browser === null) return this.skip();
    const { firefox } = await buildExtension();
    chain = await sharedChain();
    server = await chain.devnet.newServer();
    await browser.installExtension(firefox);
    page = await eventually("the options page", () => findExtensionPage(browser!, "options.html"));
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  function send(type: "state" | "sync"): Promise<View | null> {
    return page.evaluate(
      (message) => (globalThis as unknown as ExtensionGlobals).chrome.runtime.sendMessage(message) as Promise<View>,
      { type },
    );
  }

  function isRunning(): Promise<boolean> {
    return page.evaluate(
      () => (globalThis as unknown as ExtensionGlobals).chrome.extension.getBackgroundPage() !== null,
    );
  }

  async function current(): Promise<View> {
    const view = await eventually("a current view", async () => {
      const seen = await send("sync");
      return seen?.failure === null && seen.head!.slot >= chain.slot() - FRESH_SLOTS && seen;
    });
    await chain.assertTrue(view.head!);
    await chain.assertTrue(view.finalized!);
    return view;
  }

  it("is set up on its options page, catches up and follows", async () => {
    await page.select("[name=network]", "custom");
    await page.type("[name=endpoints]", server.url);
    await page.type("[name=checkpoint]", chain.checkpoint);
    await page.click("[type=submit]");
    const { participation } = await current();
    const { participants } = (await chain.devnet.truth(participation!.slot))!;
    expect(participation!.count).to.equal(participants);
  });

  it("goes on after its background was ended, woken by a message and by the alarm", async () => {
    for (const wake of ["message", "alarm"]) {
      const before = (await current()).head!;
      await eventually("a background that runs", async () => (await send("state")) !== null && isRunning());
      await eventually("the background to be ended", async () => !(await isRunning()));
      await eventually("two more blocks", async () => (await chain.devnet.head()).slot >= before.slot + 2);
      if (wake === "message") {
        expect((await send("state"))!.head!.slot).to.be.at.least(before.slot);
      } else {
        await page.evaluate(() =>
          (globalThis as unknown as ExtensionGlobals).chrome.alarms.create("sync", { when: Date.now() + 500 }),
        );
        await eventually("the alarm's pass", async () => {
          const { view } = await page.evaluate(() =>
            (globalThis as unknown as ExtensionGlobals).chrome.storage.local.get("view"),
          );
          return (view as View).head!.slot > before.slot;
        });
      }
      expect((await current()).head!.slot).to.be.at.least(before.slot);
    }
    const log = await server.requests();
    expect(log.filter(isDelivered("bootstrap"))).to.have.length(1);
    const periods = deliveredPeriods(log);
    expect(new Set(periods).size, `${periods}`).to.equal(periods.length);
  });

  it("shows it in its popup", async () => {
    await page.evaluate(() => (globalThis as unknown as ExtensionGlobals).chrome.tabs.create({ url: "popup.html" }));
    const popup = await eventually("the popup", () => findExtensionPage(browser!, "popup.html"));
    await eventually("the popup to follow", async () => {
      const status = await popup.evaluate(() => document.getElementById("status")!.textContent);
      return status!.startsWith("Verified here");
    });
    const slot = await popup.evaluate(() => document.getElementById("head")!.textContent);
    expect(await chain.devnet.truth(Number(slot!.replaceAll(",", "")))).not.to.equal(null);
    await popup.setViewport({ width: 340, height: 400 });
    await popup.screenshot({ path: pathOfPhoto("extension-popup-firefox") });
    await popup.close();
  });

  it("answers a page that asks", async () => {
    const site = createServer((_, response) => response.setHeader("content-type", "text/html").end("<!doctype html>"));
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
    const asking = await browser!.newPage();
    await asking.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
    const view = await asking.evaluate(
      () =>
        new Promise<View>((resolve) => {
          window.addEventListener("message", ({ data }) => data.sidelightState && resolve(data.sidelightState));
          window.postMessage({ sidelight: "sync" }, location.origin);
        }),
    );
    await chain.assertTrue(view.head!);
    site.closeAllConnections();
    site.close();
  });
});
