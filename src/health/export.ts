/** A series as text for other programs: CSV (RFC 4180) and JSON Lines. What was not measured is empty, or absent. */
import { type EpochValues, METRIC_NAMES, type Metric } from "./metrics.js";

/** The first line of a CSV file, without its end. */
export function csvHeader(metrics: readonly Metric[] = METRIC_NAMES): string {
  return ["epoch", ...metrics].join(",");
}

/** One line of a CSV file, without its end. */
export function csvLine({ epoch, values }: EpochValues, metrics: readonly Metric[] = METRIC_NAMES): string {
  return [epoch, ...metrics.map((metric) => values[metric] ?? "")].join(",");
}

/** A whole file, with lines that end as the RFC has them. */
export function toCsv(series: Iterable<EpochValues>, metrics: readonly Metric[] = METRIC_NAMES): string {
  return [csvHeader(metrics), ...Array.from(series, (epoch) => csvLine(epoch, metrics)), ""].join("\r\n");
}

/** One object a line. */
export function toJsonLines(series: Iterable<EpochValues>): string {
  return Array.from(series, ({ epoch, values }) => `${JSON.stringify({ epoch, ...values })}\n`).join("");
}
