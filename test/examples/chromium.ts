/** Chromium, driven by playwright-core. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { CHROMIUM_FLAGS, findBrowsers } from "../../scripts/browsers.js";

/** Playwright's own headless switch and this one do not go together. */
const FLAGS = CHROMIUM_FLAGS.filter((flag) => !flag.startsWith("--headless"));

export interface Chromium {
  readonly context: BrowserContext;
  /** Everything that a page or a worker has complained about so far. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** @param extension folder of an extension to load */
export async function launchChromium({ extension }: { extension?: string } = {}): Promise<Chromium> {
  const { chromium: executablePath } = await findBrowsers(["chromium"]);
  const profile = mkdtempSync(join(tmpdir(), "sidelight-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: executablePath!,
    headless: true,
    ...(extension === undefined ? {} : { ignoreDefaultArgs: ["--disable-extensions"] }),
    args: [
      ...FLAGS,
      ...(extension === undefined ? [] : [`--disable-extensions-except=${extension}`, `--load-extension=${extension}`]),
    ],
  });
  const complaints: string[] = [];
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  context.on("weberror", (thrown) => complaints.push(`${thrown.error().stack}`));
  return {
    context,
    complaints,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** The text of an element, white space folded. */
export async function textOf(page: Page, selector: string): Promise<string> {
  return ((await page.textContent(selector)) ?? "").replace(/\s+/g, " ").trim();
}

/** A slot as the examples write it: `1,234`. */
export function slotOf(text: string): number {
  return Number(text.replaceAll(/\D/g, ""));
}
