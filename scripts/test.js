// `npm test`: everything, in order, up to the first part that fails. Each part is an npm script of its own; what is not
// in package.json is left out. The last line is for machines: "N passed, N failed".
import { join } from "node:path";
import { parseArgs } from "node:util";
import { countTests } from "./count-tests.js";
import { setup } from "./setup.js";
import { end, formatSeconds, ROOT, readJson, runNpm, say, style, Trouble } from "./shared.js";

/** Quick ones first; what needs the build after it. */
const PARTS = [
  "lint",
  "check",
  "build",
  "test:unit",
  "test:vectors",
  "test:devnet",
  "test:reference",
  "test:e2e",
  "test:browser",
  "test:hostile",
];

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
  for (const part of parts) {
    say(`\n${style.bold(`── ${part} ${"─".repeat(Math.max(0, 76 - part.length))}`)}`);
    results.push(await runPart(part));
    if (!results.at(-1).isGood) break;
  }
  summarize(parts, results);
}

function chooseParts(names) {
  const { scripts } = readJson(join(ROOT, "package.json"));
  const unknown = names.find((name) => !PARTS.includes(name) || scripts[name] === undefined);
  if (unknown !== undefined) throw new Trouble(`expected parts out of ${PARTS.join(", ")}, got ${unknown}`);
  return PARTS.filter((part) => scripts[part] !== undefined && (names.length === 0 || names.includes(part)));
}

async function runPart(part) {
  const startedMs = Date.now();
  const { code, output } = await runNpm(["run", "--silent", part], { show: true });
  const counts = countTests(output);
  return { part, isGood: code === 0 && counts.failed === 0, elapsedMs: Date.now() - startedMs, ...counts };
}

function summarize(parts, results) {
  const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
  say(`\n${style.bold("── summary ".padEnd(80, "─"))}`);
  for (const part of parts)
    say(
      summaryLine(
        part,
        results.find((result) => result.part === part),
      ),
    );
  say(`  ${"".padEnd(25)}${formatSeconds(total("elapsedMs")).padStart(9)}`);
  const culprit = results.find(({ isGood }) => !isGood);
  if (culprit !== undefined) say(style.red(`\nfailed in ${style.bold(culprit.part)}: npm run ${culprit.part}`));
  // A part that failed without a test of its own (a lint error, say) counts as one.
  const withoutTests = culprit !== undefined && culprit.failed === 0 ? 1 : 0;
  say(`\n${total("passed")} passed, ${total("failed") + withoutTests} failed`);
  process.exitCode = culprit === undefined ? 0 : 1;
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
