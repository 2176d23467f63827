/** A day of the dashboard at one update a second, drawn as fast as it can be: nothing grows, flickers, or moves. */
import { expect } from "chai";
import type { CDPSession, Page } from "playwright-core";
import { type BoardPage, serveBoardPage } from "./board-page.ts";
import { type Chromium, launchChromium } from "./chromium.ts";

const HOUR = 3600;
/** A leak of 24 bytes an update would be seen; what the engine learns of the code is less. */
const HEAP_MARGIN = 2 * 2 ** 20;

describe("a day of examples/dashboard", function () {
  this.timeout(600_000);
  let chromium: Chromium;
  let site: BoardPage;
  let page: Page;
  let devtools: CDPSession;

  before(async () => {
    [chromium, site] = await Promise.all([launchChromium(), serveBoardPage()]);
    page = await chromium.context.newPage();
    devtools = await chromium.context.newCDPSession(page);
    await devtools.send("Performance.enable");
  });
  after(async () => {
    await chromium?.close();
    site?.close();
  });

  /** So high that all of the page is seen: what nobody sees cannot be seen to move. */
  async function open(width: number): Promise<void> {
    await page.setViewportSize({ width, height: 5000 });
    await page.goto(site.url);
  }

  const pass = (seconds: number) => page.evaluate((of) => window.day.pass(of), seconds);
  const seenOf = () => page.evaluate(() => window.day.seen);

  async function measure() {
    await devtools.send("HeapProfiler.collectGarbage");
    const { metrics } = await devtools.send("Performance.getMetrics");
    const read = (name: string) => metrics.find((metric) => metric.name === name)!.value;
    const inPage = await page.evaluate(() => ({
      canvases: document.querySelectorAll("canvas").length,
      elements: document.querySelectorAll("*").length,
      // a line of news is an element and its text
      news: document.getElementById("news")!.childElementCount,
    }));
    return {
      heap: read("JSHeapUsedSize"),
      nodes: read("Nodes") - 2 * inPage.news,
      listeners: read("JSEventListeners"),
      canvases: inPage.canvases,
      elements: inPage.elements - inPage.news,
    };
  }

  for (const [device, width] of Object.entries({ phone: 390, tablet: 1024 })) {
    it(`at the width of a ${device} nothing moves, whatever comes up in half a day`, async () => {
      await open(width);
      await pass(12 * HOUR);
      const { shifts, told } = await seenOf();
      expect(shifts).to.deep.equal([]);
      expect(told, "something has come up").to.be.greaterThan(10);
    });
  }

  it("86,400 updates later there is what there was after the first hour, and everything is where it was", async () => {
    await open(1280);
    await pass(HOUR);
    const [early, first] = [await measure(), await seenOf()];
    for (let hour = 1; hour < 24; hour++) await pass(HOUR);
    const [late, last] = [await measure(), await seenOf()];
    expect(last.updates).to.be.at.least(86_400);
    const { heap: earlyHeap, ...before } = early;
    const { heap: lateHeap, ...after } = late;
    expect(after).to.deep.equal(before);
    expect(lateHeap - earlyHeap, "bytes of JavaScript").to.be.below(HEAP_MARGIN);
    expect(last.replaced.slice(first.replaced.length), "nodes that came or went").to.deep.equal([]);
    expect(last.rewritten, "texts written that were there").to.equal(0);
    expect(last.shifts, "layout shifts").to.deep.equal([]);
    expect(last.told, "and yet, lines of news").to.be.greaterThan(first.told + 10);
    const bounds = await page.evaluate(() => {
      const { slots, points, judgements } = window.day.model();
      const news = document.getElementById("news")!.childElementCount;
      return { slots: slots.length, points: points.length, judgements: judgements.length, news };
    });
    expect(bounds.slots).to.equal(256);
    expect(bounds.news).to.equal(20);
    expect(bounds.judgements).to.be.within(500, 512);
    // epochs one by one, and what is older in spans of 8
    expect(bounds.points).to.be.within(512, 512 + 64);
    expect(chromium.complaints).to.deep.equal([]);
  });
});
