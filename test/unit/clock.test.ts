import { expect } from "chai";
import { clockStartingAt, systemClock } from "../../src/clock.js";

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail("expected a rejection"),
    (error: unknown) => error,
  );
}

describe("systemClock", () => {
  it("tells the machine's time", () => {
    const before = Date.now();
    const now = systemClock().nowMs();
    expect(now).to.be.within(before, Date.now());
  });

  describe("sleep", () => {
    it("resolves after the time, not before it", async () => {
      const startedMs = performance.now();
      await systemClock().sleep(30);
      // timers count whole milliseconds
      expect(performance.now() - startedMs).to.be.at.least(29);
    });

    it("takes no time or less for the next turn", async () => {
      await systemClock().sleep(0);
      await systemClock().sleep(-1_000);
    });

    it("does not wake at once from a sleep that is longer than a timer can wait", async () => {
      const controller = new AbortController();
      const sleeping = systemClock().sleep(2 ** 40, controller.signal);
      const first = await Promise.race([sleeping.then(() => "woke"), systemClock().sleep(20)]);
      expect(first).to.equal(undefined);
      controller.abort("enough");
      expect(await rejection(sleeping)).to.equal("enough");
    });

    it("rejects with exactly the signal's reason and leaves no timer", async () => {
      await systemClock().sleep(0); // after the test runner's own timer
      const before = timers();
      const controller = new AbortController();
      const reason = { exactly: "this" };
      const sleeping = systemClock().sleep(60_000, controller.signal);
      expect(timers()).to.equal(before + 1);
      controller.abort(reason);
      expect(await rejection(sleeping)).to.equal(reason);
      expect(timers()).to.equal(before);
    });

    it("rejects at once with a signal that has aborted, without a timer", async () => {
      const before = timers();
      const reason = new Error("before");
      const sleeping = systemClock().sleep(60_000, AbortSignal.abort(reason));
      expect(timers()).to.equal(before);
      expect(await rejection(sleeping)).to.equal(reason);
    });

    it("leaves nothing on its signal", async () => {
      const { signal } = new AbortController();
      const counts = { added: 0, removed: 0 };
      const { addEventListener, removeEventListener } = signal;
      signal.addEventListener = (...args: Parameters<AbortSignal["addEventListener"]>) => {
        counts.added++;
        addEventListener.apply(signal, args);
      };
      signal.removeEventListener = (...args: Parameters<AbortSignal["removeEventListener"]>) => {
        counts.removed++;
        removeEventListener.apply(signal, args);
      };
      await systemClock().sleep(1, signal);
      expect(counts).to.deep.equal({ added: 1, removed: 1 });
    });
  });
});

describe("clockStartingAt", () => {
  it("starts at the given time and runs at normal speed", async () => {
    const startMs = 1_600_000_000_000;
    const clock = clockStartingAt(startMs);
    const beforeMs = Date.now();
    const firstMs = clock.nowMs();
    expect(firstMs - startMs).to.be.within(0, 5_000);
    await clock.sleep(30);
    const passedMs = clock.nowMs() - firstMs;
    expect(passedMs).to.be.within(25, Date.now() - beforeMs + 5);
  });
});
