/**
 * Tests that run in a worker, each told in this page as a test of its own. The worker has a mocha of its own and the same
 * suites (`workers/suites.ts`); here their titles are read off, and outcomes waited for: karma hears nothing of what
 * happens in a worker, not even of its errors.
 */

/** What the worker says. A path is the titles from the outermost suite to the test. */
export type Report =
  | { readonly type: "test"; readonly path: string; readonly outcome: Outcome }
  /** All has run; a test that was not told of did not, because of a hook. */
  | { readonly type: "end"; readonly hookFailures: readonly string[] }
  /** Something failed outside of any test. */
  | { readonly type: "crash"; readonly message: string };

export type Outcome = { readonly state: "passed" | "pending" } | { readonly state: "failed"; readonly message: string };

/** A way to talk to the worker. */
export interface Line {
  post(message: unknown): void;
  /** Ends the worker, if it can be ended. */
  close(): void;
}

interface Suite {
  readonly title: string;
  readonly tests: string[];
  readonly suites: Suite[];
}

export const PATH_SEPARATOR = " › ";

/**
 * @param call starts the worker; `hear` takes what it says
 * @param start the first message to it
 * @param define what it defines as well
 */
export function runsElsewhere(
  title: string,
  call: (hear: (report: Report) => void) => Line,
  start: () => unknown,
  define: () => void,
): void {
  describe(title, function () {
    // the worker's own time limits hold
    this.timeout(180_000);
    const results = createResults();
    let line: Line | undefined;

    before(() => {
      line = call(results.hear);
      line.post(start());
    });
    after(() => line?.close());
    const all = readOff(define);
    for (const suite of all.suites) retell(suite, "", results.of);
  });
}

function createResults() {
  const told = new Map<string, Outcome>();
  const waiting = new Map<string, (outcome: Outcome) => void>();
  /** For whatever has not been told of. */
  let last: Outcome | undefined;

  function settle(path: string, outcome: Outcome): void {
    told.set(path, outcome);
    waiting.get(path)?.(outcome);
    waiting.delete(path);
  }

  return {
    hear(report: Report): void {
      if (report.type === "test") {
        settle(report.path, report.outcome);
        return;
      }
      const message = report.type === "crash" ? report.message : report.hookFailures.join("\n") || "it did not run";
      last = { state: "failed", message };
      for (const path of waiting.keys()) settle(path, last);
    },
    of(path: string): Promise<Outcome> {
      const known = told.get(path) ?? last;
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((resolve) => waiting.set(path, resolve));
    },
  };
}

function retell({ title, tests, suites }: Suite, above: string, outcomeOf: (path: string) => Promise<Outcome>): void {
  const path = above + title;
  describe(title, () => {
    for (const test of tests) {
      it(test, async function () {
        const outcome = await outcomeOf([path, test].join(PATH_SEPARATOR));
        if (outcome.state === "pending") this.skip();
        if (outcome.state === "failed") throw new Error(outcome.message);
      });
    }
    for (const suite of suites) retell(suite, path + PATH_SEPARATOR, outcomeOf);
  });
}

type Globals = Record<"describe" | "it" | "before" | "after" | "beforeEach" | "afterEach", unknown>;

/** The suites and tests that `define` would define. */
function readOff(define: () => void): Suite {
  const root: Suite = { title: "", tests: [], suites: [] };
  const open = [root];
  // what a suite's body may do to its suite
  const suiteContext = { timeout: () => suiteContext, slow: () => suiteContext, retries: () => suiteContext };
  const recorders: Globals = {
    describe(title: string, body: (this: typeof suiteContext) => void) {
      const suite: Suite = { title, tests: [], suites: [] };
      open.at(-1)!.suites.push(suite);
      open.push(suite);
      body.call(suiteContext);
      open.pop();
    },
    it: (title: string) => open.at(-1)!.tests.push(title),
    before() {},
    after() {},
    beforeEach() {},
    afterEach() {},
  };
  const globals = globalThis as unknown as Globals;
  const { describe, it, before, after, beforeEach, afterEach } = globals;
  Object.assign(globals, recorders);
  try {
    define();
  } finally {
    Object.assign(globals, { describe, it, before, after, beforeEach, afterEach });
  }
  return root;
}
