/** From the model to the page: texts and tables. They change only where they differ, since some of them are read out. */
import type { SourceStatus, Status } from "sidelight";
import { type Anomaly, type Judgement, METRICS, type Metric } from "sidelight/health";
import { write } from "./chart.js";
import { ALL_METRICS } from "./charts.js";
import { capitalized, count, duration, formatValue, shortRoot, unitOf } from "./format.js";
import { anomaliesOf, type Model, missingEpochs, offIn, presentStress, type Trouble } from "./model.js";
import { KINDS, TROUBLES } from "./news.js";

/** Epochs in the table of numbers. */
const EPOCHS_LISTED = 12;
/** Lines of news that stay: whoever reads by ear may go back to them. */
const NEWS_KEPT = 20;

export function element<T extends Element = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as unknown as T;
}

export function renderTexts(model: Model): void {
  const { head, finalized, slots } = model;
  renderProgress(model);
  const signed = slots.findLast(({ participation }) => participation !== null);
  write(element("head"), head === null ? "–" : count(head.slot));
  write(element("head-root"), head === null ? "" : shortRoot(head.root));
  write(element("epoch"), head === null ? "–" : count(head.epoch));
  const epoch = finalized === null ? "–" : count(Math.ceil(finalized.slot / model.slotsPerEpoch));
  write(element("finalized"), epoch);
  write(element("signed"), formatValue("share", signed?.participation));
  if (signed !== undefined) {
    write(
      element("signed-note"),
      signed.unresponsive === 0
        ? "nobody is unresponsive"
        : `${formatValue("share", signed.responsive)} without ${signed.unresponsive} unresponsive`,
    );
  }
  renderAges(model);
}

/** What changes with time alone. */
export function renderAges({ head, finalized }: Model): void {
  if (head === null) return;
  write(element("head-age"), `${duration(Math.max(0, Date.now() / 1000 - head.timeSeconds))} old`);
  if (finalized !== null)
    write(element("finalized-note"), `${count(head.slot - finalized.slot)} slots before the head`);
}

export function renderTables(model: Model): void {
  renderAnomalies(anomaliesOf(model.judgements));
  renderNumbers(model);
}

/** A line for each node. It is asked for headers and for blocks, and may be good for one and not for the other. */
export function renderSources({ sources, blockSources, faults }: Model): void {
  const rows = sources.map((headers) => {
    const { source, freshness, latencyMs } = headers;
    const both = [headers, ...blockSources.filter((each) => each.source === source)];
    const least = (share: "availability" | "validity") =>
      formatValue("share", Math.min(...both.map((each) => each[share])));
    return [
      source,
      statusOf(both),
      least("availability"),
      least("validity"),
      formatValue("share", freshness),
      latencyMs === null ? "–" : `${Math.round(latencyMs)} ms`,
      count(both.reduce((sum, { requests }) => sum + requests, 0)),
      faults[source] ?? "–",
    ];
  });
  fill("sources", rows);
}

function statusOf(both: readonly SourceStatus[]): string {
  const [headers, blocks] = both.map(({ isEvicted, pauseMs }) =>
    isEvicted ? "evicted" : pauseMs > 0 ? "paused" : "in use",
  );
  return blocks === undefined || blocks === headers ? headers! : `${headers}, for blocks ${blocks}`;
}

/** The one sentence that this page is for. */
export function renderVerdict(model: Model): void {
  const { judgements, status } = model;
  const { names: stress, metrics } = presentStress(model);
  const [tone, text, note] =
    troubleOf(status) ??
    (stress.length > 0
      ? ["bad", stress.map(capitalized).join(" · "), reasonFor(metrics, judgements)]
      : calm(missingEpochs(judgements)));
  const box = element("verdict-box");
  if (box.dataset["tone"] !== tone) box.dataset["tone"] = tone;
  write(element("verdict"), text);
  write(element("verdict-note"), note);
  write(document.head.querySelector("title")!, `${tone === "bad" ? "⚠ " : ""}${text} · sidelight`);
}

/** A log, of which screen readers say what is added. */
export function renderNews(news: readonly string[]): void {
  const log = element("news");
  for (const text of news) log.append(Object.assign(document.createElement("p"), { textContent: text }));
  while (log.childElementCount > NEWS_KEPT) log.firstElementChild!.remove();
}

function calm(missing: number): [string, string, string] {
  if (missing > 0) {
    const epochs = missing === 1 ? "one more epoch makes" : `${missing} more epochs make`;
    return ["wait", "Getting to know the chain", `Nothing to compare with yet: ${epochs} a baseline.`];
  }
  return ["good", "Calm", `Nothing out of the ordinary, compared with the epochs before.`];
}

function troubleOf(status: Status): [string, string, string] | null {
  switch (status.state) {
    case "following":
      return null;
    case "stalled":
      // that nothing becomes final is something the metrics tell better
      return status.what === "finality" ? null : ["bad", "Stalled", status.reason];
    case "idle":
    case "bootstrapping":
      return ["wait", "Connecting", "Asking for the checkpoint …"];
    case "catching-up": {
      const { fromPeriod, toPeriod, atPeriod, remainingMs } = status.progress;
      const left = remainingMs === null ? "" : `, ${duration(Math.ceil(remainingMs / 1000))} left`;
      return ["wait", "Catching up", `${atPeriod - fromPeriod} of ${toPeriod - fromPeriod} committees verified${left}`];
    }
    default:
      return ["bad", capitalized(status.state), status.reason];
  }
}

/** The metric that is farthest off, of those that began it. */
function reasonFor(metrics: readonly Metric[], judgements: readonly Judgement[]): string {
  const begun = judgements.flatMap(({ anomalies }) => anomalies).filter(({ kind }) => kind === "begin");
  const latest = metrics.flatMap((metric) => begun.findLast((anomaly) => anomaly.metric === metric) ?? []);
  const worst = latest.sort((a, b) => Math.abs(b.distance) - Math.abs(a.distance))[0];
  if (worst === undefined) return "";
  const now = judgements.findLast(({ scores }) => scores[worst.metric] !== undefined)!;
  if (now.epoch === worst.epoch) return sentenceFor(worst);
  return `${sentenceFor(worst)}; ${formatValue(unitOf(worst.metric), now.scores[worst.metric]!.value)} in epoch ${count(now.epoch)}`;
}

/** "Epoch 163: participation 64.1 %, 25 σ below its baseline of 97.2 % ± 1.6 %" */
function sentenceFor({ metric, epoch, value, distance, baseline }: Anomaly): string {
  const unit = unitOf(metric);
  const side = distance < 0 ? "below" : "above";
  const { mean, standardDeviation } = baseline;
  const spread = `${formatValue(unit, round(mean))} ± ${formatValue(unit, round(standardDeviation))}`;
  return `Epoch ${count(epoch)}: ${METRICS[metric].title} ${formatValue(unit, value)}, ${Math.abs(distance).toFixed(0)} σ ${side} its baseline of ${spread}`;
}

const round = (value: number) => Math.round(value * 10_000) / 10_000;

function renderProgress({ progress, troubles }: Model): void {
  const bar = element<HTMLProgressElement>("progress");
  bar.hidden = progress === null;
  if (progress === null) {
    const told = (Object.keys(TROUBLES) as Trouble[]).flatMap((what) =>
      troubles[what] === undefined ? [] : [`${TROUBLES[what]}: ${troubles[what]}`],
    );
    write(element("note"), told.join(" · "));
    return;
  }
  const { done, total, elapsedMs, remainingMs } = progress;
  bar.max = total;
  bar.value = done;
  const left = remainingMs === null ? "" : `, ${clock(remainingMs)} left`;
  write(element("note"), `The past: epoch ${done} of ${total}, ${clock(elapsedMs)} elapsed${left}`);
}

/** `01:40` */
function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return [Math.floor(seconds / 60), seconds % 60].map((part) => `${part}`.padStart(2, "0")).join(":");
}

function renderAnomalies(anomalies: readonly Anomaly[]): void {
  const rows = anomalies.map(({ kind, epoch, metric, value, baseline, distance, stress }) => [
    count(epoch),
    KINDS[kind],
    capitalized(METRICS[metric].title),
    formatValue(unitOf(metric), value),
    formatValue(unitOf(metric), round(baseline.mean)),
    formatValue("deviations", distance),
    stress.join(", ") || "–",
  ]);
  fill("anomalies", rows);
  element("no-anomalies").hidden = rows.length > 0;
}

/** The charts, for whoever would rather read. */
function renderNumbers({ points, judgements }: Model): void {
  const newest = points.slice(-EPOCHS_LISTED);
  const off = new Map(judgements.slice(-EPOCHS_LISTED - 1).map((judgement) => [judgement.epoch, offIn(judgement)]));
  const head = element<HTMLTableElement>("numbers").tHead!.rows[0]!;
  resize(head, newest.length + 1, "th");
  newest.forEach(({ epoch }, i) => {
    write(head.cells[i + 1]!, count(epoch));
  });
  const isOff = (epoch: number, metric: Metric) => off.get(epoch)?.includes(metric) ?? false;
  fill(
    "numbers",
    ALL_METRICS.map((metric) => [
      capitalized(METRICS[metric].title),
      ...newest.map(({ epoch, values }) => {
        const text = formatValue(unitOf(metric), values[metric] === undefined ? null : round(values[metric]));
        return isOff(epoch, metric) ? `⚠ ${text}` : text;
      }),
    ]),
  );
}

/** Writes a table's cells into those that are there; makes and drops only what differs in number. */
function fill(id: string, rows: readonly (readonly string[])[]): void {
  const body = element<HTMLTableElement>(id).tBodies[0]!;
  while (body.rows.length > rows.length) body.deleteRow(-1);
  while (body.rows.length < rows.length) body.insertRow();
  rows.forEach((cells, i) => {
    const row = body.rows[i]!;
    resize(row, cells.length, "td");
    cells.forEach((text, j) => {
      write(row.cells[j]!, text);
    });
  });
}

/** The first cell of a row names it. */
function resize(row: HTMLTableRowElement, length: number, kind: "td" | "th"): void {
  while (row.cells.length > length) row.deleteCell(-1);
  while (row.cells.length < length) {
    const isName = row.cells.length === 0;
    const cell = document.createElement(isName ? "th" : kind);
    if (cell instanceof HTMLTableCellElement && cell.tagName === "TH") cell.scope = isName ? "row" : "col";
    row.append(cell);
  }
}
