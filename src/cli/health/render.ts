/** Epochs and anomalies for people. */
import type { Anomaly } from "../../health/detector.js";
import { type EpochValues, METRIC_NAMES, METRICS, type Metric } from "../../health/metrics.js";
import type { Style } from "../render/style.js";
import { sparkline } from "./sparkline.js";

const TITLE_WIDTH = Math.max(...METRIC_NAMES.map((metric) => METRICS[metric].title.length));
const VALUE_WIDTH = 11;
/** Finer than this is not drawn. */
const FINEST = { share: 0.01, slots: 0.2, epochs: 2, count: 4 };

export function formatValue(metric: Metric, value: number): string {
  const { unit } = METRICS[metric];
  if (unit === "share") return `${(100 * value).toFixed(2)} %`;
  if (unit === "count") return String(value);
  return `${Number.isInteger(value) ? value : value.toFixed(3)} ${unit}`;
}

/** A line for each metric that was measured: its name, its newest value, its course. */
export function renderBoard(
  series: readonly EpochValues[],
  active: readonly Metric[],
  columns: number,
  style: Style,
): string[] {
  const width = Math.max(8, columns - TITLE_WIDTH - VALUE_WIDTH - 6);
  return METRIC_NAMES.flatMap((metric) => {
    const values = series.map((epoch) => epoch.values[metric]);
    const newest = values.findLast((value) => value !== undefined);
    if (newest === undefined) return [];
    const isOff = active.includes(metric);
    const title = METRICS[metric].title.padEnd(TITLE_WIDTH);
    const value = formatValue(metric, newest).padStart(VALUE_WIDTH);
    const bars = sparkline(values, width, FINEST[METRICS[metric].unit]);
    return [
      `${isOff ? style.red("!") : " "} ${isOff ? style.red(title) : title} ${style.bold(value)}  ${style.cyan(bars)}`,
    ];
  });
}

export function renderAnomaly({
  kind,
  metric,
  epoch,
  sinceEpoch,
  value,
  baseline,
  distance,
  agrees,
  stress,
}: Anomaly): string {
  const { title } = METRICS[metric];
  if (kind !== "begin") {
    const how = kind === "end" ? "is back to normal" : "is the new normal";
    return `epoch ${epoch}: ${title} ${how} at ${formatValue(metric, value)}, ${epoch - sinceEpoch} epochs after it began`;
  }
  const usual = `usually ${formatValue(metric, baseline.mean)}, ${Math.abs(distance).toFixed(0)} standard deviations away`;
  const others = agrees.length === 0 ? "" : `; so do ${agrees.map((other) => METRICS[other].title).join(", ")}`;
  const name = stress.length === 0 ? "" : `${stress.join(", ")}: `;
  return `epoch ${epoch}: ${name}${title} ${formatValue(metric, value)} (${usual})${others}`;
}
