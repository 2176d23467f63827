/**
 * The script-tag build: one file, `window.sidelight`, WASM inlined (its packages carry it as text). And the command line:
 * a few files in place of 400, as most of its start was loading them.
 * `tsc` has made the modules in `dist/`; this only bundles them.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, resolve as resolvePath, sep } from "node:path";
import { fileURLToPath } from "node:url";
import commonjs from "@rollup/plugin-commonjs";
import resolve from "@rollup/plugin-node-resolve";
import terser from "@rollup/plugin-terser";

const root = fileURLToPath(new URL(".", import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
const { name, version, license } = manifest;
const OUTPUT = "sidelight.min.js";
const LICENSES = `${OUTPUT}.LICENSE.txt`;
/** What those who ask for peers install; `ws` is theirs too. */
const OPTIONAL = ["ws", ...Object.keys(manifest.peerDependencies)];

const scriptTag = {
  input: "dist/iife.js",
  output: {
    file: `dist/${OUTPUT}`,
    format: "iife",
    name: "sidelight",
    banner: `/*! ${name} ${version} | ${license} | what is inside: ${LICENSES} */`,
    sourcemap: true,
    sourcemapPathTransform: withoutFolders,
    // no top-level await anywhere: a page's script tag and an extension's service worker could not load it
    // no `module: true` here: it would take the global away
    plugins: [
      terser({ compress: { passes: 3, sequences: false, loops: false }, format: { comments: /^! sidelight / } }),
      licenses(LICENSES),
    ],
  },
  plugins: [typescriptSources(), resolve({ browser: true }), commonjs()],
  onwarn,
};

/** In the place of the modules it is made of. */
const commandLine = {
  input: ["dist/cli/main.js", "dist/cli/peers.js"],
  output: {
    dir: "dist/cli",
    format: "es",
    chunkFileNames: "shared.js",
    banner: `// ${name} ${version} | ${license} | what is inside: LICENSES.txt`,
    plugins: [licenses("LICENSES.txt")],
  },
  // its WASM is large, and in modules of its own already
  external: (id) => id.startsWith("node:") || OPTIONAL.includes(packageOf(id)) || /bls\/blst\/wasm\/\w+\.js$/.test(id),
  // of packages with two builds, the one of modules: it needs nothing of Node's
  plugins: [resolve({ browser: true })],
  onwarn,
};

export default [scriptTag, commandLine];

/** `@scope/name/file.js` → `@scope/name` */
function packageOf(id) {
  return id
    .split("/")
    .slice(0, id.startsWith("@") ? 2 : 1)
    .join("/");
}

function onwarn(warning, warn) {
  // chai-like circularities inside dependencies are theirs; ours would be a defect
  if (warning.code === "CIRCULAR_DEPENDENCY" && warning.ids?.every((id) => id.includes("node_modules"))) return;
  if (warning.code === "CIRCULAR_DEPENDENCY" || warning.code === "UNRESOLVED_IMPORT") throw new Error(warning.message);
  warn(warning);
}

/** Lets the source map lead to the TypeScript sources, by the maps that `tsc` made; with their text, as they are not served. */
function typescriptSources() {
  return {
    name: "typescript-sources",
    load(id) {
      const file = `${id}.map`;
      if (!id.startsWith(resolvePath(root, "dist")) || !existsSync(file)) return null;
      const map = JSON.parse(readFileSync(file, "utf8"));
      const sourcesContent = map.sources.map((source) => readFileSync(resolvePath(dirname(file), source), "utf8"));
      return { code: readFileSync(id, "utf8"), map: { ...map, sourcesContent } };
    },
  };
}

/** The licences of everything inside, which whoever copies the bundle has to pass on. */
function licenses(fileName) {
  return {
    name: "licenses",
    generateBundle(_, bundle) {
      const modules = Object.values(bundle).flatMap((file) => Object.keys(file.modules ?? {}));
      const folders = new Set(modules.flatMap((id) => packageFolder(id) ?? []));
      const texts = [...folders].sort().map(licenseOf);
      const notice = readFileSync(resolvePath(root, "NOTICE"), "utf8");
      this.emitFile({ type: "asset", fileName, source: [notice, ...texts].join(`\n${"-".repeat(80)}\n\n`) });
    },
  };
}

/** Where the package of a module is; `undefined` for our own, and for what plugins make up. */
function packageFolder(id) {
  if (id.startsWith("\0")) return undefined;
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id)?.[0];
}

function licenseOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(resolvePath(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const text = file === undefined ? "" : `\n${readFileSync(resolvePath(folder, file), "utf8").trim()}\n`;
  return `${name} ${version} (${license})\n${text}`;
}

/** `src/…` or `node_modules/…`, wherever the repository is: two builds must not differ by their folders. */
function withoutFolders(source, mapFile) {
  const path = resolvePath(dirname(mapFile), source).split(sep).join("/");
  const at = path.lastIndexOf("/node_modules/");
  return at === -1 ? path.slice(resolvePath(root).length + 1) : path.slice(at + 1);
}
