/**
 * Killed at any moment while it saves, a client finds again what was confirmed last, or something newer: whole, and
 * verified once more. (That a killed save of any bytes is all or nothing: test/unit/store/file-crash.test.ts.)
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { build } from "esbuild";
import puppeteer from "puppeteer-core";
import { CHROMIUM_FLAGS, findBrowsers } from "../../scripts/browsers.js";
import { stateFromSnapshot } from "../../src/client/resume.js";
import { fromHex } from "../../src/ssz/bytes.js";
import { fileStore } from "../../src/store/file.js";
import { snapshotCodec, snapshotKey } from "../../src/store/snapshot.js";
import { bundle, serveScripts } from "../live/tabs/site.js";
import { createForge, type Forge } from "../support/forge.js";
import { FUZZ } from "../support/fuzz.js";
import { networkAtFork } from "../support/networks.js";
import { type ChainData, makeChainData } from "./crash/data.js";

const PERIODS = 16;
const FILE_KILLS = 5 * FUZZ;
const BROWSER_KILLS = 2 * FUZZ;
/** Of the time that follows the first save: several saves long. */
const LONGEST_MS = 60;

describe("a client that is killed while it saves", function () {
  this.timeout(120_000 * FUZZ);
  let forge: Forge;
  let data: ChainData;
  let folder = "";
  let scratch = "";
  const key = () => snapshotKey(data.network);

  before(async () => {
    forge = await createForge({ network: networkAtFork("electra") });
    data = makeChainData(forge, PERIODS);
    scratch = await mkdtemp(join(tmpdir(), "sidelight-kill-"));
    folder = join(scratch, "store");
    await writeFile(join(scratch, "data.json"), JSON.stringify(data));
  });
  after(() => rm(scratch, { recursive: true, force: true }));

  /** What is final in a stored state, which is verified as a client that resumes verifies it. @throws if it is not whole */
  function verifiedSlot(bytes: Uint8Array): number {
    const snapshot = snapshotCodec(forge.chain).decode(bytes);
    return stateFromSnapshot(forge.chain, fromHex(data.checkpoint), snapshot).store.finalizedHeader.beacon.slot;
  }

  /** The kills so far: what was confirmed and found after each. */
  function expectKept(kills: readonly { readonly confirmed: readonly number[]; readonly found: number }[]): void {
    let newest = 0;
    for (const { confirmed, found } of kills) {
      newest = Math.max(newest, ...confirmed);
      expect(found, "final in what was found").to.be.at.least(newest);
      newest = found;
    }
    // worth something only if it was killed on its way
    expect(newest).to.be.greaterThan(8);
    if (process.env["SIDELIGHT_REPORT"] !== undefined) {
      console.log(
        kills.map(({ confirmed, found }) => `${confirmed.length} saves to ${confirmed.at(-1)}, found ${found}`),
      );
    }
  }

  it(`with the file store, ${FILE_KILLS} times`, async () => {
    const script = join(scratch, "child.mjs");
    const entry = fileURLToPath(new URL("./crash/child.ts", import.meta.url));
    await build({ entryPoints: [entry], bundle: true, platform: "node", format: "esm", outfile: script });
    const kills = [];
    for (let i = 0; i < FILE_KILLS; i++) {
      const confirmed = await writeUntilKilled(script, Math.random() * LONGEST_MS);
      const bytes = await fileStore(folder).load(key());
      kills.push({ confirmed, found: verifiedSlot(bytes!) });
    }
    expectKept(kills);
  });

  function writeUntilKilled(script: string, afterMs: number): Promise<number[]> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [script, join(scratch, "data.json"), folder], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      let errors = "";
      const kill = () => child.kill("SIGKILL");
      // one that has nothing new to save is killed as well
      const latest = setTimeout(kill, 5_000);
      child.stdout.on("data", (chunk) => {
        if (output === "") setTimeout(kill, afterMs);
        output += chunk;
      });
      child.stderr.on("data", (chunk) => {
        errors += chunk;
      });
      child.on("error", reject);
      child.on("close", () => {
        clearTimeout(latest);
        if (errors !== "") reject(new Error(errors));
        // what comes after the last line break was cut off by the kill
        else resolve(output.split("\n").slice(0, -1).map(Number));
      });
    });
  }

  it(`with IndexedDB, in Chromium, ${BROWSER_KILLS} times`, async () => {
    const { chromium: executablePath } = await findBrowsers(["chromium"]);
    const site = await serveScripts({
      "page.js": await bundle(fileURLToPath(new URL("./crash/page.ts", import.meta.url))),
    });
    const profile = join(scratch, "profile");

    async function open() {
      const browser = await puppeteer.launch({
        executablePath: executablePath!,
        args: [...CHROMIUM_FLAGS],
        userDataDir: profile,
      });
      const page = await browser.newPage();
      await page.goto(site.url);
      return { browser, page };
    }

    let { browser, page } = await open();
    try {
      const kills = [];
      for (let i = 0; i < BROWSER_KILLS; i++) {
        const confirmed: number[] = [];
        const failures: string[] = [];
        const begun = new Promise<void>((resolve) => {
          page.on("console", (message) => {
            const [word, ...rest] = message.text().split(" ");
            if (word === "confirmed") confirmed.push(Number(rest[0]));
            if (word === "failed") failures.push(rest.join(" "));
            if (confirmed.length > 0 || word === "failed") resolve();
          });
        });
        await page.evaluate((given) => writer.write(given), data);
        await begun;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 4 * LONGEST_MS));
        const process = browser.process()!;
        const dead = new Promise((resolve) => process.once("close", resolve));
        process.kill("SIGKILL");
        await dead;
        expect(failures).to.deep.equal([]);
        ({ browser, page } = await open());
        const hex = await page.evaluate((name) => writer.load(name), key());
        kills.push({ confirmed, found: verifiedSlot(fromHex(hex!)) });
      }
      expectKept(kills);
    } finally {
      await browser.close();
      site.close();
    }
  });
});
