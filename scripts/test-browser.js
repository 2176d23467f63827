// `npm run test:browser`: the contract suites in Chromium and Firefox. On Debian it installs the browsers that are
// missing; elsewhere it says what to set.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setup } from "./setup.js";
import { end, ROOT, run, say, style, Trouble } from "./shared.js";

const BROWSERS = [
  { variable: "CHROME_BIN", path: "/usr/bin/chromium", debianPackage: "chromium" },
  { variable: "FIREFOX_BIN", path: "/usr/bin/firefox-esr", debianPackage: "firefox-esr" },
];

async function testBrowser() {
  await setup();
  await installBrowsers();
  const env = {};
  for (const { variable, path } of BROWSERS) {
    const found = process.env[variable] ?? path;
    if (existsSync(found)) env[variable] = found;
    else say(style.dim(`${variable} names no browser (${found}): that one is left out`));
  }
  if (Object.keys(env).length === 0) {
    throw new Trouble(
      "no browser found: set CHROME_BIN or FIREFOX_BIN to one (on Debian, as root, they are installed)",
    );
  }
  const bin = (path) => join(ROOT, "node_modules", path);
  await mustRun(process.execPath, [bin("typescript/bin/tsc"), "-p", "tsconfig.browser.json"]);
  await mustRun(process.execPath, [bin("karma/bin/karma"), "start"], env);
}

async function installBrowsers() {
  const missing = BROWSERS.filter(({ variable, path }) => !existsSync(process.env[variable] ?? path));
  const canInstall = existsSync("/usr/bin/apt-get") && process.getuid?.() === 0;
  if (missing.length === 0 || !canInstall) return;
  const packages = missing.map(({ debianPackage }) => debianPackage);
  say(style.dim(`installing ${packages.join(" and ")} …`));
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [
    ["update", "-qq"],
    ["install", "-y", "-qq", "--no-install-recommends", ...packages],
  ]) {
    const { code, output } = await run("apt-get", args, { env });
    if (code !== 0) throw new Trouble(`apt-get ${args[0]} failed (exit code ${code}):\n${output.trim()}`);
  }
}

async function mustRun(command, args, env) {
  const { code } = await run(command, args, { show: true, env });
  if (code !== 0) process.exit(code);
}

testBrowser().catch(end);
