/** Runs the command line as a user does: the built files, in a process of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import type { Devnet } from "../../devnet/src/client.ts";

export const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));
const BIN = join(REPOSITORY, "bin/sidelight.js");

/** `npm run test:e2e` builds first; a test run by hand may find nothing built. */
export function ensureBuilt(): void {
  if (existsSync(join(REPOSITORY, "dist/cli/main.js"))) return;
  const tsc = join(REPOSITORY, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: REPOSITORY });
  if (status !== 0) throw new Error(`the build failed:\n${stdout}`);
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Resolves when stdout has a line that `matches`, with it; rejects if the process ends before. */
  line(matches: (line: string) => boolean): Promise<string>;
  readonly ended: Promise<Outcome>;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
}

const children = new Set<ChildProcess>();

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly script?: string;
  /** A line of shell around it, where `"$@"` is the command: `exec "$@" > /dev/full`. */
  readonly shell?: string;
}

export function start(
  args: readonly string[],
  { env = {}, script = BIN, shell = 'exec "$@"' }: StartOptions = {},
): Running {
  const child = spawn("sh", ["-c", shell, "sh", process.execPath, script, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "", FORCE_COLOR: "", NODE_OPTIONS: "", ...env },
  });
  children.add(child);
  let stdout = "";
  let stderr = "";
  const watchers = new Set<() => void>();
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString("utf8");
    for (const watch of watchers) watch();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
  });
  const ended = new Promise<Outcome>((resolve) => {
    child.on("close", (code) => {
      children.delete(child);
      // what Node warns a user of is a fault of ours, whatever the run came to
      const isWarned = /\(node:\d+\) (MaxListenersExceeded|PromiseRejectionHandled)Warning/.test(stderr);
      resolve({ code: isWarned ? null : code, stdout, stderr });
    });
  });
  return {
    child,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    line(matches) {
      return new Promise((resolve, reject) => {
        const watch = () => {
          const found = stdout.split("\n").slice(0, -1).find(matches);
          if (found === undefined) return;
          watchers.delete(watch);
          resolve(found);
        };
        watchers.add(watch);
        watch();
        void ended.then(({ code }) => reject(new Error(`ended with ${code} before that line:\n${stdout}\n${stderr}`)));
      });
    },
  };
}

export function sidelight(args: readonly string[], options?: StartOptions): Promise<Outcome> {
  return start(args, options).ended;
}

/** For `afterEach`: whatever a failed test has left. */
export function killAll(): void {
  for (const child of children) child.kill("SIGKILL");
}

/** Every line of `--json` output, each a JSON object with an `event`. */
export function parseLines({ stdout }: Pick<Outcome, "stdout">): Record<string, unknown>[] {
  expect(stdout.endsWith("\n"), "output ends with a line break").to.equal(true);
  return stdout
    .slice(0, -1)
    .split("\n")
    .map((line) => {
      const value = JSON.parse(line) as Record<string, unknown>;
      expect(value["event"]).to.be.a("string");
      return value;
    });
}

export function lastLine(outcome: Outcome): Record<string, unknown> {
  return parseLines(outcome).at(-1)!;
}

/** What `failed` says, with everything there was to see if it is not that. */
export function expectFailure(outcome: Outcome, exitCode: number, code: string): Record<string, unknown> {
  const last = lastLine(outcome);
  const seen = { exit: outcome.code, event: last["event"], code: last["code"], exitCode: last["exitCode"] };
  expect(seen, `${outcome.stdout}\n${outcome.stderr}`).to.deep.equal({
    exit: exitCode,
    event: "failed",
    code,
    exitCode,
  });
  return last;
}

// --- files ---

const folders: string[] = [];

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sidelight-e2e-"));
  folders.push(folder);
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export function writeTemporary(name: string, text: string): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  return path;
}

/** `{spec, genesis}` of a devnet in a file, as `--help` says to save it. */
export async function chainFile(devnet: Devnet): Promise<string> {
  const get = async (path: string) => (await fetch(devnet.url + path)).json();
  const [spec, genesis] = [await get("/eth/v1/config/spec"), await get("/eth/v1/beacon/genesis")];
  return writeTemporary("chain.json", JSON.stringify({ spec, genesis }));
}

/** A port that nobody listens on, and that `fetch` does not refuse by itself. */
export const DEAD_URL = "http://127.0.0.1:2";

export function genesisTimeFor(headSlot: number, secondsPerSlot: number): number {
  return Math.floor(Date.now() / 1000) - headSlot * secondsPerSlot;
}
