// The browsers that tests run in. On Debian the missing ones are installed; elsewhere it is said what to set.
import { existsSync, readFileSync } from "node:fs";
import { run, say, style, Trouble } from "./shared.js";

/** `variable` names the binary; `paths` are where it is looked for without it. The first is where Debian puts it. */
const BROWSERS = [
  {
    name: "chromium",
    variable: "CHROME_BIN",
    paths: [
      "/usr/bin/chromium",
      "/usr/bin/google-chrome",
      "/usr/bin/chromium-browser",
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
      "C:/Program Files/Google/Chrome/Application/chrome.exe",
    ],
    debianPackage: "chromium",
  },
  {
    name: "firefox",
    variable: "FIREFOX_BIN",
    paths: [
      "/usr/bin/firefox-esr",
      "/usr/bin/firefox",
      "/Applications/Firefox.app/Contents/MacOS/firefox",
      "C:/Program Files/Mozilla Firefox/firefox.exe",
    ],
    debianPackage: "firefox-esr",
  },
];

/** Two scripts that install at the same time wait for each other so long. */
const APT_LOCK_TIMEOUT_SECONDS = 300;

/** What Chromium needs to run headless, also as root and in a container, and to leave the network alone. */
export const CHROMIUM_FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Paths of the browsers, installed first where they are missing and can be (Debian, as root, with apt). A browser that
 * is not there is told of and left out.
 *
 * @param {readonly ("chromium" | "firefox")[]} [names] which are wanted; default: both
 * @returns {Promise<{ chromium?: string, firefox?: string }>}
 * @throws {Trouble} if none of them is there, or a variable names a file that does not exist
 */
export async function findBrowsers(names = BROWSERS.map(({ name }) => name)) {
  const wanted = BROWSERS.filter(({ name }) => names.includes(name));
  const missing = wanted.filter((browser) => pathOf(browser) === undefined);
  if (missing.length > 0 && canInstall()) await install(missing.map(({ debianPackage }) => debianPackage));
  const found = {};
  for (const browser of wanted) {
    const path = pathOf(browser);
    if (path !== undefined) found[browser.name] = path;
    else say(style.dim(`${browser.name} is left out: not found; ${advice([browser])}`));
  }
  if (Object.keys(found).length === 0) throw new Trouble(`no browser found; ${advice(wanted)}`);
  return found;
}

/** The same as environment variables, for whoever starts browsers by them (karma's launchers). */
export function browserVariables(found) {
  const present = BROWSERS.filter(({ name }) => found[name] !== undefined);
  return Object.fromEntries(present.map(({ name, variable }) => [variable, found[name]]));
}

function pathOf({ variable, paths }) {
  const named = process.env[variable];
  if (!named) return paths.find((path) => existsSync(path));
  // Said, not passed over: whoever sets it wants that one and no other.
  if (!existsSync(named)) throw new Trouble(`${variable}: expected the path of a browser, got ${named}: no such file`);
  return named;
}

function advice(browsers) {
  const variables = browsers.map(({ variable }) => variable).join(" or ");
  return `set ${variables} to its path (on Debian, as root, it is installed)`;
}

/** Debian only: Ubuntu's packages of the same names are stubs for snaps. */
function canInstall() {
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  return /^ID=debian$/m.test(release) && existsSync("/usr/bin/apt-get") && process.getuid?.() === 0;
}

async function install(packages) {
  say(style.dim(`installing ${packages.join(" and ")} …`));
  const options = ["-qq", "-o", `DPkg::Lock::Timeout=${APT_LOCK_TIMEOUT_SECONDS}`];
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [
    ["update", ...options],
    ["install", "-y", "--no-install-recommends", ...options, ...packages],
  ]) {
    const { code, output } = await run("apt-get", args, { env });
    if (code !== 0) throw new Trouble(`apt-get ${args[0]} failed (exit code ${code}):\n${output.trim()}`);
  }
}
