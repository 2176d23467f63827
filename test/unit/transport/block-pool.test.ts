/** Blocks through the pool: who is asked, how often, and what becomes of those who lie, fail, or are late. */
import { getEventListeners } from "node:events";
import { expect } from "chai";
import { type ErrorCode, type ErrorDetails, isSidelightError, SidelightError } from "../../../src/errors.js";
import {
  type BlockEpoch,
  createBlockDecoder,
  createBlockFollower,
  type MeasureOptions,
  measureBlocks,
} from "../../../src/health/index.js";
import type { PeerEvent } from "../../../src/transport/pool/types.js";
import type { RequestOptions } from "../../../src/transport/port.js";
import { type BlockPoolOptions, type BlockSource, blockPool, restBlocks } from "../../../src/transport/rest-blocks.js";
import { chainOf, ALTAIR_NETWORK as network } from "../../support/beacon-blocks.js";
import { type ManualClock, manualClock } from "../../support/clock.js";
import { codeOf } from "../../support/expect-code.js";

const decoder = createBlockDecoder(network);
const SLOTS_PER_EPOCH = network.preset.slotsPerEpoch;
/** Epochs 0 to 7, with empty slots here and there: the last of an epoch, the first of one, three in a row. */
const EMPTY = [7, 24, 33, 34, 35];
const CHAIN = chainOf([...Array(64).keys()].filter((slot) => !EMPTY.includes(slot)));
const HEAD = CHAIN.at(-1)!;
const OTHERS = chainOf([...Array(64).keys()], "another branch");

const find = (id: string | number, chain = CHAIN) =>
  chain.find(({ slot, root }) => id === slot || id === root)?.bytes ?? null;

function error<C extends ErrorCode>(code: C): SidelightError<C> {
  return new SidelightError(code, `because of ${code}`, {} as ErrorDetails[C]);
}

type Answer = (id: string | number, options: RequestOptions) => Promise<Uint8Array | null>;

interface FakeSource extends BlockSource {
  /** What it was asked, in order. */
  readonly asked: (string | number)[];
  hungUp: number;
  inFlight: number;
  most: number;
  answer: Answer;
}

function fakeSource(name: string, answer: Answer = async (id) => find(id)): FakeSource {
  const source: FakeSource = {
    name,
    asked: [],
    hungUp: 0,
    inFlight: 0,
    most: 0,
    answer,
    async block(id, options = {}) {
      source.asked.push(id);
      options.signal?.addEventListener("abort", () => source.hungUp++);
      source.most = Math.max(source.most, ++source.inFlight);
      try {
        return await source.answer(id, options);
      } finally {
        source.inFlight--;
      }
    },
  };
  return source;
}

/** Answers as `answer` does, after so long. */
function delayed(clock: ManualClock, delayMs: number, answer: Answer = async (id) => find(id)): Answer {
  return async (id, options) => {
    await clock.sleep(delayMs, options.signal);
    return answer(id, options);
  };
}

function setUp(names: readonly string[], options: Partial<BlockPoolOptions> = {}) {
  const clock = manualClock(1_000_000_000);
  const sources = names.map((name) => fakeSource(name));
  const peers: PeerEvent[] = [];
  const errors: string[] = [];
  const pool = blockPool({
    sources,
    clock,
    onPeer: (event) => peers.push(event),
    onError: ({ error: { code }, source }) => errors.push(`${source} ${code}`),
    ...options,
  });
  /** Lets time pass until it is settled. */
  async function finish<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    work.then(done, done);
    for (let i = 0; i < 100_000; i++) {
      await clock.settle();
      if (isDone) break;
      expect(clock.nextWakeMs, "something to wait for").not.to.equal(null);
      await clock.advanceTo(clock.nextWakeMs!);
    }
    return work;
  }
  const byRoot = ({ root } = HEAD) => finish(pool.block(root, (bytes) => decoder.decode(bytes, root)));
  const bySlot = (slot: number) => finish(pool.blockAt(slot, (bytes) => decoder.decodeAt(bytes, slot)));
  const told = () => peers.map(({ source, action, code }) => `${source} ${action} ${code}`);
  return { clock, sources, pool, peers, errors, told, finish, byRoot, bySlot };
}

const rejectionOf = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail("expected a rejection"),
    (thrown: unknown) => thrown,
  );

describe("blockPool, by root", () => {
  it("evicts who sends another block, cut bytes, noise or nothing of the kind, with the check, and asks the next", async () => {
    const bad: Record<string, [unknown, ErrorCode]> = {
      "another block": [find(5), "MERKLE_ROOT_MISMATCH"],
      "a block of another branch": [find(HEAD.slot, OTHERS), "MERKLE_ROOT_MISMATCH"],
      "cut bytes": [HEAD.bytes.slice(0, -7), "DECODE_FAILED"],
      "more bytes": [Uint8Array.of(...HEAD.bytes, 0), "DECODE_FAILED"],
      noise: [new Uint8Array(300).fill(7), "DECODE_FAILED"],
      "no bytes": [new Uint8Array(), "DECODE_FAILED"],
      "a string": ["0x1234", "DECODE_FAILED"],
      undefined: [undefined, "DECODE_FAILED"],
    };
    for (const [what, [answer, code]] of Object.entries(bad)) {
      const { sources, told, errors, byRoot, pool } = setUp(["liar", "honest"]);
      sources[0]!.answer = async () => answer as Uint8Array;
      expect((await byRoot()).root, what).to.equal(HEAD.root);
      expect(told(), what).to.deep.equal([`liar evicted ${code}`]);
      expect(errors, what).to.deep.equal([`liar ${code}`]);
      expect(pool.sources[0], what).to.include({ source: "liar", isEvicted: true, invalid: 1, pauseMs: 60_000 });
      await byRoot();
      expect(sources.map(({ asked }) => asked.length)).to.deep.equal([1, 2]);
    }
  });

  it("takes no offence where there is no such block, and asks that source after the others from then on", async () => {
    for (const answer of [async () => null, () => Promise.reject(error("NOT_AVAILABLE"))]) {
      const { sources, errors, told, byRoot, pool } = setUp(["without", "with"]);
      sources[0]!.answer = answer;
      await byRoot();
      await byRoot();
      expect([errors, told()]).to.deep.equal([[], []]);
      expect(sources.map(({ asked }) => asked.length)).to.deep.equal([1, 2]);
      expect(pool.sources[0]).to.include({ pauseMs: 0, failures: 0, invalid: 0 });
    }
  });

  it("rejects with what each said when nobody has it, each asked once", async () => {
    const { sources, byRoot } = setUp(["a", "b", "c"]);
    sources[0]!.answer = async () => null;
    sources[1]!.answer = async () => find(5);
    sources[2]!.answer = () => Promise.reject(error("NETWORK_FAILED"));
    const thrown = await rejectionOf(byRoot());
    if (!isSidelightError(thrown, "NO_SOURCE_ANSWERED")) throw thrown;
    expect(thrown.details.attempts.map(({ source, code }) => `${source} ${code}`)).to.deep.equal([
      "a NOT_AVAILABLE",
      "b MERKLE_ROOT_MISMATCH",
      "c NETWORK_FAILED",
    ]);
    expect(sources.map(({ asked }) => asked)).to.deep.equal([[HEAD.root], [HEAD.root], [HEAD.root]]);
  });

  it("asks one more beside who is silent, and hangs up on the slower", async () => {
    const { sources, byRoot, clock, pool } = setUp(["silent", "b", "c"]);
    sources[0]!.answer = () => new Promise(() => {});
    sources[1]!.answer = async (id, { onBytes }) => {
      onBytes?.(find(id)!.length);
      return find(id);
    };
    const startedMs = clock.nowMs();
    await byRoot();
    expect(clock.nowMs() - startedMs).to.equal(3_000);
    expect(sources.map(({ asked }) => asked.length)).to.deep.equal([1, 1, 0]);
    expect(sources.map(({ hungUp }) => hungUp)).to.deep.equal([1, 0, 0]);
    expect(pool.sources.map(({ bytes }) => bytes)).to.deep.equal([0, HEAD.bytes.length, 0]);
    expect(clock.sleepers).to.equal(0);
  });

  it("asks each source at most once, and at most two at a time, however all of them behave", async () => {
    const { sources, byRoot, clock } = setUp(["a", "b", "c", "d"]);
    let [inFlight, most] = [0, 0];
    for (const [i, source] of sources.entries()) {
      const answer = delayed(clock, 5_000 * (i + 1), i % 2 === 0 ? async () => find(5) : async () => null);
      source.answer = async (...asked) => {
        most = Math.max(most, ++inFlight);
        return answer(...asked).finally(() => inFlight--);
      };
    }
    await rejectionOf(byRoot());
    expect(sources.map(({ asked }) => asked.length)).to.deep.equal([1, 1, 1, 1]);
    expect(most).to.equal(2);
  });

  it("waits while all are on pause for not answering: not for who is evicted, and not for longer than a minute", async () => {
    const { sources, byRoot, clock, pool } = setUp(["only"]);
    const { answer } = sources[0]!;
    sources[0]!.answer = () => Promise.reject(error("NETWORK_FAILED"));
    await rejectionOf(byRoot());
    const failedMs = clock.nowMs();
    sources[0]!.answer = answer;
    await byRoot();
    expect(clock.nowMs() - failedMs).to.equal(2_000);
    sources[0]!.answer = async () => find(5);
    await rejectionOf(byRoot());
    const evictedMs = clock.nowMs();
    expect(await rejectionOf(byRoot())).to.include({ code: "NO_SOURCE_ANSWERED" });
    expect(clock.nowMs()).to.equal(evictedMs);
    expect(sources[0]!.asked.length).to.equal(3);
    await clock.advance(pool.sources[0]!.pauseMs);
    sources[0]!.answer = () =>
      Promise.reject(
        new SidelightError("HTTP_STATUS", "later", { retryAfterMs: 61_000 } as ErrorDetails["HTTP_STATUS"]),
      );
    await rejectionOf(byRoot());
    const toldMs = clock.nowMs();
    await rejectionOf(byRoot());
    expect(clock.nowMs()).to.equal(toldMs);
  });

  it("ends with exactly the signal's reason, also while it waits, with one listener at a time and none at the end", async () => {
    const controller = new AbortController();
    const { sources, pool, byRoot, clock } = setUp(["a", "b"], { signal: controller.signal });
    for (const source of sources) source.answer = () => Promise.reject(error("NETWORK_FAILED"));
    await rejectionOf(byRoot());
    const waiting = [...Array(20)].map((_, i) => pool.block(`${i}`, (bytes) => bytes));
    const listeners = () => getEventListeners(controller.signal, "abort").length;
    expect(listeners()).to.equal(1);
    const ends = waiting.map(rejectionOf);
    await clock.settle();
    const reason = new Error("enough");
    controller.abort(reason);
    for (const end of ends) expect(await end).to.equal(reason);
    expect([listeners(), clock.sleepers]).to.deep.equal([0, 0]);
    expect(await rejectionOf(pool.blockAt(3, (bytes) => bytes))).to.equal(reason);
  });

  it("asks nobody once the bytes of an hour are spent", async () => {
    const { sources, byRoot, clock } = setUp(["a"], { maxBytesPerHour: 1_000 });
    sources[0]!.answer = async (id, { onBytes }) => {
      onBytes?.(1_000);
      return find(id);
    };
    await byRoot();
    expect(await rejectionOf(byRoot())).to.include({ code: "BYTE_BUDGET_SPENT" });
    expect(sources[0]!.asked.length).to.equal(1);
    await clock.advance(3_600_000);
    await byRoot();
  });
});

describe("blockPool, by slot", () => {
  it("takes the word of the first that there is none, which changes nothing for its sender", async () => {
    for (const answer of [async () => null, () => Promise.reject(error("NOT_AVAILABLE"))]) {
      const { sources, bySlot, byRoot, pool, told, errors } = setUp(["a", "b"]);
      sources[0]!.answer = answer;
      const before = pool.sources;
      for (let i = 0; i < 50; i++) expect(await bySlot(7)).to.equal(null);
      expect(sources.map(({ asked }) => asked.length)).to.deep.equal([50, 0]);
      expect(pool.sources).to.deep.equal(before.map((each, i) => ({ ...each, requests: i === 0 ? 50 : 0 })));
      expect([told(), errors]).to.deep.equal([[], []]);
      sources[0]!.answer = async (id) => find(id);
      await byRoot();
      expect(sources.map(({ asked }) => asked.length)).to.deep.equal([51, 0]);
    }
  });

  it("redeems nobody for saying that there is none", async () => {
    const { sources, bySlot, byRoot, clock, told, pool } = setUp(["liar"]);
    sources[0]!.answer = async () => find(5);
    await rejectionOf(byRoot());
    await clock.advance(60_000);
    sources[0]!.answer = async () => null;
    for (let i = 0; i < 50; i++) await bySlot(7);
    sources[0]!.answer = async () => find(5);
    await rejectionOf(byRoot());
    expect(told()).to.deep.equal(["liar evicted MERKLE_ROOT_MISMATCH", "liar evicted MERKLE_ROOT_MISMATCH"]);
    expect(pool.sources[0]!.pauseMs, "the second time in a row").to.equal(120_000);
  });

  it("takes a block of any branch, and evicts who sends bytes that are no block of that slot", async () => {
    const { sources, bySlot, told } = setUp(["liar", "honest"]);
    sources[0]!.answer = async (id) => find(id, OTHERS);
    expect((await bySlot(9))!.root).to.equal(OTHERS[9]!.root);
    expect(told()).to.deep.equal([]);
    for (const [answer, code] of [
      [find(5), "CLAIM_MISMATCH"],
      [find(9)!.slice(0, -7), "DECODE_FAILED"],
    ] as const) {
      const each = setUp(["liar", "honest"]);
      each.sources[0]!.answer = async () => answer;
      expect((await each.bySlot(9))!.slot).to.equal(9);
      expect(each.told()).to.deep.equal([`liar evicted ${code}`]);
    }
  });
});

describe("blockPool, many at a time", () => {
  it("counts what fails side by side as one failure, and what was asked before an eviction as no amends", async () => {
    const { sources, pool, clock, told, finish } = setUp(["a"]);
    sources[0]!.answer = delayed(clock, 100, () => Promise.reject(error("NETWORK_FAILED")));
    const burst = () => finish(Promise.allSettled([1, 2, 3, 4, 5, 6].map((slot) => pool.blockAt(slot, () => null))));
    await burst();
    expect(pool.sources[0]).to.include({ failures: 6, pauseMs: 2_000 });
    await clock.advance(2_000);
    await burst();
    expect(pool.sources[0]).to.include({ failures: 12, pauseMs: 4_000 });
    await clock.advance(4_000);
    told().length = 0;
    sources[0]!.answer = async (id, options) => {
      await clock.sleep(id === 1 ? 100 : 200, options.signal);
      if (id === 3) throw error("NETWORK_FAILED");
      return find(id === 1 ? 5 : id);
    };
    await finish(
      Promise.allSettled([1, 2, 3].map((slot) => pool.blockAt(slot, (bytes) => decoder.decodeAt(bytes, slot)))),
    );
    expect(told().slice(-2)).to.deep.equal(["a evicted CLAIM_MISMATCH", "a paused NETWORK_FAILED"]);
    expect(pool.sources[0], "not back any sooner for having failed too").to.include({
      isEvicted: true,
      pauseMs: 60_000 - 100,
    });
  });
});

describe("blockPool, what it refuses", () => {
  it("sources that are none, twice the same name, a budget of nothing", () => {
    const sources = [fakeSource("a")];
    const wrong: unknown[] = [
      { sources: [] },
      { sources: fakeSource("a") },
      { sources: [{ name: "a" }] },
      { sources: [null] },
      { sources: [...sources, fakeSource("a")] },
      { sources, maxBytesPerHour: 0 },
      { sources, maxBytesPerHour: Number.NaN },
      { sources, maxBytesPerHour: "5" },
    ];
    for (const options of wrong) {
      expect(
        codeOf(() => blockPool(options as BlockPoolOptions)),
        JSON.stringify(options),
      ).to.equal("OPTION_INVALID");
    }
  });
});

describe("restBlocks", () => {
  const withFetch = (response: () => Response | Promise<Response>) =>
    restBlocks("https://node.example/key-of-mine", { fetch: async () => response() });
  const ssz = { "content-type": "application/octet-stream" };

  it("counts bytes as they come, tells the server's time, and gives null for what is not there", async () => {
    const date = new Date(1_700_000_000_000).toUTCString();
    const source = withFetch(() => new Response(HEAD.bytes.slice(), { headers: { ...ssz, date } }));
    let [bytes, dateMs] = [0, 0];
    const options: RequestOptions = {
      onBytes: (count) => {
        bytes += count;
      },
      onDate: (serverMs) => {
        dateMs = serverMs;
      },
    };
    expect(await source.block(HEAD.slot, options)).to.deep.equal(HEAD.bytes);
    expect([bytes, dateMs]).to.deep.equal([HEAD.bytes.length, 1_700_000_000_000]);
    for (const [status, body] of [
      [404, "{}"],
      [500, '{"message":"block not available"}'],
    ] as const) {
      expect(await withFetch(() => new Response(body, { status })).block(3)).to.equal(null);
    }
  });

  it("hides what may be a key, and rejects with the signal's reason", async () => {
    const source = withFetch(() => new Response("{}", { headers: { "content-type": "text/html; key-of-mine" } }));
    const thrown = await rejectionOf(source.block(3));
    expect(thrown).to.include({ code: "RESPONSE_INVALID" });
    expect((thrown as Error).message)
      .to.include("node.example")
      .and.not.include("key-of-mine");
    const controller = new AbortController();
    const hung = rejectionOf(withFetch(() => new Promise(() => {})).block(3, { signal: controller.signal }));
    controller.abort("reason");
    expect(await hung).to.equal("reason");
  });
});

describe("measureBlocks through a pool", () => {
  const measure = (set: ReturnType<typeof setUp>, options: Partial<MeasureOptions> = {}) =>
    set.finish(
      measureBlocks({
        network,
        from: HEAD,
        fromEpoch: 1,
        toEpoch: 5,
        blocks: set.pool,
        nowMs: set.clock.nowMs,
        ...options,
      }),
    );
  /** Of the walk: from the head's to the first of epoch 1. */
  const SLOTS = HEAD.slot - SLOTS_PER_EPOCH + 1;
  let expected: BlockEpoch[];
  before(async () => {
    expected = await measure(setUp(["honest"]));
    expect(expected.map(({ epoch, blocks }) => [epoch, blocks])).to.deep.equal([
      [1, 8],
      [2, 8],
      [3, 7],
      [4, 5],
      [5, 8],
    ]);
  });

  it("asks for each slot once, ahead, and spreads the questions over all sources", async () => {
    const set = setUp(["a", "b", "c"]);
    for (const source of set.sources) source.answer = delayed(set.clock, 200);
    const startedMs = set.clock.nowMs();
    let most = 0;
    const inFlight = () => set.sources.reduce((sum, each) => sum + each.inFlight, 0);
    for (const source of set.sources) {
      const { block } = source;
      Object.assign(source, {
        block: (...asked: Parameters<BlockSource["block"]>) => {
          const answer = block(...asked);
          most = Math.max(most, inFlight());
          return answer;
        },
      });
    }
    expect(await measure(set, { ahead: 6 })).to.deep.equal(expected);
    const asked = set.sources.flatMap((source) => source.asked);
    expect(asked.filter((id) => id === HEAD.root).length).to.equal(1);
    expect(new Set(asked).size).to.equal(asked.length);
    expect(asked.length).to.equal(SLOTS);
    expect(most).to.equal(6);
    for (const { asked: own } of set.sources) expect(own.length).to.be.above(SLOTS / 4);
    expect(set.clock.nowMs() - startedMs, "six at a time").to.be.below((SLOTS / 6 + 4) * 200);
    expect(set.clock.sleepers).to.equal(0);
  });

  /** How each goes about it, and the codes it may be evicted for, if it has to be. */
  const liars: Record<string, [(clock: ManualClock) => Answer, ErrorCode[]]> = {
    "another block, always the same": [() => async () => find(5), ["MERKLE_ROOT_MISMATCH", "CLAIM_MISMATCH"]],
    "the block before the one that is due": [
      () => {
        let last: Uint8Array | null = find(5);
        return async (id) => {
          const answer = last;
          last = find(id) ?? last;
          return answer;
        };
      },
      ["MERKLE_ROOT_MISMATCH", "CLAIM_MISMATCH"],
    ],
    "half of it": [() => async (id) => find(id)?.slice(0, 200) ?? null, ["DECODE_FAILED"]],
    noise: [() => async () => new Uint8Array(500).fill(3), ["DECODE_FAILED"]],
    "more than there can be": [() => () => Promise.reject(error("INPUT_TOO_LARGE")), []],
    "nothing until patience ends": [
      (clock) => delayed(clock, 10_000, () => Promise.reject(error("REQUEST_TIMEOUT"))),
      [],
    ],
    "nothing at slots": [() => async (id) => (typeof id === "number" ? null : find(id)), []],
    "nothing but 404": [() => async () => null, []],
    "another branch at slots": [() => async (id) => find(id, typeof id === "number" ? OTHERS : CHAIN), []],
    "another branch": [() => async (id) => find(id, OTHERS), []],
    "a made-up block for roots": [
      () => async (id) => (typeof id === "number" ? find(id, OTHERS) : OTHERS[3]!.bytes),
      ["MERKLE_ROOT_MISMATCH"],
    ],
    "the truth, late": [(clock) => delayed(clock, 25_000), []],
    "resets now and then": [
      () => {
        let count = 0;
        return (id) => (count++ % 3 === 0 ? Promise.reject(error("NETWORK_FAILED")) : Promise.resolve(find(id)));
      },
      [],
    ],
  };
  for (const [what, [lie, codes]] of Object.entries(liars)) {
    it(`gives the same beside who sends ${what}, within the bounds`, async () => {
      const set = setUp(["liar", "honest"]);
      set.sources[0]!.answer = lie(set.clock);
      set.sources[1]!.answer = delayed(set.clock, 50);
      expect(await measure(set)).to.deep.equal(expected);
      const evictions = set.peers.filter(({ action }) => action === "evicted");
      expect(evictions.map(({ source }) => source).filter((source) => source !== "liar")).to.deep.equal([]);
      expect(evictions.length > 0).to.equal(codes.length > 0);
      for (const { code } of evictions) expect(codes).to.include(code);
      for (const { asked, most } of set.sources) {
        expect(new Set(asked).size, "each question once").to.equal(asked.length);
        expect(most).to.be.at.most(16 + 1);
      }
      expect(set.clock.sleepers).to.equal(0);
    });
  }

  it("rejects when nobody is left who has a block, with what each said", async () => {
    const set = setUp(["a", "b"]);
    set.sources[0]!.answer = async () => find(5);
    set.sources[1]!.answer = async (id) =>
      id === 40 || id === CHAIN.find(({ slot }) => slot === 40)!.root ? null : find(id);
    const thrown = await rejectionOf(measure(set));
    expect(thrown).to.include({ code: "NO_SOURCE_ANSWERED" });
    expect((thrown as Error).message).to.include("b: ");
  });

  it("goes on after an outage of its only source", async () => {
    const set = setUp(["only"]);
    const startedMs = set.clock.nowMs();
    set.sources[0]!.answer = delayed(set.clock, 20, async (id) => {
      const sinceMs = set.clock.nowMs() - startedMs;
      if (sinceMs > 50 && sinceMs < 1_500) throw error("NETWORK_FAILED");
      return find(id);
    });
    expect(await measure(set)).to.deep.equal(expected);
    expect(set.pool.sources[0]!.failures, "many at once").to.be.above(5);
    expect(set.told()).to.include("only readmitted null");
  });

  it("tells each epoch as soon as it is known, latest first, so that an interrupted walk was not for nothing", async () => {
    const controller = new AbortController();
    const set = setUp(["a"], { signal: controller.signal });
    set.sources[0]!.answer = delayed(set.clock, 10);
    const told: BlockEpoch[] = [];
    expect(await measure(set, { onEpoch: (epoch) => told.push(epoch) })).to.deep.equal(expected);
    expect(told).to.deep.equal([...expected].reverse());
    told.length = 0;
    const reason = new Error("enough");
    const onEpoch = (epoch: BlockEpoch) => {
      told.push(epoch);
      if (epoch.epoch === 3) controller.abort(reason);
    };
    expect(await rejectionOf(measure(set, { onEpoch }))).to.equal(reason);
    expect(told).to.deep.equal(expected.slice(2).reverse());
    expect(set.sources[0]!.asked.filter((id) => id === 8).length, "the second time it did not come so far").to.equal(1);
  });

  it("refuses what it cannot fetch by, and a range that reaches back beyond Altair", async () => {
    const set = setUp(["a"]);
    const { altair } = network.forks;
    const later = { ...network, forks: { ...network.forks, altair: { ...altair, epoch: 1 } } };
    for (const wrong of [{ blocks: set.sources }, { blocks: undefined }, { ahead: 0 }, { network: later }]) {
      expect(await rejectionOf(measure(set, wrong as Partial<MeasureOptions>))).to.include({ code: "OPTION_INVALID" });
    }
    expect(codeOf(() => createBlockFollower({ network, blocks: set.sources as never }))).to.equal("OPTION_INVALID");
    expect(set.sources[0]!.asked).to.deep.equal([]);
  });
});
