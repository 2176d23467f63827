/**
 * The chain as one file, `dist/main.js`: it is started dozens of times in a run of all tests, and loading its 800 modules
 * took four times as long as starting does. Made anew when a source is newer. Uses this package's own esbuild (tsx').
 */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PACKAGE = dirname(fileURLToPath(import.meta.url));
const OUTPUT = join(PACKAGE, "dist/main.js");
/** Whatever a change in makes another file. */
const INPUTS = ["bundle.js", "package-lock.json", "src"];
/** Packages with binaries, which find them by their own folder. */
const NATIVE = [
  "@chainsafe/blst",
  "@chainsafe/hashtree",
  "@chainsafe/pubkey-index-map",
  "@chainsafe/swap-or-not-shuffle",
  "@node-rs/crc32",
  "snappy",
];

/** @type {Promise<string> | null} */
let bundling = null;

/**
 * However many want it at once, a process makes it once.
 * @returns {Promise<string>} path of the script to run
 */
export function bundleDevnet() {
  bundling ??= bundle().finally(() => {
    bundling = null;
  });
  return bundling;
}

async function bundle() {
  if (newestMs(OUTPUT) > Math.max(...INPUTS.map((path) => newestMs(join(PACKAGE, path))))) return OUTPUT;
  const { build } = await loadEsbuild();
  // two processes may be at it at once: each makes its own, and puts it in place as a whole
  const outfile = join(PACKAGE, `dist/.${randomUUID()}.js`);
  mkdirSync(dirname(outfile), { recursive: true });
  await build({
    absWorkingDir: PACKAGE,
    entryPoints: ["src/main.ts"],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    keepNames: true,
    external: NATIVE,
    // for packages in CommonJS
    banner: {
      js: `import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);`,
    },
    logLevel: "error",
  });
  renameSync(outfile, OUTPUT);
  return OUTPUT;
}

async function loadEsbuild() {
  try {
    return await import("esbuild");
  } catch (cause) {
    throw new Error("the devnet's dependencies are not installed: run `npm ci` in test/devnet", { cause });
  }
}

/** Time of the last change in a file, or of the newest file in a folder; 0 if it is not there. */
function newestMs(path) {
  if (!existsSync(path)) return 0;
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newestMs(join(path, name))));
}
