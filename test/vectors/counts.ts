/**
 * How much was checked, as a table at the end of the run: a vector that is not there, or that nobody looks at, shows as
 * a number that is missing.
 */
import { DATA_FOLDER, hasData } from "./data-folder.js";

interface Row {
  readonly suite: string;
  readonly release: string;
  readonly preset: string;
  readonly fork: string;
}

interface Counts {
  readonly rows: Map<string, { row: Row; count: number }>;
  readonly notes: string[];
}

/** Counts `count` checked cases. Call it after the checks, so that what failed is not counted. */
export function countChecked(row: Row, count = 1): void {
  const { rows } = sharedCounts();
  const key = JSON.stringify([row.suite, row.release, row.preset, row.fork]);
  const entry = rows.get(key) ?? { row, count: 0 };
  entry.count += count;
  rows.set(key, entry);
}

/** A line to be printed below the table: a measurement, or what could not be checked. */
export function noteForTable(line: string): void {
  sharedCounts().notes.push(line);
}

/**
 * On the global object, since mocha may load this file twice: it `require`s test files, and falls back to `import` for
 * those that reach a package without a CommonJS entry.
 */
function sharedCounts(): Counts {
  const holder = globalThis as { [key: symbol]: Counts | undefined };
  const key = Symbol.for("sidelight/test/vectors/counts");
  const counts = holder[key];
  if (counts !== undefined) return counts;
  const made: Counts = { rows: new Map(), notes: [] };
  holder[key] = made;
  // a root hook, as this runs while mocha loads the first file
  if (hasData) after(() => printTable(made));
  return made;
}

function printTable({ rows, notes }: Counts): void {
  const head = ["suite", "release", "preset", "fork", "cases"];
  const lines = [...rows.values()]
    .map(({ row, count }) => [row.suite, row.release, row.preset, row.fork, String(count)])
    .sort((a, b) => (a.join(" ") < b.join(" ") ? -1 : 1));
  const widths = head.map((title, i) => Math.max(title.length, ...lines.map((cells) => cells[i]!.length)));
  const print = (cells: string[]) => `  ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join("  ")}`.trimEnd();
  const total = [...rows.values()].reduce((sum, { count }) => sum + count, 0);
  const table = [head, ...lines].map(print);
  const below = [`${total} cases in all`, ...notes].map((line) => `  ${line}`);
  console.log(`\n  Checked against ${DATA_FOLDER}:\n${[...table, ...below].join("\n")}\n`);
}

sharedCounts();
