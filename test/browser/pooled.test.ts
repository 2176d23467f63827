/** Signatures verified by a page's own workers. */
import { expect } from "chai";
import { type BlstBls, blstBls } from "../../src/bls/blst/index.js";
import { type PooledBls, pooledBls, serveBls } from "../../src/bls/pooled/index.js";
import type { SidelightError } from "../../src/errors.js";
import { falseItem, signedItem } from "../support/batch-items.js";
import { firstMembers } from "../support/bits.js";
import { readyKeys } from "../support/keys.js";

const SCRIPT = "/base/dist-test/bundle/workers/bls.js";

describe("pooledBls with a page's workers", () => {
  let local: BlstBls & { batches: number };
  const workers: Worker[] = [];

  before(readyKeys);

  beforeEach(async () => {
    const bls = blstBls();
    const { verifyBatch } = bls;
    local = Object.assign(bls, { batches: 0 });
    local.verifyBatch = (items) => {
      local.batches++;
      return verifyBatch(items);
    };
    await local.ready();
  });

  afterEach(() => {
    for (const worker of workers.splice(0)) worker.terminate();
  });

  function createWorker(script = SCRIPT): Worker {
    const worker = new Worker(script, { type: "module" });
    workers.push(worker);
    return worker;
  }

  async function pool(...[ports, options]: [Parameters<typeof pooledBls>[0], { timeoutMs?: number }?]) {
    const bls = pooledBls(ports, { local, ...options });
    await bls.ready();
    return bls;
  }

  async function failureOf(verdict: Promise<unknown>): Promise<SidelightError> {
    return verdict.then(
      () => expect.fail("it was verified"),
      (error) => error,
    );
  }

  const items = (count: number) => firstMembers(count).map((i) => signedItem(local, i));

  async function expectWork(bls: PooledBls): Promise<void> {
    const verdicts = firstMembers(8).map((i) =>
      bls.verifyBatchAsync([...items(3), ...(i % 4 === 3 ? [falseItem(local, i)] : [])]),
    );
    expect(await Promise.all(verdicts)).to.deep.equal(firstMembers(8).map((i) => (i % 4 === 3 ? "mismatch" : null)));
    // what is refused is looked at again
    expect({ lanes: bls.lanes, batches: local.batches }).to.deep.equal({ lanes: 2, batches: 2 });
  }

  it("has batches verified by them", async () => expectWork(await pool([createWorker(), createWorker()])));

  it("has batches verified over message ports", async () => {
    const channels = [new MessageChannel(), new MessageChannel()];
    for (const { port2 } of channels) serveBls(port2, blstBls());
    await expectWork(await pool(channels.map(({ port1 }) => port1)));
    for (const { port1 } of channels) port1.close();
  });

  it("rejects when the script of one cannot be loaded, and verifies here from then on", async () => {
    const bls = await pool([createWorker("/base/dist-test/bundle/workers/no-such-file.js")]);
    expect((await failureOf(bls.verifyBatchAsync(items(1)))).code).to.equal("BLS_WORKER_FAILED");
    expect(bls.lanes).to.equal(0);
    expect(await bls.verifyBatchAsync(items(2))).to.equal(null);
  });

  it("rejects when one was ended, of which a page is not told", async () => {
    const worker = createWorker();
    const bls = await pool([worker], { timeoutMs: 300 });
    worker.terminate();
    const { code, details } = await failureOf(bls.verifyBatchAsync(items(1)));
    expect({ code, details }).to.deep.equal({
      code: "BLS_WORKER_FAILED",
      details: { worker: 0, reason: "no answer within 300 ms" },
    });
  });
});
