/** Peers in the one place that is stricter than a worker: the service worker of an extension (MV3), in Chromium. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { build } from "esbuild";
import type { DevnetPeer } from "../devnet/src/client.ts";
import { type Chromium, launchChromium } from "./chromium.ts";
import { eventually } from "./eventually.ts";
import type { LiveChain } from "./live-chain.ts";
import type { PeersTask, PeersTold } from "./peers-worker.ts";
import { sharedChain } from "./shared-chain.ts";

const MANIFEST = {
  manifest_version: 3,
  name: "peers",
  version: "1",
  background: { service_worker: "worker.js", type: "module" },
  content_security_policy: { extension_pages: "script-src 'self' 'wasm-unsafe-eval'" },
};

describe("a client with nothing but peers in the service worker of an extension", function () {
  // it may have to install a browser
  this.timeout(300_000);
  let chain: LiveChain;
  let node: DevnetPeer;
  let browser: Chromium | undefined;
  const folder = mkdtempSync(join(tmpdir(), "sidelight-extension-"));

  before(async () => {
    chain = await sharedChain();
    node = await chain.devnet.newPeer();
    const task: PeersTask = { info: chain.devnet.info, checkpoint: chain.checkpoint, peers: [node.url] };
    await build({
      entryPoints: [fileURLToPath(new URL("peers-worker.ts", import.meta.url))],
      outfile: join(folder, "worker.js"),
      bundle: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      define: { TASK: JSON.stringify(task) },
      logLevel: "error",
    });
    writeFileSync(join(folder, "manifest.json"), JSON.stringify(MANIFEST));
  });
  after(async () => {
    await browser?.close();
    await node?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("bootstraps, catches up and follows by gossip", async () => {
    browser = await launchChromium({ extension: folder });
    const { context } = browser;
    const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
    const told = await eventually("heads by gossip", async () => {
      const seen = await worker.evaluate(() => (globalThis as unknown as { told?: PeersTold }).told);
      return seen !== undefined && (seen.heads.length >= 4 || seen.errors.length > 0) && seen;
    });
    expect(told.errors).to.deep.equal([]);
    for (const head of told.heads) await chain.assertTrue(head);
    const asked = (await node.requests()).map(({ route }) => route);
    expect(asked).to.include.members(["bootstrap", "updates"]);
    // nobody is asked for the heads
    expect(asked.filter((route) => route === "optimistic_update").length).to.be.below(3);
  });
});
