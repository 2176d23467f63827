import { join } from "node:path";
import { expect } from "chai";
import { type Chain, startChain } from "../src/chain.js";
import { mustRunNode, runNode } from "../src/command.js";
import { addApp, addPeers, modulesOf, openWorkspace, peersOf, type Workspace } from "../src/workspace.js";

describe("in Node", function () {
  this.timeout(120_000);
  let workspace: Workspace;
  let chain: Chain;
  let app: string;

  before(async () => {
    chain = await startChain();
    workspace = openWorkspace();
    app = workspace.addApp("node-esm");
  });

  after(async () => {
    await chain?.devnet.stop();
  });

  async function importEvery(folder: string): Promise<Record<string, string[]>> {
    const modules = modulesOf(workspace.manifest);
    expect(modules).to.include("sidelight");
    const { stdout } = await mustRunNode(["import-every.js", ...modules], { cwd: folder });
    return JSON.parse(stdout) as Record<string, string[]>;
  }

  it("every module can be imported, and importing does nothing else", async () => {
    const peers = peersOf(workspace.manifest);
    const effects = Object.entries(await importEvery(app));
    const isWithoutPeer = ([effect]: string[]) =>
      effect?.startsWith("failed: ERR_MODULE_NOT_FOUND") && peers.some((name) => effect.includes(`'${name}'`));
    expect(Object.fromEntries(effects.filter(([, each]) => each.length > 0 && !isWithoutPeer(each)))).to.deep.equal({});
  });

  it("so can those that need a peer, once it is installed", async function () {
    if (peersOf(workspace.manifest).length === 0) return this.skip();
    const effects = Object.entries(await importEvery(addApp(addPeers(workspace), "node-esm")));
    const failed = effects.filter(([, each]) => each.some((effect) => effect.startsWith("failed")));
    expect(Object.fromEntries(failed)).to.deep.equal({});
  });

  it("a script syncs once and ends", async () => {
    const { stdout } = await mustRunNode(["sync.js", chain.devnet.url, chain.checkpoint], { cwd: app });
    const { head, finalized, periods } = JSON.parse(stdout) as {
      head: { slot: number; root: string };
      finalized: { slot: number; root: string };
      periods: number;
    };
    expect(periods).to.be.above(0);
    for (const { slot, root } of [head, finalized]) expect((await chain.devnet.truth(slot))?.root).to.equal(root);
  });

  it("a script verifies with the protocol's own functions", async () => {
    const { stdout } = await mustRunNode(["verify.js", chain.devnet.url, chain.checkpoint], { cwd: app });
    const { from, to, updates } = JSON.parse(stdout) as { from: number; to: number; updates: number };
    expect(updates).to.be.above(1);
    // the best update of a period need not prove the newest finality of it
    expect(to)
      .to.be.above(from)
      .and.at.most((await chain.devnet.finalized()).slot);
    expect((await chain.devnet.truth(to))?.root).to.match(/^0x/);
  });

  it("CommonJS gets it by `require`", async () => {
    const { stdout } = await mustRunNode(["require.cjs"], { cwd: app });
    expect(stdout).to.equal("idle");
  });

  it("the command line names the packages that peers need, where they are not installed", async () => {
    const bin = join(workspace.folder, "node_modules/.bin/sidelight");
    const args = ["serve", "--checkpoint", chain.checkpoint, "--beacon", chain.devnet.url, "--json"];
    const { code, stdout } = await runNode([bin, ...args], { cwd: app });
    const failed = JSON.parse(stdout) as { code: string; details: { packages: string[] } };
    expect([code, failed.code]).to.deep.equal([1, "PACKAGES_MISSING"]);
    expect(failed.details.packages).to.include.members(["libp2p", "@libp2p/websockets", "@multiformats/multiaddr"]);
    expect(stdout).not.to.include(workspace.folder);
  });

  it("the command line is installed", async () => {
    const bin = join(workspace.folder, "node_modules/.bin/sidelight");
    const { stdout } = await mustRunNode([bin, "--version"], { cwd: app });
    expect(stdout.trim()).to.equal(workspace.manifest.version);
  });
});
