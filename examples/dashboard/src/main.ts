/** The page: settings in, a watch, its model to the board. */
import { createBoard } from "./board.js";
import { emptyModel, type Model } from "./model.js";
import { element } from "./render.js";
import { loadSettings, networkOf, presetSettings, type Settings, saveSettings, settingsFrom } from "./settings.js";
import { type Watch, watch } from "./watch.js";

let watching: Watch | null = null;
/** Aborts when something else is begun, or the settings are wanted: one watch at a time. */
let attempt = new AbortController();
const board = createBoard();
const form = element<HTMLFormElement>("form");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void begin(settingsFrom(new FormData(form)));
  element("verdict").focus();
});
element("change").addEventListener("click", () => {
  void showSetup(loadSettings() ?? presetSettings());
  element("field-network").focus();
});

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
  board.take(emptyModel("", 32));
  show("board");
  try {
    const ended = watching;
    watching = null;
    await ended?.stop();
    const network = await networkOf(settings, signal);
    if (signal.aborted) return;
    element("network").textContent = network.name;
    const showIt = (next: Model) => {
      if (!signal.aborted) board.take(next);
    };
    showIt(emptyModel(network.name, network.preset.slotsPerEpoch));
    watching = watch(settings, network, showIt);
    if (presetSettings() === null) saveSettings(settings);
  } catch (error) {
    if (signal.aborted) return;
    const ended = showSetup(settings);
    element("refusal").textContent = error instanceof Error ? error.message : `${error}`;
    // beside what is wrong, and where the visitor was
    element("watch").focus();
    await ended;
  }
}
