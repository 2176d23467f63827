import { expect } from "chai";
import type { Browser } from "playwright-core";
import { forbiddenIn } from "../../../scripts/bundle-check.js";
import { launchBrowser, type Visit, visit } from "../src/browser.js";
import { BUNDLERS, type Built, build, scriptsOf, sizesOf } from "../src/bundlers.js";
import { type Chain, expectFollowed, type Outcome, startChain } from "../src/chain.js";
import { policyOf, serve } from "../src/site.js";
import { openWorkspace, type Workspace } from "../src/workspace.js";

/** What bundlers say of packages that are not made for browsers. */
const COMPLAINT = /externalized|polyfill|unresolved|not resolve|not found|circular|deprecat/i;

/** How webpack's runtime gets the global object where there is no `globalThis`; a refusal is caught. */
const WEBPACK_RUNTIME = /new Function\("return this"\)/;

describe("an app that follows a chain, without any configuration", function () {
  this.timeout(120_000);
  let workspace: Workspace;
  let chain: Chain;
  let browser: Browser;

  before(async () => {
    workspace = openWorkspace();
    [chain, browser] = await Promise.all([startChain(), launchBrowser()]);
    workspace.addApp("page");
  });

  after(async () => {
    await browser?.close();
    await chain?.devnet.stop();
  });

  for (const bundler of BUNDLERS) {
    describe(`by ${bundler.name}`, () => {
      let built: Built;

      before(async () => {
        built = await build(bundler, workspace.addApp(bundler.app));
      });

      it("builds without a complaint", () => {
        console.log(`      by ${bundler.name}, KiB gzip: ${sizesOf(built)}`);
        expect(built.output).to.not.match(COMPLAINT);
      });

      it("holds nothing that a browser or a strict page refuses", () => {
        const found = scriptsOf(built).flatMap(forbiddenIn);
        expect(found.filter((each) => !WEBPACK_RUNTIME.test(each))).to.deep.equal([]);
      });

      it("follows a chain in Chromium under a strict Content Security Policy", async () => {
        const node = await chain.newNode();
        const site = await serve(built.siteFolder, { csp: policyOf(node.url, { files: bundler.hasWasmFiles }) });
        const query = { beacon: node.url, checkpoint: chain.checkpoint };
        const { outcome, problems, requests }: Visit<Outcome> = await visit(browser, `${site.url}/`, query);
        await site.close();
        expect(problems).to.deep.equal([]);
        await expectFollowed(chain, node, outcome);
        const others = requests.filter((url) => !url.startsWith(`${site.url}/`) && !url.startsWith(`${node.url}/`));
        expect(others).to.deep.equal([]);
      });
    });
  }
});
