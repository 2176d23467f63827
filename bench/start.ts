/** The cold start: the backend started, and the first signature verified; by the clock, in processes of their own. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { toHex } from "../src/ssz/bytes.js";
import { createCommittee, readyKeys } from "../test/support/keys.js";
import type { Bench } from "./context.js";
import { median } from "./measure.js";
import { findChromium, inFreshBrowsers } from "./start-chromium.js";
import { type StartCase, type StartTimes, type StartVariant, timeStart } from "./start-page.js";
import type { Row } from "./table.js";

const BENCH = "start";
const PARTICIPANTS = 505;
/** Names the one case of a child process. */
const CASE = "SIDELIGHT_START_CASE";

export const startBench: Bench = {
  name: BENCH,
  async run({ isQuick, note }) {
    const count = isQuick ? 3 : 9;
    const chromium = findChromium();
    if (chromium === null) note(`${BENCH}: no Chromium: set CHROME_BIN`);
    const rows: Row[] = [];
    for (const variant of ["simd", "baseline"] as const) {
      const cases = new Array<StartCase>(count).fill(await createCase(variant));
      rows.push(...rowsOf(`Node, ${variant}`, cases.map(inFreshNode)));
      if (chromium === null) continue;
      rows.push(...rowsOf(`Chromium, ${variant}`, await inFreshBrowsers(chromium, cases)));
    }
    return rows;
  },
};

const given = process.env[CASE];
if (given !== undefined) console.log(JSON.stringify(await timeStart(await createCase(given as StartVariant))));

async function createCase(variant: StartVariant): Promise<StartCase> {
  await readyKeys();
  const { value, sign } = createCommittee(512, BENCH);
  const signingRoot = new Uint8Array(32).fill(9);
  const members = Array.from({ length: PARTICIPANTS }, (_, i) => i);
  return {
    variant,
    pubkeys: value.pubkeys.map((key) => toHex(key)),
    aggregatePubkey: toHex(value.aggregatePubkey),
    participants: PARTICIPANTS,
    signingRoot: toHex(signingRoot),
    signature: toHex(sign(members, signingRoot)),
  };
}

/** This file again, in a process of its own. */
function inFreshNode({ variant }: StartCase): StartTimes {
  const env = { ...process.env, [CASE]: variant };
  const args = [...process.execArgv, fileURLToPath(import.meta.url)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8", env })) as StartTimes;
}

function rowsOf(where: string, samples: readonly StartTimes[]): Row[] {
  const row = (metric: string, of: (times: StartTimes) => number): Row => {
    const values = samples.map(of);
    const range = { min: Math.min(...values), max: Math.max(...values) };
    return {
      bench: BENCH,
      metric: `${where}: ${metric}`,
      value: median(values),
      unit: "ms",
      baseline: null,
      ratio: null,
      ...range,
    };
  };
  return [
    row("start and first verification", ({ ready, first }) => ready + first),
    row("of which start", ({ ready }) => ready),
    row("the second verification", ({ second }) => second),
  ];
}
