/** Runs the suites in a dedicated or a shared worker, and says what came of each test. */
import mocha from "mocha/mocha.js";
import { messageOf } from "../../../src/errors.js";
import { defineSuites } from "../suites/index.js";
import type { Chains } from "../support/chains.js";
import { PATH_SEPARATOR, type Report } from "../support/elsewhere.js";

/** The page's first message. */
export interface Start {
  readonly chains: Chains;
  /** Names the databases: workers of one origin share them. */
  readonly scope: string;
}

/** What is used of a worker's global object; the compiler is told of pages only. */
interface WorkerScope {
  postMessage?(message: unknown): void;
  onmessage: ((event: MessageEvent<Start>) => void) | null;
  onconnect: ((event: MessageEvent) => void) | null;
  addEventListener(type: string, listener: (event: PromiseRejectionEvent & ErrorEvent) => void): void;
}

const Silent = class {} as unknown as Mocha.ReporterConstructor;

const scope = globalThis as unknown as WorkerScope;

function run({ chains, scope: name }: Start, tell: (report: Report) => void): void {
  scope.addEventListener("unhandledrejection", ({ reason }) => tell({ type: "crash", message: wordsOf(reason) }));
  scope.addEventListener("error", ({ message }) => tell({ type: "crash", message }));
  const hookFailures: string[] = [];
  mocha.setup({ ui: "bdd", timeout: 60_000, reporter: Silent });
  defineSuites(name, () => chains);
  const runner = mocha.run();
  const pathOf = (test: Mocha.Runnable) => test.titlePath().join(PATH_SEPARATOR);
  runner.on("pass", (test) => tell({ type: "test", path: pathOf(test), outcome: { state: "passed" } }));
  runner.on("pending", (test) => tell({ type: "test", path: pathOf(test), outcome: { state: "pending" } }));
  runner.on("fail", (test, error) => {
    const message = wordsOf(error);
    if ((test as { type?: string }).type === "hook") hookFailures.push(`${pathOf(test)}: ${message}`);
    else tell({ type: "test", path: pathOf(test), outcome: { state: "failed", message } });
  });
  runner.on("end", () => tell({ type: "end", hookFailures }));
}

function wordsOf(thrown: unknown): string {
  const message = messageOf(thrown);
  const stack = (thrown instanceof Error && thrown.stack) || "";
  // Chromium's begins with the message, Firefox' has only the places
  return stack.includes(message) ? stack : `${message}\n${stack}`;
}

scope.onmessage = ({ data }) => run(data, (report) => scope.postMessage!(report));
scope.onconnect = ({ ports: [port] }) => {
  port!.onmessage = ({ data }: MessageEvent<Start>) => run(data, (report) => port!.postMessage(report));
};
