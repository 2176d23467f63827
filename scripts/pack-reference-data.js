// Reference data as a module that browsers can load. It is not part of the repository; see CONTRIBUTING.md.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ROOT, say, style } from "./shared.js";

const FOLDER = resolve(ROOT, process.env.SIDELIGHT_DATA ?? "../shared/data");

/** What the suites of test/browser/vectors.test.ts read, without what takes long: 1129 periods, and every container. */
const PACKED = [/^spec-vectors\/(?!.*\/ssz_static\/)/, /^mainnet\/(?!updates-)/, /^configs\/known-finalized-roots\//];
const TEXT = /\.(json|yaml|txt)$/;

/** Writes `files`, by path below the data folder; an empty one where there is no such folder, which is said. */
export function packReferenceData(target) {
  if (!existsSync(FOLDER)) {
    say(style.dim(`no reference data: vectors are skipped (no folder ${FOLDER}; set SIDELIGHT_DATA to where it is)`));
  }
  const paths = existsSync(FOLDER) ? listFiles("").filter((path) => PACKED.some((pattern) => pattern.test(path))) : [];
  const entries = paths.map((path) => {
    const bytes = readFileSync(join(FOLDER, path));
    return [path, TEXT.test(path) ? { text: bytes.toString("utf8") } : { base64: bytes.toString("base64") }];
  });
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, `export const files = ${JSON.stringify(Object.fromEntries(entries))};\n`);
}

function listFiles(folder) {
  return readdirSync(join(FOLDER, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}
