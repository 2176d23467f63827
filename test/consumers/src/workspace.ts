/**
 * The library as npm would publish it, installed from its tarball into a throw-away folder, with copies of the apps
 * beside it. Nothing of the repository is above that folder, so what is not in the tarball is not found.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mustRunNpm } from "./command.js";

export const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));
const CONSUMERS = fileURLToPath(new URL("..", import.meta.url));

/** Offline where npm has the packages already: the repository itself depends on them. */
const INSTALL = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--prefer-offline"];

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface Workspace {
  readonly folder: string;
  readonly tarball: string;
  /** The installed package. */
  readonly packageFolder: string;
  readonly manifest: Manifest;
  /** Copies one of the apps (a folder of this package) and gives its new place. */
  addApp(name: string): string;
}

/** Set by `fixture.ts` for the processes of a run: where the workspace is. */
const FOLDER_VARIABLE = "SIDELIGHT_CONSUMERS";
const TARBALL = "sidelight.tgz";

/** The workspace of this run: all tests share it, each has apps of its own. */
export function openWorkspace(): Workspace {
  const folder = process.env[FOLDER_VARIABLE];
  if (folder === undefined) throw new Error("no workspace: run these tests by `npm run test:consumers`");
  const packageFolder = join(folder, "node_modules/sidelight");
  const manifest = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")) as Manifest;
  return { folder, packageFolder, manifest, tarball: join(folder, TARBALL), addApp: (name) => addApp(folder, name) };
}

/** Packs and installs. @returns a function that removes it all */
export async function createWorkspace(): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "sidelight-consumers-"));
  renameSync(await pack(folder), join(folder, TARBALL));
  writeFileSync(join(folder, "package.json"), `${JSON.stringify({ name: "consumers", private: true })}\n`);
  await mustRunNpm([...INSTALL, `./${TARBALL}`], { cwd: folder });
  process.env[FOLDER_VARIABLE] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

/**
 * A second workspace that has the optional peers too, as the repository itself has them.
 * @returns its folder
 */
export function addPeers({ folder, manifest }: Workspace): string {
  const withPeers = mkdtempSync(join(folder, "with-peers-"));
  cpSync(join(folder, "node_modules"), join(withPeers, "node_modules"), { recursive: true });
  for (const path of withDependencies(peersOf(manifest).map((name) => join("node_modules", name)))) {
    cpSync(join(REPOSITORY, path), join(withPeers, path), { recursive: true });
  }
  return withPeers;
}

/** Folders of packages, and of all that those need, as npm has laid them out in the repository. */
function withDependencies(paths: readonly string[]): string[] {
  const all = new Set<string>();
  const add = (path: string): void => {
    if (all.has(path)) return;
    all.add(path);
    const { dependencies = {} } = JSON.parse(readFileSync(join(REPOSITORY, path, "package.json"), "utf8")) as Manifest;
    for (const name of Object.keys(dependencies)) {
      // nested where versions differ, else at the top; a nested one has been copied with its parent
      const isNested = existsSync(join(REPOSITORY, path, "node_modules", name));
      if (!isNested && existsSync(join(REPOSITORY, "node_modules", name))) add(join("node_modules", name));
    }
  };
  for (const path of paths) add(path);
  return [...all];
}

/** What a program has to install beside the library for some entries. */
export function peersOf({ peerDependencies = {} }: Manifest): string[] {
  return Object.keys(peerDependencies);
}

/** Public modules: what a program may name in an `import`. Files such as `.wasm` are not modules. */
export function modulesOf({ name, exports }: Manifest): string[] {
  return Object.entries(exports)
    .filter(([, target]) => typeof target === "object")
    .map(([subpath]) => name + subpath.slice(1));
}

export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `sidelight-${name}-`));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function addApp(folder: string, name: string): string {
  const target = join(folder, name);
  cpSync(join(CONSUMERS, name), target, { recursive: true });
  return target;
}

/** Without the build that publishing would do: the tests are of what has been built. */
async function pack(folder: string): Promise<string> {
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const { stdout } = await mustRunNpm(args, { cwd: REPOSITORY });
  const answer = JSON.parse(stdout) as { filename: string }[] | Record<string, { filename: string }>;
  const [packed] = Object.values(answer) as { filename: string }[];
  return join(folder, packed!.filename);
}
