/** Catching up with signatures that are verified elsewhere, and answered later, in any order, or not at all. */
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { expect } from "chai";
import { type BlstBls, blstBls } from "../../../src/bls/blst/index.js";
import { pooledBls, serveBls } from "../../../src/bls/pooled/index.js";
import type { Bls, SyncAggregateItem } from "../../../src/bls/port.js";
import type { LightClient } from "../../../src/client/light-client.js";
import { SidelightError, type SignatureFault } from "../../../src/errors.js";
import { memoryStore } from "../../../src/store/memory.js";
import type { CheckpointStore } from "../../../src/store/port.js";
import { codesOf, createFakeChain, type FakeChain, record } from "./fake-chain.js";
import { drive, rejectionOf, settle, until, watchUnhandled } from "./waiting.js";

const PERIOD_SLOTS = 64;
const PERIODS = 80;
/** Of so many updates are batches, where they are verified elsewhere. */
const BATCH = 16;

interface Asked {
  readonly items: readonly SyncAggregateItem[];
  answer(fault: SignatureFault | null): void;
  fail(error: Error): void;
}

/** The real backend, with batches that a test answers by hand. */
function handOperated(bls: BlstBls, lanes: number) {
  const asked: Asked[] = [];
  const operated: Bls = {
    ...bls,
    lanes,
    verifyBatchAsync: (items) =>
      new Promise((resolve, reject) => {
        asked.push({ items, answer: resolve, fail: reject });
      }),
  };
  return { bls: operated, asked };
}

function spyStore(): CheckpointStore & { saves: number } {
  const store = Object.assign(memoryStore(), { saves: 0 });
  const { save } = store;
  store.save = (...args) => {
    store.saves++;
    return save(...args);
  };
  return store;
}

describe("catching up with batches that are verified elsewhere", function () {
  this.timeout(60_000);
  watchUnhandled();
  let chain: FakeChain;
  let real: BlstBls;

  /** Open ports keep the process alive. */
  const ports: MessagePort[] = [];
  afterEach(() => {
    for (const port of ports.splice(0)) port.close();
  });

  before(async () => {
    real = blstBls();
    await real.ready();
    chain = await createFakeChain({ slot: PERIODS * PERIOD_SLOTS + 11 });
    // made now: while a client waits, a test must not
    for (let period = 0; period < PERIODS; period++) chain.update(period);
  });

  function start(bls: Bls, options: Parameters<FakeChain["client"]>[0] = {}) {
    const client: LightClient = chain.client({
      bls,
      staleCheckpoint: "allow",
      maxHeadAgeSlots: Number.POSITIVE_INFINITY,
      ...options,
    });
    const log = record(client);
    const done = drive(chain.clock, client.syncOnce());
    done.catch(() => {});
    return { client, log, done, periods: () => log.committee.map(({ period }) => period) };
  }

  const upTo = (period: number) => Array.from({ length: period + 1 }, (_, i) => i);

  for (const lanes of [1, 2, 3]) {
    it(`has at most two batches under way for each of ${lanes}, and foresees no further`, async () => {
      const { bls, asked } = handOperated(real, lanes);
      const { done } = start(bls);
      for (let answered = 0; answered < PERIODS / BATCH; answered++) {
        const most = Math.min(PERIODS / BATCH, answered + 2 * lanes);
        await until(() => asked.length === most);
        await settle();
        expect(asked.length).to.equal(most);
        asked[answered]!.answer(null);
      }
      expect((await done).periods).to.equal(PERIODS);
      expect(asked.flatMap(({ items }) => items)).to.have.length(PERIODS);
    });
  }

  it("shows nothing that is not verified: to listeners, in its state, in its store", async () => {
    const store = spyStore();
    const { bls, asked } = handOperated(real, 2);
    const { client, done, log, periods } = start(bls, { store });
    await until(() => asked.length === 4);
    await settle();
    const seen = () => ({
      periods: periods(),
      participation: log.participation.length,
      head: client.head?.slot,
      finalized: client.finalized?.slot,
      evidence: client.evidence.length,
      saves: store.saves,
    });
    // what was trusted to begin with is kept at once
    const nothing = { participation: 0, head: 8, finalized: 8, evidence: 0, saves: 1 };
    expect(seen()).to.deep.equal({ ...nothing, periods: [0] });
    // out of order: what comes later has to wait
    asked[1]!.answer(null);
    asked[3]!.answer(null);
    await settle();
    expect(seen()).to.deep.equal({ ...nothing, periods: [0] });
    asked[0]!.answer(null);
    await until(() => asked.length === 5);
    await settle();
    expect(seen()).to.deep.include({ periods: upTo(2 * BATCH), participation: 2 * BATCH });
    expect(client.finalized!.slot).to.be.within((2 * BATCH - 1) * PERIOD_SLOTS, 2 * BATCH * PERIOD_SLOTS);
    asked[4]!.answer(null);
    asked[2]!.answer(null);
    expect((await done).periods).to.equal(PERIODS);
    expect(periods()).to.deep.equal(upTo(PERIODS));
    expect(codesOf(log)).to.deep.equal([]);
  });

  it("verifies a batch itself when nobody did, tells that, and blames no source", async () => {
    const { bls, asked } = handOperated(real, 1);
    const { done, log } = start(bls);
    const failed = new SidelightError("BLS_WORKER_FAILED", "worker 0: gone", { worker: 0, reason: "gone" });
    for (let i = 0; i < PERIODS / BATCH; i++) {
      await until(() => asked.length > i);
      if (i === 2) asked[i]!.fail(failed);
      else asked[i]!.answer(null);
    }
    expect((await done).periods).to.equal(PERIODS);
    expect(log.error).to.deep.equal([{ error: failed, source: null }]);
  });

  it("verifies everything itself once there are no lanes any more", async () => {
    const { bls, asked } = handOperated(real, 1);
    const { done, log, periods } = start(bls);
    await until(() => asked.length === 2);
    Object.assign(bls, { lanes: 0 });
    for (const { fail } of asked) fail(new Error("gone"));
    expect((await done).periods).to.equal(PERIODS);
    expect(asked).to.have.length(2);
    expect(codesOf(log)).to.deep.equal(["UNEXPECTED", "UNEXPECTED"]);
    expect(periods()).to.deep.equal(upTo(PERIODS));
  });

  it("does not believe a false refusal: nobody is blamed for what verifies", async () => {
    const { bls, asked } = handOperated(real, 1);
    const { done, log, periods } = start(bls);
    for (let i = 0; asked.length <= 20; i++) {
      await until(() => asked.length > i);
      asked[i]!.answer("mismatch");
      await settle();
      if (periods().length === PERIODS + 1) break;
    }
    expect((await done).periods).to.equal(PERIODS);
    expect(codesOf(log)).to.deep.equal([]);
    expect(periods()).to.deep.equal(upTo(PERIODS));
  });

  it("can be stopped while nobody answers, and what comes after that changes nothing", async () => {
    for (const late of ["nothing", "a verdict", "a failure"]) {
      const { bls, asked } = handOperated(real, 2);
      const { client, done, periods } = start(bls);
      await until(() => asked.length === 4);
      await client.stop();
      const thrown = await rejectionOf(done);
      expect((thrown as SidelightError).code).to.equal("CLIENT_STOPPED");
      for (const { answer, fail } of asked) {
        if (late === "a verdict") answer(null);
        if (late === "a failure") fail(new Error("late"));
      }
      await settle();
      expect(periods()).to.deep.equal([0]);
      expect(client.status.state).to.equal("stopped");
      expect(chain.clock.sleepers).to.equal(0);
    }
  });

  describe("in ranges of 40 updates", () => {
    const RANGE = 40;

    /** A server that gives no more at once; what it is asked for is counted. */
    function miser(name: string) {
      const source = chain.source(name);
      const { updates } = source;
      const asked: number[] = [];
      source.updates = (from, count, options) => {
        asked.push(from);
        return updates(from, Math.min(count, RANGE), options);
      };
      return { source, asked };
    }
    /** Periods whose signatures were given to lanes, a batch each. */
    const sizes = (asked: readonly Asked[]) => asked.map(({ items }) => items.length);

    it("begins the next one while the last batches of one are under way, and verifies nothing twice", async () => {
      const { bls, asked } = handOperated(real, 2);
      const { source, asked: requests } = miser("miser");
      const { done, log, periods } = start(bls, { sources: [source] });
      await until(() => asked.length === 3);
      await settle();
      // nobody is asked for more by what has proven nothing yet
      expect([sizes(asked), requests]).to.deep.equal([[16, 16, 8], [0]]);
      asked[0]!.answer(null);
      await until(() => asked.length === 5);
      await settle();
      expect([sizes(asked), requests, periods()]).to.deep.equal([[16, 16, 8, 16, 16], [0, 40], upTo(16)]);
      for (let i = 1; i < 6; i++) {
        await until(() => asked.length > i);
        asked[i]!.answer(null);
      }
      expect((await done).periods).to.equal(PERIODS);
      expect(sizes(asked)).to.deep.equal([16, 16, 8, 16, 16, 8]);
      expect([requests, codesOf(log), periods()]).to.deep.equal([[0, 40], [], upTo(PERIODS)]);
    });

    it("shows nothing of the next one, and drops it, when the range before it turns out to be forged", async () => {
      const { bls, asked } = handOperated(real, 2);
      const liar = miser("liar");
      const { updates } = liar.source;
      const forged = chain.forge.update({ attestedSlot: 35 * PERIOD_SLOTS + 61, forkVersion: new Uint8Array(4) }).raw();
      liar.source.updates = async (from, count, options) =>
        (await updates(from, count, options)).map((raw, i) => (from + i === 35 ? forged : raw));
      const { done, log, periods } = start(bls, { sources: [liar.source, miser("honest").source] });
      await until(() => asked.length === 3);
      asked[0]!.answer(null);
      await until(() => asked.length === 5);
      asked[4]!.answer(null);
      asked[3]!.answer(null);
      asked[1]!.answer(null);
      await until(() => periods().length === 33);
      await settle();
      expect(periods()).to.deep.equal(upTo(32));
      asked[2]!.answer("mismatch");
      for (let i = 5; periods().length <= PERIODS; i++) {
        await until(() => asked.length > i || periods().length > PERIODS);
        asked[i]?.answer(null);
        await settle();
      }
      expect((await done).periods).to.equal(PERIODS);
      expect(periods()).to.deep.equal(upTo(PERIODS));
      expect(log.error.map(({ error, source }) => `${source} ${error.code}`)).to.deep.equal(["liar SIGNATURE_INVALID"]);
      expect(log.committee.map(({ trust }) => trust.source).indexOf("honest")).to.equal(36);
    });
  });

  it("finds a false signature in the middle with real workers' ports, as without", async () => {
    const channels = [new MessageChannel(), new MessageChannel()];
    for (const { port2 } of channels) serveBls(port2, blstBls());
    ports.push(...channels.map(({ port1 }) => port1));
    // by the real clock, as its workers are real: virtual time would run out while they work
    const bls = pooledBls(ports, { local: real, timeoutMs: 60_000 });
    const forged = chain.forge.update({ attestedSlot: 21 * PERIOD_SLOTS + 61, forkVersion: new Uint8Array(4) }).raw();
    const [liar, honest] = [chain.source("liar"), chain.source("honest")];
    const { updates } = liar;
    liar.updates = async (from, count, options) =>
      (await updates(from, count, options)).map((raw, i) => (from + i === 21 ? forged : raw));
    const client = chain.client({
      bls,
      sources: [liar, honest],
      staleCheckpoint: "allow",
      maxHeadAgeSlots: Number.POSITIVE_INFINITY,
    });
    const log = record(client);
    expect((await drive(chain.clock, client.syncOnce())).periods).to.equal(PERIODS);
    expect(log.error.map(({ error, source }) => `${source} ${error.code}`)).to.deep.equal(["liar SIGNATURE_INVALID"]);
    expect(log.committee.map(({ trust }) => trust.source).indexOf("honest")).to.equal(22);
    expect({ lanes: bls.lanes, sleepers: chain.clock.sleepers }).to.deep.equal({ lanes: 2, sleepers: 0 });
  });
});
