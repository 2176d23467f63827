/** The page: settings in, a watch, its model to the screen. */
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
import { element, renderAges, renderSources, renderTables, renderTexts, renderVerdict } from "./render.js";
import { loadSettings, networkOf, presetSettings, type Settings, saveSettings, settingsFrom } from "./settings.js";
import { type Watch, watch } from "./watch.js";

let watching: Watch | null = null;
/** Aborts when something else is begun, or the settings are wanted: one watch at a time. */
let attempt = new AbortController();
let model: Model = emptyModel("", 32);
/** What the screen shows: only what differs from it is drawn. */
let drawn: Model | null = null;
let isDue = false;
let epochsShown = Number(element<HTMLSelectElement>("span").value);

const charts = {
  deviations: createChart(DEVIATIONS, element("wide")),
  slots: SLOT_CHARTS.map((spec) => ({ spec, chart: createChart(spec, element("charts")) })),
  epochs: EPOCH_CHARTS.map((spec) => ({ spec, chart: createChart(spec, element("charts")) })),
};
const allCharts: Chart[] = [charts.deviations, ...charts.slots, ...charts.epochs].map((each) =>
  "chart" in each ? each.chart : each,
);

const form = element<HTMLFormElement>("form");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void begin(settingsFrom(new FormData(form)));
});
element("change").addEventListener("click", () => void showSetup(loadSettings() ?? presetSettings()));
element<HTMLSelectElement>("span").addEventListener("change", ({ target }) => {
  epochsShown = Number((target as HTMLSelectElement).value);
  drawn = null;
  draw();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  for (const chart of allCharts) chart.repaint();
});
setInterval(() => renderAges(model), 1_000);

// a link is never followed without being asked
const linked = location.hash.length > 1 ? settingsFrom(new URLSearchParams(location.hash.slice(1))) : null;
const known = presetSettings() ?? (linked === null ? loadSettings() : null);
if (known === null) void showSetup(linked);
else void begin(known);

async function showSetup(settings: Settings | null): Promise<void> {
  attempt.abort();
  show("setup");
  for (const [name, value] of Object.entries(settings ?? {})) {
    const field = form.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement | null;
    const text = Array.isArray(value) ? value.join(" ") : `${value}`;
    if (field !== null && text !== "") field.value = text;
  }
  const ended = watching;
  watching = null;
  await ended?.stop();
}

function show(part: "setup" | "board"): void {
  for (const id of ["setup", "board"]) element(id).hidden = id !== part;
  for (const id of ["network", "change"]) element(id).hidden = part === "setup";
}

async function begin(settings: Settings): Promise<void> {
  attempt.abort();
  attempt = new AbortController();
  const { signal } = attempt;
  element("refusal").textContent = "";
  element("network").textContent = "";
  take(emptyModel("", 32));
  show("board");
  try {
    const ended = watching;
    watching = null;
    await ended?.stop();
    const network = await networkOf(settings, signal);
    if (signal.aborted) return;
    element("network").textContent = network.name;
    const showIt = (next: Model) => {
      if (!signal.aborted) take(next);
    };
    showIt(emptyModel(network.name, network.preset.slotsPerEpoch));
    watching = watch(settings, network, showIt);
    if (presetSettings() === null) saveSettings(settings);
  } catch (error) {
    if (signal.aborted) return;
    await showSetup(settings);
    element("refusal").textContent = error instanceof Error ? error.message : `${error}`;
  }
}

/**
 * However much happens, plots and tables are drawn at most once a frame, and not where nobody sees them; the title is for
 * those who look at another tab.
 */
function take(next: Model): void {
  model = next;
  renderVerdict(model);
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    draw();
  });
}

function draw(): void {
  const before = drawn;
  drawn = model;
  renderTexts(model);
  const isSame = (part: "sources" | "blockSources" | "faults") => model[part] === before?.[part];
  if (!isSame("sources") || !isSame("blockSources") || !isSame("faults")) renderSources(model);
  if (model.slots !== before?.slots) {
    for (const { spec, chart } of charts.slots) chart.update(slotColumns(spec, model.slots));
  }
  if (model.points === before?.points && model.judgements === before.judgements) return;
  renderTables(model);
  const oldest = (model.points.at(-1)?.epoch ?? 0) - epochsShown;
  const points = model.points.filter(({ epoch }) => epoch > oldest);
  const judgements = model.judgements.filter(({ epoch }) => epoch > oldest);
  for (const { spec, chart } of charts.epochs) {
    chart.update(epochColumns(spec, points), marksOf(judgements, spec.metrics));
  }
  const loud = new Set(judgements.flatMap(({ active }) => active.map((metric) => ALL_METRICS.indexOf(metric))));
  charts.deviations.update(deviationColumns(judgements), marksOf(judgements, ALL_METRICS), [...loud]);
}
