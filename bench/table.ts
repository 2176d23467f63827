/** What a bench says, and the three ways to print it. */

export interface Row {
  /** Name of the bench. */
  readonly bench: string;
  readonly metric: string;
  /** The median, by the clock on the wall. */
  readonly value: number;
  readonly unit: string;
  /** What it is compared with: the name of another metric of the same bench, measured in the same rounds. */
  readonly baseline: string | null;
  /** As a multiple of the baseline's, by processor time (speeds: by its inverse). */
  readonly ratio: number | null;
  readonly min?: number;
  readonly max?: number;
  /** Processor time, in the unit of `value`: all threads, so it can exceed the time on the clock. */
  readonly cpu?: number;
}

/** One object a line. Processor time is a metric of its own. */
export function printJson(rows: readonly Row[]): void {
  for (const { bench, metric, value, unit, baseline, ratio, cpu } of rows) {
    console.log(JSON.stringify({ bench, metric, value: rounded(value), unit, baseline, ratio: roundedOrNull(ratio) }));
    if (cpu === undefined) continue;
    const line = {
      bench,
      metric: `${metric} (processor time)`,
      value: rounded(cpu),
      unit,
      baseline: null,
      ratio: null,
    };
    console.log(JSON.stringify(line));
  }
}

const HEAD = ["bench", "metric", "median", "min–max", "processor", "ratio", "to"] as const;
/** Numbers are flush right. */
const IS_NUMBER = [false, false, true, true, true, true, false] as const;

export function printTable(rows: readonly Row[]): void {
  const lines = [[...HEAD], ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((cells) => cells[column]!.length)));
  const pad = (cell: string, i: number) => (IS_NUMBER[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!));
  for (const cells of lines) console.log(cells.map(pad).join("  ").trimEnd());
}

/** For the README. */
export function printMarkdown(rows: readonly Row[]): void {
  const line = (cells: readonly string[]) => console.log(`| ${cells.join(" | ")} |`);
  line(HEAD);
  line(IS_NUMBER.map((isNumber) => (isNumber ? "---:" : "---")));
  for (const row of rows) line(cellsOf(row));
}

function cellsOf({ bench, metric, value, unit, baseline, ratio, min, max, cpu }: Row): string[] {
  const range = min === undefined || max === undefined ? "" : `${format(min)}–${format(max)}`;
  const processor = cpu === undefined ? "" : format(cpu);
  const times = ratio === null ? "" : `${format(ratio)}x`;
  return [bench, metric, `${format(value)} ${unit}`, range, processor, times, baseline ?? ""];
}

/** Three digits that count. */
function format(value: number): string {
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 3));
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function roundedOrNull(value: number | null): number | null {
  return value === null ? null : rounded(value);
}
