/**
 * What tests import. It uses nothing but Node's own modules (and esbuild, to make what it starts), so it can live next to
 * any version of any package: the chain itself runs in a child process with the devnet's own dependencies.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { request } from "node:http";
import { fileURLToPath } from "node:url";
import { bundleDevnet } from "../bundle.js";
import type { ControlMethod, ControlMethods, DevnetOptions, ReadyLine } from "./api-types.ts";
import { bindDevnet, type Devnet } from "./bind.ts";

export type * from "./api-types.ts";
export { FORK_NAMES, ROUTE_NAMES } from "./api-types.ts";
export type { Devnet, DevnetPeer, DevnetServer } from "./bind.ts";
export { FAULT_KINDS, FAULTS, type Fault, type FaultKind, type FaultOf } from "./faults.ts";

export type StartOptions = DevnetOptions & {
  /** How long the start may take, pre-run included. @default 120_000 */
  startTimeoutMs?: number;
};

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
const OUTPUT_LIMIT = 64 * 1024;
const STOP_GRACE_MS = 2_000;

/** Infinity becomes null, which `args.ts` reads back. */
function serializeOptions(options: DevnetOptions): string {
  return JSON.stringify(options, (_, value: unknown) => (value === Infinity ? null : value));
}

type Output = { text(): string };

function captureOutput(child: ChildProcess): Output {
  let text = "";
  const keep = (chunk: Buffer): void => {
    text = (text + chunk.toString("utf8")).slice(-OUTPUT_LIMIT);
  };
  child.stderr?.on("data", keep);
  child.stdout?.on("data", keep);
  return { text: () => text.trim() };
}

function waitUntilReady(child: ChildProcess, output: Output, timeoutMs: number): Promise<ReadyLine> {
  return new Promise((resolve, reject) => {
    let buffer = "";
    const fail = (reason: string): void => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      const hint = /ERR_MODULE_NOT_FOUND|Cannot find (module|package)/.test(output.text())
        ? "; run `npm ci` in test/devnet"
        : "";
      reject(new Error(`the devnet did not start: ${reason}${hint}\n${output.text()}`));
    };
    const timer = setTimeout(() => fail(`not ready after ${timeoutMs} ms`), timeoutMs);
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code, signal) => fail(`exit ${code ?? signal}`));
    child.stdout?.on("data", (chunk: Buffer) => {
      buffer += chunk.toString("utf8");
      const line = buffer.split("\n").find((text) => text.startsWith('{"ready":true'));
      if (!line || !buffer.includes("\n")) return;
      clearTimeout(timer);
      child.removeAllListeners("exit");
      resolve(JSON.parse(line) as ReadyLine);
    });
  });
}

/** A forgotten devnet must not keep its parent alive; when the parent ends, the pipe closes and the child ends too. */
function unreference(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) {
    (stream as unknown as { unref?: () => void } | null)?.unref?.();
  }
}

function post(url: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(url, { method: "POST", agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
      response.on("error", reject);
    });
    call.on("error", reject);
    call.end(body);
  });
}

export async function startDevnet(options: StartOptions = {}): Promise<Devnet> {
  const { startTimeoutMs = 120_000, ...chainOptions } = options;
  const main = await bundleDevnet();
  const child = spawn(process.execPath, [main, "--exit-with-parent", "--options", serializeOptions(chainOptions)], {
    cwd: PACKAGE,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: "", NODE_V8_COVERAGE: "" },
  });
  // A child that is gone closes the pipe under our hands; its exit is what is reported.
  child.stdin?.on("error", () => undefined);
  const output = captureOutput(child);
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const ready = await waitUntilReady(child, output, startTimeoutMs);
  unreference(child);

  async function call<M extends ControlMethod>(
    method: M,
    params: ControlMethods[M]["params"],
  ): Promise<ControlMethods[M]["result"]> {
    let text: string;
    try {
      text = await post(ready.controlUrl, JSON.stringify({ method, params }));
    } catch (error) {
      throw new Error(`the devnet is gone (${method}: ${(error as Error).message})\n${output.text()}`);
    }
    const answer = JSON.parse(text) as { result: ControlMethods[M]["result"]; error?: string };
    if (answer.error !== undefined) throw new Error(`devnet ${method}: ${answer.error}`);
    return answer.result;
  }

  let stopping: Promise<void> | null = null;

  async function end(): Promise<void> {
    child.ref();
    child.stdin?.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_GRACE_MS);
    await exited;
    clearTimeout(timer);
  }

  return bindDevnet(call, {
    url: ready.url,
    pid: ready.pid,
    stop() {
      stopping ??= end();
      return stopping;
    },
  });
}
