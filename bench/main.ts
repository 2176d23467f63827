/** `npm run bench [-- --json | --markdown] [--quick] [--only <name>]` */
import { parseArgs } from "node:util";
import { catchUpBench } from "./catch-up.js";
import { committeeRoot } from "./committee-root.js";
import type { Bench } from "./context.js";
import { loadData } from "./data.js";
import { decodeUpdateBench } from "./decode-update.js";
import { headLatency } from "./head-latency.js";
import { healthBench } from "./health.js";
import { mainThread } from "./main-thread.js";
import { mainnetSync } from "./mainnet-sync.js";
import { describeLoad, describeMachine } from "./measure.js";
import { merkleBranch } from "./merkle-branch.js";
import { proofsBench } from "./proofs.js";
import { startBench } from "./start.js";
import { printJson, printMarkdown, printTable, type Row } from "./table.js";
import { verifyParts } from "./verify-parts.js";
import { verifyTypical } from "./verify-typical.js";

const BENCHES: readonly Bench[] = [
  verifyTypical,
  verifyParts,
  startBench,
  mainnetSync,
  catchUpBench,
  mainThread,
  committeeRoot,
  decodeUpdateBench,
  merkleBranch,
  healthBench,
  proofsBench,
  headLatency,
];

const HELP = `npm run bench [-- options]

  --only <name>   one bench (repeatable): ${BENCHES.map(({ name }) => name).join(", ")}
  --quick         fewer rounds and updates
  --json          one object a line: {"bench","metric","value","unit","baseline","ratio"}
  --markdown      a table for the README
`;

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    markdown: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

/** What is no figure goes to standard error: the output can be piped. */
function note(line: string): void {
  console.error(line);
}

async function run(): Promise<void> {
  const unknown = values.only?.find((name) => !BENCHES.some((bench) => bench.name === name));
  if (values.help || unknown !== undefined) {
    if (unknown !== undefined) note(`no bench is named ${unknown}`);
    console.log(HELP);
    process.exitCode = unknown === undefined ? 0 : 2;
    return;
  }
  const data = await loadData();
  note(`${describeMachine()}; ${new Date().toISOString().slice(0, 10)}`);
  note(`before: ${describeLoad()}`);
  note(data.description);
  const rows: Row[] = [];
  for (const bench of BENCHES) {
    if (values.only !== undefined && !values.only.includes(bench.name)) continue;
    const made = await bench.run({ isQuick: values.quick, data, note });
    // a line as soon as it is known; tables need all of them
    if (values.json) printJson(made);
    rows.push(...made);
  }
  if (values.markdown) printMarkdown(rows);
  else if (!values.json) printTable(rows);
  note(`after: ${describeLoad()}`);
}

await run();
