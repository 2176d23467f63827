// `npm run demo`: a real beacon chain on this machine, and sidelight following it. The chain is the tests' devnet (the
// real state transition, real BLS signatures); what follows it is the command line as it is shipped.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startDevnet } from "./devnet.js";
import { setup } from "./setup.js";
import { build, end, say, style, Trouble } from "./shared.js";

const SECONDS_PER_SLOT = 2;
const SLOTS_PER_EPOCH = 8;
/** Made before the demo begins, 20 committee periods: there is something to catch up with. */
const PAST_SLOTS = 1280;
/** By epoch; the last two come while you watch. */
const FORKS = { capella: 10, deneb: 40, electra: 80, fulu: 162, gloas: 165 };
/** The chain has varied participation for two hours; then all take part. */
const VARIED_SLOTS = 3600;

const USAGE = `Usage: npm run demo -- [--for <seconds>]

Starts a beacon chain on this machine and follows it until Ctrl-C, or for so many seconds.
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
  say(style.dim("starting a chain …"));
  const devnet = await startDevnet({
    mode: "live",
    secondsPerSlot: SECONDS_PER_SLOT,
    preSlots: PAST_SLOTS,
    forks: FORKS,
  });
  try {
    await devnet.call("setPatterns", { patterns: patterns() });
    const [spec, genesis] = await Promise.all([
      get(devnet, "/eth/v1/config/spec"),
      get(devnet, "/eth/v1/beacon/genesis"),
    ]);
    const chainFile = join(folder, "chain.json");
    writeFileSync(chainFile, JSON.stringify({ spec, genesis }));
    const checkpoint = await devnet.call("checkpoint", { epoch: SLOTS_PER_EPOCH });
    for (const line of introduction(devnet.url, checkpoint.slot)) say(line);
    // From here on, Ctrl-C is the command line's.
    release();
    const { main } = await import("../dist/cli/main.js");
    const until = values.for === undefined ? [] : ["--for", values.for];
    process.exitCode = await main(
      ["follow", "--network", chainFile, "--checkpoint", checkpoint.root, "--beacon", devnet.url].concat(until),
    );
  } finally {
    await devnet.stop();
  }
}

function introduction(url, checkpointSlot) {
  return [
    "",
    style.bold("A real beacon chain on this machine, and sidelight following it."),
    `  ${style.cyan(url)} is its Beacon API: the real state transition, real signatures,`,
    `  the minimal preset: a block every ${SECONDS_PER_SLOT} s, ${SLOTS_PER_EPOCH} slots an epoch, sync committees of 32.`,
    "  Some of its validators are offline now and then.",
    `  sidelight is told the root of slot ${checkpointSlot}, verifies every committee since, then follows the head.`,
    `  On the way: the Fulu fork (epoch ${FORKS.fulu}) and the Gloas fork (epoch ${FORKS.gloas}). Ctrl-C ends it all.`,
    "",
  ];
}

/** Some are offline now and then, once in a while many, and every 13th block or so is missed. */
function patterns() {
  const ranges = [];
  for (let i = 0; i < VARIED_SLOTS; i += 2) {
    const from = PAST_SLOTS + i;
    const wave = 0.06 + 0.05 * Math.sin(i / 2) + 0.05 * Math.sin(i / 5);
    const burst = i % 46 > 36 ? 0.15 : 0;
    ranges.push({ from, to: from + 1, offline: Math.max(0, wave + burst) });
    if (i % 26 === 20) ranges.push({ from, to: from, missed: true });
  }
  return ranges;
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
