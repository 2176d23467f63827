/** What the package says of itself; found from `src/cli` and from `dist/cli` alike. */
import { readFileSync } from "node:fs";

interface Manifest {
  readonly version: string;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

export function version(): string {
  return manifest().version;
}

/** Packages that are installed by those who need them. */
export function optionalPackages(): string[] {
  return Object.keys(manifest().peerDependencies);
}

function manifest(): Manifest {
  return JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as Manifest;
}
