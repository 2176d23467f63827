// `npm run sizes`: what each import statement costs a page, compressed as a server would. `npm run test:sizes` holds
// it to the budgets and README's table to the truth.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { brotliCompressSync, constants } from "node:zlib";
import { build as bundle } from "esbuild";
import { ensureBuilt } from "./build.js";
import { forbiddenIn } from "./bundle-check.js";
import { end, ROOT, readJson, say, style, Trouble } from "./shared.js";

const USAGE = `Usage: npm run sizes [-- --markdown | --write | --check]

  --markdown  the table alone
  --write     puts the table into README.md
  --check     fails when a budget is exceeded, when a bundle holds what browsers refuse, or when README's table is old
`;

const KIB = 1024;
/** README's figures may be so far off: not every change is worth a line there. */
const README_TOLERANCE = { share: 0.05, kib: 0.3 };
const MODULES_SHOWN = 10;
const README = join(ROOT, "README.md");
const README_TABLE = /(<!-- sizes: npm run sizes -- --write -->\n)([\s\S]*?)(<!-- \/sizes -->)/;

/** Entries that may use Node's own modules; all others are for browsers. */
const NODE_ENTRIES = ["sidelight/store/file"];

const manifest = readJson(join(ROOT, "package.json"));

/** What is held to a budget. The entries follow one by one, without. */
const PRODUCTS = [
  {
    what: "the script tag: what a page needs to follow a chain, in one file",
    file: "dist/sidelight.min.js",
    entry: "dist/iife.js",
    budgetKib: 75,
  },
  {
    what: "a client that follows: `createLightClient`, `restSource`, `indexedDbStore`, `mainnet`",
    imports: {
      sidelight: "{ createLightClient }",
      "sidelight/transport/rest": "{ restSource }",
      "sidelight/store/indexeddb": "{ indexedDbStore }",
      "sidelight/networks": "{ mainnet }",
    },
    budgetKib: 65,
  },
  {
    what: "peers, on top of that client: `createPeers`, all of libp2p included",
    imports: { "sidelight/transport/libp2p": "{ createPeers }" },
    onTopOf: "a client that follows",
    // 124.3 until the client got a SHA-256 of its own: that of libp2p is no longer shared. The goal is 125; what is too much
    // is libp2p's, part by part in docs/p2p.md: gossipsub's metrics, which nobody turns on, are 3.5 alone
    budgetKib: 127,
  },
  { what: '`{ mainnet } from "sidelight/networks"`', imports: { "sidelight/networks": "{ mainnet }" }, budgetKib: 1 },
  { what: '`* from "sidelight/spec"`', imports: { "sidelight/spec": "*" }, budgetKib: 25 },
  { what: '`* from "sidelight/proof"`', imports: { "sidelight/proof": "*" }, budgetKib: 25 },
];

async function sizes() {
  const { values } = parseArgs({
    options: {
      markdown: { type: "boolean" },
      write: { type: "boolean" },
      check: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  await ensureBuilt();
  const products = [...PRODUCTS.filter(hasEntries), ...entryProducts()];
  const rows = [];
  for (const product of products) rows.push(await measure(product));
  const table = tableOf(rows);
  if (values.write) writeFileSync(README, withTable(readFileSync(README, "utf8"), table));
  say(values.markdown ? table : `\n${table}\n`);
  if (values.markdown) return;
  for (const { what } of PRODUCTS.filter((product) => !hasEntries(product))) {
    say(style.dim(`left out, as there is no such entry: ${what}`));
  }
  if (values.check) report(rows, table);
}

/** Does the package have all entries that a product needs? */
function hasEntries({ imports = {} }) {
  return Object.keys(imports).every((specifier) => specifier.replace(manifest.name, ".") in manifest.exports);
}

/** All public modules, each as a whole. What a product above measures already is left out. */
function entryProducts() {
  const whole = PRODUCTS.filter(({ imports = {} }) => Object.values(imports).join() === "*");
  const measured = whole.flatMap(({ imports }) => Object.keys(imports));
  return Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === "object")
    .map(([subpath]) => manifest.name + subpath.slice(1))
    .filter((specifier) => !measured.includes(specifier))
    .map((specifier) => ({ what: `\`* from "${specifier}"\``, imports: { [specifier]: "*" } }));
}

/** What peers need is the caller's to install, and the page's to load: weighed like the rest. */
const isWeighed = (name) => name === "libp2p" || /^@(libp2p|multiformats)\//.test(name);

/** The whole of both, less what is there already: what they share is loaded once. */
async function measureOnTop(product) {
  const base = PRODUCTS.find(({ what }) => what.startsWith(product.onTopOf));
  const both = await measure({ ...product, onTopOf: undefined, imports: { ...base.imports, ...product.imports } });
  const { minifiedKib, brotliKib } = await measure(base);
  return {
    ...both,
    what: product.what,
    minifiedKib: both.minifiedKib - minifiedKib,
    brotliKib: both.brotliKib - brotliKib,
  };
}

async function measure(product) {
  if (product.onTopOf !== undefined) return measureOnTop(product);
  const { code, modules, builtins } = await bundled(product);
  const isForNode = Object.keys(product.imports ?? {}).some((specifier) => NODE_ENTRIES.includes(specifier));
  // libp2p looks for Node's globals, and does without them; its tests in browsers are test/browser/peers.test.ts
  const hasOthers = Object.keys(product.imports ?? {}).includes("sidelight/transport/libp2p");
  const bytes = product.file === undefined ? code : readFileSync(join(ROOT, product.file));
  return {
    ...product,
    what: isForNode ? `${product.what} (Node only)` : product.what,
    minifiedKib: bytes.length / KIB,
    brotliKib: brotli(bytes).length / KIB,
    modules,
    forbidden: isForNode ? [] : [...builtins, ...(hasOthers ? [] : forbiddenIn(Buffer.from(bytes).toString("utf8")))],
  };
}

/** As a page's own bundler would: minified, what is unused left out. Optional peers are the caller's to weigh. */
async function bundled({ imports, entry }) {
  const text =
    entry === undefined
      ? Object.entries(imports).map(([specifier, names]) => `export ${names} from ${JSON.stringify(specifier)};`)
      : [`export * from "./${entry}";`];
  const { outputFiles, metafile } = await bundle({
    stdin: { contents: text.join("\n"), resolveDir: ROOT },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: ["node:*", ...Object.keys(manifest.peerDependencies ?? {}).filter((name) => !isWeighed(name))],
    legalComments: "none",
    metafile: true,
    write: false,
    absWorkingDir: ROOT,
    logLevel: "error",
  });
  const [output] = Object.values(metafile.outputs);
  const modules = Object.entries(output.inputs).map(([path, { bytesInOutput }]) => ({ path, bytes: bytesInOutput }));
  const builtins = output.imports.map(({ path }) => path).filter((path) => path.startsWith("node:"));
  return { code: outputFiles[0].contents, modules: modules.sort((a, b) => b.bytes - a.bytes), builtins };
}

function brotli(bytes) {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } });
}

/** Formatted as biome and its like leave a table: columns padded, numbers to the right. */
function tableOf(rows) {
  const cells = rows.map(({ what, minifiedKib, brotliKib, budgetKib }) => [
    what,
    minifiedKib.toFixed(1),
    brotliKib.toFixed(1),
    budgetKib === undefined ? "" : `${budgetKib}`,
  ]);
  const head = ["KiB of", "minified", "brotli", "at most"];
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i].length)));
  const line = (row) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(" | ")} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(head), rule, ...cells.map(line)].join("\n");
}

function withTable(text, table) {
  if (!README_TABLE.test(text)) throw new Trouble("README.md has no place for the table of sizes");
  return text.replace(README_TABLE, (_, start, _old, stop) => `${start}${table}\n${stop}`);
}

function report(rows, table) {
  const checks = [...rows.flatMap(checksOf), readmeCheck(table)];
  const failed = checks.filter(({ problem }) => problem !== null);
  for (const { problem } of failed) say(`${style.red("✘")} ${problem}`);
  // as mocha says it, for the summary of `npm test`
  say(`\n  ${checks.length - failed.length} passing`);
  if (failed.length === 0) return;
  say(`  ${failed.length} failing`);
  process.exitCode = 1;
}

function checksOf(row) {
  const isOver = row.budgetKib !== undefined && row.brotliKib > row.budgetKib;
  const budget = row.budgetKib === undefined ? [] : [{ problem: isOver ? overBudget(row) : null }];
  const isClean = row.forbidden.length === 0;
  return [...budget, { problem: isClean ? null : `${row.what} holds\n    ${row.forbidden.join("\n    ")}` }];
}

function overBudget({ what, brotliKib, budgetKib, modules }) {
  const excess = (brotliKib - budgetKib).toFixed(1);
  const largest = modules
    .slice(0, MODULES_SHOWN)
    .map(({ path, bytes }) => `${(bytes / KIB).toFixed(1).padStart(8)}  ${path}`);
  return [
    `${what}: expected at most ${budgetKib} KiB, got ${brotliKib.toFixed(1)}: ${excess} too many.`,
    "  What takes the space (KiB, minified, before compression):",
    ...largest,
  ].join("\n  ");
}

/** The same rows, and figures close enough. */
function readmeCheck(table) {
  const inReadme = README_TABLE.exec(readFileSync(README, "utf8"))?.[2].trim().split("\n") ?? [];
  const measured = table.split("\n");
  const isSame = measured.length === inReadme.length && measured.every((line, i) => isClose(line, inReadme[i]));
  return { problem: isSame ? null : "README.md: the table of sizes is old: npm run sizes -- --write" };
}

function isClose(line, other) {
  const cells = cellsOf(line);
  const others = cellsOf(other);
  if (cells.length !== others.length) return false;
  return cells.every((cell, i) => cell === others[i] || areClose(Number(cell), Number(others[i])));
}

function areClose(a, b) {
  const { share, kib } = README_TOLERANCE;
  return Math.abs(a - b) <= Math.max(share * a, kib);
}

/** Not the rule below the head: its width is that of the longest cell. */
function cellsOf(line) {
  return line.split(" | ").map((cell) => cell.replace(/^[|\s]+|[|\s]+$/g, "").replace(/^-+:?$/, "-"));
}

sizes().catch(end);
