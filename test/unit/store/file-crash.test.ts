import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { fileStore } from "../../../src/store/file.js";
import { makeRecord, readRecord } from "./crash-record.js";

const WRITER = fileURLToPath(new URL("./crash-writer.ts", import.meta.url));
const FOLDERS = 4;
const KILLS = 6;

describe("fileStore, killed in the middle of saving", () => {
  let folder = "";
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "sidelight-crash-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("never has a torn snapshot, nor one older than the last that was confirmed", async function () {
    this.timeout(60_000);
    const outcomes = await Promise.all(
      Array.from({ length: FOLDERS }, (_, i) => crashAgainAndAgain(join(folder, `${i}`))),
    );
    // The test is worth something only if kills did hit saves: temporary files tell.
    const leftovers = outcomes.reduce((sum, count) => sum + count, 0);
    expect(leftovers, "kills in the middle of a save").to.be.greaterThan(0);
  });
});

/** Gives the number of temporary files that the kills have left. */
async function crashAgainAndAgain(path: string): Promise<number> {
  let previous = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const { confirmed, errors } = await writeUntilKilled(path, 2 + ((kill * 7919) % 40) + Math.random() * 5);
    expect(errors).to.equal("");
    const loaded = await fileStore(path).load("mainnet");
    const number = readRecord(loaded!);
    expect(number, "not older than the last confirmed, not newer than the one after it").to.be.within(
      Math.max(confirmed, previous),
      Math.max(confirmed, previous) + 1,
    );
    previous = number;
  }
  return sweepAll(path);
}

/** Lets a writer run for `ms` after its first confirmed save, then kills it. */
function writeUntilKilled(path: string, ms: number): Promise<{ confirmed: number; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", "tsx", WRITER, path], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let errors = "";
    child.stdout.on("data", (data) => {
      if (output === "") setTimeout(() => child.kill("SIGKILL"), ms);
      output += data;
    });
    child.stderr.on("data", (data) => {
      errors += data;
    });
    child.on("error", reject);
    child.on("close", () => {
      // What comes after the last line break was cut off by the kill.
      const lines = output
        .slice(0, output.lastIndexOf("\n") + 1)
        .trimEnd()
        .split("\n");
      resolve({ confirmed: Number(lines.at(-1)), errors });
    });
  });
}

/** Ages the leftovers, saves once more, and expects nothing but the snapshot. Gives the number of leftovers. */
async function sweepAll(path: string): Promise<number> {
  const leftovers = (await readdir(path)).filter((name) => name.endsWith(".tmp"));
  const longAgo = new Date(Date.now() - 3_600_000);
  for (const name of leftovers) await utimes(join(path, name), longAgo, longAgo);
  await fileStore(path).save("mainnet", makeRecord(0));
  expect(await readdir(path)).to.deep.equal(["sidelight-mainnet.snapshot"]);
  return leftovers.length;
}
