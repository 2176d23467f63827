// `npm run build`: dist/ anew. The modules with their types by tsc, the script-tag build and the command line by rollup,
// and the script's hash for `integrity` attributes. The same sources give the same bytes, in whatever folder.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { end, isNewer, ROOT, run, say, style, Trouble } from "./shared.js";

/** What pages may load by a script tag. */
const SCRIPTS = ["sidelight.min.js"];

/** What the command line is bundled into; the modules it was made of go. */
const COMMAND_LINE = ["main.js", "peers.js", "shared.js", "LICENSES.txt"];

/** Written last: when it is there, everything is. */
const HASHES = "dist/sri.json";

/** Whatever a change in makes another dist/. */
const INPUTS = [
  "src",
  "NOTICE",
  "scripts/build.js",
  "rollup.config.js",
  "tsconfig.base.json",
  "tsconfig.build.json",
  "package.json",
  "package-lock.json",
];

export async function buildAll() {
  // what is left of a source that is gone would be published
  rmSync(join(ROOT, "dist"), { recursive: true, force: true });
  await mustRun("typescript/bin/tsc", "-p", "tsconfig.build.json");
  await mustRun("rollup/dist/bin/rollup", "-c", "--silent");
  keepOnly("dist/cli", COMMAND_LINE);
  const hashes = Object.fromEntries(SCRIPTS.map((name) => [name, integrityOf(readFileSync(join(ROOT, "dist", name)))]));
  writeFileSync(join(ROOT, HASHES), `${JSON.stringify(hashes, null, 2)}\n`);
}

/** Builds unless dist/ is whole and newer than what it is made of. */
export async function ensureBuilt() {
  if (isNewer(HASHES, INPUTS)) return;
  say(style.dim("building …"));
  await buildAll();
}

function keepOnly(folder, names) {
  for (const name of readdirSync(join(ROOT, folder))) {
    if (!names.includes(name)) rmSync(join(ROOT, folder, name), { recursive: true });
  }
}

/** As in https://www.w3.org/TR/SRI/, section 3.1 */
function integrityOf(bytes) {
  return `sha384-${createHash("sha384").update(bytes).digest("base64")}`;
}

async function mustRun(bin, ...args) {
  const { code, output } = await run(process.execPath, [join(ROOT, "node_modules", bin), ...args]);
  if (code !== 0) throw new Trouble(`the build failed (${bin.split("/")[0]}):\n${output.trim()}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) buildAll().catch(end);
