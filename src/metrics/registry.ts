/**
 * Counters, gauges and histograms, and their text form for Prometheus
 * (https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4). Pure.
 */

/** What measures: a tiny interface, so that a host can bring its own. Labels are few and of few values. */
export interface Metrics {
  /** Adds to a counter. @param by 0 or more @default 1 */
  count(name: string, labels?: Labels, by?: number): void;
  /** Sets a gauge, or a counter that somebody else counts. */
  set(name: string, value: number, labels?: Labels): void;
  /** Adds a value to a histogram. */
  observe(name: string, value: number, labels?: Labels): void;
}

export type Labels = Readonly<Record<string, string>>;

export interface MetricDefinition {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  /** Upper bounds of a histogram's buckets, ascending, in the metric's unit. */
  readonly buckets?: readonly number[];
}

export interface MetricsRegistry extends Metrics {
  /** Runs before each {@link MetricsRegistry.text}, to set what is only known when it is asked for. @returns removes it */
  beforeText(collect: () => void): () => void;
  /** Everything, in Prometheus' text format. Its content type is {@link PROMETHEUS_CONTENT_TYPE}. */
  text(): string;
}

export const PROMETHEUS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Series of one metric at most: labels come from outside (names of sources), memory is bounded. */
const MAX_SERIES = 500;

interface Series {
  readonly labels: Labels;
  value: number;
  /** Of a histogram: how many were at most each bound. */
  readonly counts: number[];
  count: number;
}

/**
 * A registry of the metrics that `definitions` name. What is not defined, or no number, is ignored: measuring never breaks
 * what is measured.
 */
export function createMetricsRegistry(definitions: Readonly<Record<string, MetricDefinition>>): MetricsRegistry {
  const metrics = new Map<string, Map<string, Series>>();
  const collectors = new Set<() => void>();

  function seriesOf(name: string, labels: Labels): Series | null {
    const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
    if (definition === undefined) return null;
    const ofName = metrics.get(name) ?? new Map<string, Series>();
    metrics.set(name, ofName);
    const key = formatLabels(labels);
    const known = ofName.get(key);
    if (known !== undefined || ofName.size >= MAX_SERIES) return known ?? null;
    const counts = (definition.buckets ?? []).map(() => 0);
    const made: Series = { labels, value: 0, counts, count: 0 };
    ofName.set(key, made);
    return made;
  }

  return {
    count(name, labels = {}, by = 1) {
      const series = by >= 0 ? seriesOf(name, labels) : null;
      if (series !== null) series.value += by;
    },
    set(name, value, labels = {}) {
      const series = Number.isNaN(value) ? null : seriesOf(name, labels);
      if (series !== null) series.value = value;
    },
    observe(name, value, labels = {}) {
      const series = Number.isFinite(value) ? seriesOf(name, labels) : null;
      if (series === null) return;
      series.value += value;
      series.count++;
      const bounds = definitions[name]!.buckets ?? [];
      bounds.forEach((bound, i) => {
        if (value <= bound) series.counts[i]!++;
      });
    },
    beforeText(collect) {
      collectors.add(collect);
      return () => collectors.delete(collect);
    },
    text() {
      for (const collect of collectors) collect();
      const lines: string[] = [];
      for (const [name, definition] of Object.entries(definitions)) {
        const ofName = metrics.get(name);
        if (ofName === undefined) continue;
        lines.push(`# HELP ${name} ${escapeHelp(definition.help)}`, `# TYPE ${name} ${definition.type}`);
        for (const series of ofName.values()) lines.push(...seriesLines(name, definition, series));
      }
      return `${lines.join("\n")}\n`;
    },
  };
}

function seriesLines(name: string, { type, buckets = [] }: MetricDefinition, series: Series): string[] {
  const { labels, value, counts, count } = series;
  if (type !== "histogram") return [`${name}${formatLabels(labels)} ${formatValue(value)}`];
  return [
    ...buckets.map((bound, i) => `${name}_bucket${formatLabels({ ...labels, le: formatValue(bound) })} ${counts[i]}`),
    `${name}_bucket${formatLabels({ ...labels, le: "+Inf" })} ${count}`,
    `${name}_sum${formatLabels(labels)} ${formatValue(value)}`,
    `${name}_count${formatLabels(labels)} ${count}`,
  ];
}

function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
}

function escapeLabel(value: string): string {
  return value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}

function escapeHelp(help: string): string {
  return help.replace(/\\/g, "\\\\").replace(/\n/g, "\\n");
}
