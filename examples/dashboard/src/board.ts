/** The board: a model to plots, tables and texts. It makes nothing anew, and touches only what differs. */
import "uplot/dist/uPlot.min.css";
import "./style.css";
import { type Chart, createChart } from "./chart.js";
import {
  ALL_METRICS,
  DEVIATIONS,
  deviationColumns,
  EPOCH_CHARTS,
  epochColumns,
  marksOf,
  SLOT_CHARTS,
  slotColumns,
} from "./charts.js";
import { emptyModel, type Model } from "./model.js";
import { createNews } from "./news.js";
import { element, renderAges, renderNews, renderSources, renderTables, renderTexts, renderVerdict } from "./render.js";

export interface Board {
  /**
   * However much happens, plots and tables are drawn at most once a frame, and not where nobody sees them; the verdict is
   * also the page's title, for those who look at another tab.
   */
  take(model: Model): void;
}

/** @param frame when to draw: another one than the screen's lets a day go by in a minute */
export function createBoard(frame: (draw: () => void) => void = requestAnimationFrame): Board {
  let model: Model = emptyModel("", 32);
  /** What the screen shows: only what differs from it is drawn. */
  let drawn: Model | null = null;
  let isDue = false;
  const span = element<HTMLSelectElement>("span");
  let epochsShown = Number(span.value);
  const newsOf = createNews();

  const deviations = createChart(DEVIATIONS, element("wide"));
  const slotCharts = SLOT_CHARTS.map((spec) => ({ spec, chart: createChart(spec, element("charts")) }));
  const epochCharts = EPOCH_CHARTS.map((spec) => ({ spec, chart: createChart(spec, element("charts")) }));
  const all: Chart[] = [deviations, ...[...slotCharts, ...epochCharts].map(({ chart }) => chart)];

  span.addEventListener("change", () => {
    epochsShown = Number(span.value);
    drawn = null;
    draw();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const chart of all) chart.repaint();
  });
  setInterval(() => renderAges(model), 1_000);

  function draw(): void {
    const before = drawn;
    drawn = model;
    renderTexts(model);
    const isSame = (part: "sources" | "blockSources" | "faults") => model[part] === before?.[part];
    if (!isSame("sources") || !isSame("blockSources") || !isSame("faults")) renderSources(model);
    if (model.slots !== before?.slots) {
      for (const { spec, chart } of slotCharts) chart.update(slotColumns(spec, model.slots));
    }
    if (model.points === before?.points && model.judgements === before.judgements) return;
    renderTables(model);
    const oldest = (model.points.at(-1)?.epoch ?? 0) - epochsShown;
    const points = model.points.filter(({ epoch }) => epoch > oldest);
    const judgements = model.judgements.filter(({ epoch }) => epoch > oldest);
    for (const { spec, chart } of epochCharts) {
      chart.update(epochColumns(spec, points), marksOf(judgements, spec.metrics));
    }
    const loud = new Set(judgements.flatMap(({ active }) => active.map((metric) => ALL_METRICS.indexOf(metric))));
    deviations.update(deviationColumns(judgements), marksOf(judgements, ALL_METRICS), [...loud]);
  }

  return {
    take(next) {
      model = next;
      renderVerdict(model);
      renderNews(newsOf(model));
      if (isDue) return;
      isDue = true;
      frame(() => {
        isDue = false;
        draw();
      });
    },
  };
}
