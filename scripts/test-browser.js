// `npm run test:browser`: the tests below test/browser in Chromium and Firefox, against real chains on this machine.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { browserVariables, findBrowsers } from "./browsers.js";
import { bundleBrowserTests } from "./bundle-browser-tests.js";
import { startDevnet } from "./devnet.js";
import { setup } from "./setup.js";
import { end, ROOT, run, Trouble } from "./shared.js";

/** Stands still until a test lets its slots pass: each browser has its own. */
const MANUAL_CHAIN = { preSlots: 288, forks: { capella: 0, deneb: 8, electra: 16, fulu: 24 } };
/** Makes a block a second. */
const LIVE_CHAIN = { mode: "live", secondsPerSlot: 1, preSlots: 256 };

const USAGE = `Usage: npm run test:browser -- [--in chromium|firefox] [<file> …]

Runs the named files of test/browser ("bad-days"), or all of them, in that browser, or in both.
`;

async function testBrowser() {
  const { values, positionals: names } = parseArgs({
    allowPositionals: true,
    options: { in: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) return void process.stdout.write(USAGE);
  if (values.in !== undefined && !["chromium", "firefox"].includes(values.in)) {
    throw new Trouble(`--in: expected chromium or firefox, got ${values.in}`);
  }
  await setup();
  const browsers = await findBrowsers(values.in && [values.in]);
  const chains = await startChains(Object.keys(browsers));
  try {
    await compile(names);
    const world = Object.fromEntries(chains.map(({ name, url, controlUrl }) => [name, { url, controlUrl }]));
    const variables = { CHROME_BIN: "", FIREFOX_BIN: "", ...browserVariables(browsers) };
    const env = { ...variables, SIDELIGHT_TEST_WORLD: JSON.stringify(world) };
    const karma = join(ROOT, "node_modules/karma/bin/karma");
    process.exitCode = (await run(process.execPath, [karma, "start"], { show: true, env })).code;
  } finally {
    await Promise.all(chains.map(({ stop }) => stop()));
  }
}

/** By the names that pages know them by: see test/browser/support/chains.ts. */
function startChains(browsers) {
  const chains = [["live", LIVE_CHAIN], ...browsers.map((name) => [`manual-${name}`, MANUAL_CHAIN])];
  return Promise.all(chains.map(async ([name, options]) => ({ name, ...(await startDevnet(options)) })));
}

async function compile(names) {
  rmSync(join(ROOT, "dist-test"), { recursive: true, force: true });
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const { code } = await run(process.execPath, [tsc, "-p", "tsconfig.browser.json"], { show: true });
  if (code !== 0) process.exit(code);
  await bundleBrowserTests(names);
}

testBrowser().catch(end);
