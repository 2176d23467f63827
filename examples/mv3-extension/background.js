// The background: follows the chain by alarms, one bounded pass each, and answers popups and pages.
//
// Chromium starts this file as a service worker and kills it after half a minute without events, or at any other moment;
// Firefox loads the same files as background.scripts. So: every listener is registered in the first turn, nothing that
// matters is kept in a variable, and each pass begins with what the one before has put into IndexedDB.

if (typeof importScripts === "function") importScripts("sidelight.min.js", "settings.js", "view.js");

const ALARM = "sync";
const PASS_LIMIT_MS = 25_000;
const BADGE_COLORS = { good: "#0b7a58", calm: "#5b6963", bad: "#b3261e" };

/** Popups that watch. */
const ports = new Set();
/** What this life of the worker follows, `{ client, view }`: made when it is first needed. `null`: nothing is set up. */
let following;
let badge = "";

chrome.runtime.onInstalled.addListener(({ reason }) => {
  if (reason === "install") chrome.runtime.openOptionsPage();
});
chrome.runtime.onStartup.addListener(() => sync());
chrome.alarms.onAlarm.addListener(({ name }) => {
  if (name === ALARM) sync();
});
chrome.storage.local.onChanged.addListener(({ settings }) => {
  if (settings !== undefined) restart();
});
chrome.runtime.onMessage.addListener((message, _sender, answer) => {
  if (!["state", "sync"].includes(message?.type)) return false;
  answerTo(message.type).then(answer);
  return true; // the answer comes later
});
chrome.runtime.onConnect.addListener((port) => {
  ports.add(port);
  port.onDisconnect.addListener(() => ports.delete(port));
  port.onMessage.addListener(({ type }) => {
    if (type === "sync") sync();
  });
  follow().then((current) => port.postMessage(current?.view ?? null), console.warn);
});
schedule().catch(console.warn);

/** An alarm outlives the worker and often the browser; created anew each time it would never ring. */
async function schedule() {
  const { everyMinutes = 0.5 } = (await globalThis.settings.load()) ?? {};
  const alarm = await chrome.alarms.get(ALARM);
  if (alarm?.periodInMinutes === everyMinutes) return;
  await chrome.alarms.create(ALARM, { periodInMinutes: everyMinutes });
}

function follow() {
  following ??= begin().catch((error) => {
    following = undefined;
    throw error;
  });
  return following;
}

async function begin() {
  const [settings, { view: kept }] = await Promise.all([globalThis.settings.load(), chrome.storage.local.get("view")]);
  if (settings === null) return null;
  const client = globalThis.settings.clientOf(settings);
  const current = { client, view: globalThis.view.begin(settings, globalThis.settings.networkOf(settings), kept) };
  for (const event of ["head", "finality", "participation", "status"]) {
    client.on(event, (payload) => show(current, event, payload));
  }
  client.on("error", ({ error, source }) => console.warn(source, error.code, error.message));
  return current;
}

/** One bounded pass. Calls that overlap share it. */
async function sync() {
  const current = await follow();
  if (current === null) return;
  try {
    await current.client.syncOnce({ signal: AbortSignal.timeout(PASS_LIMIT_MS) });
    await show(current, "passed", Date.now());
  } catch (error) {
    if (error.code === "CLIENT_STOPPED") return;
    await show(current, "failed", { code: error.code ?? error.name, message: error.message });
  }
}

async function answerTo(type) {
  if (type === "sync") await sync();
  return (await follow())?.view ?? null;
}

/** Settings have changed: the old client ends, and what it still says is not shown. */
async function restart() {
  const before = following;
  following = undefined;
  await (await before?.catch(() => null))?.client.stop();
  await schedule();
  await sync();
}

async function show(current, event, payload) {
  if ((await following) !== current) return;
  current.view = globalThis.view.after(current.view, event, payload);
  for (const port of ports) port.postMessage(current.view);
  showBadge(globalThis.view.badge(current.view));
  if (event !== "status") await chrome.storage.local.set({ view: current.view });
}

function showBadge({ text, tone, title }) {
  if (badge === `${text} ${title}`) return;
  badge = `${text} ${title}`;
  chrome.action.setBadgeText({ text });
  chrome.action.setBadgeBackgroundColor({ color: BADGE_COLORS[tone] });
  chrome.action.setBadgeTextColor({ color: "#ffffff" });
  chrome.action.setTitle({ title: `sidelight: ${title}` });
}
