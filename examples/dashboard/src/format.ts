import { METRICS, type Metric } from "sidelight/health";

const integer = new Intl.NumberFormat("en");

export const count = (value: number): string => integer.format(value);

export type Unit = "share" | "slots" | "epochs" | "count" | "deviations";

export const unitOf = (metric: Metric): Unit => METRICS[metric].unit;

/** As a table has it, and with its unit. */
export function formatValue(unit: Unit, value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  if (unit === "share") return `${(100 * value).toFixed(1)} %`;
  if (unit === "deviations")
    return `${value > 0 ? "+" : ""}${Math.abs(value) < 9.95 ? value.toFixed(1) : value.toFixed(0)} σ`;
  const text = Number.isInteger(value) ? count(value) : value.toFixed(2);
  if (unit === "count") return text;
  return `${text} ${value === 1 ? unit.slice(0, -1) : unit}`;
}

export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** `0x1234…cdef` */
export const shortRoot = (root: string): string => `${root.slice(0, 10)}…${root.slice(-6)}`;

export const capitalized = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
