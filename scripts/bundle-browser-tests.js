// Bundles what `tsc -p tsconfig.browser.json` made for browsers: modules that share their chunks, below dist-test/bundle.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import commonjs from "@rollup/plugin-commonjs";
import resolve from "@rollup/plugin-node-resolve";
import { rollup } from "rollup";
import { packReferenceData } from "./pack-reference-data.js";
import { ROOT, Trouble } from "./shared.js";

const COMPILED = join(ROOT, "dist-test/test/browser");
const BUNDLE = join(ROOT, "dist-test/bundle");
const REFERENCE_DATA = "reference-data";

/** Test files, which karma loads, and what they load: scripts of workers (`workers/`) and of pages (`pages/`). */
function entries(names) {
  const below = (folder, suffix) =>
    (existsSync(join(COMPILED, folder)) ? readdirSync(join(COMPILED, folder)) : [])
      .filter((name) => name.endsWith(suffix))
      .map((name) => join(folder, name));
  const tests = below(".", ".test.js");
  // "bad-days", or the file's path
  const files = names.map((name) => `${basename(name).replace(/\.test\.[jt]s$/, "")}.test.js`);
  const unknown = names.find((_, i) => !tests.includes(files[i]));
  if (unknown !== undefined) throw new Trouble(`expected files out of ${tests.join(", ")}, got ${unknown}`);
  const chosen = files.length === 0 ? tests : files;
  const paths = [...chosen, ...below("workers", ".js"), ...below("pages", ".js")];
  return Object.fromEntries(paths.map((path) => [path.replace(/\.js$/, ""), join(COMPILED, path)]));
}

/** Modules that are Node's alone, and what stands in for them. */
const STAND_INS = {
  "test/vectors/data-folder.js": "vectors/data-folder.js",
  "test/vectors/counts.js": "vectors/counts.js",
  "test/support/backends.js": "vectors/backends.js",
  "node:util": "vectors/node-util.js",
};

function standIns() {
  return {
    name: "stand-ins",
    async resolveId(source, importer) {
      if (STAND_INS[source] !== undefined) return join(COMPILED, STAND_INS[source]);
      if (importer === undefined || !source.startsWith(".")) return null;
      const path = relative(join(ROOT, "dist-test"), join(dirname(importer), source)).replaceAll("\\", "/");
      return STAND_INS[path] === undefined ? null : join(COMPILED, STAND_INS[path]);
    },
  };
}

/** @param {string[]} names of test files, without `.test.ts`; none: all of them */
export async function bundleBrowserTests(names) {
  rmSync(BUNDLE, { recursive: true, force: true });
  const bundle = await rollup({
    input: entries(names),
    external: [REFERENCE_DATA],
    // A file of tests is imported for what it does; the package says of all its files that they do nothing.
    treeshake: false,
    plugins: [standIns(), resolve({ browser: true }), commonjs()],
    onwarn(warning) {
      // A module of Node's, say: browsers would say no more than that the script did not load.
      if (warning.code === "UNRESOLVED_IMPORT") throw new Trouble(warning.message);
    },
  });
  await bundle.write({
    dir: BUNDLE,
    format: "es",
    chunkFileNames: "chunks/[name]-[hash].js",
    paths: { [REFERENCE_DATA]: `/base/dist-test/bundle/${REFERENCE_DATA}.js` },
  });
  await bundle.close();
  packReferenceData(join(BUNDLE, `${REFERENCE_DATA}.js`));
}
