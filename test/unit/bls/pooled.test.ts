import { MessageChannel, type MessagePort } from "node:worker_threads";
import { expect } from "chai";
import { type BlstBls, blstBls } from "../../../src/bls/blst/index.js";
import { herumiBls } from "../../../src/bls/herumi.js";
import { type PooledBls, type PooledBlsOptions, pooledBls, serveBls } from "../../../src/bls/pooled/index.js";
import type { Bls } from "../../../src/bls/port.js";
import { isSidelightError } from "../../../src/errors.js";
import { blsContract } from "../../contract/bls.js";
import { falseItem, signedItem } from "../../support/batch-items.js";
import { bitsOf, firstMembers } from "../../support/bits.js";
import { manualClock } from "../../support/clock.js";
import { expectCode } from "../../support/expect-code.js";
import { readyKeys } from "../../support/keys.js";
import { rejectionOf, settle, until, watchUnhandled } from "../client/waiting.js";

/** Ports that are open: they would keep the process alive. */
const open: MessagePort[] = [];

function channel(): MessageChannel {
  const made = new MessageChannel();
  open.push(made.port1, made.port2);
  return made;
}

function closeAll(): void {
  for (const port of open.splice(0)) port.close();
}

/** A port to a worker that does its work, in this thread. */
function served(bls: Bls = blstBls()): MessagePort {
  const { port1, port2 } = channel();
  serveBls(port2, bls);
  return port1;
}

describe("the contract, with workers", () => {
  after(closeAll);
  blsContract("pooledBls", () => pooledBls([served()], { local: blstBls() }));
  blsContract("pooledBls without a worker", () => pooledBls([], { local: blstBls() }));
});

describe("pooledBls", () => {
  watchUnhandled();
  let local: BlstBls & { batches: number };

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

  afterEach(closeAll);

  async function pool(ports: MessagePort[], options: Partial<PooledBlsOptions> = {}): Promise<PooledBls> {
    const bls = pooledBls(ports, { local, ...options });
    await bls.ready();
    return bls;
  }

  const items = (count: number) => firstMembers(count).map((i) => signedItem(local, i));

  describe("with a worker that does its work", () => {
    it("has batches verified there, and not here", async () => {
      const bls = await pool([served()]);
      for (const count of [0, 1, 2, 17, 40]) expect(await bls.verifyBatchAsync(items(count))).to.equal(null);
      expect(local.batches).to.equal(0);
    });

    it("says what its worker says for every number of participants, and for committees of any size", async () => {
      const bls = await pool([served()]);
      for (const size of [1, 7, 32, 33, 512]) {
        for (const count of new Set([1, size >> 1, (size >> 1) + 1, size - 1, size].filter((n) => n > 0))) {
          const item = signedItem(bls, count, { size, count });
          expect(await bls.verifyBatchAsync([item, item]), `${count} of ${size}`).to.equal(null);
        }
      }
      expect(local.batches).to.equal(0);
    });

    it("confirms here what is refused there", async () => {
      const bls = await pool([served()]);
      const wrong = falseItem(bls, 5);
      expect(await bls.verifyBatchAsync([...items(3), wrong, ...items(2)])).to.equal("mismatch");
      expect(local.batches).to.equal(1);
      expect(await bls.verifyBatchAsync([{ ...wrong, signature: new Uint8Array(96) }])).to.equal("signature-encoding");
      expect(await bls.verifyBatchAsync([{ ...wrong, bits: bitsOf(32, []) }])).to.equal("aggregate-invalid");
      expect(bls.lanes).to.equal(1);
    });

    it("verifies here what has not the usual lengths", async () => {
      const bls = await pool([served()]);
      const good = signedItem(bls, 1);
      const { committee } = good.committee;
      const odd = [
        { ...good, signingRoot: new Uint8Array(31) },
        { ...good, signature: new Uint8Array(95) },
        { ...good, bits: bitsOf(40, firstMembers(30)) },
        { ...good, committee: bls.committee({ ...committee, aggregatePubkey: new Uint8Array(47) }) },
      ];
      for (const [i, item] of odd.entries()) {
        expect(await bls.verifyBatchAsync([good, item]), `${i}`).to.not.equal(null);
        expect(local.batches).to.equal(i + 1);
      }
    });

    it("works with a backend that has no batches", async () => {
      const bls = await pool([served(herumiBls())]);
      expect(await bls.verifyBatchAsync(items(3))).to.equal(null);
      expect(await bls.verifyBatchAsync([...items(3), falseItem(bls, 4)])).to.equal("mismatch");
      expect(bls.lanes).to.equal(1);
    });

    it("answers many at once, each its own", async () => {
      const bls = await pool([served(), served()]);
      const verdicts = firstMembers(12).map((i) =>
        bls.verifyBatchAsync([i % 3 ? signedItem(bls, i) : falseItem(bls, i)]),
      );
      expect(await Promise.all(verdicts)).to.deep.equal(firstMembers(12).map((i) => (i % 3 ? null : "mismatch")));
    });
  });

  /** The far end of a port, operated by hand. */
  interface Worker {
    readonly port: MessagePort;
    readonly received: { type: string; id: number; batch: ArrayBuffer }[];
    readonly end: MessagePort;
    answer(id: number, verdict: object): void;
  }

  function handOperated(): Worker {
    const { port1, port2 } = channel();
    const received: Worker["received"] = [];
    port2.on("message", (message) => received.push(message));
    return {
      port: port1,
      received,
      end: port2,
      answer: (id, verdict) => port2.postMessage({ type: "sidelight-bls", id, ...verdict }),
    };
  }

  async function failure(verdict: Promise<unknown>) {
    const thrown = await rejectionOf(verdict);
    if (!isSidelightError(thrown, "BLS_WORKER_FAILED")) throw thrown;
    return thrown.details;
  }

  it("sends the keys that are needed and no others", async () => {
    const worker = handOperated();
    const bls = await pool([worker.port]);
    for (const count of [505, 3]) {
      const verdict = bls.verifyBatchAsync([signedItem(bls, count, { size: 512, count })]);
      await until(() => worker.received.length > 0);
      const { id, batch } = worker.received.pop()!;
      // the aggregate and the absent, or the present
      const keys = count === 505 ? 1 + 7 : 3;
      expect(batch.byteLength).to.equal(2 + 64 + 32 + 96 + 48 * keys);
      worker.answer(id, { fault: null });
      expect(await verdict).to.equal(null);
    }
  });

  it("asks the worker with the least to do", async () => {
    const workers = [handOperated(), handOperated()];
    const bls = await pool(workers.map(({ port }) => port));
    const verdicts = firstMembers(4).map((i) => bls.verifyBatchAsync([signedItem(bls, i)]));
    const loads = () => workers.map(({ received }) => received.length);
    await until(() => loads()[0]! + loads()[1]! === 4);
    expect(loads()).to.deep.equal([2, 2]);
    for (const { id } of workers[1]!.received) workers[1]!.answer(id, { fault: null });
    await Promise.all([verdicts[1], verdicts[3]]);
    verdicts.push(bls.verifyBatchAsync([signedItem(bls, 4)]));
    await until(() => loads()[1] === 3);
    expect(bls.lanes).to.equal(2);
    for (const { received, answer } of workers) for (const { id } of received.slice(-2)) answer(id, { fault: null });
    await until(() => true);
    bls.close();
    await Promise.allSettled(verdicts);
  });

  describe("with a worker that does not answer", () => {
    it("rejects after timeoutMs, verifies here meanwhile, and asks it again once it has answered", async () => {
      const clock = manualClock();
      const worker = handOperated();
      const bls = await pool([worker.port], { clock, timeoutMs: 3_000 });
      const late = [bls.verifyBatchAsync(items(1)), bls.verifyBatchAsync(items(2))];
      for (const verdict of late) verdict.catch(() => {});
      await until(() => worker.received.length === 2);
      await clock.advance(2_999);
      expect(bls.lanes).to.equal(1);
      await clock.advance(1);
      for (const verdict of late) {
        expect(await failure(verdict)).to.deep.equal({ worker: 0, reason: "no answer within 3000 ms" });
      }
      expect(bls.lanes).to.equal(0);
      expect(await bls.verifyBatchAsync(items(2))).to.equal(null);
      expect(local.batches).to.equal(1);
      worker.answer(worker.received[0]!.id, { fault: null });
      await settle();
      expect(bls.lanes).to.equal(0);
      worker.answer(worker.received[1]!.id, { fault: null });
      await until(() => bls.lanes === 1);
      expect(clock.sleepers).to.equal(0);
    });

    it("counts the time from its last answer, and leaves no timer when there is nothing to wait for", async () => {
      const clock = manualClock();
      const worker = handOperated();
      const bls = await pool([worker.port], { clock, timeoutMs: 3_000 });
      const verdicts = firstMembers(3).map((i) => bls.verifyBatchAsync(items(i)));
      await until(() => worker.received.length === 3);
      for (const [i, { id }] of worker.received.entries()) {
        await clock.advance(2_999);
        worker.answer(id, { fault: null });
        expect(await verdicts[i]).to.equal(null);
      }
      expect(clock.sleepers).to.equal(0);
    });

    it("waits ten seconds if not told otherwise", async () => {
      const clock = manualClock();
      const bls = await pool([handOperated().port], { clock });
      const verdict = failure(bls.verifyBatchAsync(items(1)));
      await settle();
      await clock.advance(10_000);
      expect(await verdict).to.deep.equal({ worker: 0, reason: "no answer within 10000 ms" });
    });

    it("takes messages of others for none", async () => {
      const clock = manualClock();
      const worker = handOperated();
      const bls = await pool([worker.port], { clock });
      const verdict = bls.verifyBatchAsync(items(1));
      await until(() => worker.received.length === 1);
      for (const message of [null, 1, "hello", {}, { type: "other" }, { id: 1, fault: null }, []]) {
        worker.end.postMessage(message);
      }
      await settle();
      expect(bls.lanes).to.equal(1);
      worker.answer(1, { fault: null });
      expect(await verdict).to.equal(null);
    });
  });

  describe("with a worker that is not to be relied upon", () => {
    const nonsense: [string, object, RegExp][] = [
      ["a verdict that is none", { id: 1, fault: "nonsense" }, /no sense/],
      ["a verdict of another type", { id: 1, fault: 0 }, /no sense/],
      ["no verdict", { id: 1 }, /no sense/],
      ["no number", { fault: null }, /no sense/],
      ["a number that is no number", { id: "1", fault: null }, /no sense/],
      ["a verdict about what it was not asked", { id: 99, fault: null }, /nothing that was asked/],
      ["its own failure", { id: 1, error: "no WebAssembly here" }, /no WebAssembly here/],
      ["a failure that is no text", { id: 1, error: {} }, /no sense/],
    ];
    for (const [what, answer, reason] of nonsense) {
      it(`rejects, and verifies here from then on, when it answers with ${what}`, async () => {
        const worker = handOperated();
        const bls = await pool([worker.port]);
        const verdict = failure(bls.verifyBatchAsync(items(1)));
        await until(() => worker.received.length === 1);
        worker.end.postMessage({ type: "sidelight-bls", ...answer });
        expect((await verdict).reason).to.match(reason);
        expect(bls.lanes).to.equal(0);
        expect(await bls.verifyBatchAsync(items(1))).to.equal(null);
        worker.answer(1, { fault: null }); // too late
        await settle();
        expect({ lanes: bls.lanes, asked: worker.received.length }).to.deep.equal({ lanes: 0, asked: 1 });
      });
    }

    it("rejects when it answers the same thing twice", async () => {
      const worker = handOperated();
      const bls = await pool([worker.port]);
      const verdicts = [bls.verifyBatchAsync(items(1)), failure(bls.verifyBatchAsync(items(1)))];
      await until(() => worker.received.length === 2);
      worker.answer(1, { fault: null });
      worker.answer(1, { fault: null });
      expect(await verdicts[0]).to.equal(null);
      expect(await verdicts[1]).to.have.property("reason", "an answer to nothing that was asked");
    });

    it("rejects when it refuses what verifies", async () => {
      const worker = handOperated();
      const bls = await pool([worker.port]);
      const verdict = failure(bls.verifyBatchAsync(items(2)));
      await until(() => worker.received.length === 1);
      worker.answer(1, { fault: "mismatch" });
      expect(await verdict).to.deep.equal({ worker: 0, reason: "refused a batch that verifies" });
      expect(bls.lanes).to.equal(0);
    });

    it("rejects everything it has to do when it dies, and leaves the others their work", async () => {
      const [dying, other] = [handOperated(), handOperated()];
      const bls = await pool([dying.port, other.port]);
      const verdicts = firstMembers(4).map((i) => bls.verifyBatchAsync(items(i)));
      const failures = [failure(verdicts[0]!), failure(verdicts[2]!)];
      await until(() => dying.received.length + other.received.length === 4);
      dying.end.close();
      for (const details of failures) expect(await details).to.deep.equal({ worker: 0, reason: "closed" });
      expect(bls.lanes).to.equal(1);
      for (const { id } of other.received) other.answer(id, { fault: null });
      expect(await Promise.all([verdicts[1], verdicts[3]])).to.deep.equal([null, null]);
    });

    it("rejects when its backend cannot start", async () => {
      const broken = { ...blstBls(), ready: () => Promise.reject(new Error("refused by a policy")) };
      const bls = await pool([served(broken)]);
      expect((await failure(bls.verifyBatchAsync(items(1)))).reason).to.equal("refused by a policy");
    });

    it("rejects when nothing can be sent to it", async () => {
      const { port1 } = channel();
      const port = Object.assign(Object.create(port1), {
        on: () => {},
        off: () => {},
        postMessage: () => {
          throw new Error("it is gone");
        },
      });
      const bls = await pool([port]);
      expect((await failure(bls.verifyBatchAsync(items(1)))).reason).to.equal("it is gone");
      expect(bls.lanes).to.equal(0);
    });
  });

  it("leaves the workers alone when it is closed, and verifies here", async () => {
    const worker = handOperated();
    const clock = manualClock();
    const bls = await pool([worker.port], { clock });
    const verdict = failure(bls.verifyBatchAsync(items(1)));
    await settle();
    bls.close();
    expect((await verdict).reason).to.equal("the pool was closed");
    expect(await bls.verifyBatchAsync(items(2))).to.equal(null);
    expect({ lanes: bls.lanes, sleepers: clock.sleepers }).to.deep.equal({ lanes: 0, sleepers: 0 });
    expect(worker.port.listenerCount("message")).to.equal(0);
  });

  it("refuses to verify before it is ready", async () => {
    const bls = pooledBls([served()], { local });
    const thrown = await rejectionOf(bls.verifyBatchAsync(items(1)));
    expect(isSidelightError(thrown, "BLS_NOT_READY")).to.equal(true);
  });

  it("does not wait for its workers to be ready", async () => {
    const never = { ...blstBls(), ready: () => new Promise<void>(() => {}) };
    const bls = await pool([served(never)]);
    expect(bls.verifyBatch(items(2))).to.equal(null);
  });

  it("keeps keys as its backend does, and does not where that does not", async () => {
    const bls = await pool([]);
    const handle = items(1)[0]!.committee;
    const { bits, signingRoot, signature } = signedItem(local, 0);
    bls.verifySyncAggregate(handle, bits, signingRoot, signature);
    const keys = bls.exportKeys!(handle);
    expect(keys.length).to.be.greaterThan(0);
    expect(bls.importKeys!(bls.committee({ ...handle.committee }), keys)).to.equal(true);
    const { exportKeys, importKeys, ...without } = local;
    expect(pooledBls([], { local: without })).to.not.have.any.keys("exportKeys", "importKeys");
  });

  it("refuses what is no port, no backend for batches, no time", () => {
    const wrong: [string, () => unknown][] = [
      ["ports", () => pooledBls(served() as unknown as MessagePort[], { local })],
      ["ports[1]", () => pooledBls([served(), {} as MessagePort], { local })],
      ["ports[0]", () => pooledBls([null as unknown as MessagePort], { local })],
      ["local", () => pooledBls([], { local: herumiBls() })],
      ["local", () => pooledBls([], {} as PooledBlsOptions)],
      ["timeoutMs", () => pooledBls([], { local, timeoutMs: 0 })],
      ["timeoutMs", () => pooledBls([], { local, timeoutMs: Number.NaN })],
    ];
    for (const [option, make] of wrong) expect(expectCode("OPTION_INVALID", make).option).to.equal(option);
  });
});

describe("serveBls", () => {
  afterEach(closeAll);

  async function ask(...messages: unknown[]): Promise<unknown[]> {
    const { port1, port2 } = channel();
    const answers: unknown[] = [];
    port1.on("message", (answer) => answers.push(answer));
    serveBls(port2, blstBls());
    for (const message of messages) port1.postMessage(message);
    port1.postMessage({ type: "sidelight-bls", id: 1_000, batch: new ArrayBuffer(0) });
    await until(() => answers.some((answer) => (answer as { id: number }).id === 1_000));
    return answers.slice(0, -1);
  }

  it("leaves messages of others alone", async () => {
    expect(await ask(null, "hello", { type: "other", id: 1 }, [1])).to.deep.equal([]);
  });

  for (const [what, batch] of [
    ["nothing", undefined],
    ["text", "batch"],
    ["one byte", new ArrayBuffer(1)],
    ["a committee of 65,535 without the rest", new Uint8Array([0xff, 0xff]).buffer],
    [
      "an item that ends within its keys",
      Uint8Array.from({ length: 140 }, (_, i) => (i === 0 ? 8 : i === 2 ? 1 : 0)).buffer,
    ],
  ] as const) {
    it(`says that ${what} is no batch, and goes on`, async () => {
      const [answer] = await ask({ type: "sidelight-bls", id: 7, batch });
      expect(answer).to.include({ type: "sidelight-bls", id: 7 });
      expect(answer).to.have.property("error").that.matches(/batch/);
    });
  }

  it("ends when it is told to, and leaves the port open", async () => {
    const { port1, port2 } = channel();
    const answers: unknown[] = [];
    port1.on("message", (answer) => answers.push(answer));
    const end = serveBls(port2, blstBls());
    end();
    port1.postMessage({ type: "sidelight-bls", id: 1, batch: new ArrayBuffer(0) });
    await settle();
    expect(answers).to.deep.equal([]);
    port2.postMessage("still open");
    await until(() => answers.length === 1);
  });
});
