/**
 * One chart: a heading, a legend that says what the lines are now (or where the cursor is), the plot. The plot is a slider
 * for the keyboard and for screen readers: arrows move along it, and it says the values there.
 */
import uPlot from "uplot";
import type { ChartSpec, Columns, Mark } from "./charts.js";
import { capitalized, count, formatValue } from "./format.js";

export interface Chart {
  /** Shows other values; cheap enough for once a second, and nothing is made anew. */
  update(columns: Columns, marks?: readonly Mark[], loud?: readonly number[]): void;
  /** After a change of the colours. */
  repaint(): void;
}

const HEIGHT = 190;
const WIDE_HEIGHT = 280;
const DASHES = [[], [7, 4], [2, 4], [10, 3, 2, 3]];
const TONES = DASHES.length;
/** Standard deviations beyond which an epoch is an anomaly: the detector's default. */
const THRESHOLD = 10;
const DEVIATION_TICKS = [-1000, -100, -30, -10, -3, 0, 3, 10, 30, 100, 1000];

export function createChart(spec: ChartSpec, parent: HTMLElement): Chart {
  const { figure, plot, summary, items } = skeleton(spec);
  parent.append(figure);
  let columns: Columns = [[], ...spec.lines.map(() => [])];
  let marks: readonly Mark[] = [];
  let loud: ReadonlySet<number> = new Set();
  /** By the keyboard. */
  let chosen: number | null = null;
  const height = spec.scale === "deviations" ? WIDE_HEIGHT : HEIGHT;
  plot.style.height = `${height}px`;
  const isLoud = (i: number) => !spec.lines[i]!.isQuiet || loud.has(i);
  const chart = new uPlot(
    {
      width: 320,
      height,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, sync: { key: spec.x } },
      scales: { x: { time: false, range: xRange }, y: yScale(spec) },
      axes: [
        {
          ...axis(),
          values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? count(tick) : "")),
          space: 80,
          size: 34,
        },
        { ...axis(), ...yAxis(spec), size: 58 },
      ],
      series: [
        {},
        ...spec.lines.map(({ tone }, i) => ({
          stroke: () => (isLoud(i) ? color(`--line-${tone % TONES}`) : color("--line-quiet")),
          dash: DASHES[tone % TONES]!,
          width: 1.75,
          points: { size: 6, fill: () => (isLoud(i) ? color(`--line-${tone % TONES}`) : color("--line-quiet")) },
        })),
      ],
      hooks: { drawClear: [drawMarks], drawAxes: [drawBorders], draw: [drawNames], setCursor: [say] },
    },
    columns as uPlot.AlignedData,
    plot,
  );
  new ResizeObserver(([entry]) => {
    const width = Math.floor(entry!.contentRect.width);
    if (width > 0 && width !== chart.width) chart.setSize({ width, height });
  }).observe(plot);
  plot.addEventListener("keydown", move);
  plot.addEventListener("blur", () => {
    chosen = null;
    chart.setCursor({ left: -10, top: -10 });
  });

  /** Bands behind the lines. */
  function drawMarks({ ctx, bbox }: uPlot): void {
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.fillStyle = color("--band");
    for (const { from, to } of marks) {
      const [left, right] = [chart.valToPos(from - 0.5, "x", true), chart.valToPos(to + 0.5, "x", true)];
      ctx.fillRect(left, bbox.top, right - left, bbox.height);
    }
    ctx.restore();
  }

  /** The two borders of the ordinary, on top of the grid's lines that are there too. */
  function drawBorders({ ctx, bbox }: uPlot): void {
    if (spec.scale !== "deviations") return;
    ctx.save();
    ctx.strokeStyle = color("--bad");
    ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
    for (const border of [-THRESHOLD, THRESHOLD]) {
      // in the middle of a pixel, or it would be two faint ones
      const y = Math.floor(chart.valToPos(border, "y", true)) + 0.5;
      ctx.beginPath();
      ctx.moveTo(bbox.left, y);
      ctx.lineTo(bbox.left + bbox.width, y);
      ctx.stroke();
    }
    ctx.restore();
  }

  /** What it was, at the top of each band; where one name would cover another, the newer one. */
  function drawNames({ ctx, bbox }: uPlot): void {
    if (spec.scale !== "deviations") return;
    ctx.save();
    ctx.font = `600 ${12 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.fillStyle = color("--bad");
    ctx.textBaseline = "top";
    ctx.textAlign = "left";
    let free = bbox.left + bbox.width;
    for (const { from, name } of [...marks].reverse()) {
      const text = capitalized(name);
      const width = ctx.measureText(text).width;
      const left = Math.min(chart.valToPos(from - 0.5, "x", true) + 4 * devicePixelRatio, free - width);
      if (left < bbox.left || left + width > free) continue;
      ctx.fillText(text, left, bbox.top + 4 * devicePixelRatio);
      free = left - 8 * devicePixelRatio;
    }
    ctx.restore();
  }

  /** The legend and the slider, at the cursor or at the newest value. */
  function say(): void {
    const x = columns[0];
    const at = chart?.cursor.idx ?? x.length - 1;
    const isNewest = chart?.cursor.idx == null;
    const texts = spec.lines.map(({ unit }, i) => {
      const column = columns[i + 1] as (number | null)[];
      return formatValue(unit, isNewest ? column.findLast((value) => value !== null) : column[at]);
    });
    // what is told fills the legend from its beginning: no item moves when there is one more, or one less
    const told = spec.lines.flatMap((line, i) => (isLoud(i) ? { ...line, text: texts[i]! } : []));
    items.forEach(({ item, swatch, label, value }, i) => {
      const line = told[i];
      if (item.hidden !== (line === undefined)) item.hidden = line === undefined;
      if (line === undefined) return;
      const tone = `swatch tone-${line.tone % TONES}`;
      if (swatch.className !== tone) swatch.className = tone;
      write(label, line.label);
      write(value, line.text);
    });
    if (x.length === 0) {
      plot.ariaValueText = "nothing yet";
      return;
    }
    plot.ariaValueMin = `${x[0]}`;
    plot.ariaValueMax = `${x.at(-1)}`;
    plot.ariaValueNow = `${x[at]}`;
    const values = told.map(({ label, text }) => `${label} ${text}`);
    plot.ariaValueText = `${spec.x} ${x[at]}: ${values.join(", ") || "nothing out of the ordinary"}`;
  }

  /** What the plot shows altogether, for whoever does not see it. */
  function summarize(): void {
    const [x, ...lines] = columns;
    if (x.length === 0) {
      write(summary, "Nothing yet.");
      return;
    }
    const told = spec.lines.flatMap(({ label, unit }, i) => {
      const known = lines[i]!.filter((value) => value !== null);
      if (!isLoud(i) || known.length === 0) return [];
      const [now, least, most] = [known.at(-1)!, Math.min(...known), Math.max(...known)];
      const range =
        least === most ? "throughout" : `between ${formatValue(unit, least)} and ${formatValue(unit, most)}`;
      return `${label}: ${formatValue(unit, now)}, ${range}.`;
    });
    const of = `${capitalized(spec.x)}s ${count(x[0]!)} to ${count(x.at(-1)!)}.`;
    write(summary, [of, ...(told.length > 0 ? told : ["Nothing out of the ordinary."])].join(" "));
  }

  function move(event: KeyboardEvent): void {
    const last = columns[0].length - 1;
    const at = chart.cursor.idx ?? last;
    const steps = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last, PageUp: at - 10, PageDown: at + 10 };
    const to = steps[event.key as keyof typeof steps];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    chosen = columns[0][Math.min(last, Math.max(0, to))]!;
    point(chosen);
  }

  function point(x: number): void {
    chart.setCursor({ left: chart.valToPos(x, "x"), top: height / 4 });
  }

  return {
    update(next, nextMarks = [], nextLoud = []) {
      columns = next;
      marks = nextMarks;
      loud = new Set(nextLoud);
      chart.setData(columns as uPlot.AlignedData);
      // what the keyboard has chosen is a slot or an epoch, not a place on the screen
      if (chosen !== null) queueMicrotask(() => chosen !== null && point(chosen));
      say();
      summarize();
    },
    repaint: () => chart.redraw(false),
  };
}

function skeleton({ id, title, note, lines, scale }: ChartSpec) {
  const figure = make("figure", { className: "chart", id: `chart-${id}` });
  const caption = make("figcaption", {});
  caption.append(make("h2", { textContent: title }), make("p", { className: "soft", textContent: note }));
  const legend = make("ul", { className: "legend" });
  const items = lines.map(({ unit }) => {
    const [item, label] = [make("li", {}), make("span", {})];
    const [swatch, value] = [make("i", { className: "swatch" }), make("b", { className: `unit-${unit}` })];
    swatch.ariaHidden = "true";
    for (const text of [label, value]) text.append("");
    item.append(swatch, label, " ", value);
    return { item, swatch, label, value };
  });
  legend.append(...items.map(({ item }) => item));
  // of a height of its own, so there may be more than fits
  const region = {
    className: "scroll",
    role: "region",
    ariaLabel: `${title}: what is out of the ordinary`,
    tabIndex: 0,
  };
  const box = scale === "deviations" ? make("div", region) : null;
  box?.append(legend);
  const plot = make("div", { className: "plot", tabIndex: 0, role: "slider", ariaLabel: title });
  plot.ariaValueText = "nothing yet";
  plot.ariaValueNow = plot.ariaValueMin = plot.ariaValueMax = "0";
  const summary = make("p", { className: "unseen", id: `summary-${id}`, textContent: "Nothing yet." });
  plot.setAttribute("aria-describedby", summary.id);
  figure.append(caption, box ?? legend, plot, summary);
  return { figure, plot, summary, items };
}

function make<K extends keyof HTMLElementTagNameMap>(name: K, properties: Partial<HTMLElementTagNameMap[K]>) {
  return Object.assign(document.createElement(name), properties);
}

/** Within the text that is there: no node is replaced, and none is touched whose text stays. */
export function write(target: Element, text: string): void {
  const { firstChild } = target;
  if (!(firstChild instanceof Text)) target.append(text);
  else if (firstChild.data !== text) firstChild.data = text;
}

const color = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name);

const axis = (): uPlot.Axis => ({
  stroke: () => color("--soft"),
  grid: { stroke: () => color("--line"), width: 1 },
  ticks: { show: false },
  font: "12px system-ui, sans-serif",
});

/** At least two of them, so that one value alone is not a range of nothing. */
function xRange(_: uPlot, min: number | null, max: number | null): uPlot.Range.MinMax {
  return min === null || max === null ? [0, 1] : [min - 0.5, max + 0.5];
}

function yScale({ scale }: ChartSpec): uPlot.Scale {
  if (scale === "deviations") {
    const range = (_: uPlot, min: number | null, max: number | null): uPlot.Range.MinMax => {
      const reach = 1.4 * Math.max(15, Math.abs(min ?? 0), Math.abs(max ?? 0));
      return [-reach, reach];
    };
    return { distr: 4, asinh: 3, range };
  }
  if (scale === "share") {
    // down to the tenth below the lowest; not more than a few members' difference fills the plot
    return { range: (_, min) => [Math.max(0, Math.floor(10 * Math.min(0.9, min ?? 0.9) - 0.5) / 10), 1.005] };
  }
  return { range: (_, __, max) => [0, Math.max(2, (max ?? 0) * 1.15)] };
}

function yAxis({ scale, lines }: ChartSpec): uPlot.Axis {
  const unit = lines[0]!.unit;
  if (scale === "deviations") {
    return {
      filter: (_, splits) => splits,
      splits: (chart) => DEVIATION_TICKS.filter((tick) => Math.abs(tick) <= chart.scales["y"]!.max!),
      values: (_, ticks) => ticks.map((tick) => `${tick} σ`),
    };
  }
  if (scale === "share") return { values: (_, ticks) => ticks.map((tick) => `${Math.round(100 * tick)} %`), space: 34 };
  return { values: (_, ticks) => ticks.map((tick) => formatTick(unit, tick)), space: 34 };
}

function formatTick(unit: string, tick: number): string {
  return unit === "count" && !Number.isInteger(tick) ? "" : `${Math.round(100 * tick) / 100}`;
}
