import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { incidents } from "../../scripts/demo-incidents.js";
import { buildDashboard } from "../../scripts/example-dashboard.js";
import { type Site, serveFolder } from "../../scripts/serve-folder.js";
import { type Devnet, type DevnetServer, type EpochTruth, startDevnet } from "../devnet/src/client.ts";
import { eventually } from "./eventually.ts";
import { type Visitor, visitInChromium, visitInFirefox } from "./visitor.ts";

const DASHBOARD = fileURLToPath(new URL("../../examples/dashboard/", import.meta.url));
const SLOTS_PER_EPOCH = 8;
const PAST_EPOCHS = 40;
/** Walked through by the page: enough for a baseline, and for a while in which it can be seen to be calm. */
const HISTORY = 28;
/** The first incident is in the fourth epoch of a round: by then, pages on a busy machine have long walked through the past. */
const FIRST_EPOCH = PAST_EPOCHS + 3;
const INCIDENT_EPOCH = FIRST_EPOCH + 3;
const CHECKPOINT = "[name=checkpoint]";

describe("examples/dashboard", function () {
  this.timeout(300_000);
  let devnet: Devnet;
  let honest: DevnetServer;
  let liar: DevnetServer;
  let site: Site;
  const visitors: Visitor[] = [];

  before(async () => {
    const { status, stdout } = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc"], {
      cwd: DASHBOARD,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`types of the dashboard:\n${stdout}`);
    const folder = await buildDashboard();
    for (const visitor of await Promise.all([visitInChromium(), visitInFirefox()])) {
      if (visitor !== null) visitors.push(visitor);
    }
    const { patterns } = incidents({
      firstEpoch: FIRST_EPOCH,
      rounds: 1,
      slotsPerEpoch: SLOTS_PER_EPOCH,
      calmEpochs: PAST_EPOCHS,
    });
    devnet = await startDevnet({ mode: "live", secondsPerSlot: 1, preSlots: PAST_EPOCHS * SLOTS_PER_EPOCH, patterns });
    [honest, liar] = await Promise.all([
      devnet.newServer(),
      devnet.newServer([{ kind: "garbage", routes: ["block"] }]),
    ]);
    const { root } = await devnet.checkpoint({ epoch: 9 });
    const beacons = [liar.url, honest.url];
    site = await serveFolder(folder, {
      preset: () => ({ network: "custom", beacons, checkpoint: root, history: HISTORY }),
    });
  });
  after(async () => {
    for (const visitor of visitors) await visitor.close();
    site?.close();
    await devnet?.stop();
  });

  /** In each browser at the same time: there is one chain, and it does not wait. */
  async function each(run: (visitor: Visitor) => Promise<void>): Promise<void> {
    await Promise.all(
      visitors.map(async (visitor) => {
        try {
          await run(visitor);
        } catch (error) {
          (error as Error).message = `${visitor.browser}: ${(error as Error).message}`;
          throw error;
        }
      }),
    );
  }

  const verdictOf = (visitor: Visitor) => visitor.text("#verdict");

  /** The page's table of numbers: by metric and epoch, as text. */
  async function numbersOf(visitor: Visitor): Promise<(metric: string, epoch: number) => string> {
    const rows = await visitor.evaluate(
      (id) =>
        Array.from((document.getElementById(id) as HTMLTableElement).rows, ({ cells }) =>
          Array.from(cells, (cell) => cell.textContent!),
        ),
      "numbers",
    );
    const [head, ...body] = rows;
    return (metric, epoch) => body.find(([name]) => name === metric)![head!.indexOf(`${epoch}`)]!;
  }

  const share = (truth: EpochTruth) =>
    truth.votes.filter(({ includedAt }) => includedAt !== null).length / truth.votes.length;

  it("begins with the settings that it was served with, walks through the past, and finds it calm", () =>
    each(async (visitor) => {
      await visitor.goto(site.url);
      await eventually("progress", async () => /epoch \d+ of \d+, 00:\d\d elapsed/.test(await visitor.text("#note")));
      await eventually("a verdict", async () => (await verdictOf(visitor)) === "Calm");
      expect(await visitor.evaluate(() => document.title, null)).to.equal("Calm · sidelight");
      await visitor.photograph("dashboard-calm");
    }));

  it("names whoever sent something else than the block that was due, and goes by the other", () =>
    each(async (visitor) => {
      const [name] = new URL(liar.url).host.split("/");
      const rows = await visitor.evaluate(
        (id) =>
          Array.from((document.getElementById(id) as HTMLTableElement).tBodies[0]!.rows, ({ cells }) =>
            Array.from(cells, (cell) => cell.textContent!),
          ),
        "sources",
      );
      expect(rows.map(([source]) => source)).to.deep.equal([liar, honest].map(({ url }) => new URL(url).host));
      const faults = Object.fromEntries(rows.map((cells) => [cells[0], cells.at(-1)]));
      expect(faults[name!]).to.match(/block/i);
      expect(faults[new URL(honest.url).host]).to.equal("–");
      // its headers hold, its blocks do not: the table tells the weaker of both
      const [valid, validOfHonest] = rows.map((cells) => number(cells[3]!));
      expect(valid).to.be.below(900);
      expect(validOfHonest).to.equal(1_000);
    }));

  it("has the chain's own numbers", async () => {
    const epoch = PAST_EPOCHS - 3;
    const truth = await devnet.votes(epoch);
    await each(async (visitor) => {
      const numberOf = await numbersOf(visitor);
      expect(numberOf("Participation of attesters", epoch)).to.equal(`${(100 * share(truth)).toFixed(1)} %`);
      expect(numberOf("Empty slots", epoch)).to.equal(`${SLOTS_PER_EPOCH - truth.blocks.length}`);
      expect(numberOf("Proposer slashings", epoch)).to.equal("0");
    });
  });

  it("is moved along with the keyboard, and says what is there", () =>
    each(async (visitor) => {
      const plot = "#chart-shares .plot";
      const saidBy = () => visitor.evaluate((of) => document.querySelector(of)!.ariaValueText!, plot);
      await visitor.press(plot, "Home");
      const first = await visitor.evaluate((of) => document.querySelector(of)!.ariaValueMin!, plot);
      expect(await saidBy()).to.match(new RegExp(`^epoch ${first}: Sync committee participation [\\d.]+ %`));
      await visitor.press("#chart-distance .plot", "ArrowLeft");
      await visitor.press(plot, "ArrowLeft");
      expect(await saidBy())
        .to.match(/^epoch \d+: /)
        .and.not.match(new RegExp(`^epoch ${first}:`));
    }));

  it("names a crash of participation while it lasts, or right after, at its epoch", () =>
    each(async (visitor) => {
      await eventually("an anomaly", async () => (await verdictOf(visitor)).includes("Participation crash"));
      const note = await visitor.text("#verdict-note");
      const [, epoch] = /^Epoch (\d+): /.exec(note)!;
      expect(Number(epoch)).to.be.within(INCIDENT_EPOCH, INCIDENT_EPOCH + 1);
      expect(await visitor.evaluate(() => document.title, null)).to.match(/^⚠ Participation crash/);
      const row = await visitor.text("#anomalies tbody tr:last-child");
      expect(row).to.include("begins").and.include("participation crash");
    }));

  it("makes nothing anew, however often it is drawn", () =>
    each(async (visitor) => {
      const countOf = () => visitor.evaluate(() => document.querySelectorAll("*").length, null);
      const mark = () =>
        visitor.evaluate(() => {
          for (const canvas of document.querySelectorAll("canvas")) canvas.dataset["seen"] = "yes";
          return document.querySelectorAll("canvas").length;
        }, null);
      const slot = await visitor.text("#head");
      const [canvases, elements] = [await mark(), await countOf()];
      await eventually("three more heads", async () => number(await visitor.text("#head")) >= number(slot) + 3);
      const seen = await visitor.evaluate(() => document.querySelectorAll("canvas[data-seen=yes]").length, null);
      expect(seen).to.equal(canvases);
      // an epoch may have ended: a row, or a column of a table that is not full yet
      expect(await countOf()).to.be.within(elements - 20, elements + 60);
      await visitor.photograph("dashboard-stress");
    }));

  it("takes up its series again after a reload, without asking for the past once more", async () => {
    // two epochs later blocks have told theirs, and it stays in the table for ten more
    const epoch = Math.floor(number(await visitors[0]!.text("#head")) / SLOTS_PER_EPOCH) - 3;
    const valueIn = async (visitor: Visitor) => (await numbersOf(visitor))("Attestation effectiveness", epoch);
    const before = new Map<Visitor, string>();
    await each(async (visitor) => void before.set(visitor, await valueIn(visitor)));
    for (const server of [honest, liar]) await server.clearRequests();
    await each(async (visitor) => {
      await visitor.reload();
      expect(before.get(visitor)).to.match(/ %$/);
      await eventually("the series", async () => (await valueIn(visitor)) === before.get(visitor));
      await eventually("a head", async () => number(await visitor.text("#head")) > 0);
    });
    const blocks = (await honest.requests()).filter(({ route }) => route === "block").length;
    expect(blocks, "blocks of some epochs, not of all").to.be.below((visitors.length * HISTORY * SLOTS_PER_EPOCH) / 2);
  });

  it("walks through an epoch that is missing between those that it kept", async () => {
    for (const visitor of visitors) {
      const epoch = Math.floor(number(await visitor.text("#head")) / SLOTS_PER_EPOCH) - 6;
      const valueIn = async () => (await numbersOf(visitor))("Attestation effectiveness", epoch);
      const before = await valueIn();
      expect(before).to.match(/ %$/);
      await eventually("a walk through it", async () => {
        for (const server of [honest, liar]) await server.clearRequests();
        await visitor.evaluate(forgetEpoch, epoch);
        await visitor.reload();
        await eventually("its value", async () => (await valueIn()) === before);
        // none, if the page kept its series once more before it went
        const asked = (await Promise.all([honest, liar].map((server) => server.requests()))).flat();
        return asked.some(({ path }) => path.endsWith(`/blocks/${epoch * SLOTS_PER_EPOCH + 1}`));
      });
    }
  });

  it("refuses settings that cannot be, and keeps nothing; the keyboard is where it goes on", () =>
    each(async (visitor) => {
      const focused = () => visitor.evaluate(() => document.activeElement!.id, null);
      await visitor.click("#change");
      expect(await focused()).to.equal("field-network");
      const checkpoint = await visitor.evaluate(
        (of) => document.querySelector<HTMLInputElement>(of)!.value,
        CHECKPOINT,
      );
      await visitor.fill(CHECKPOINT, "0x1234");
      await visitor.press("#watch", "Enter");
      await eventually("a refusal", async () => (await visitor.text("#refusal")).includes("0x hex of 32 bytes"));
      expect(await focused()).to.equal("watch");
      expect(await visitor.evaluate(() => localStorage.length, null)).to.equal(0);
      await visitor.fill(CHECKPOINT, checkpoint);
      await visitor.press("#watch", "Enter");
      await eventually("the heading of the board", async () => (await focused()) === "verdict");
      await eventually("a head", async () => number(await visitor.text("#head")) > 0);
      expect(await focused(), "and it stays there").to.equal("verdict");
    }));

  it("has complained about nothing but slots without a block", () =>
    each(async (visitor) => {
      expect(visitor.complaints().filter((line) => !/status of 404/.test(line))).to.deep.equal([]);
    }));
});

/** In the page: takes an epoch out of the series that is kept. Nothing in it has a name, or the compiler's helper for names is missed. */
function forgetEpoch(epoch: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("sidelight");
    opening.onsuccess = () => {
      const transaction = opening.result.transaction("snapshots", "readwrite");
      transaction.oncomplete = () => {
        opening.result.close();
        resolve();
      };
      transaction.onabort = () => reject(transaction.error);
      const reading = transaction.objectStore("snapshots").openCursor();
      reading.onsuccess = () => {
        const cursor = reading.result;
        if (cursor === null) return;
        if (`${cursor.key}`.startsWith("dashboard-")) {
          const series = JSON.parse(new TextDecoder().decode(cursor.value as Uint8Array)) as {
            points: { epoch: number }[];
          };
          const points = series.points.filter((point) => point.epoch !== epoch);
          cursor.update(new TextEncoder().encode(JSON.stringify({ ...series, points })));
        }
        cursor.continue();
      };
    };
  });
}

const number = (text: string) => Number(text.replaceAll(/\D/g, ""));
