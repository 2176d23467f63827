/**
 * `sidelight sync --network mainnet --at …` of real data, served as a node would. The folder is `SIDELIGHT_DATA`, or
 * `../shared/data` beside the repository.
 */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { type StaticData, type StaticNode, staticNode } from "./static-node.ts";
import { ensureBuilt, killAll, lastLine, parseLines, REPOSITORY, sidelight } from "./support.ts";

const FOLDER = join(resolve(REPOSITORY, process.env["SIDELIGHT_DATA"] ?? "../shared/data"), "mainnet");
const SLOTS_PER_PERIOD = 8192;
/** 1129 periods instead of the first ones: takes minutes. */
const FULL_RANGE = process.env["SIDELIGHT_FULL_RANGE"] === "1";

/** Roots were computed apart from this library (`hash_tree_root` of the five fields); see also `configs/known-finalized-roots`. */
interface Expected {
  readonly checkpoint: string;
  readonly at: number;
  readonly finalized: { readonly slot: number; readonly root: string };
  readonly optimistic: { readonly slot: number; readonly root: string };
  /** Execution block hash of the finalized block. */
  readonly blockHash: string;
}

describe("sidelight sync of real mainnet data", function () {
  this.timeout(FULL_RANGE ? 1_800_000 : 180_000);
  let node: StaticNode | undefined;

  before(function () {
    if (!existsSync(FOLDER)) {
      console.log(`      no reference data in ${FOLDER}: nothing to sync`);
      this.skip();
    }
    ensureBuilt();
  });
  afterEach(async () => {
    killAll();
    await node?.close();
    node = undefined;
  });

  async function expectSynced(data: StaticData, expected: Expected): Promise<Record<string, unknown>[]> {
    node = await staticNode(data);
    const args = ["--network", "mainnet", "--checkpoint", expected.checkpoint, "--beacon", node.url];
    const outcome = await sidelight(["sync", ...args, "--at", String(expected.at), "--json"]);
    expect(outcome.code, `${outcome.stdout.slice(-2_000)}\n${outcome.stderr}`).to.equal(0);
    const synced = lastLine(outcome);
    expect(synced["finalized"]).to.include(expected.finalized);
    expect(synced["finalized"]).to.have.nested.property("execution.blockHash", expected.blockHash);
    expect(synced["optimistic"]).to.include(expected.optimistic);
    return parseLines(outcome);
  }

  it("Capella: bootstrap, five periods, finality and head", async () => {
    const folder = "capella-helios";
    const data = {
      bootstraps: { [CAPELLA.checkpoint]: read(`${folder}/bootstrap.json`) },
      updates: byPeriod(readJson(`${folder}/updates.json`)),
      finalityUpdate: read(`${folder}/finality.json`),
      optimisticUpdate: read(`${folder}/optimistic.json`),
    };
    const lines = await expectSynced(data, CAPELLA);
    expect(lines.at(-1)!["periods"]).to.equal(6);
  });

  it("Deneb: bootstrap and finality within a period, from a server without a head", async () => {
    const folder = "deneb-argument/inclusion/base-data";
    const data = {
      bootstraps: { [DENEB.checkpoint]: read(`${folder}/BootstrapDeneb.json`) },
      updates: byPeriod(readJson(`${folder}/UpdateDeneb.json`)),
      finalityUpdate: read(`${folder}/FinalityUpdateDeneb.json`),
    };
    await expectSynced(data, DENEB);
  });

  it(
    FULL_RANGE ? "Altair to Deneb: 1129 updates in a row" : "Altair: the first 20 of 1129 updates in a row",
    async () => {
      const folder = "updates-290-1418";
      const updates = byPeriod(readLines(`${folder}/updates-290-1418.jsonl.gz`));
      const periods = FULL_RANGE ? 1129 : 20;
      const bootstrap = JSON.stringify({ version: "altair", data: readJson(`${folder}/bootstrap_mainnet.json`) });
      node = await staticNode({ bootstraps: { [ALTAIR_CHECKPOINT]: bootstrap }, updates });
      const args = ["--network", "mainnet", "--checkpoint", ALTAIR_CHECKPOINT, "--beacon", node.url];
      const at = (290 + periods) * SLOTS_PER_PERIOD;
      const outcome = await sidelight(["sync", ...args, "--at", String(at), "--json"]);
      expect(outcome.code, `${outcome.stdout.slice(-2_000)}\n${outcome.stderr}`).to.equal(0);
      const synced = lastLine(outcome);
      expect(synced["periods"]).to.equal(periods);
      expect(synced["finalized"]).to.include(ALTAIR_FINALIZED);
      const signed = parseLines(outcome).filter(({ event }) => event === "participation");
      expect(signed).to.have.length(periods);
      expect(outcome.stderr).to.match(/warning: the checkpoint is .* old, beyond the limit of 14 days/);
    },
  );
});

// --- what the data is ---

const CAPELLA: Expected = {
  checkpoint: "0x5afc212a7924789b2bc86acad3ab3a6ffb1f6e97253ea50bee7f4f51422c9275",
  at: 7_109_432,
  finalized: { slot: 7_109_344, root: "0xa9bb1965a6288f64374a9425f5ecb90dd81239cc2ae1a8ec8b673c13c9d2586a" },
  optimistic: { slot: 7_109_431, root: "0x7abd2f8f43f4a8676c98442834b3d242b107c7353043989b70fcb1595cb53c6e" },
  blockHash: "0xbc8499537876e5406c7a65e25f99063f1cd85a17014a3aa5ade38271b1fbf64f",
};
const DENEB: Expected = {
  checkpoint: "0xf783c545d2dd90cee6c4cb92a9324323ef397f6ec85e1a3d61c48cf6cfc979e2",
  at: 9_567_600,
  finalized: { slot: 9_567_456, root: "0xf783c545d2dd90cee6c4cb92a9324323ef397f6ec85e1a3d61c48cf6cfc979e2" },
  optimistic: { slot: 9_567_542, root: "0x03bb1cf95c7408027fabf339902c7e7a2f16d2c1ed086525e65210c3f2e80c40" },
  blockHash: "0x8a5009007f9ba1af6a5ac8142fefee972a3e96d21e3db6498fbb6d410376400e",
};

/** Slot 2375680, the first of period 290. */
const ALTAIR_CHECKPOINT = "0x4df61a042151aa94fe5412063bdc7357e7a0266348745fc741ea669487ce6553";
/** What the last update of the range finalizes. */
const ALTAIR_FINALIZED = FULL_RANGE
  ? { slot: 11_616_288, root: "0xee48b223ece7f7fc9b32c1a672df22f2d975bc25e3faeb5287d11ecc6a61cf36" }
  : { slot: 2_533_024, root: "0x49080074eb431e8b44ec950cf3c28f3c07a219b289670ee6f106adb954d9643d" };

interface UpdateJson {
  readonly data: { readonly attested_header: { readonly beacon: { readonly slot: string } } };
}

function read(path: string): string {
  return readFileSync(join(FOLDER, path), "utf8");
}

function readJson(path: string): unknown {
  return JSON.parse(read(path));
}

function readLines(path: string): unknown[] {
  const text = gunzipSync(readFileSync(join(FOLDER, path))).toString("utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

function byPeriod(updates: unknown): Map<number, string> {
  return new Map(
    (updates as UpdateJson[]).map((update) => [
      Math.floor(Number(update.data.attested_header.beacon.slot) / SLOTS_PER_PERIOD),
      JSON.stringify(update),
    ]),
  );
}
