/** The bundlers, as they come: no configuration file, no plugin but the one without which Rollup finds no package. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { binOf, mustRunNode } from "./command.js";

export interface Bundler {
  readonly name: string;
  /** Folder of its app. */
  readonly app: string;
  /** What a user would type in the app's folder. */
  readonly command: readonly [bin: string, ...args: string[]];
  /** Folder with `index.html`, in the app's. */
  readonly site: string;
  /** Does the app load its WASM as files? */
  readonly hasWasmFiles?: boolean;
}

const VITE = { command: ["vite", "build"], site: "dist" } as const;
const WEBPACK = { command: ["webpack", "--mode=production"], site: "." } as const;

export const BUNDLERS: readonly Bundler[] = [
  { name: "vite", app: "vite", ...VITE },
  { name: "vite, WASM as files", app: "vite-wasm-files", ...VITE, hasWasmFiles: true },
  { name: "webpack", app: "webpack", ...WEBPACK },
  { name: "webpack, WASM as files", app: "webpack-wasm-files", ...WEBPACK, hasWasmFiles: true },
  {
    name: "esbuild",
    app: "esbuild",
    command: ["esbuild", "main.js", "--bundle", "--minify", "--outfile=dist/main.js"],
    site: ".",
  },
  {
    name: "rollup",
    app: "rollup",
    command: ["rollup", "main.js", "-p=node-resolve", "--file=dist/main.js"],
    site: ".",
  },
];

export interface Built {
  /** What the bundler said. */
  readonly output: string;
  readonly siteFolder: string;
  /** What it made, by path. */
  readonly files: ReadonlyMap<string, Buffer>;
}

export async function build({ command, site }: Bundler, appFolder: string): Promise<Built> {
  const [bin, ...args] = command;
  const { output } = await mustRunNode([binOf(bin), ...args], { cwd: appFolder });
  const dist = join(appFolder, "dist");
  const names = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((name) => /\.(js|wasm)$/.test(name));
  const files = new Map(names.map((name) => [name, readFileSync(join(dist, name))]));
  return { output, siteFolder: join(appFolder, site), files };
}

export function scriptsOf({ files }: Built): string[] {
  return [...files].filter(([name]) => name.endsWith(".js")).map(([, bytes]) => bytes.toString("utf8"));
}

/** Sizes of what a page loads, compressed. Not brotli, which the table of sizes has: that takes seconds. */
export function sizesOf({ files }: Built): string {
  return [...files].map(([name, bytes]) => `${name} ${(gzipSync(bytes).length / 1024).toFixed(1)}`).join(", ");
}
