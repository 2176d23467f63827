// `npm run demo`: a real beacon chain on this machine, and sidelight following it, in the terminal and on a page that shows
// the network's pulse. The chain is the tests' devnet (the real state transition, real BLS signatures); what follows it is
// the command line as it is shipped, and examples/dashboard.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { INCIDENTS, incidents, ROUND_EPOCHS } from "./demo-incidents.js";
import { startDevnet } from "./devnet.js";
import { buildDashboard } from "./example-dashboard.js";
import { serveFolder } from "./serve-folder.js";
import { setup } from "./setup.js";
import { build, end, say, style, Trouble } from "./shared.js";

const SECONDS_PER_SLOT = 2;
const SLOTS_PER_EPOCH = 8;
/** Made before the demo begins, 20 committee periods: there is something to catch up with. */
const PAST_SLOTS = 1280;
/** By epoch; the last two come while you watch. */
const FORKS = { capella: 10, deneb: 40, electra: 80, fulu: 162, gloas: 165 };
/** Incidents for two hours; then all is calm. */
const ROUNDS = 20;
/** Uneven calm before the first of them, which the page walks through: a baseline. */
const CALM_EPOCHS = 48;
const FIRST_EPOCH = PAST_SLOTS / SLOTS_PER_EPOCH;
/** The page does not walk back farther than a day of mainnet. */
const MAX_HISTORY = 225;

const USAGE = `Usage: npm run demo -- [--for <seconds>]

Starts a beacon chain on this machine, serves a page that shows its pulse, and follows it here until Ctrl-C, or for so
many seconds.
`;

async function demo() {
  const { values } = parseArgs({ options: { for: { type: "string" }, help: { type: "boolean", short: "h" } } });
  if (values.help) return void process.stdout.write(USAGE);
  if (values.for !== undefined && !(Number(values.for) > 0)) {
    throw new Trouble(`--for: expected a number of seconds above 0, got ${values.for}`);
  }
  await setup();
  await build();
  const folder = mkdtempSync(join(tmpdir(), "sidelight-demo-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const release = endOnSignals();
  const dashboard = await buildDashboard();
  say(style.dim("starting a chain …"));
  const script = incidents({
    firstEpoch: FIRST_EPOCH,
    rounds: ROUNDS,
    slotsPerEpoch: SLOTS_PER_EPOCH,
    calmEpochs: CALM_EPOCHS,
  });
  const devnet = await startDevnet({
    mode: "live",
    secondsPerSlot: SECONDS_PER_SLOT,
    preSlots: PAST_SLOTS,
    forks: FORKS,
    patterns: script.patterns,
  });
  let site;
  let endReorgs = () => {};
  try {
    const [spec, genesis] = await Promise.all([
      get(devnet, "/eth/v1/config/spec"),
      get(devnet, "/eth/v1/beacon/genesis"),
    ]);
    const chainFile = join(folder, "chain.json");
    writeFileSync(chainFile, JSON.stringify({ spec, genesis }));
    const checkpoint = await devnet.call("checkpoint", { epoch: SLOTS_PER_EPOCH });
    const genesisMs = Number(genesis.data.genesis_time) * 1000;
    endReorgs = reorganise(devnet, genesisMs, script.reorgs);
    site = await serveFolder(dashboard, { preset: () => presetFor(devnet.url, checkpoint.root, genesisMs) });
    for (const line of introduction(site.url, devnet.url, checkpoint.slot)) say(line);
    const { main } = await import("../dist/cli/main.js");
    // From here on, Ctrl-C is the command line's.
    release();
    const until = values.for === undefined ? [] : ["--for", values.for];
    process.exitCode = await main(
      ["follow", "--network", chainFile, "--checkpoint", checkpoint.root, "--beacon", devnet.url].concat(until),
    );
  } finally {
    endReorgs();
    site?.close();
    await devnet.stop();
  }
}

/** What the page begins with: see `Settings` in examples/dashboard/src/settings.ts. Its past begins with the calm. */
function presetFor(url, checkpoint, genesisMs) {
  const epoch = Math.floor((Date.now() - genesisMs) / (SECONDS_PER_SLOT * 1000) / SLOTS_PER_EPOCH);
  const history = Math.min(MAX_HISTORY, epoch - (FIRST_EPOCH - CALM_EPOCHS));
  return { network: "custom", beacons: [url], checkpoint, history };
}

/** @returns a function that ends it */
function reorganise(devnet, genesisMs, reorgs) {
  const timers = reorgs.map(({ slot, depth }) =>
    setTimeout(
      // a chain that cannot be reorganised just now is no reason to end the demo
      () => devnet.call("reorg", { depth }).catch(() => {}),
      // in the middle of its slot
      genesisMs + (slot + 0.5) * SECONDS_PER_SLOT * 1000 - Date.now(),
    ).unref(),
  );
  return () => timers.forEach(clearTimeout);
}

function introduction(pageUrl, beaconUrl, checkpointSlot) {
  const minutes = (INCIDENTS[0].epoch * SLOTS_PER_EPOCH * SECONDS_PER_SLOT) / 60;
  const round = (ROUND_EPOCHS * SLOTS_PER_EPOCH * SECONDS_PER_SLOT) / 60;
  return [
    "",
    style.bold("A real beacon chain on this machine, and sidelight following it."),
    `  ${style.bold(style.cyan(pageUrl))}  shows its pulse: open it, and wait for what happens.`,
    `  From minute ${minutes.toFixed(1)} on, ${INCIDENTS.map(({ name }) => name).join("; ")};`,
    `  and again each ${round.toFixed(0)} minutes, for two hours.`,
    "",
    `  ${style.cyan(beaconUrl)} is the chain's Beacon API: the real state transition, real signatures,`,
    `  the minimal preset: a block every ${SECONDS_PER_SLOT} s, ${SLOTS_PER_EPOCH} slots an epoch, sync committees of 32.`,
    `  sidelight is told the root of slot ${checkpointSlot}, verifies every committee since, then follows the head.`,
    `  On the way: the Fulu fork (epoch ${FORKS.fulu}) and the Gloas fork (epoch ${FORKS.gloas}). Ctrl-C ends it all.`,
    "",
  ];
}

async function get(devnet, path) {
  const answer = await fetch(devnet.url + path);
  if (!answer.ok) throw new Trouble(`${path}: HTTP ${answer.status}`);
  return answer.json();
}

/** So that the exit listeners run. @returns a function that ends this */
function endOnSignals() {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };
  const handlers = Object.entries(codes).map(([name, code]) => [name, () => process.exit(code)]);
  for (const [name, handler] of handlers) process.on(name, handler);
  return () => {
    for (const [name, handler] of handlers) if (name !== "SIGHUP") process.off(name, handler);
  };
}

demo().catch(end);
