// Installs what is missing: for the library, and for the private packages below test/ and examples/ that have dependencies of their
// own. Says nothing when there is nothing to do. `npm run demo` and `npm test` do this first.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { end, formatSeconds, ROOT, readJson, runNpm, say, style, Trouble } from "./shared.js";

const MAX_LINES = 20;
const OLDEST_NODE = { major: 20, minor: 19 };

export async function setup() {
  assertNodeVersion();
  for (const folder of packages()) if (!isInstalled(folder)) await install(folder);
}

/** The library, and whatever below test/ and examples/ has a lockfile of its own. */
export function packages() {
  const below = (parent) => readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}`);
  const candidates = [".", ...below("test"), ...below("examples")];
  return candidates.filter((folder) => existsSync(join(ROOT, folder, "package-lock.json")));
}

function assertNodeVersion() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const isOldest = major === OLDEST_NODE.major && minor < OLDEST_NODE.minor;
  if (major < OLDEST_NODE.major || isOldest) {
    throw new Trouble(`expected Node ${OLDEST_NODE.major}.${OLDEST_NODE.minor} or later, got ${process.versions.node}`);
  }
}

/**
 * Does node_modules hold what the lockfile says? npm keeps a copy of what it has installed; packages for other
 * platforms (optional) are not in it.
 */
function isInstalled(folder) {
  const installed = join(ROOT, folder, "node_modules/.package-lock.json");
  if (!existsSync(installed)) return false;
  const wanted = readJson(join(ROOT, folder, "package-lock.json")).packages;
  const present = readJson(installed).packages;
  return Object.entries(wanted).every(([path, { version, optional, integrity }]) => {
    const found = present[path];
    // an example's lockfile also tells of the library, which it links to
    if (!path.startsWith("node_modules/") || (found === undefined && optional)) return true;
    return found?.version === version && (integrity === undefined || found.integrity === integrity);
  });
}

async function install(folder) {
  const name = readJson(join(ROOT, folder, "package.json")).name;
  say(style.dim(`installing the packages that ${name} needs …`));
  const startedMs = Date.now();
  const { code, output } = await runNpm(["ci", "--no-fund", "--no-audit"], { cwd: join(ROOT, folder) });
  if (code !== 0) {
    const where = folder === "." ? "" : ` in ${folder}`;
    // After what is wrong, npm explains all of its options.
    const said = output.trim().split("\n").slice(0, MAX_LINES).join("\n");
    throw new Trouble(`npm ci${where} failed (exit code ${code}):\n${said || "npm did not say why"}`);
  }
  say(style.dim(`installed in ${formatSeconds(Date.now() - startedMs)}`));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) setup().catch(end);
