/** Somebody who looks at a page, in whichever browser: the little that both drivers have in common. */
import type { Page as ChromiumPage } from "playwright-core";
import type { Page as FirefoxPage } from "puppeteer-core";
import { launchChromium } from "./chromium.ts";
import { launchFirefox } from "./firefox.ts";
import { ARE_PHOTOS_WANTED, pathOfPhoto, photograph } from "./photos.ts";

export interface Visitor {
  readonly browser: "Chromium" | "Firefox";
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  evaluate<T, A>(run: (argument: A) => T, argument: A): Promise<T>;
  /** The text of an element, white space folded. */
  text(selector: string): Promise<string>;
  fill(selector: string, text: string): Promise<void>;
  click(selector: string): Promise<void>;
  /** With the focus on an element. */
  press(selector: string, key: "ArrowLeft" | "Home" | "End" | "Enter"): Promise<void>;
  /** As their system has it; `false` where the driver cannot ask for that. */
  prefer(colorScheme: "light" | "dark"): Promise<boolean>;
  photograph(name: string): Promise<void>;
  /** Everything that the page has complained about; `null` where the driver does not tell. */
  complaints(): readonly string[];
  close(): Promise<void>;
}

export async function visitInChromium(): Promise<Visitor> {
  const chromium = await launchChromium();
  const page = await chromium.context.newPage();
  return {
    browser: "Chromium",
    ...common(page),
    fill: (selector, text) => page.fill(selector, text),
    press: (selector, key) => page.press(selector, key),
    async prefer(colorScheme) {
      await page.emulateMedia({ colorScheme });
      return true;
    },
    photograph: (name) => photograph(page, name),
    complaints: () => chromium.complaints,
    close: () => chromium.close(),
  };
}

/** `null` where there is no Firefox: that was said. */
export async function visitInFirefox(): Promise<Visitor | null> {
  const firefox = await launchFirefox();
  if (firefox === null) return null;
  const page = await firefox.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(`${error}`));
  return {
    browser: "Firefox",
    ...common(page),
    async fill(selector, text) {
      await page.evaluate(
        ([selector, text]) => {
          document.querySelector<HTMLInputElement>(selector)!.value = text;
        },
        [selector, text] as const,
      );
    },
    async press(selector, key) {
      await page.focus(selector);
      await page.keyboard.press(key);
    },
    // over WebDriver BiDi there is no such command yet; light is what it begins with
    prefer: async (colorScheme) => colorScheme === "light",
    async photograph(name) {
      for (const [device, width] of [
        ["phone", 360],
        ["desktop", 1280],
      ] as const) {
        await page.setViewport({ width, height: 800 });
        if (!ARE_PHOTOS_WANTED) continue;
        await page.screenshot({ path: pathOfPhoto(`${name}-firefox-${device}`) as `${string}.png`, fullPage: true });
      }
    },
    complaints: () => complaints,
    close: () => firefox.close(),
  };
}

function common(page: ChromiumPage | FirefoxPage) {
  const evaluate = page.evaluate.bind(page) as Visitor["evaluate"];
  return {
    evaluate,
    goto: async (url: string) => void (await page.goto(url)),
    reload: async () => void (await page.reload()),
    text: async (selector: string) => {
      const text = await evaluate((of) => document.querySelector(of)!.textContent!, selector);
      return text.replace(/\s+/g, " ").trim();
    },
    click: (selector: string) => page.click(selector),
  };
}
