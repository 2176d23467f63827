/** Where the reference data lies, and how to read it. It is not part of the repository: licences differ. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { uncompress } from "snappyjs";
import { parse } from "yaml";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/** Absolute path: `SIDELIGHT_DATA`, default `../shared/data`, both relative to the root of the repository. */
export const DATA_FOLDER = resolve(REPOSITORY, process.env["SIDELIGHT_DATA"] ?? "../shared/data");

export const hasData = existsSync(DATA_FOLDER);

/** `describe` where the data is; where it is not, `data-folder.test.ts` says so once for all. */
export function describeWithData(title: string, body: (this: Mocha.Suite) => void): void {
  if (hasData) describe(title, body);
}

/** Every file below a folder, as sorted paths relative to the data folder. */
export function listFiles(folder: string): string[] {
  return readdirSync(join(DATA_FOLDER, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      return entry.isDirectory() ? listFiles(path) : [path];
    })
    .sort();
}

/** Paths here and below are relative to the data folder. */
export function readBytes(path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(DATA_FOLDER, path)));
}

/** Unzipped where the name ends with `.gz`. */
export function readText(path: string): string {
  const bytes = readFileSync(join(DATA_FOLDER, path));
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}

export function readJson(path: string): unknown {
  return JSON.parse(readText(path));
}

/** Scalars stay the strings that they are written as: a parsed `0x01000000` or a uint64 would lose something. */
export function readYaml(path: string): unknown {
  return parse(readText(path), { schema: "failsafe" });
}

/** `.ssz_snappy` of the specification's vectors: raw snappy, not framed. */
export function readSszSnappy(path: string): Uint8Array {
  return uncompress(readBytes(path));
}
