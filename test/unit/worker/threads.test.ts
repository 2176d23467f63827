import { Worker } from "node:worker_threads";
import { expect } from "chai";
import { connectLightClient } from "../../../src/worker/connect.js";
import { record } from "../client/fake-chain.js";
import { rejectionOf, watchUnhandled } from "../client/waiting.js";

/** A thread does not take the loader of its parent over: it gets its own. */
function createWorker(script: string): Worker {
  const url = JSON.stringify(new URL(script, import.meta.url).href);
  const code = `import("tsx/esm/api").then(({ register }) => { register(); return import(${url}); });`;
  return new Worker(code, { eval: true, stderr: true });
}

describe("a client in a thread of its own", () => {
  watchUnhandled();

  it("is started, used and stopped from here, and its end is told", async () => {
    const worker = createWorker("./thread.ts");
    const remote = connectLightClient(worker, { connectTimeoutMs: 60_000 });
    const log = record(remote);
    expect((await remote.start()).slot).to.equal(202);
    expect(log.head.map(({ slot }) => slot)).to.deep.equal([202]);
    await remote.stop();
    expect(remote.status.state).to.equal("stopped");
    await worker.terminate();
    expect(await rejectionOf(remote.start())).to.have.property("code", "CONNECTION_LOST");
    expect(log.error.map(({ error }) => error.code)).to.deep.equal(["CONNECTION_LOST"]);
  });

  it("is told to be lost at once when its script fails", async () => {
    const remote = connectLightClient(createWorker("./no-such-thread.ts"), { connectTimeoutMs: 60_000 });
    record(remote);
    const thrown = (await rejectionOf(remote.connected)) as { details: { reason: string; message: string } };
    expect(thrown.details.reason).to.equal("closed");
    expect(thrown.details.message).to.contain("no-such-thread");
  });
});
