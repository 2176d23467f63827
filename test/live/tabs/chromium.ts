/**
 * Chromium with several tabs of one origin, and power over each of their processes. By puppeteer: playwright has the
 * browser believe that every page is looked at, and then none is hidden, and none can be frozen.
 */
import puppeteer, { type Browser, type CDPSession, type Page } from "puppeteer-core";
import { CHROMIUM_FLAGS, findBrowsers } from "../../../scripts/browsers.js";

export interface Chromium {
  readonly browser: Browser;
  /** The process that a page lives in, found by what it does. */
  processOf(page: Page): Promise<number>;
  close(): Promise<void>;
}

export async function launchChromium(): Promise<Chromium> {
  const { chromium: executablePath } = await findBrowsers(["chromium"]);
  const browser = await puppeteer.launch({ executablePath: executablePath!, args: [...CHROMIUM_FLAGS] });
  const session = await browser.target().createCDPSession();
  return {
    browser,
    async processOf(page) {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const before = await cpuTimes(session);
        // not so long that the other tabs would take it for dead
        await page.evaluate(() => tab.burn(400));
        const [first, second] = mostBusy(before, await cpuTimes(session));
        // on a busy machine it gets but a part of the time, and a process that starts may take as much
        if (first!.seconds > 0.1 && first!.seconds > 2 * (second?.seconds ?? 0)) return first!.id;
      }
      throw new Error(`no process stood out in ${ATTEMPTS} attempts`);
    },
    close: () => browser.close(),
  };
}

const ATTEMPTS = 40;

function mostBusy(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>) {
  const spent = [...after].map(([id, seconds]) => ({ id, seconds: seconds - (before.get(id) ?? 0) }));
  return spent.sort((a, b) => b.seconds - a.seconds);
}

/** Of processes that pages live in, in seconds. */
async function cpuTimes(session: CDPSession): Promise<Map<number, number>> {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  return new Map(processInfo.filter(({ type }) => type === "renderer").map(({ id, cpuTime }) => [id, cpuTime]));
}

/** As the browser does it to a tab that nobody has looked at for long; only to one that is hidden. */
export async function setFrozen(page: Page, isFrozen: boolean): Promise<void> {
  const session = await page.createCDPSession();
  await session.send("Page.setWebLifecycleState", { state: isFrozen ? "frozen" : "active" });
  await session.detach();
}
