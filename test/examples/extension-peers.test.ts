/** Peers in the one place that is stricter than a worker: the service worker of an extension (MV3), in Chromium. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Worker } from "playwright-core";
import { survivalContract } from "../contract/peer-survival.ts";
import { type Chromium, launchChromium } from "./chromium.ts";
import type { PeersWorker } from "./peers-worker.ts";
import { sharedChain } from "./shared-chain.ts";

type Scope = { readonly peersWorker: PeersWorker };

const MANIFEST = {
  manifest_version: 3,
  name: "peers",
  version: "1",
  background: { service_worker: "worker.js", type: "module" },
  content_security_policy: { extension_pages: "script-src 'self' 'wasm-unsafe-eval'" },
};

describe("in the service worker of an extension", function () {
  // it may have to install a browser
  this.timeout(300_000);
  let browser: Chromium | undefined;
  const folder = mkdtempSync(join(tmpdir(), "sidelight-extension-"));

  async function startWorker(): Promise<Worker> {
    await build({
      entryPoints: [fileURLToPath(new URL("peers-worker.ts", import.meta.url))],
      outfile: join(folder, "worker.js"),
      bundle: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      logLevel: "error",
    });
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(MANIFEST));
    browser = await launchChromium({ extension: folder });
    const { context } = browser;
    return context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  }

  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  survivalContract("a client", async () => {
    const { devnet } = await sharedChain();
    const worker = await startWorker();
    return {
      devnet,
      async follow(task) {
        await worker.evaluate((given) => (globalThis as unknown as Scope).peersWorker.follow(given), task);
        return {
          told: () => worker.evaluate(() => (globalThis as unknown as Scope).peersWorker.told()),
          stop: () => worker.evaluate(() => (globalThis as unknown as Scope).peersWorker.stop()),
        };
      },
    };
  });
});
