// The options page: checks what was entered before it is kept, and asks for access where a node lets no extension in.

const form = document.getElementById("form");
const allow = document.getElementById("allow");

globalThis.settings.load().then((settings) => settings && fill(settings));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  save().catch(({ message }) => say(message, "bad"));
});
// only in answer to a click may access be asked for
allow.addEventListener("click", async () => {
  const origins = readEndpoints().map((url) => `${new URL(url).origin}/*`);
  if (await chrome.permissions.request({ origins })) form.requestSubmit();
});

function fill({ network, endpoints, checkpoint, everyMinutes }) {
  form.elements.network.value = network;
  form.elements.endpoints.value = endpoints.join("\n");
  form.elements.checkpoint.value = checkpoint;
  form.elements.everyMinutes.value = `${everyMinutes}`;
}

function readEndpoints() {
  return form.elements.endpoints.value.split(/\s+/).filter((url) => url !== "");
}

async function save() {
  allow.hidden = true;
  say("Asking the nodes …", "calm");
  const endpoints = readEndpoints();
  const network = form.elements.network.value;
  const settings = {
    network,
    endpoints,
    checkpoint: form.elements.checkpoint.value.trim(),
    everyMinutes: Number(form.elements.everyMinutes.value),
    chain: network === "custom" ? await chainOf(endpoints[0]) : null,
  };
  globalThis.settings.clientOf(settings); // throws what is wrong
  const silent = await silentOnes(endpoints);
  allow.hidden = silent.length === 0;
  await globalThis.settings.save(settings);
  if (silent.length === 0) return say("Saved. The toolbar button shows the rest.", "good");
  const names = silent.map((url) => new URL(url).host).join(", ");
  say(`Saved, but no answer from ${names}: it may not be there, or not let extensions in (CORS).`, "bad");
}

async function chainOf(endpoint) {
  const [spec, genesis] = await Promise.all([
    ask(endpoint, "/eth/v1/config/spec"),
    ask(endpoint, "/eth/v1/beacon/genesis"),
  ]);
  return { spec, genesis };
}

async function silentOnes(endpoints) {
  const answers = await Promise.allSettled(endpoints.map((url) => ask(url, "/eth/v1/beacon/genesis")));
  return endpoints.filter((_, i) => answers[i].status === "rejected");
}

/** The path and the query of an endpoint (API keys) stay. */
async function ask(endpoint, route) {
  const url = new URL(endpoint);
  url.pathname = url.pathname.replace(/\/$/, "") + route;
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${url.host} answered ${response.status}`);
  return response.json();
}

function say(text, tone) {
  const said = document.getElementById("said");
  said.textContent = text;
  said.dataset.tone = tone;
}
