import { expect } from "chai";
import { type ErrorCode, type ErrorDetails, isSidelightError, SidelightError } from "../../../src/errors.js";
import { createPool } from "../../../src/transport/pool/pool.js";
import type { RawObject, Source } from "../../../src/transport/port.js";
import { manualClock } from "../../support/clock.js";

const ANSWER: RawObject = { encoding: "json", value: "answer" };

interface FakeSource extends Source {
  asked: number;
  /** What it does when it is asked. */
  answer: () => Promise<RawObject>;
  prefersJson: number;
}

function fakeSource(name: string, hasChoice = false): FakeSource {
  const source: FakeSource = {
    name,
    asked: 0,
    prefersJson: 0,
    answer: () => Promise.resolve(ANSWER),
    bootstrap: () => source.finalityUpdate(),
    updates: async () => [await source.finalityUpdate()],
    optimisticUpdate: () => source.finalityUpdate(),
    finalityUpdate() {
      source.asked++;
      return source.answer();
    },
  };
  if (hasChoice) {
    source.preferJson = () => {
      source.prefersJson++;
    };
  }
  return source;
}

function error<C extends ErrorCode>(code: C, details: Partial<ErrorDetails[C]> = {}): SidelightError {
  return new SidelightError(code, `because of ${code}`, details as ErrorDetails[C]);
}

function fails<C extends ErrorCode>(code: C, details: Partial<ErrorDetails[C]> = {}): () => Promise<never> {
  return () => Promise.reject(error(code, details));
}

function setUp(...names: string[]) {
  const clock = manualClock(1_000_000);
  const sources = names.map((name) => fakeSource(name));
  const troubles: string[] = [];
  const pool = createPool({ sources, clock, onTrouble: ({ code }, source) => troubles.push(`${source} ${code}`) });
  const controller = new AbortController();
  const ask = (use: (raw: RawObject, source: Source) => unknown = (_, source) => source.name) =>
    pool.ask({
      request: "finality update",
      signal: controller.signal,
      ask: (source) => source.finalityUpdate(),
      use,
    });
  const rejection = () =>
    ask().then(
      () => expect.fail("expected a rejection"),
      (thrown: unknown) => thrown,
    );
  return { clock, sources, troubles, pool, controller, ask, rejection };
}

/** Time from now until a source that is on pause is available again, to the millisecond. */
function pauseOf({ pool, clock }: ReturnType<typeof setUp>, source: Source): number {
  const now = clock.nowMs();
  let [low, high] = [0, 2 ** 26];
  while (low < high) {
    const middle = (low + high) >> 1;
    clock.jumpTo(now + middle);
    if (pool.available().includes(source)) high = middle;
    else low = middle + 1;
  }
  clock.jumpTo(now);
  return low;
}

describe("createPool", () => {
  describe("ask", () => {
    it("asks the first source, and nobody else when its answer holds", async () => {
      const { sources, ask } = setUp("a", "b");
      expect(await ask()).to.equal("a");
      expect(sources.map(({ asked }) => asked)).to.deep.equal([1, 0]);
    });

    it("asks the next one when a source fails or sends something invalid", async () => {
      const { sources, troubles, ask } = setUp("a", "b", "c");
      sources[0]!.answer = fails("NETWORK_FAILED");
      const used = await ask((_, source) => {
        if (source.name === "b") throw error("SIGNATURE_INVALID");
        return source.name;
      });
      expect(used).to.equal("c");
      expect(troubles).to.deep.equal(["a NETWORK_FAILED", "b SIGNATURE_INVALID"]);
    });

    it("asks nobody else when whoever is told of a failure ends the question", async () => {
      const [clock, sources, controller] = [manualClock(), [fakeSource("a"), fakeSource("b")], new AbortController()];
      const pool = createPool({ sources, clock, onTrouble: () => controller.abort(new Error("stopped")) });
      sources[0]!.answer = fails("NETWORK_FAILED");
      const { signal } = controller;
      const asking = pool.ask({ request: "x", signal, ask: (source) => source.finalityUpdate(), use: () => null });
      const thrown = await asking.then(
        () => expect.fail("expected a rejection"),
        (reason: unknown) => reason,
      );
      expect(thrown).to.equal(signal.reason);
      expect(sources.map(({ asked }) => asked)).to.deep.equal([1, 0]);
    });

    it("rejects with what each source said when nobody's answer holds", async () => {
      const { sources, rejection } = setUp("a", "b");
      sources[0]!.answer = fails("REQUEST_TIMEOUT");
      sources[1]!.answer = fails("NOT_AVAILABLE");
      const thrown = await rejection();
      if (!isSidelightError(thrown, "NO_SOURCE_ANSWERED")) throw thrown;
      const attempts = [
        { source: "a", code: "REQUEST_TIMEOUT", message: "because of REQUEST_TIMEOUT" },
        { source: "b", code: "NOT_AVAILABLE", message: "because of NOT_AVAILABLE" },
      ];
      expect(thrown.details).to.deep.equal({ request: "finality update", attempts });
      expect(thrown.message).to.contain("a: because of REQUEST_TIMEOUT; b: because of NOT_AVAILABLE");
    });

    it("rejects without asking while all are on pause", async () => {
      const { sources, rejection } = setUp("a");
      sources[0]!.answer = fails("NETWORK_FAILED");
      await rejection();
      const thrown = await rejection();
      if (!isSidelightError(thrown, "NO_SOURCE_ANSWERED")) throw thrown;
      expect(thrown.details.attempts).to.deep.equal([]);
      expect(thrown.message).to.contain("on pause");
      expect(sources[0]!.asked).to.equal(1);
    });

    it("makes an error of the library of whatever a source throws", async () => {
      const { sources, rejection } = setUp("a");
      sources[0]!.answer = () => Promise.reject(new TypeError("of their own"));
      const thrown = await rejection();
      if (!isSidelightError(thrown, "NO_SOURCE_ANSWERED")) throw thrown;
      expect(thrown.details.attempts[0]).to.include({ source: "a", code: "UNEXPECTED" });
      expect(thrown.details.attempts[0]!.message).to.contain("of their own");
    });

    it("takes a source that throws instead of rejecting for one that rejects", async () => {
      const { sources, ask } = setUp("a", "b");
      sources[0]!.answer = () => {
        throw new TypeError("not a promise");
      };
      expect(await ask()).to.equal("b");
    });

    it("rejects with exactly the signal's reason, whatever the source makes of it, and blames nobody", async () => {
      const { sources, troubles, controller, pool, rejection } = setUp("a", "b");
      const reason = { exactly: "this" };
      sources[0]!.answer = () => {
        controller.abort(reason);
        return Promise.reject(error("NETWORK_FAILED"));
      };
      expect(await rejection()).to.equal(reason);
      expect(await rejection()).to.equal(reason);
      expect(troubles).to.deep.equal([]);
      expect(pool.available()).to.deep.equal(sources);
      expect(sources[1]!.asked).to.equal(0);
    });

    it("does not ask anyone else about trouble of this machine", async () => {
      const { sources, ask } = setUp("a", "b");
      const thrown = await ask(() => {
        throw error("BLS_NOT_READY");
      }).catch((caught: unknown) => caught);
      expect(isSidelightError(thrown, "BLS_NOT_READY")).to.equal(true);
      expect(sources[1]!.asked).to.equal(0);
    });
  });

  describe("pauses", () => {
    it("double with each failure in a row, from 2 s to a minute", async () => {
      const room = setUp("a");
      const [source] = room.sources;
      source!.answer = fails("NETWORK_FAILED");
      const pauses: number[] = [];
      for (let i = 0; i < 8; i++) {
        await room.rejection();
        pauses.push(pauseOf(room, source!));
        room.clock.jumpTo(room.clock.nowMs() + pauses.at(-1)!);
      }
      expect(pauses).to.deep.equal([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    });

    it("start again after an answer that holds", async () => {
      const room = setUp("a");
      const [source] = room.sources;
      source!.answer = fails("NETWORK_FAILED");
      await room.rejection();
      room.clock.jumpTo(room.clock.nowMs() + 2_000);
      source!.answer = () => Promise.resolve(ANSWER);
      await room.ask();
      source!.answer = fails("NETWORK_FAILED");
      await room.rejection();
      expect(pauseOf(room, source!)).to.equal(2_000);
    });

    it("are longer for who sends something invalid: from a minute to an hour", async () => {
      const room = setUp("a");
      const pauses: number[] = [];
      for (let i = 0; i < 8; i++) {
        room.pool.blame(room.sources[0]!, error("SIGNATURE_INVALID"), "pushed update");
        pauses.push(pauseOf(room, room.sources[0]!) / 60_000);
        room.clock.jumpTo(room.clock.nowMs() + pauses.at(-1)! * 60_000);
      }
      expect(pauses).to.deep.equal([1, 2, 4, 8, 16, 32, 60, 60]);
      expect(room.troubles).to.have.length(8);
    });

    it("last as long as the server asks, up to ten minutes", async () => {
      for (const [retryAfterMs, expected] of [
        [500, 2_000],
        [30_000, 30_000],
        [86_400_000, 600_000],
      ] as const) {
        const room = setUp("a");
        room.sources[0]!.answer = fails("HTTP_STATUS", { status: 429, retryAfterMs });
        await room.rejection();
        expect(pauseOf(room, room.sources[0]!)).to.equal(expected);
      }
    });

    it("are not for who does not have an object; it only loses its place for a while", async () => {
      const { clock, sources, troubles, pool, ask } = setUp("a", "b");
      sources[0]!.answer = fails("NOT_AVAILABLE");
      expect(await ask()).to.equal("b");
      expect(pool.available().map(({ name }) => name)).to.deep.equal(["b", "a"]);
      clock.jumpTo(clock.nowMs() + 300_000);
      expect(pool.available().map(({ name }) => name)).to.deep.equal(["a", "b"]);
      expect(troubles).to.deep.equal([]);
    });

    for (const code of ["UPDATE_FROM_FUTURE", "PERIOD_SKIPPED", "FINALIZED_PERIOD_MISMATCH"] as const) {
      it(`are not for who sends something refused as ${code}; it only loses its place`, async () => {
        const { pool, troubles, ask } = setUp("a", "b");
        const used = await ask((_, source) => {
          if (source.name === "a") throw error(code);
          return source.name;
        });
        expect(used).to.equal("b");
        expect(pool.available().map(({ name }) => name)).to.deep.equal(["b", "a"]);
        expect(troubles).to.deep.equal([`a ${code}`]);
      });
    }

    it("end when the clock is set back, instead of lasting until it has caught up", async () => {
      const room = setUp("a");
      room.sources[0]!.answer = fails("NETWORK_FAILED");
      await room.rejection();
      room.clock.jumpTo(room.clock.nowMs() - 86_400_000);
      expect(pauseOf(room, room.sources[0]!)).to.be.at.most(600_000);
    });
  });

  describe("order", () => {
    it("is that of preference, and who failed goes to its end", async () => {
      const { sources, clock, pool, ask } = setUp("a", "b", "c");
      sources[0]!.answer = fails("NETWORK_FAILED");
      await ask();
      clock.jumpTo(clock.nowMs() + 60_000);
      expect(pool.available().map(({ name }) => name)).to.deep.equal(["b", "c", "a"]);
    });

    it("changes without a pause or a word for who has nothing newer", async () => {
      const { troubles, pool, ask } = setUp("a", "b");
      await ask((_, source) => {
        if (source.name === "a") throw error("UPDATE_IRRELEVANT");
      });
      expect(pool.available().map(({ name }) => name)).to.deep.equal(["b", "a"]);
      expect(troubles).to.deep.equal([]);
    });
  });

  describe("a digest that no fork has", () => {
    function setUpChoice() {
      const clock = manualClock();
      const source = fakeSource("a", true);
      const troubles: string[] = [];
      const pool = createPool({ sources: [source], clock, onTrouble: ({ code }) => troubles.push(code) });
      const ask = (isUsable: () => boolean) =>
        pool.ask({
          request: "updates",
          signal: new AbortController().signal,
          ask: (asked) => asked.finalityUpdate(),
          use() {
            if (!isUsable()) throw error("FORK_DIGEST_UNKNOWN");
            return "used";
          },
        });
      return { source, troubles, pool, ask };
    }

    it("makes the source switch to JSON and asks it once more, without blame", async () => {
      const { source, troubles, ask } = setUpChoice();
      expect(await ask(() => source.prefersJson > 0)).to.equal("used");
      expect(source.asked).to.equal(2);
      expect(troubles).to.deep.equal([]);
    });

    it("is blamed when it is in the JSON as well", async () => {
      const { source, troubles, ask } = setUpChoice();
      const thrown = await ask(() => false).catch((caught: unknown) => caught);
      expect(isSidelightError(thrown, "NO_SOURCE_ANSWERED")).to.equal(true);
      expect({ asked: source.asked, switched: source.prefersJson }).to.deep.equal({ asked: 2, switched: 1 });
      expect(troubles).to.deep.equal(["FORK_DIGEST_UNKNOWN"]);
    });
  });
});
