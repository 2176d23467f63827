import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import type { Browser } from "playwright-core";
import { forbiddenIn } from "../../../scripts/bundle-check.js";
import { launchBrowser, type Visit, visit } from "../src/browser.js";
import { type Chain, expectFollowed, type Outcome, startChain } from "../src/chain.js";
import { policyOf, type Site, serve } from "../src/site.js";
import { openWorkspace, type Workspace } from "../src/workspace.js";

const SCRIPT = "sidelight.min.js";

describe("the script-tag build", function () {
  this.timeout(120_000);
  let workspace: Workspace;
  let chain: Chain;
  let browser: Browser;
  let app: string;
  let dist: string;
  const sites: Site[] = [];

  before(async () => {
    workspace = openWorkspace();
    [chain, browser] = await Promise.all([startChain(), launchBrowser()]);
    dist = join(workspace.packageFolder, "dist");
    app = workspace.addApp("script-tag");
    copyFileSync(join(dist, SCRIPT), join(app, SCRIPT));
  });

  afterEach(async () => {
    for (const site of sites.splice(0)) await site.close();
  });

  after(async () => {
    await browser?.close();
    await chain?.devnet.stop();
  });

  async function open(...args: Parameters<typeof serve>): Promise<Site> {
    const site = await serve(...args);
    sites.push(site);
    return site;
  }

  function text(file: string): string {
    return readFileSync(join(dist, file), "utf8");
  }

  function integrity(): string {
    const hashes = JSON.parse(text("sri.json")) as Record<string, string>;
    return hashes[SCRIPT]!;
  }

  /** A page whose script comes from another origin, as from a CDN, with the hash that was written at build. */
  async function cdnPage(beacon: string, script: string | null) {
    const cdn = await open(dist, { cors: true, ...(script === null ? {} : { overrides: { [`/${SCRIPT}`]: script } }) });
    const html = readFileSync(join(app, "cdn.html"), "utf8")
      .replace("{{script}}", `${cdn.url}/${SCRIPT}`)
      .replace("{{integrity}}", integrity());
    const csp = policyOf(beacon, { scripts: [cdn.url] });
    const site = await open(app, { csp, overrides: { "/cdn.html": html } });
    return { cdn, url: `${site.url}/cdn.html`, site };
  }

  it("is one script with a source map that leads to the sources", () => {
    expect(text(SCRIPT)).to.match(/^\/\*! sidelight \d+\.\d+\.\d+ \| Apache-2\.0 .*\*\/\nvar sidelight=function/);
    expect(text(SCRIPT)).to.match(/\n\/\/# sourceMappingURL=sidelight\.min\.js\.map\s*$/);
    const { sources, sourcesContent } = JSON.parse(text(`${SCRIPT}.map`)) as {
      sources: string[];
      sourcesContent: (string | null)[];
    };
    const at = sources.indexOf("src/client/light-client.ts");
    expect(sourcesContent[at]).to.equal(
      readFileSync(join(workspace.packageFolder, "src/client/light-client.ts"), "utf8"),
    );
    expect(sources.filter((source) => !/^(src|node_modules)\//.test(source))).to.deep.equal([]);
    expect(sourcesContent.filter((content) => content === null)).to.deep.equal([]);
  });

  it("names the licence of everything inside that others wrote", () => {
    // compiled, so that no source map tells of it
    expect(text(`${SCRIPT}.LICENSE.txt`)).to.match(/supranational\/blst.*Apache License/s);
    const { sources } = JSON.parse(text(`${SCRIPT}.map`)) as { sources: string[] };
    const packages = sources.flatMap((source) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []);
    for (const name of packages) expect(text(`${SCRIPT}.LICENSE.txt`)).to.match(new RegExp(`^${name} \\d`, "m"));
  });

  it("holds nothing that a browser or a strict page refuses", () => {
    expect(forbiddenIn(text(SCRIPT))).to.deep.equal([]);
  });

  it("follows a chain from a file", async () => {
    const node = await chain.newNode();
    const url = pathToFileURL(join(app, "index.html")).href;
    const query = { beacon: node.url, checkpoint: chain.checkpoint };
    const { outcome, problems, requests }: Visit<Outcome> = await visit(browser, url, query);
    expect(problems).to.deep.equal([]);
    await expectFollowed(chain, node, outcome);
    expect(requests.filter((each) => !each.startsWith(`${node.url}/`))).to.deep.equal(
      ["index.html", SCRIPT, "page.js"].map((file) => pathToFileURL(join(app, file)).pathname),
    );
  });

  it("follows a chain under a strict Content Security Policy", async () => {
    const node = await chain.newNode();
    const site = await open(app, { csp: policyOf(node.url) });
    const query = { beacon: node.url, checkpoint: chain.checkpoint };
    const { outcome, problems, requests }: Visit<Outcome> = await visit(browser, `${site.url}/`, query);
    expect(problems).to.deep.equal([]);
    await expectFollowed(chain, node, outcome);
    expect(requests.filter((each) => !each.startsWith(`${node.url}/`))).to.deep.equal(
      ["/", `/${SCRIPT}`, "/page.js"].map((path) => site.url + path),
    );
  });

  it("loads where WASM is refused, and says so by a code", async () => {
    const node = await chain.newNode();
    const site = await open(app, { csp: policyOf(node.url, { wasm: false }) });
    const query = { beacon: node.url, checkpoint: chain.checkpoint };
    const { outcome }: Visit<{ failed: string }> = await visit(browser, `${site.url}/`, query);
    expect(outcome.failed).to.equal("BLS_UNAVAILABLE");
  });

  it("is what its published hash says, to a page that loads it from elsewhere", async () => {
    const node = await chain.newNode();
    const { url } = await cdnPage(node.url, null);
    const query = { beacon: node.url, checkpoint: chain.checkpoint };
    const { outcome, problems }: Visit<Outcome> = await visit(browser, url, query);
    expect(problems).to.deep.equal([]);
    await expectFollowed(chain, node, outcome);
  });

  it("is refused by that page when a byte differs", async () => {
    const { url } = await cdnPage(chain.devnet.url, `${text(SCRIPT)}\n`);
    const query = { beacon: chain.devnet.url, checkpoint: chain.checkpoint };
    const { outcome, problems }: Visit<{ failed: string }> = await visit(browser, url, query);
    expect(outcome.failed).to.equal("ReferenceError");
    expect(problems.join()).to.match(/integrity/);
  });
});
