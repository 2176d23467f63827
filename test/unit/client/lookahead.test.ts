/** The next range is asked for while the last one is verified: when, of whom, how often, and what becomes of it. */
import { expect } from "chai";
import { type BlstBls, blstBls } from "../../../src/bls/blst/index.js";
import type { Bls } from "../../../src/bls/port.js";
import { createLookahead } from "../../../src/client/lookahead.js";
import { SidelightError, type SignatureFault } from "../../../src/errors.js";
import type { RawObject, Source } from "../../../src/transport/port.js";
import { stubBls } from "../../support/stub-bls.js";
import {
  codesOf,
  createFakeChain,
  type FakeChain,
  type FakeSource,
  hang,
  networkFailed,
  notAvailable,
  record,
} from "./fake-chain.js";
import { drive, rejectionOf, settle, until, watchUnhandled } from "./waiting.js";

const PERIOD_SLOTS = 64;
const PERIODS = 11;

/** One request for updates. */
interface Request {
  readonly source: string;
  readonly start: number;
  readonly count: number;
  readonly signal: AbortSignal | undefined;
  isAnswered: boolean;
}

describe("createLookahead", () => {
  watchUnhandled();
  const answer: RawObject[] = [];
  let counted: number;
  let spent: SidelightError<"BYTE_BUDGET_SPENT"> | null;
  let mayAsk: () => Promise<void> | undefined;
  const pool: Parameters<typeof createLookahead>[0] = {
    countBytes: (_, bytes) => {
      counted += bytes;
    },
    spent: () => spent,
    mayAsk: () => mayAsk(),
  };

  beforeEach(() => {
    counted = 0;
    spent = null;
    mayAsk = () => undefined;
  });

  function source(updates: Source["updates"] = async () => answer): Source {
    return { updates } as Source;
  }

  function watched() {
    const signals: AbortSignal[] = [];
    const asked = source((_, __, { signal } = {}) => {
      signals.push(signal!);
      return hang(signal);
    });
    return { asked, signals };
  }

  it("gives the answer to who asks the same of the same source, once", async () => {
    const ahead = createLookahead(pool, new AbortController().signal);
    const [asked, other] = [source(), source()];
    expect(ahead.take(asked, 5)).to.equal(null);
    ahead.ask(asked, 5, 3);
    await settle();
    expect([ahead.has(5), ahead.has(6)]).to.deep.equal([true, false]);
    expect(ahead.take(other, 5)).to.equal(null);
    expect(ahead.take(asked, 6)).to.equal(null);
    expect(await ahead.take(asked, 5)).to.equal(answer);
    expect([ahead.take(asked, 5), ahead.has(5)]).to.deep.equal([null, false]);
  });

  it("gives a failure as the source gave it, even one that throws, and lets none go unhandled", async () => {
    const ahead = createLookahead(pool, new AbortController().signal);
    const failure = networkFailed();
    const throwing = source(() => {
      throw failure;
    });
    for (const asked of [source(() => Promise.reject(failure)), throwing]) {
      ahead.ask(asked, 5, 3);
      await settle();
      expect(await rejectionOf(ahead.take(asked, 5)!)).to.equal(failure);
      ahead.ask(asked, 5, 3); // and one that nobody takes
    }
    await settle();
  });

  it("hangs up when it is not wanted: dropped, or something else is asked, but never once it is taken", async () => {
    const ahead = createLookahead(pool, new AbortController().signal);
    const [first, second] = [watched(), watched()];
    ahead.ask(first.asked, 5, 3);
    await settle();
    ahead.dropOf(second.asked);
    expect(first.signals[0]!.aborted).to.equal(false);
    ahead.dropOf(first.asked);
    expect(first.signals[0]!.aborted).to.equal(true);
    ahead.ask(first.asked, 5, 3);
    await settle();
    ahead.ask(second.asked, 5, 3);
    await settle();
    expect([first.signals[1]!.aborted, second.signals[0]!.aborted]).to.deep.equal([true, false]);
    ahead.take(second.asked, 5)!.catch(() => {});
    ahead.drop();
    expect(second.signals[0]!.aborted).to.equal(false);
  });

  it("hangs up with the reason of its signal, also on what is taken, and asks for nothing after that", async () => {
    const abort = new AbortController();
    const ahead = createLookahead(pool, abort.signal);
    const { asked, signals } = watched();
    ahead.ask(asked, 5, 3);
    await settle();
    const taken = rejectionOf(ahead.take(asked, 5)!);
    ahead.ask(asked, 8, 3);
    await settle();
    const reason = new Error("stopped");
    abort.abort(reason);
    expect(await taken).to.equal(reason);
    expect(signals.map((signal) => signal.reason)).to.deep.equal([reason, reason]);
    ahead.ask(asked, 11, 3);
    await settle();
    expect(signals).to.have.length(2);
  });

  it("counts the bytes that come", async () => {
    const ahead = createLookahead(pool, new AbortController().signal);
    ahead.ask(
      source(async (_, __, { onBytes } = {}) => {
        onBytes?.(1_234);
        return answer;
      }),
      5,
      3,
    );
    await settle();
    expect(counted).to.equal(1_234);
  });

  it("asks nothing when nothing may be asked: no bytes are left, or it is not its turn", async () => {
    const ahead = createLookahead(pool, new AbortController().signal);
    const { asked, signals } = watched();
    spent = new SidelightError("BYTE_BUDGET_SPENT", "spent", { usedBytes: 1, limitBytes: 1, resetsInMs: 1 });
    ahead.ask(asked, 5, 3);
    await settle();
    spent = null;
    mayAsk = () => Promise.reject(new Error("not yours"));
    ahead.ask(asked, 5, 3);
    await settle();
    expect([signals.length, ahead.has(5), ahead.take(asked, 5)]).to.deep.equal([0, false, null]);
  });

  it("leaves it to who needs the answer now to ask, while it waits for its turn", async () => {
    let begin: () => void = () => {};
    mayAsk = () => new Promise((resolve) => (begin = resolve));
    const ahead = createLookahead(pool, new AbortController().signal);
    const { asked, signals } = watched();
    ahead.ask(asked, 5, 3);
    expect(ahead.take(asked, 5)).to.equal(null);
    begin();
    await settle();
    expect(signals).to.have.length(0);
  });
});

describe("catching up, with what is asked ahead", () => {
  watchUnhandled();
  let chain: FakeChain;
  let requests: Request[];

  beforeEach(async () => {
    chain = await createFakeChain({ slot: PERIODS * PERIOD_SLOTS + 11 });
    requests = [];
  });

  /** A source whose server gives few at a time, as some do. */
  function source(name: string, { most = 4, answer }: { most?: number; answer?: Source["updates"] } = {}): FakeSource {
    const made = chain.source(name);
    const { updates } = made;
    made.updates = async (start, count, options) => {
      const request: Request = { source: name, start, count, signal: options?.signal, isAnswered: false };
      requests.push(request);
      try {
        return await (answer ?? updates)(start, Math.min(count, most), options);
      } finally {
        request.isAnswered = true;
      }
    };
    return made;
  }

  function sync(sources: Source[], bls: Bls = stubBls()) {
    const client = chain.client({ sources, bls, staleCheckpoint: "allow", maxHeadAgeSlots: Number.POSITIVE_INFINITY });
    const log = record(client);
    const done = drive(chain.clock, client.syncOnce());
    done.catch(() => {});
    return { client, log, done };
  }

  const asked = () => requests.map(({ source: name, start, count }) => [name, start, count]);

  it("asks as often as it would one after the other, each range once", async () => {
    const { done } = sync([source("only")]);
    expect((await done).periods).to.equal(PERIODS);
    expect(asked()).to.deep.equal([
      ["only", 0, 11],
      ["only", 4, 7],
      ["only", 8, 3],
    ]);
  });

  it("asks while the range before is being verified, one ahead and no more", async () => {
    const real = await readyBls();
    const verdicts: ((fault: SignatureFault | null) => void)[] = [];
    const bls: Bls = {
      ...real,
      lanes: 1,
      verifyBatchAsync: () => new Promise((resolve) => verdicts.push(resolve)),
    };
    const { done } = sync([source("only", { most: 2 })], bls);
    // periods 0 and 1 are one batch, which nobody answers: nothing of this answer has been found to hold yet
    await until(() => verdicts.length === 1);
    await settle();
    expect(asked()).to.deep.equal([["only", 0, 11]]);
    verdicts[0]!(null);
    // now it has, and the next is asked for; it is verified, and the one after it is not asked for before it holds
    await until(() => verdicts.length === 2);
    await settle();
    expect(asked().map(([, start]) => start)).to.deep.equal([0, 2]);
    for (let i = 1; i < 6; i++) {
      await until(() => verdicts.length > i || requests.length === 6);
      verdicts[i]?.(null);
      await settle();
    }
    expect((await done).periods).to.equal(PERIODS);
    expect(asked().map(([, start]) => start)).to.deep.equal([0, 2, 4, 6, 8, 10]);
  });

  it("has the next answer before it has verified the last one", async () => {
    const bls = stubBls();
    const before: boolean[] = [];
    const first = source("only", { most: 6 });
    const { client, done } = sync([first], bls);
    client.on("committee", ({ period }) => {
      // told when the update of the period before is verified: the last but one of the first range
      if (period === 5) before.push(requests.length === 2 && requests[1]!.isAnswered);
    });
    await done;
    expect(before).to.deep.equal([true]);
  });

  it("hangs up when it is stopped, and leaves nothing", async () => {
    const held = source("only", { answer: (start, count, options) => answerOrHang(start, count, options?.signal) });
    const { client, done } = sync([held]);
    await until(() => requests.length === 2);
    await client.stop();
    await rejectionOf(done);
    expect(requests[1]!.signal!.aborted).to.equal(true);
    await until(() => requests[1]!.isAnswered);
    await settle();
    expect(chain.clock.sleepers).to.equal(0);
  });

  function answerOrHang(start: number, count: number, signal: AbortSignal | undefined): Promise<RawObject[]> {
    return start === 0 ? chain.source().updates(start, count) : hang(signal);
  }

  it("gives up what it asked of a source that turns out to lie: one request in vain, and the next one asks for the rest", async () => {
    const lie = chain.update(0)!;
    const liar = source("liar", {
      answer: async (start, count, options) =>
        start > 0
          ? hang(options?.signal)
          : (await chain.source().updates(start, count)).map((raw, i) => (i === 2 ? lie : raw)),
    });
    const { done, log } = sync([liar, source("honest")]);
    expect((await done).periods).to.equal(PERIODS);
    expect(codesOf(log)).to.deep.equal(["RESPONSE_INVALID"]);
    expect(asked()).to.deep.equal([
      ["liar", 0, 11],
      ["liar", 4, 7],
      ["honest", 2, 9],
      ["honest", 6, 5],
      ["honest", 10, 1],
    ]);
    expect(requests[1]!.signal!.aborted).to.equal(true);
  });

  it("asks nothing ahead of a source of whose answer nothing holds", async () => {
    const liar = source("liar", { answer: async () => [chain.update(3)!, chain.update(4)!] });
    const { done } = sync([liar, source("honest", { most: 128 })]);
    await done;
    expect(asked()).to.deep.equal([
      ["liar", 0, 11],
      ["honest", 0, 11],
    ]);
  });

  it("treats a failure as if it had asked just then: tells it once, pauses the source, and asks the next one", async () => {
    const failing = source("failing", {
      answer: (start, count) =>
        start === 0 ? chain.source().updates(start, count) : Promise.reject(networkFailed("updates")),
    });
    const { done, log } = sync([failing, source("other", { most: 128 })]);
    expect((await done).periods).to.equal(PERIODS);
    expect(log.error.map(({ error, source: name }) => `${name} ${error.code}`)).to.deep.equal([
      "failing NETWORK_FAILED",
    ]);
    expect(asked()).to.deep.equal([
      ["failing", 0, 11],
      ["failing", 4, 7],
      ["other", 4, 7],
    ]);
  });

  it("halves a range that was refused ahead", async () => {
    const missing = source("only", {
      most: 128,
      answer: (start, count) => {
        // it has lost period 6, and fails every range with it
        if (start <= 6 && start + count > 6 && count > 1) throw notAvailable("updates");
        return chain.source().updates(start, start === 0 ? Math.min(count, 4) : count);
      },
    });
    const { done } = sync([missing]);
    expect((await done).periods).to.equal(PERIODS);
    // refused, halved; what follows the half that came was asked for ahead
    expect(asked().map(([, start, count]) => [start, count])).to.deep.equal([
      [0, 11],
      [0, 6],
      [4, 7],
      [4, 4],
      [4, 2],
      [6, 4],
      [6, 2],
      [6, 1],
      [7, 2],
      [9, 2],
    ]);
  });

  it("asks for no more than what is missing, and nothing beyond it", async () => {
    const { done } = sync([source("only", { most: 128 })]);
    await done;
    expect(asked()).to.deep.equal([["only", 0, PERIODS]]);
  });

  it("asks for at most 128 periods, ahead too", async () => {
    const far = await createFakeChain({ slot: 300 * PERIOD_SLOTS + 11 });
    const counts: [number, number][] = [];
    const only = far.source("only");
    only.updates = async (start, count, options) => {
      counts.push([start, count]);
      if (start > 0) return hang(options?.signal);
      // two are enough to see what is asked for next
      return [far.update(0)!, far.update(1)!];
    };
    const client = far.client({ sources: [only], staleCheckpoint: "allow", maxHeadAgeSlots: Number.POSITIVE_INFINITY });
    record(client);
    const done = drive(far.clock, client.syncOnce());
    done.catch(() => {});
    await until(() => counts.length === 2);
    await client.stop();
    await rejectionOf(done);
    expect(counts).to.deep.equal([
      [0, 128],
      [2, 128],
    ]);
  });
});

async function readyBls(): Promise<BlstBls> {
  const bls = blstBls();
  await bls.ready();
  return bls;
}
