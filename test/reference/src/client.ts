/**
 * What tests and benches import. Nothing but Node's own modules: the verifier runs in a child process with its own
 * dependencies, since its versions and the library's do not live in one process.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Answer, Method, Methods, OpenParams, PresetName, ReadyLine, Request } from "./protocol.js";

export type * from "./protocol.js";

export interface Reference {
  /** Name and version of what verifies. */
  readonly verifier: string;
  /** BLS implementation that it runs on. */
  readonly bls: string;
  /** Verifies a bootstrap; if it is accepted, a session starts from it. */
  open(params: OpenParams): Promise<Methods["open"]["result"]>;
  /** Verifies objects in order. */
  verify(params: Methods["verify"]["params"]): Promise<Methods["verify"]["result"]>;
  /** A second session that goes on from the same store. */
  copy(session: number): Promise<number>;
  close(session: number): Promise<void>;
  /** Ends the process. Idempotent. */
  stop(): Promise<void>;
}

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const INSTALL = "run `npm ci` in test/reference";
const ERROR_OUTPUT_LIMIT = 16 * 1024;
const START_TIMEOUT_MS = 60_000;

/** Why the reference cannot run here; `null` if it can. */
export function whyUnavailable(): string | null {
  const isInstalled = existsSync(`${PACKAGE}/node_modules/@lodestar/light-client/package.json`);
  return isInstalled ? null : `the reference light client is not installed: ${INSTALL}`;
}

/** @throws if it is not installed, or does not start */
export async function startReference({ preset = "minimal" as PresetName } = {}): Promise<Reference> {
  const reason = whyUnavailable();
  if (reason !== null) throw new Error(reason);
  const loader = pathToFileURL(createRequire(`${PACKAGE}/package.json`).resolve("tsx")).href;
  const child = spawn(process.execPath, ["--import", loader, MAIN], {
    cwd: PACKAGE,
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, LODESTAR_PRESET: preset, NODE_OPTIONS: "", NODE_V8_COVERAGE: "" },
  });
  const lines = connect(child);
  const ready = await lines.ready;

  let requests = 0;
  function call<M extends Method>(method: M, params: Methods[M]["params"]): Promise<Methods[M]["result"]> {
    requests++;
    return lines.send({ id: requests, method, params }) as Promise<Methods[M]["result"]>;
  }

  let stopping: Promise<void> | null = null;
  return {
    verifier: ready.verifier,
    bls: ready.bls,
    open: (params) => call("open", params),
    verify: (params) => call("verify", params),
    copy: async (session) => (await call("copy", { session })).session,
    close: async (session) => void (await call("close", { session })),
    stop() {
      stopping ??= end(child);
      return stopping;
    },
  };
}

interface Lines {
  readonly ready: Promise<ReadyLine>;
  send(request: Request): Promise<unknown>;
}

/** Requests and answers by their number. When the child ends, whatever is under way is rejected with what it said. */
function connect(child: ChildProcess): Lines {
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let errorOutput = "";
  let isGone = false;
  child.stderr?.on("data", (chunk: Buffer) => {
    errorOutput = (errorOutput + chunk.toString("utf8")).slice(-ERROR_OUTPUT_LIMIT);
  });
  // a child that is gone closes the pipe under our hands; its exit is what is reported
  child.stdin?.on("error", () => undefined);

  const ready = new Promise<ReadyLine>((resolve, reject) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), START_TIMEOUT_MS);
    const fail = (reason: string): void => {
      clearTimeout(timer);
      isGone = true;
      const error = new Error(`the reference light client ended: ${reason}\n${errorOutput.trim()}`);
      reject(error);
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    child.once("error", (error) => fail(error.message));
    child.once("close", (code, signal) => fail(`exit ${code ?? signal}`));
    createInterface({ input: child.stdout!, crlfDelay: Number.POSITIVE_INFINITY }).on("line", (line) => {
      const message = JSON.parse(line) as Answer | ReadyLine;
      if ("ready" in message) {
        clearTimeout(timer);
        hold(child, false);
        resolve(message);
        return;
      }
      const request = waiting.get(message.id);
      waiting.delete(message.id);
      if (waiting.size === 0) hold(child, false);
      if ("error" in message) request?.reject(new Error(`the reference light client: ${message.error}`));
      else request?.resolve(message.result);
    });
  });

  return {
    ready,
    send(request) {
      if (isGone) return Promise.reject(new Error("the reference light client has ended"));
      return new Promise((resolve, reject) => {
        waiting.set(request.id, { resolve, reject });
        hold(child, true);
        child.stdin!.write(`${JSON.stringify(request)}\n`);
      });
    },
  };
}

/**
 * Whether the child keeps its parent alive: only while an answer is due, so that a forgotten one does not. When the
 * parent ends, the pipe closes and the child ends too.
 */
function hold(child: ChildProcess, isHeld: boolean): void {
  const change = isHeld ? "ref" : "unref";
  child[change]();
  // the streams are sockets, which the types do not say
  for (const stream of [child.stdin, child.stdout, child.stderr] as unknown as (Socket | null)[]) stream?.[change]();
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  hold(child, true);
  const closed = new Promise((resolve) => child.once("close", resolve));
  child.stdin?.end();
  await closed;
}
