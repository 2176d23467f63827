/** Catching up with real workers, which run what is built. */
import { Worker } from "node:worker_threads";
import { expect } from "chai";
import { type BlstBls, blstBls } from "../../../src/bls/blst/index.js";
import { type PooledBls, pooledBls } from "../../../src/bls/pooled/index.js";
import { codesOf, createFakeChain, type FakeChain, record } from "../../unit/client/fake-chain.js";
import { drive, watchUnhandled } from "../../unit/client/waiting.js";
import { ensureBuilt } from "../cli/support.ts";

const PERIOD_SLOTS = 64;
const PERIODS = 40;

describe("catching up with workers of node:worker_threads", function () {
  this.timeout(300_000);
  watchUnhandled();
  const file = new URL("../../support/bls-worker.js", import.meta.url);
  let chain: FakeChain;
  let real: BlstBls;
  let workers: Worker[];

  before(async () => {
    ensureBuilt();
    real = blstBls();
    await real.ready();
    chain = await createFakeChain({ slot: PERIODS * PERIOD_SLOTS + 11 });
    // made now: while a client waits, a test must not
    for (let period = 0; period < PERIODS; period++) chain.update(period);
  });

  beforeEach(() => {
    workers = [new Worker(file), new Worker(file)];
  });
  afterEach(() => Promise.all(workers.map((worker) => worker.terminate())));

  async function sync(bls: PooledBls, onPeriod: (period: number) => void = () => {}) {
    const client = chain.client({ bls, maxHeadAgeSlots: Number.POSITIVE_INFINITY, staleCheckpoint: "allow" });
    const log = record(client);
    client.on("committee", ({ period }) => onPeriod(period));
    expect((await drive(chain.clock, client.syncOnce())).periods).to.equal(PERIODS);
    return log;
  }

  it("verifies nothing of it here", async () => {
    const local = { ...real, batches: 0 };
    local.verifyBatch = (items) => {
      local.batches++;
      return real.verifyBatch(items);
    };
    const bls = pooledBls(workers, { local });
    const log = await sync(bls);
    expect(log.committee.map(({ period }) => period)).to.deep.equal(Array.from({ length: PERIODS + 1 }, (_, i) => i));
    expect({ errors: codesOf(log), lanes: bls.lanes, batches: local.batches }).to.deep.equal({
      errors: [],
      lanes: 2,
      batches: 0,
    });
  });

  it("goes on when they are ended in the middle of it, and says so once for each that had something to do", async () => {
    const bls = pooledBls(workers, { local: real });
    const log = await sync(bls, (period) => {
      if (period === 8) for (const worker of workers) void worker.terminate();
    });
    expect(bls.lanes).to.equal(0);
    const failed = log.error.map(({ error, source }) => `${source} ${error.code} ${error.message.slice(0, 8)}`);
    expect(failed).to.not.deep.equal([]);
    expect(new Set(failed).size).to.equal(failed.length);
    for (const failure of failed) expect(failure).to.match(/^null BLS_WORKER_FAILED worker [01]$/);
  });

  it("goes on when one of them cannot even start", async () => {
    const broken = new Worker("throw new Error('no such luck')", { eval: true });
    workers.push(broken);
    const bls = pooledBls([broken, workers[0]!], { local: real });
    const log = await sync(bls);
    expect(bls.lanes).to.equal(1);
    expect(log.error.map(({ error }) => error.message)).to.deep.equal(["worker 0: failed: no such luck"]);
  });
});
