// `npm run test:consumers`: the package as npm would publish it, in small apps, each built and run as its users would.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { browserVariables, findBrowsers } from "./browsers.js";
import { ensureBuilt } from "./build.js";
import { setup } from "./setup.js";
import { end, ROOT, run } from "./shared.js";

const USAGE = `Usage: npm run test:consumers [-- <file> …]

Runs all tests of test/consumers/test, or the files named: node, bundlers, script-tag, …
`;

/** What takes time are programs that wait: two at once, on two processors. */
const JOBS = 2;

async function testConsumers() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" } },
  });
  if (values.help) return void process.stdout.write(USAGE);
  await setup();
  const env = browserVariables(await findBrowsers(["chromium"]));
  await ensureBuilt();
  const names = positionals.length === 0 ? ["*"] : positionals;
  const { code } = await run(
    process.execPath,
    [
      join(ROOT, "node_modules/mocha/bin/mocha.js"),
      "--parallel",
      `--jobs=${JOBS}`,
      "--require=test/consumers/src/fixture.ts",
      ...names.map((name) => `test/consumers/test/${name}.test.ts`),
    ],
    { show: true, env },
  );
  process.exitCode = code;
}

testConsumers().catch(end);
