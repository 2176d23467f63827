/** Who is asked, when two are asked, what is remembered of them, and what may come in an hour. */
import { expect } from "chai";
import fc from "fast-check";
import type { Clock } from "../../../src/clock.js";
import { type ErrorCode, type ErrorDetails, isSidelightError, SidelightError } from "../../../src/errors.js";
import { createByteBudget } from "../../../src/transport/pool/budget.js";
import { createPool } from "../../../src/transport/pool/pool.js";
import { rank, type SourceScore, UNTRIED } from "../../../src/transport/pool/standing.js";
import type { PeerEvent, PoolOptions } from "../../../src/transport/pool/types.js";
import type { RawObject, RequestOptions, Source } from "../../../src/transport/port.js";
import { type ManualClock, manualClock } from "../../support/clock.js";

const ANSWER: RawObject = { encoding: "json", value: "answer" };

interface SlowSource extends Source {
  delayMs: number;
  bytes: number;
  asked: number;
  aborted: number;
  failure: SidelightError | null;
}

function slowSource(name: string, clock: ManualClock, delayMs = 0): SlowSource {
  const source: SlowSource = {
    name,
    delayMs,
    bytes: 0,
    asked: 0,
    aborted: 0,
    failure: null,
    bootstrap: (_, options) => source.finalityUpdate(options),
    updates: async (_, __, options) => [await source.finalityUpdate(options)],
    optimisticUpdate: (options) => source.finalityUpdate(options),
    async finalityUpdate(options: RequestOptions = {}) {
      source.asked++;
      try {
        if (source.delayMs > 0) await clock.sleep(source.delayMs, options.signal);
      } catch (error) {
        source.aborted++;
        throw error;
      }
      options.onBytes?.(source.bytes);
      if (source.failure !== null) throw source.failure;
      return ANSWER;
    },
  };
  return source;
}

function error<C extends ErrorCode>(code: C): SidelightError<C> {
  return new SidelightError(code, `because of ${code}`, {} as ErrorDetails[C]);
}

function setUp(delays: readonly number[], options: Partial<PoolOptions> = {}) {
  const clock = manualClock(1_000_000_000);
  const sources = delays.map((delayMs, i) => slowSource("abcdef"[i]!, clock, delayMs));
  const peers: PeerEvent[] = [];
  const troubles: string[] = [];
  const pool = createPool({
    sources,
    clock,
    onTrouble: ({ code }, source) => troubles.push(`${source} ${code}`),
    onPeer: (event) => peers.push(event),
    ...options,
  });
  const controller = new AbortController();
  const start = (use: (source: Source) => string = ({ name }) => name, weight = 1) =>
    pool.ask({
      request: "finality update",
      signal: controller.signal,
      ask: (source, request) => source.finalityUpdate(request),
      use: (_, source) => use(source),
      weight,
    });
  /** Asks, and lets time pass until there is an answer. */
  async function ask(use?: (source: Source) => string, weight?: number): Promise<string> {
    let isDone = false;
    const asking = start(use, weight).finally(() => {
      isDone = true;
    });
    asking.catch(() => {});
    await clock.settle();
    for (let i = 0; i < 200 && !isDone; i++) await clock.advance(500);
    return asking;
  }
  const counts = () => sources.map(({ asked }) => asked);
  return { clock, sources, peers, troubles, pool, controller, start, ask, counts };
}

describe("createPool, asking a second source", () => {
  it("asks one more when the first is slow, takes who answers first, and hangs up on the other", async () => {
    const { sources, ask, counts, clock, pool } = setUp([60_000, 100, 100]);
    const startedMs = clock.nowMs();
    expect(await ask()).to.equal("b");
    expect(clock.nowMs() - startedMs).to.be.at.most(4_000);
    expect(counts()).to.deep.equal([1, 1, 0]);
    expect(sources[0]!.aborted).to.equal(1);
    expect(clock.sleepers).to.equal(0);
    // it was slow, not wrong: no pause, but the next question goes elsewhere
    expect(pool.available().map(({ name }) => name)).to.deep.equal(["b", "c", "a"]);
    await ask();
    expect(counts()).to.deep.equal([1, 2, 0]);
  });

  it("asks no second while the first is as fast as usual", async () => {
    const { ask, counts } = setUp([2_000, 100]);
    for (let i = 0; i < 3; i++) await ask(({ name }) => name, 10);
    expect(counts()).to.deep.equal([3, 0]);
  });

  it("waits longer where the question is larger", async () => {
    const { start, clock, counts } = setUp([60_000, 0]);
    const asking = start(undefined, 8);
    await clock.advance(23_900);
    expect(counts()).to.deep.equal([1, 0]);
    await clock.advance(200);
    expect(await asking).to.equal("b");
  });

  it("goes on with the first when the second's answer does not hold", async () => {
    const { ask, peers } = setUp([10_000, 0]);
    const used = await ask(({ name }) => {
      if (name === "b") throw error("SIGNATURE_INVALID");
      return name;
    });
    expect(used).to.equal("a");
    expect(peers.map(({ source, action, code }) => [source, action, code])).to.deep.equal([
      ["b", "evicted", "SIGNATURE_INVALID"],
    ]);
  });

  it("asks at most two at the same time, and each once", async () => {
    const { ask, sources, clock } = setUp([60_000, 60_000, 60_000, 60_000]);
    let most = 0;
    const inFlight = () => sources.reduce((sum, { asked, aborted }) => sum + asked - aborted, 0);
    const watching = new AbortController();
    const watch = (async () => {
      while (!watching.signal.aborted) {
        most = Math.max(most, inFlight());
        await clock.sleep(250, watching.signal).catch(() => {});
      }
    })();
    await ask();
    watching.abort();
    await watch;
    expect(most).to.equal(2);
    for (const { asked } of sources) expect(asked).to.be.at.most(1);
  });

  it("is no way to double the requests: a tenth of the questions, and a few in a row", async () => {
    const { sources, counts, clock, start } = setUp([60_000, 60_000]);
    for (let i = 0; i < 40; i++) {
      const asking = start().catch(() => {});
      await clock.advance(61_000);
      await asking;
    }
    const total = counts().reduce((sum, count) => sum + count);
    expect(total - 40).to.be.within(1, 3 + 4);
    expect(sources.every(({ asked }) => asked > 0)).to.equal(true);
  });

  it("not even by many questions at a time, which are slow together", async () => {
    const { counts, clock, start, controller } = setUp([60_000, 60_000]);
    const questions = Array.from({ length: 6 }, () => start().catch(() => {}));
    await clock.advance(10_000);
    const total = counts().reduce((sum, count) => sum + count);
    expect(total - questions.length).to.be.within(1, 3);
    controller.abort(new Error("enough"));
    await Promise.all(questions);
  });

  it("ends both when it is aborted, and leaves nothing behind", async () => {
    const { start, clock, controller, sources } = setUp([60_000, 60_000]);
    const asking = start();
    asking.catch(() => {});
    await clock.advance(5_000);
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await asking.catch((thrown: unknown) => thrown)).to.equal(reason);
    await clock.settle();
    expect(sources.map(({ aborted }) => aborted)).to.deep.equal([1, 1]);
    expect(clock.sleepers).to.equal(0);
  });
});

describe("createPool, the order of sources", () => {
  it("prefers who answers at least twice as fast, and keeps the caller's order among those that are alike", async () => {
    const { pool, ask, clock } = setUp([900, 100, 120]);
    for (const name of ["a", "b", "c"]) {
      await ask((source) => {
        if (source.name !== name) throw error("UPDATE_IRRELEVANT");
        return name;
      });
    }
    expect(pool.scores().map(({ latencyMs }) => latencyMs! >= 100)).to.deep.equal([true, true, true]);
    clock.jumpTo(clock.nowMs() + 301_000); // who was behind lately is behind no more: now only speed counts
    expect(pool.available().map(({ name }) => name)).to.deep.equal(["b", "c", "a"]);
  });

  it("spreads questions that are asked at the same time over idle sources", async () => {
    const { start, clock, counts } = setUp([500, 500, 500]);
    const answers = [start(), start(), start()];
    await clock.advance(600);
    expect(await Promise.all(answers)).to.deep.equal(["a", "b", "c"]);
    expect(counts()).to.deep.equal([1, 1, 1]);
  });

  it("does not take the sleep of a machine for slowness, nor a clock that is set back for haste", async () => {
    for (const jumpMs of [8 * 3_600_000, -8 * 3_600_000]) {
      let offMs = 0;
      const skewed: Clock = {
        nowMs: () => made.clock.nowMs() + offMs,
        sleep: (ms, signal) => made.clock.sleep(ms, signal),
      };
      const made = setUp([100, 100], { clock: skewed });
      const asking = made.start();
      await made.clock.settle();
      offMs = jumpMs;
      await made.clock.advance(100);
      expect(await asking).to.equal("a");
      expect(made.pool.scores()[0]!.latencyMs).to.equal(null);
      expect(made.pool.available().map(({ name }) => name)).to.deep.equal(["a", "b"]);
    }
  });

  it("ranks coarsely: small differences do not decide, large ones do", () => {
    const score = (changes: Partial<SourceScore>) => rank({ ...UNTRIED, ...changes });
    expect(score({})).to.equal(0);
    expect(score({ latencyMs: 150 })).to.equal(0);
    expect(score({ latencyMs: 450 })).to.equal(2);
    expect(score({ availability: 0.9 })).to.equal(0);
    expect(score({ availability: 0.4 })).to.equal(2);
    expect(score({ validity: 0.7, freshness: 0.7 })).to.equal(2);
  });
});

describe("createPool, what it tells of sources", () => {
  it("evicted, with the check, the request, the pause and the score; readmitted when it answers well again", async () => {
    const { ask, peers, clock, pool } = setUp([0]);
    await ask(() => {
      throw error("FINALITY_BRANCH_INVALID");
    }).catch(() => {});
    expect(peers).to.have.length(1);
    expect(peers[0]).to.deep.include({
      source: "a",
      action: "evicted",
      request: "finality update",
      code: "FINALITY_BRANCH_INVALID",
      pauseMs: 60_000,
    });
    expect(peers[0]!.score).to.deep.include({ invalid: 1, requests: 1 });
    expect(peers[0]!.score.validity).to.be.lessThan(1);
    expect(pool.scores()[0]).to.include({ isEvicted: true, pauseMs: 60_000 });
    await clock.advance(60_000);
    await ask();
    expect(peers.map(({ action, code }) => [action, code])).to.deep.equal([
      ["evicted", "FINALITY_BRANCH_INVALID"],
      ["readmitted", null],
    ]);
    expect(pool.scores()[0]).to.include({ isEvicted: false, pauseMs: 0 });
  });

  it("paused, for who does not answer", async () => {
    const { ask, peers, sources, pool } = setUp([0, 0]);
    sources[0]!.failure = error("NETWORK_FAILED");
    await ask();
    expect(peers.map(({ source, action, pauseMs }) => [source, action, pauseMs])).to.deep.equal([
      ["a", "paused", 2_000],
    ]);
    expect(pool.scores()[0]).to.include({ failures: 1, isEvicted: false });
  });

  it("paused by what it asks for, where that is a number, and not for longer than ten minutes", async () => {
    const asked: [retryAfterMs: unknown, pauseMs: number][] = [
      [30_000, 30_000],
      [Number.POSITIVE_INFINITY, 600_000],
      [Number.NaN, 2_000],
      [-5_000, 2_000],
      ["soon", 2_000],
    ];
    for (const [retryAfterMs, pauseMs] of asked) {
      const { sources, ask, pool } = setUp([0]);
      const details = {
        source: "a",
        request: "x",
        status: 503,
        message: "",
        retryAfterMs,
      } as ErrorDetails["HTTP_STATUS"];
      sources[0]!.failure = new SidelightError("HTTP_STATUS", "busy", details);
      await ask().catch(() => {});
      expect(pool.scores()[0]!.pauseMs, `${retryAfterMs}`).to.equal(pauseMs);
    }
  });

  it("demoted, for who has only old things where another has news; not evicted", async () => {
    const { ask, peers, pool } = setUp([0, 0]);
    await ask(({ name }) => {
      if (name === "a") throw error("UPDATE_IRRELEVANT");
      return name;
    });
    expect(peers.map(({ source, action, pauseMs }) => [source, action, pauseMs])).to.deep.equal([["a", "demoted", 0]]);
    expect(pool.scores().map(({ stale }) => stale)).to.deep.equal([1, 0]);
    expect(pool.scores()[0]!.freshness).to.be.lessThan(1);
  });

  it("nothing, where nobody has news", async () => {
    const { ask, peers, pool } = setUp([0, 0]);
    await ask(() => {
      throw error("UPDATE_IRRELEVANT");
    }).catch(() => {});
    expect(peers).to.deep.equal([]);
    expect(pool.scores().map(({ freshness }) => freshness)).to.deep.equal([1, 1]);
  });
});

describe("createPool, what is kept between runs", () => {
  it("gives a later run the scores, and who had sent something invalid pauses longer at once", async () => {
    const first = setUp([0, 300]);
    await first.ask(({ name }) => {
      if (name === "a") throw error("SIGNATURE_INVALID");
      return name;
    });
    const later = setUp([0, 300]);
    later.pool.restore(first.pool.encode());
    expect(later.pool.scores().map(({ invalid, requests }) => [invalid, requests])).to.deep.equal([
      [1, 1],
      [0, 1],
    ]);
    later.pool.blame(later.sources[0]!, error("SIGNATURE_INVALID"), "pushed update");
    expect(later.pool.scores()[0]!.pauseMs).to.equal(120_000);
  });

  it("does not take up what is more than a week old, or of a source that is not there", async () => {
    const first = setUp([0]);
    await first.ask();
    const later = setUp([0]);
    later.clock.jumpTo(first.clock.nowMs() + 604_800_001);
    later.pool.restore(first.pool.encode());
    expect(later.pool.scores()[0]!.requests).to.equal(0);
  });

  it("does not lose all of it for being too much: as many as there is room for", async () => {
    const clock = manualClock(1_000_000_000);
    const many = Array.from({ length: 256 }, (_, i) => slowSource(`${i} ${"x".repeat(250)}`, clock));
    const [first, later] = [1, 2].map(() => createPool({ sources: many, clock, onTrouble: () => {} }));
    const question = { request: "x", signal: new AbortController().signal, ask: async () => "" };
    const use = () => {
      throw error("UPDATE_IRRELEVANT"); // so that everybody is asked
    };
    await first!.ask({ ...question, use }).catch(() => {});
    later!.restore(first!.encode());
    const known = later!.scores().filter(({ requests }) => requests > 0);
    expect(known.length).to.be.within(64, 255);
  });

  it("takes up what was measured by a clock that has fractions of milliseconds", async () => {
    const clock = manualClock(1_000_000_000);
    let nowMs = 1_000_000_000.25;
    const fine: Clock = { nowMs: () => (nowMs += 0.6), sleep: (ms, signal) => clock.sleep(ms, signal) };
    const [first, later] = [setUp([0], { clock: fine }), setUp([0])];
    await first.ask();
    later.pool.restore(first.pool.encode());
    expect(later.pool.scores()[0]!.requests).to.equal(1);
  });

  it("passes over anything else, whatever it is", async () => {
    const first = setUp([0]);
    await first.ask();
    const good = first.pool.encode();
    const text = new TextDecoder().decode(good);
    const edits = [
      text.replace('"availability":1', '"availability":2'),
      text.replace('"latencyMs":0', '"latencyMs":-1'),
      text.replace('"requests":1', '"requests":1.5'),
      text.replace('"requests":1', '"requests":1,"extra":1'),
      text.replace('"offences":0', '"offences":"0"'),
      text.replace('"version":1', '"version":2'),
      text.replace(/"savedAtMs":\d+/, '"savedAtMs":null'),
      text.replace('"sources":[', '"sources":[null,'),
      "null",
      "[]",
      '{"version":1,"savedAtMs":1,"sources":{}}',
      "",
      text.slice(0, -1),
      " ".repeat(70_000) + text,
    ];
    for (const [i, edit] of edits.entries()) {
      const later = setUp([0]);
      later.pool.restore(new TextEncoder().encode(edit));
      const isTaken = later.pool.scores()[0]!.requests === 1;
      expect(isTaken, edit.slice(0, 60)).to.equal(i === 7); // one bad entry beside a good one
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const later = setUp([0]);
        later.pool.restore(bytes);
        expect(later.pool.scores()[0]!.requests).to.equal(0);
      }),
    );
  });
});

describe("createPool, maxBytesPerHour", () => {
  it("asks nobody once they have come, says how long, and goes on when an hour has passed", async () => {
    const { sources, ask, clock, pool, counts } = setUp([0], { maxBytesPerHour: 1_000 });
    sources[0]!.bytes = 600;
    await ask();
    await ask();
    expect(pool.scores()[0]!.bytes).to.equal(1_200);
    const thrown = await ask().catch((cause: unknown) => cause);
    if (!isSidelightError(thrown, "BYTE_BUDGET_SPENT")) throw thrown;
    expect(thrown.details).to.include({ usedBytes: 1_200, limitBytes: 1_000 });
    expect(thrown.details.resetsInMs).to.be.within(3_540_000, 3_600_000);
    expect(pool.available()).to.deep.equal([]);
    expect(counts()).to.deep.equal([2]);
    await clock.advance(thrown.details.resetsInMs);
    expect(await ask()).to.equal("a");
  });

  it("asks nobody else within a question once they have come, however the one that was asked has failed", async () => {
    const { sources, ask, counts } = setUp([0, 0], { maxBytesPerHour: 1_000 });
    sources[0]!.bytes = 1_200;
    sources[0]!.failure = error("RESPONSE_INVALID");
    const thrown = await ask().catch((cause: unknown) => cause);
    if (!isSidelightError(thrown, "BYTE_BUDGET_SPENT")) throw thrown;
    expect(counts()).to.deep.equal([1, 0]);
  });

  it("asks nobody beside a slow one once they have come", async () => {
    const { sources, start, counts, clock, pool } = setUp([10_000, 0], { maxBytesPerHour: 1_000 });
    const asking = start();
    await clock.settle();
    pool.countBytes(sources[0]!, 1_000);
    await clock.advance(10_000);
    expect(await asking).to.equal("a");
    expect(counts()).to.deep.equal([1, 0]);
  });

  it("counts what a source pushes", async () => {
    const { sources, ask, pool } = setUp([0], { maxBytesPerHour: 1_000 });
    pool.countBytes(sources[0]!, 1_000);
    expect(isSidelightError(await ask().catch((cause: unknown) => cause), "BYTE_BUDGET_SPENT")).to.equal(true);
  });

  it("counts nothing that is no number of bytes, whatever a source says", async () => {
    const { sources, ask, pool } = setUp([0], { maxBytesPerHour: 1_000 });
    for (const bytes of [Number.NaN, -1_000_000, Number.POSITIVE_INFINITY, 0.5, "9" as unknown as number]) {
      sources[0]!.bytes = bytes;
      expect(await ask()).to.equal("a");
    }
    expect(pool.scores()[0]!.bytes).to.equal(0);
    sources[0]!.bytes = 1_000;
    await ask();
    expect(isSidelightError(await ask().catch((cause: unknown) => cause), "BYTE_BUDGET_SPENT")).to.equal(true);
  });

  it("counts every hour by itself: never more than the limit and one answer in any sixty minutes", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20 * 60_000), fc.nat(500)), { maxLength: 80 }), (steps) => {
        const budget = createByteBudget(1_000);
        const taken: { atMs: number; bytes: number }[] = [];
        let nowMs = 5_000_000;
        for (const [waitMs, bytes] of steps) {
          nowMs += waitMs;
          if (budget.spent(nowMs) !== null) continue;
          budget.add(bytes, nowMs);
          taken.push({ atMs: nowMs, bytes });
          const lastHour = taken.filter(({ atMs }) => atMs > nowMs - 59 * 60_000);
          expect(lastHour.reduce((sum, each) => sum + each.bytes, 0) - bytes).to.be.lessThan(1_000);
        }
      }),
    );
  });

  it("does not hold back for ever when the clock is set back", () => {
    const budget = createByteBudget(10);
    budget.add(10, 100 * 3_600_000);
    expect(budget.spent(100 * 3_600_000)).not.to.equal(null);
    expect(budget.spent(50 * 3_600_000)).to.equal(null);
  });
});
