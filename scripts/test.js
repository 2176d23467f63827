// `npm test`: everything, up to the first part that fails. Each part is an npm script of its own; what is not in
// package.json is left out. The last line is for machines: "N passed, N failed".
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { countTests, findFailures } from "./count-tests.js";
import { setup } from "./setup.js";
import { end, formatSeconds, ROOT, readJson, runNpm, say, style, Trouble } from "./shared.js";

/** Two at once: what follows stands on them. */
const GROUNDWORK = ["check", "build", "lint"];

/** Three at once: those that compute beside those that mostly wait, the longest first, so that all lanes end together. */
const TESTS = [
  "test:e2e",
  "test:browser",
  "test:live",
  "test:unit",
  "test:reference",
  "test:kernels",
  "test:consumers",
  "test:examples",
  "test:hostile",
  "test:vectors",
  "test:devnet",
  "test:sizes",
];

const PARTS = [...GROUNDWORK, ...TESTS];
const LANES = Math.min(3, 1 + availableParallelism());

const USAGE = `Usage: npm test [-- <part> …]

Installs what is missing, then runs the named parts, or all of them: ${PARTS.join(", ")}.
`;

async function test() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" } },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const parts = chooseParts(positionals);
  await setup();
  const results = [];
  const startedMs = Date.now();
  await runParts(parts.filter(isGroundwork), Math.min(2, LANES), results);
  await runParts(
    parts.filter((part) => !isGroundwork(part)),
    LANES,
    results,
  );
  summarize(parts, results, Date.now() - startedMs);
}

const isGroundwork = (part) => GROUNDWORK.includes(part);

function chooseParts(names) {
  const { scripts } = readJson(join(ROOT, "package.json"));
  const unknown = names.find((name) => !PARTS.includes(name) || scripts[name] === undefined);
  if (unknown !== undefined) throw new Trouble(`expected parts out of ${PARTS.join(", ")}, got ${unknown}`);
  return PARTS.filter((part) => scripts[part] !== undefined && (names.length === 0 || names.includes(part)));
}

/** Adds to `results`; once a part has failed, no other begins. */
async function runParts(parts, lanes, results) {
  const waiting = [...parts];
  const isAlone = lanes === 1 || parts.length === 1;
  const runLane = async () => {
    while (waiting.length > 0 && results.every(({ isGood }) => isGood)) {
      const part = waiting.shift();
      results.push(await runPart(part, isAlone));
    }
  };
  await Promise.all(Array.from({ length: lanes }, runLane));
}

/** What runs beside another is shown when it is over, in one piece. */
async function runPart(part, isAlone) {
  const startedMs = Date.now();
  const heading = style.bold(`── ${part} ${"─".repeat(Math.max(0, 76 - part.length))}`);
  say(isAlone ? `\n${heading}` : style.dim(`${part} began`));
  const { code, output } = await runNpm(["run", "--silent", part], { show: isAlone });
  if (!isAlone) say(`\n${heading}\n${output}`);
  const counts = countTests(output);
  const isGood = code === 0 && counts.failed === 0;
  return { part, isGood, failures: isGood ? "" : findFailures(output), elapsedMs: Date.now() - startedMs, ...counts };
}

function summarize(parts, results, elapsedMs) {
  const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
  say(`\n${style.bold("── summary ".padEnd(80, "─"))}`);
  for (const part of parts)
    say(
      summaryLine(
        part,
        results.find((result) => result.part === part),
      ),
    );
  say(`  ${"".padEnd(25)}${formatSeconds(elapsedMs).padStart(9)}`);
  const culprits = results.filter(({ isGood }) => !isGood);
  // Said again here, as it may be thousands of lines above.
  for (const { part, failures } of culprits) {
    say(style.red(`\nfailed in ${style.bold(part)}: npm run ${part}`));
    say(failures);
  }
  // A part that failed without a failed test (a lint error, say) counts as one.
  const withoutTests = culprits.filter(({ failed }) => failed === 0).length;
  say(`\n${total("passed")} passed, ${total("failed") + withoutTests} failed`);
  process.exitCode = culprits.length === 0 ? 0 : 1;
}

function summaryLine(part, result) {
  if (result === undefined) return style.dim(`    ${part.padEnd(16)} not run`);
  const mark = result.isGood ? style.green("✔") : style.red("✘");
  const counts = [
    result.passed > 0 ? `${result.passed} passed` : "",
    result.failed > 0 ? style.red(`${result.failed} failed`) : "",
    result.pending > 0 ? style.dim(`${result.pending} pending`) : "",
  ];
  return `  ${mark} ${part.padEnd(23)}${formatSeconds(result.elapsedMs).padStart(9)}  ${counts.filter(Boolean).join(", ")}`.trimEnd();
}

test().catch(end);
