/** Stock Firefox, driven by puppeteer-core over WebDriver BiDi. */
import { type Browser, launch, type Page } from "puppeteer-core";
import { findBrowsers } from "../../scripts/browsers.js";

/** So that a background which has nothing to do is ended while a test looks on. Firefox's own is 30 s. */
const IDLE_MS = 1_000;

/** `null` where there is no Firefox: that was said. */
export async function launchFirefox(): Promise<Browser | null> {
  const { firefox } = await findBrowsers();
  if (firefox === undefined) return null;
  return launch({
    browser: "firefox",
    executablePath: firefox,
    headless: true,
    extraPrefsFirefox: { "extensions.background.idle.timeout": IDLE_MS },
  });
}

/**
 * The page of an extension that shows in one of the tabs. WebDriver may not open such a page, so the extension has to do it
 * itself; and its address is only known within.
 */
export async function findExtensionPage(browser: Browser, name: string): Promise<Page | null> {
  for (const page of await browser.pages()) {
    const address = await page.evaluate(() => location.href);
    if (address.startsWith("moz-extension:") && address.endsWith(`/${name}`)) return page;
  }
  return null;
}
