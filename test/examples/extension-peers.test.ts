/** Peers in the one place that is stricter than a worker: the service worker of an extension (MV3), in Chromium. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { build } from "esbuild";
import type { Worker } from "playwright-core";
import type { DevnetPeer, Fault } from "../devnet/src/client.ts";
import { BAD_PEERS } from "../support/bad-peers.js";
import { type Chromium, launchChromium } from "./chromium.ts";
import { eventually } from "./eventually.ts";
import type { LiveChain } from "./live-chain.ts";
import type { PeersTask, PeersTold, PeersWorker } from "./peers-worker.ts";
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
  let browser: Chromium | undefined;
  let worker: Worker;
  const nodes: DevnetPeer[] = [];
  const folder = mkdtempSync(join(tmpdir(), "sidelight-extension-"));

  before(async () => {
    chain = await sharedChain();
    const task: PeersTask = { info: chain.devnet.info, checkpoint: chain.checkpoint };
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
    browser = await launchChromium({ extension: folder });
    const { context } = browser;
    worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  });
  afterEach(async () => {
    await worker.evaluate(() => (globalThis as unknown as PeersWorker).leave());
    for (const node of nodes.splice(0)) await node.close();
  });
  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const told = () => worker.evaluate((): PeersTold => (globalThis as unknown as PeersWorker).told());

  async function untilHeads(count: number): Promise<void> {
    const from = (await told()).heads.length;
    await eventually("heads by gossip", async () => (await told()).heads.length >= from + count);
  }

  /** Follows two nodes, of which the second is honest, and lets something happen meanwhile. */
  async function follow(first: readonly Fault[], meanwhile = async () => {}): Promise<PeersTold> {
    nodes.push(await chain.devnet.newPeer([...first]), await chain.devnet.newPeer());
    const addresses = nodes.map(({ url }) => url);
    await worker.evaluate((given) => (globalThis as unknown as PeersWorker).follow(given), addresses);
    await untilHeads(2);
    await meanwhile();
    await untilHeads(2);
    const all = await told();
    for (const head of all.heads) await chain.assertTrue(head);
    return all;
  }

  it("bootstraps, catches up and follows by gossip", async () => {
    const { errors, blamed } = await follow([]);
    expect({ errors, blamed }).to.deep.equal({ errors: [], blamed: [] });
    const asked = (await Promise.all(nodes.map((node) => node.requests()))).flat().map(({ route }) => route);
    expect(asked).to.include.members(["bootstrap", "updates"]);
    // nobody is asked for the heads
    expect(asked.filter((route) => route === "optimistic_update").length).to.be.below(3);
  });

  for (const [what, fault, code] of BAD_PEERS) {
    it(`survives a peer that ${what}`, async () => {
      expect((await follow([fault])).blamed).to.include(code);
    });
  }

  it("survives a peer that vanishes", async () => {
    await follow([], () => nodes[0]!.close());
  });
});
