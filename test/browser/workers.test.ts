import { defineSuites } from "./suites/index.js";
import { chainsOfPage } from "./support/chains.js";
import { type Report, runsElsewhere } from "./support/elsewhere.js";
import type { Start } from "./workers/suites.js";

const SCRIPT = "/base/dist-test/bundle/workers/suites.js";

const noScript = (event: Event): Report => ({
  type: "crash",
  message: `the worker's script failed: ${(event as ErrorEvent).message ?? "it did not load"}`,
});

for (const scope of ["dedicated worker", "shared worker"] as const) {
  runsElsewhere(
    `in a ${scope}`,
    (hear) => {
      if (scope === "dedicated worker") {
        const worker = new Worker(SCRIPT, { type: "module" });
        worker.onmessage = ({ data }: MessageEvent<Report>) => hear(data);
        worker.onerror = (event) => hear(noScript(event));
        return { post: (message) => worker.postMessage(message), close: () => worker.terminate() };
      }
      const worker = new SharedWorker(SCRIPT, { type: "module", name: "suites" });
      worker.onerror = (event) => hear(noScript(event));
      worker.port.onmessage = ({ data }: MessageEvent<Report>) => hear(data);
      return { post: (message) => worker.port.postMessage(message), close: () => worker.port.close() };
    },
    (): Start => ({ chains: chainsOfPage(), scope }),
    () => defineSuites(scope, chainsOfPage),
  );
}
