/** What is measured on: the real updates of mainnet where the reference data lies, else forged ones of the same size. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { mainnet } from "../src/networks/mainnet.js";
import type { Network } from "../src/networks/types.js";
import { createForge } from "../test/support/forge.js";
import { forgeChain } from "../test/support/forge-chain.js";
import { mainnetPreset, testNetwork } from "../test/support/networks.js";
import { DATA_FOLDER, hasData, readJson } from "../test/vectors/data-folder.js";

const SET = "mainnet/updates-290-1418";
const FORGED_PERIODS = 32;
/** As many as of a typical mainnet update. */
const FORGED_PARTICIPANTS = 505;

export interface BenchData {
  /** One line to be printed with the figures. */
  readonly description: string;
  readonly isReal: boolean;
  readonly network: Network;
  /** JSON of the bootstrap's `data`, and the name of its fork. */
  readonly bootstrap: { readonly fork: string; readonly value: unknown };
  /** Answers of one period after the other, as they came: `{"version", "data"}`. */
  readonly lines: readonly string[];
}

export async function loadData(): Promise<BenchData> {
  return hasData ? loadMainnet() : forgeData();
}

function loadMainnet(): BenchData {
  const text = gunzipSync(readFileSync(join(DATA_FOLDER, SET, "updates-290-1418.jsonl.gz"))).toString("utf8");
  const lines = text.split("\n").filter((line) => line !== "");
  // the file is older than today's form: no `beacon` around the header's fields
  const bootstrap = readJson(`${SET}/bootstrap_mainnet.json`) as { header: unknown };
  return {
    description: `${lines.length} real updates of mainnet, periods 290 to ${289 + lines.length}, Altair to Deneb`,
    isReal: true,
    network: mainnet,
    bootstrap: { fork: "altair", value: { ...bootstrap, header: { beacon: bootstrap.header } } },
    lines,
  };
}

async function forgeData(): Promise<BenchData> {
  const network = testNetwork({ name: "bench", preset: mainnetPreset, forks: { deneb: 0 } });
  const forge = await createForge({ network });
  const { bootstrap, updates } = forgeChain(forge, { periods: FORGED_PERIODS, participants: FORGED_PARTICIPANTS });
  const lines = updates.map((update) => JSON.stringify({ version: update.fork, data: update.json() }));
  return {
    description: `${lines.length} FORGED updates: no reference data (set SIDELIGHT_DATA to its folder)`,
    isReal: false,
    network,
    bootstrap: { fork: bootstrap.fork, value: bootstrap.json() },
    lines,
  };
}
