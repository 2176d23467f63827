/**
 * Compiles the BLS backend: blst's C sources (from the package `@chainsafe/blst`, installed as `blst-sources`) over the
 * field of `src/bls/blst/c`, to WASM. Needs Debian 12's clang and lld (14); what it makes is checked in, so that nothing
 * else needs them.
 *
 *   node scripts/build-blst.js            builds, and writes the artefacts and their hashes
 *   node scripts/build-blst.js --check    builds, writes nothing, fails if the bytes are not the ones checked in
 *   --variant=NAME                        only that one;  --out=DIR  there instead, without the hashes and modules
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { fieldConstants, withOurField } from "./blst-sources.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const ours = join(root, "src/bls/blst/c");
const theirs = join(root, "node_modules/blst-sources/blst/src");
const artefacts = join(root, "src/bls/blst/wasm");
const testArtefacts = join(root, "test/support/blst");

const options = parseArguments(process.argv.slice(2));

const VARIANTS = [
  { name: "baseline", flags: [], test: false },
  { name: "simd", flags: ["-msimd128"], test: false },
  { name: "baseline-test", flags: [], test: true },
  { name: "simd-test", flags: ["-msimd128"], test: true },
];

const compilerFlags = [
  "--target=wasm32",
  "-std=gnu11",
  "-ffreestanding",
  "-fno-builtin",
  "-fvisibility=hidden",
  "-fno-ident",
  "-D__BLST_NO_ASM__",
  "-Wno-everything",
];

/** `c/kernels.c` is compiled for each build, for speed; the rest once, for size: the builds then share its bytes. */
const KERNEL_FLAGS = ["-O2"];
// blst has another, slower square root for size
const SHARED_FLAGS = ["-Os", "-U__OPTIMIZE_SIZE__"];

const linkerFlags = ["--no-entry", "--gc-sections", "--strip-all", "-z", "stack-size=131072", "--stack-first"];

main();

function main() {
  const folder = mkdtempSync(join(tmpdir(), "sidelight-blst-"));
  try {
    writeSources(folder);
    // run inside the folder: no path gets into the files
    const run = (command, args) => execFileSync(command, args, { cwd: folder, stdio: "inherit" });
    const built = VARIANTS.filter(({ name }) => !options.variant || name === options.variant).map((variant) => {
      const bytes = compile(variant, folder, run);
      const brotli = brotliCompressSync(bytes).length;
      console.log(`${variant.name}: ${bytes.length} bytes, brotli ${(brotli / 1024).toFixed(1)} KiB`);
      return { ...variant, bytes, hash: createHash("sha256").update(bytes).digest("hex") };
    });
    if (options.out) {
      mkdirSync(options.out, { recursive: true });
      for (const { name, bytes } of built) writeFileSync(join(options.out, `${name}.wasm`), bytes);
    } else if (options.check) check(built);
    else write(built);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeSources(folder) {
  for (const name of readdirSync(theirs).filter((file) => /\.[ch]$/.test(file))) {
    const text = readFileSync(join(theirs, name), "utf8");
    for (const [file, changed] of withOurField(name, text)) writeFileSync(join(folder, file), changed);
  }
  for (const name of readdirSync(ours)) writeFileSync(join(folder, name), readFileSync(join(ours, name)));
  writeFileSync(join(folder, "field-constants.h"), fieldConstants());
}

function compile({ flags, test }, folder, run) {
  const extra = options.flags ? options.flags.split(" ") : [];
  const object = (name, own) => {
    run("clang", [...compilerFlags, ...own, ...extra, "-c", `${name}.c`, "-o", `${name}.o`]);
    return `${name}.o`;
  };
  // in this order: what is shared gets the same numbers and addresses, whatever is linked with it
  const objects = [
    object("sidelight", [...SHARED_FLAGS, ...(test ? ["-DSIDELIGHT_TEST"] : [])]),
    object("kernels", [...KERNEL_FLAGS, ...flags]),
  ];
  // not linked by clang: it runs any wasm-opt it finds, so the bytes would depend on the machine
  run("wasm-ld", [...linkerFlags, ...objects, "-o", "out.wasm"]);
  return withoutCustomSections(readFileSync(join(folder, "out.wasm")));
}

/** Names, producers and features say nothing to an engine. */
function withoutCustomSections(bytes) {
  const parts = [bytes.subarray(0, 8)];
  for (let offset = 8; offset < bytes.length; ) {
    const start = offset;
    const id = bytes[offset++];
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[offset++];
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    offset += length;
    if (id !== 0) parts.push(bytes.subarray(start, offset));
  }
  return Buffer.concat(parts);
}

function write(built) {
  for (const { name, bytes, test } of built) {
    const folder = test ? testArtefacts : artefacts;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name}.wasm`), bytes);
    if (!test) writeFileSync(join(artefacts, `${name}.ts`), moduleOf(name, bytes));
  }
  const hashes = existsSync(hashFile()) && options.variant ? JSON.parse(readFileSync(hashFile(), "utf8")) : {};
  for (const { name, hash } of built) hashes[name] = hash;
  writeFileSync(hashFile(), `${JSON.stringify(hashes, null, 2)}\n`);
}

function check(built) {
  const hashes = JSON.parse(readFileSync(hashFile(), "utf8"));
  for (const { name, hash } of built) {
    if (hashes[name] !== hash) throw new Error(`${name}: built ${hash}, checked in ${hashes[name]}`);
  }
  console.log("the same bytes as checked in");
}

function hashFile() {
  return join(artefacts, "sha256.json");
}

/** In hex and not in base64: it keeps bytes aligned, and compresses to little more than the bytes themselves. */
function moduleOf(name, bytes) {
  const constant = `${name.replaceAll("-", "_").toUpperCase()}_WASM`;
  return `// Made by scripts/build-blst.js from ${name}.wasm: the same bytes in hex, for builds that are one file.\n// biome-ignore format: one long line\nexport const ${constant} = "0x${bytes.toString("hex")}";\n`;
}

function parseArguments(args) {
  const parsed = {};
  for (const arg of args) {
    const match = /^--(check|variant|out|flags)(?:=(.*))?$/.exec(arg);
    if (!match) throw new Error(`unknown argument ${arg}`);
    parsed[match[1]] = match[2] ?? true;
  }
  return parsed;
}
