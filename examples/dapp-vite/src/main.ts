/** The page: settings in, a light client, events to the screen. */
import { createLightClient, isSidelightError, type LightClient, type LightClientEvents } from "sidelight";
import { wireBalanceForm } from "./balance-form.js";
import { drawPulse } from "./pulse.js";
import { element, render, renderAges } from "./render.js";
import { loadSettings, optionsFrom, type Settings, saveSettings, settingsFrom, withChain } from "./settings.js";
import { INITIAL, REDUCERS, type State } from "./state.js";
import "./style.css";

let client: LightClient | null = null;
let state: State = INITIAL;
/** Counts what the visitor has chosen: what an earlier choice still waits for is not wanted any more. */
let choices = 0;

const form = element<HTMLFormElement>("form");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void begin(settingsFrom(new FormData(form)));
});
element("change").addEventListener("click", () => void showSetup(loadSettings()));
window.addEventListener("resize", () => drawPulse(element("pulse"), state.pulse));
wireBalanceForm(() => client);
setInterval(() => renderAges(state), 1_000);

const kept = loadSettings();
if (kept === null) void showSetup(settingsFrom(new URLSearchParams(location.hash.slice(1))));
else void begin(kept);

async function showSetup(settings: Settings | null): Promise<void> {
  choices++;
  show("setup");
  for (const [name, value] of Object.entries(settings ?? {})) {
    const field = form.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement | null;
    if (field !== null && value !== "") field.value = value;
  }
  // what it still says is not shown; and who is quick may have begun another before it has stopped
  const leaving = client;
  client = null;
  await leaving?.stop();
}

function show(part: "setup" | "board"): void {
  for (const id of ["setup", "board"]) element(id).hidden = id !== part;
  for (const id of ["network", "change"]) element(id).hidden = part === "setup";
  drawPulse(element("pulse"), state.pulse); // as wide as it is now
}

async function begin(chosen: Settings): Promise<void> {
  const choice = ++choices;
  element("refusal").textContent = "";
  become(INITIAL);
  show("board");
  try {
    const settings = await withChain(chosen);
    if (choice !== choices) return;
    const options = optionsFrom(settings);
    client = createLightClient(options); // no request yet; throws what is wrong with the options
    element("network").textContent = options.network.name;
    saveSettings(settings);
    follow(client);
  } catch (error) {
    if (choice !== choices) return;
    await showSetup(chosen);
    element("refusal").textContent = error instanceof Error ? error.message : `${error}`;
  }
}

function follow(following: LightClient): void {
  for (const event of Object.keys(REDUCERS) as (keyof typeof REDUCERS)[]) {
    following.on(event, (payload) => take(following, event, payload));
  }
  following.start().catch((error: unknown) => {
    // what trying again cannot mend; that the visitor went back to the settings is no error
    if (!isSidelightError(error) || error.code === "CLIENT_STOPPED") return;
    take(following, "error", { error, source: null });
  });
}

function take<K extends keyof typeof REDUCERS>(from: LightClient, event: K, payload: LightClientEvents[K]): void {
  if (from !== client) return;
  const reduce = REDUCERS[event] as (state: State, payload: LightClientEvents[K]) => State;
  become(reduce(state, payload));
}

function become(next: State): void {
  const before = state;
  state = next;
  render(next, before);
}
