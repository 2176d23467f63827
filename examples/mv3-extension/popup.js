// The popup: shows the view that the background sends, and asks for a pass once a slot while it is open.

const PULSE_BEATS = 48;
/** A head so old is not called current (the client's own limit is an epoch). */
const FRESH_SLOTS = 4;
const RECONNECT_MS = 500;

/** What can be done about it, by error code. */
const ADVICE = {
  NO_SOURCE_ANSWERED: "No beacon node gave a usable answer. Trying again.",
  CHECKPOINT_TOO_OLD: "The checkpoint is too old to be safe. Set a newer one in the options.",
  CLOCK_SKEWED: "This computer's clock is off, or the network is another one.",
  HEAD_STALLED: "The beacon nodes give nothing new.",
  BLS_UNAVAILABLE: "This browser refuses WebAssembly here.",
  TimeoutError: "Ran out of time; the next pass goes on where this one ended.",
};

const $ = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");
let port;
let view = null;
let timer;

connect();
setInterval(tick, 1_000);
$("sync").addEventListener("click", () => port.postMessage({ type: "sync" }));
for (const id of ["options", "begin"]) $(id).addEventListener("click", () => chrome.runtime.openOptionsPage());

/** Connecting starts the background if it sleeps; when it is killed the port ends, and this begins again. */
function connect() {
  port = chrome.runtime.connect({ name: "popup" });
  port.onDisconnect.addListener(() => setTimeout(connect, RECONNECT_MS));
  port.onMessage.addListener((next) => {
    const isFirst = view === null;
    view = next;
    render();
    if (isFirst && view !== null) askEachSlot();
  });
}

function askEachSlot() {
  clearInterval(timer);
  port.postMessage({ type: "sync" });
  timer = setInterval(() => port.postMessage({ type: "sync" }), view.slotMs);
}

function tick() {
  if (view !== null) renderAges();
}

function render() {
  $("welcome").hidden = view !== null;
  for (const id of ["followed", "network", "sync"]) $(id).hidden = view === null;
  if (view === null) return say("Not set up yet.", "calm");
  const { network, head, finalized, participation, pulse, status } = view;
  $("network").textContent = network;
  $("head").textContent = head === null ? "–" : number.format(head.slot);
  $("finalized").textContent = finalized === null ? "–" : number.format(finalized.slot);
  if (participation !== null) {
    $("rate").textContent = `${participation.count}`;
    $("signed").textContent = `of ${participation.size} signed`;
    globalThis.draw.ring($("ring"), participation);
  }
  globalThis.draw.pulse($("pulse"), pulse, PULSE_BEATS);
  $("pulse-note").textContent = participation === null ? "" : `${(participation.rate * 100).toFixed(1)} %, ⅔ needed`;
  renderProgress(status);
  renderAges();
}

function renderProgress(status) {
  const { state, progress } = status;
  $("progress").hidden = state !== "catching-up" && state !== "bootstrapping";
  if (state !== "catching-up") return $("progress").removeAttribute("value");
  $("progress").max = progress.toPeriod - progress.fromPeriod;
  $("progress").value = progress.atPeriod - progress.fromPeriod;
}

function renderAges() {
  const { head, finalized } = view;
  $("head-age").textContent = head === null ? "" : ago(Date.now() / 1000 - head.timeSeconds);
  $("finalized-age").textContent =
    finalized === null || head === null ? "" : `${number.format(Math.max(0, head.slot - finalized.slot))} slots behind`;
  renderStatus();
}

function renderStatus() {
  const { status, failure, head, slotMs } = view;
  if (status.state === "bootstrapping") return say("Asking for the checkpoint …", "calm");
  if (status.state === "catching-up") {
    const { atPeriod, toPeriod } = status.progress;
    return say(`Catching up: ${number.format(toPeriod - atPeriod)} periods to verify`, "calm");
  }
  if (failure !== null) return say(ADVICE[failure.code] ?? failure.message, "bad");
  if (head === null) return say("Nothing verified yet.", "calm");
  const isFresh = Date.now() - head.timeSeconds * 1000 <= FRESH_SLOTS * slotMs;
  if (isFresh) return say(`Verified here; heard from ${head.trust.source}`, "good");
  say("This was verified earlier. Looking for news …", "calm");
}

/** Only when it changes: it is read out. */
function say(text, tone) {
  const line = $("status");
  if (line.textContent === text) return;
  line.textContent = text;
  line.dataset.tone = tone;
}

function ago(seconds) {
  if (seconds < 1.5) return "now";
  if (seconds < 90) return `${Math.round(seconds)} s ago`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  return `${Math.round(seconds / 3600)} h ago`;
}
