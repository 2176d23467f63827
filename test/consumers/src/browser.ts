/** Apps in a real Chromium: what the page shows in the end, and everything that went wrong or went out on the way. */
import { type Browser, chromium, type Page } from "playwright-core";
import { CHROMIUM_FLAGS } from "../../../scripts/browsers.js";

export interface Visit<T> {
  /** What the page wrote into its `#outcome`, parsed. */
  readonly outcome: T;
  /** Warnings and errors of the console, exceptions nobody caught. */
  readonly problems: readonly string[];
  /** URLs of everything the page asked for, without queries. */
  readonly requests: readonly string[];
}

const OUTCOME_TIMEOUT_MS = 60_000;

export function launchBrowser(): Promise<Browser> {
  const executablePath = process.env["CHROME_BIN"] ?? "/usr/bin/chromium";
  return chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS] });
}

/** Opens a page in a profile of its own and waits until it says what came of it. */
export async function visit<T>(browser: Browser, url: string, query: Record<string, string>): Promise<Visit<T>> {
  const context = await browser.newContext();
  const page = await context.newPage();
  const watched = watch(page);
  try {
    await page.goto(`${url}?${new URLSearchParams(query)}`);
    const text = await page.locator("#outcome:not(:empty)").textContent({ timeout: OUTCOME_TIMEOUT_MS });
    return { outcome: JSON.parse(text!) as T, ...watched };
  } catch (error) {
    const seen = watched.problems.join("\n") || "the console is empty";
    throw new Error(`${url} did not say what came of it: ${(error as Error).message}\n${seen}`);
  } finally {
    await context.close();
  }
}

function watch(page: Page): { problems: string[]; requests: string[] } {
  const problems: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`uncaught: ${error.message}`));
  page.on("request", (request) => {
    const { origin, protocol, pathname } = new URL(request.url());
    if (protocol !== "data:") requests.push(protocol === "file:" ? pathname : origin + pathname);
  });
  return { problems, requests };
}
