/** The extension in Chromium, and its service worker in the hands of a killer. */
import type { Page } from "playwright-core";
import { buildExtension } from "../../scripts/example-extension.js";
import type { DevnetServer, RequestRecord } from "../devnet/src/client.ts";
import { type Chromium, launchChromium } from "./chromium.ts";
import { eventually } from "./eventually.ts";

/** What the background answers: the fields that the tests look at. */
export interface View {
  readonly network: string;
  readonly head: Header | null;
  readonly finalized: Header | null;
  readonly participation: {
    readonly slot: number;
    readonly count: number;
    readonly size: number;
    readonly rate: number;
  } | null;
  readonly failure: { readonly code: string; readonly message: string } | null;
}

export interface Header {
  readonly slot: number;
  readonly root: string;
}

export interface Extension {
  readonly browser: Chromium;
  urlOf(page: string): string;
  /** Its options page: may use every API that the extension may, and does nothing by itself. */
  readonly page: Page;
  /** Enters the settings as a user does, and saves them. */
  configure(url: string, checkpoint: string): Promise<void>;
  /** A message to the background, as popups and content scripts send them; starts it if it is not running. */
  send(type: "state" | "sync"): Promise<View | null>;
  /** Lets the alarm ring in half a second. */
  ring(): Promise<void>;
  /** Ends the service worker, whatever it is doing; resolves when it is gone. */
  kill(): Promise<void>;
  isRunning(): boolean;
  /** Every head that was ever kept, in order. */
  heads(): Promise<Header[]>;
}

interface WorkerVersion {
  readonly versionId: string;
  readonly scriptURL: string;
  readonly runningStatus: "stopped" | "starting" | "running" | "stopping";
}

export async function startExtension(): Promise<Extension> {
  const folders = await buildExtension();
  const browser = await launchChromium({ extension: folders.chromium });
  const { context } = browser;
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  const urlOf = (page: string) => new URL(page, worker.url()).href;
  // it opens by itself when the extension is installed
  const page = await eventually("the options page", async () => {
    const found = context.pages().find((each) => each.url() === urlOf("options.html"));
    return found ?? null;
  });

  const devtools = await context.newCDPSession(page);
  let version: WorkerVersion | undefined;
  devtools.on("ServiceWorker.workerVersionUpdated", ({ versions }) => {
    version = versions.find(({ scriptURL }) => scriptURL === worker.url()) ?? version;
  });
  await devtools.send("ServiceWorker.enable");

  await page.evaluate(() => {
    const heads: unknown[] = [];
    Object.assign(globalThis, { heads });
    const { storage } = (globalThis as unknown as ExtensionGlobals).chrome;
    storage.local.onChanged.addListener(({ view }) => view?.newValue.head && heads.push(view.newValue.head));
  });

  return {
    browser,
    urlOf,
    page,
    async configure(url, checkpoint) {
      await page.selectOption("[name=network]", "custom");
      await page.fill("[name=endpoints]", url);
      await page.fill("[name=checkpoint]", checkpoint);
      await page.click("[type=submit]");
    },
    send: (type) =>
      page.evaluate(
        (message) => (globalThis as unknown as ExtensionGlobals).chrome.runtime.sendMessage(message) as Promise<View>,
        { type },
      ),
    async ring() {
      await page.evaluate(() =>
        (globalThis as unknown as ExtensionGlobals).chrome.alarms.create("sync", {
          when: Date.now() + 500,
          periodInMinutes: 0.5,
        }),
      );
    },
    async kill() {
      await eventually("a worker to kill", async () => version?.runningStatus === "running");
      await devtools.send("ServiceWorker.stopWorker", { versionId: version!.versionId });
      await eventually("the worker to be gone", async () => version?.runningStatus === "stopped");
    },
    isRunning: () => version?.runningStatus === "running",
    heads: () => page.evaluate(() => (globalThis as unknown as { heads: Header[] }).heads),
  };
}

/** As much of the extension's APIs as the tests use. */
export interface ExtensionGlobals {
  chrome: {
    runtime: { sendMessage(message: unknown): Promise<unknown> };
    alarms: { create(name: string, info: object): Promise<void> };
    extension: { getBackgroundPage(): unknown };
    tabs: { create(options: object): Promise<unknown> };
    action: { getBadgeText(details: object): Promise<string> };
    storage: {
      local: {
        get(key: string): Promise<Record<string, unknown>>;
        onChanged: { addListener(listener: (changes: { view?: { newValue: View } }) => void): void };
      };
    };
  };
}

/** Resolves when a node has been asked for something that it has not answered yet. */
export async function whileAsking(server: DevnetServer, route: string, nth = 1): Promise<void> {
  await eventually(`request ${nth} for ${route}`, async () => {
    const asked = (await server.requests()).filter((request) => request.route === route);
    return asked.length >= nth && asked.at(-1)!.durationMs === 0;
  });
}

/** Periods of the updates that were answered, as often as they were. */
export function deliveredPeriods(log: readonly RequestRecord[]): number[] {
  return log.filter(isDelivered("updates")).flatMap(({ path }) => {
    const query = new URL(path, "http://node").searchParams;
    return Array.from({ length: Number(query.get("count")) }, (_, i) => Number(query.get("start_period")) + i);
  });
}

export function isDelivered(route: string) {
  return (request: RequestRecord) => request.route === route && request.status === 200;
}
