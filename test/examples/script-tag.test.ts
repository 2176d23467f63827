import { fileURLToPath, pathToFileURL } from "node:url";
import { expect } from "chai";
import type { Page } from "playwright-core";
import { buildExtension } from "../../scripts/example-extension.js";
import type { DevnetServer } from "../devnet/src/client.ts";
import { type Chromium, launchChromium, slotOf, textOf } from "./chromium.ts";
import { eventually } from "./eventually.ts";
import type { LiveChain } from "./live-chain.ts";
import { photograph } from "./photos.ts";
import { sharedChain } from "./shared-chain.ts";

/** As a visitor opens it: from the disk. */
const PAGE = pathToFileURL(fileURLToPath(new URL("../../examples/script-tag/index.html", import.meta.url))).href;

describe("examples/script-tag", function () {
  this.timeout(300_000);
  let chain: LiveChain;
  let server: DevnetServer;
  let browser: Chromium;
  let page: Page;

  before(async () => {
    await buildExtension(); // and with it the script
    [chain, browser] = await Promise.all([sharedChain(), launchChromium()]);
    server = await chain.devnet.newServer();
    page = await browser.context.newPage();
    await page.goto(PAGE);
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  async function follow(checkpoint: string): Promise<void> {
    await page.selectOption("[name=network]", "");
    await page.fill("[name=url]", server.url);
    await page.fill("[name=checkpoint]", checkpoint);
    await page.click("[type=submit]");
  }

  it("opens from file://, and refuses what cannot be a checkpoint", async () => {
    await photograph(page, "script-tag-setup");
    await follow("0x1234");
    await eventually("a refusal", async () => (await textOf(page, "#status")).includes("0x hex of 32 bytes"));
    expect(await page.isVisible("#form")).to.equal(true);
  });

  it("shows head, finality and participation as they are", async () => {
    await follow(chain.checkpoint);
    await eventually("a page that follows", async () => (await textOf(page, "#status")).endsWith(": following"));
    const first = slotOf(await textOf(page, "#head"));
    await eventually("three more blocks", async () => slotOf(await textOf(page, "#head")) >= first + 3);
    const [head, finalized, participation, label, absent] = await page.evaluate(() => [
      ...["head", "finalized", "participation"].map((id) => document.getElementById(id)!.textContent!),
      document.getElementById("members")!.getAttribute("aria-label")!,
      `${document.querySelectorAll("#members .absent").length}`,
    ]);
    const truth = (await chain.devnet.truth(slotOf(head!)))!;
    expect(await chain.devnet.truth(slotOf(finalized!)), "finalized").not.to.equal(null);
    const signed = await signerOf(truth.root, truth.slot);
    expect(participation).to.equal(`${signed.participants} of ${signed.syncBits.length}`);
    expect(label).to.include(participation!);
    expect(Number(absent)).to.equal(signed.syncBits.length - signed.participants);
    await photograph(page, "script-tag-following");
  });

  /** The block that carries the signatures of another: the next one. */
  async function signerOf(root: string, slot: number) {
    return eventually("the block after the head", async () => {
      for (let next = slot + 1; next <= slot + 4; next++) {
        const truth = await chain.devnet.truth(next);
        if (truth?.parentRoot === root) return truth;
      }
      return null;
    });
  }

  it("has had nothing to complain about", () => {
    expect(browser.complaints).to.deep.equal([]);
  });
});
