import { expect } from "chai";
import type { SidelightError } from "../../../src/errors.js";
import { createEmitter, type IterateOptions } from "../../../src/events.js";

interface TestEvents {
  tick: number;
}

function setUp() {
  const troubles: SidelightError[] = [];
  const emitter = createEmitter<TestEvents>((error) => troubles.push(error));
  return {
    emitter,
    troubles,
    ticks: (options?: IterateOptions) => emitter.events("tick", options),
    tick: (...values: number[]) => {
      for (const value of values) emitter.emit("tick", () => value);
    },
    listeners: () => emitter.listenerCount("tick"),
  };
}

const DONE = { done: true, value: undefined };

describe("Events.events", () => {
  it("gives every value from the call on, before and while the reader reads", async () => {
    const { ticks, tick } = setUp();
    tick(0);
    const iteration = ticks();
    tick(1, 2);
    const seen: number[] = [];
    for await (const value of iteration) {
      seen.push(value);
      if (value === 2) queueMicrotask(() => tick(3, 4));
      if (value === 4) break;
    }
    expect(seen).to.deep.equal([1, 2, 3, 4]);
  });

  it("answers readers that wait at the same time in their order", async () => {
    const { ticks, tick } = setUp();
    const iteration = ticks();
    const reads = [iteration.next(), iteration.next(), iteration.next()];
    tick(1, 2, 3);
    expect((await Promise.all(reads)).map(({ value }) => value)).to.deep.equal([1, 2, 3]);
  });

  it("stops listening when the loop is left by break, return or throw", async () => {
    const { ticks, tick, listeners } = setUp();
    const iteration = ticks();
    tick(1);
    for await (const _ of iteration) break;
    expect(listeners()).to.equal(0);
    expect(await iteration.next()).to.deep.equal(DONE);

    const thrown = new Error("from the body");
    const another = ticks();
    tick(2);
    const loop = (async () => {
      for await (const _ of another) throw thrown;
    })();
    expect(await loop.catch((error: unknown) => error)).to.equal(thrown);
    expect(listeners()).to.equal(0);
  });

  it("ends the reads that wait, on return and on abort", async () => {
    const { ticks, listeners } = setUp();
    const iteration = ticks();
    const waiting = iteration.next();
    await iteration.return?.();
    expect(await waiting).to.deep.equal(DONE);

    const controller = new AbortController();
    const other = ticks({ signal: controller.signal });
    const reads = [other.next(), other.next()];
    controller.abort();
    expect(await Promise.all(reads)).to.deep.equal([DONE, DONE]);
    expect(listeners()).to.equal(0);
  });

  it("ends a for-await loop without an error when its signal aborts", async () => {
    const { ticks, tick } = setUp();
    const controller = new AbortController();
    const seen: number[] = [];
    const loop = (async () => {
      for await (const value of ticks({ signal: controller.signal })) seen.push(value);
    })();
    tick(1);
    await Promise.resolve();
    controller.abort();
    tick(2);
    await loop;
    expect(seen).to.deep.equal([1]);
  });

  it("has nothing to give with a signal that has aborted", async () => {
    const { ticks, tick, listeners } = setUp();
    const iteration = ticks({ signal: AbortSignal.abort() });
    expect(listeners()).to.equal(0);
    tick(1);
    expect(await iteration.next()).to.deep.equal(DONE);
  });

  it("keeps the newest values for a slow reader, drops the oldest, and says so as their number doubles", async () => {
    const { ticks, tick, troubles } = setUp();
    const iteration = ticks({ bufferSize: 3 });
    for (let n = 1; n <= 13; n++) tick(n);
    const codes = troubles.map(({ code, details }) => ({ code, details }));
    const dropped = (count: number) => ({ code: "EVENTS_DROPPED", details: { event: "tick", dropped: count } });
    expect(codes).to.deep.equal([dropped(1), dropped(2), dropped(4), dropped(8)]);
    const left = [await iteration.next(), await iteration.next(), await iteration.next()];
    expect(left.map(({ value }) => value)).to.deep.equal([11, 12, 13]);
  });

  it("buffers 64 values unless told otherwise", async () => {
    const { ticks, tick, troubles } = setUp();
    const iteration = ticks();
    for (let n = 1; n <= 64; n++) tick(n);
    expect(troubles).to.have.length(0);
    tick(65);
    expect(troubles).to.have.length(1);
    expect(await iteration.next()).to.deep.equal({ done: false, value: 2 });
  });

  it("gives each iteration its own values", async () => {
    const { ticks, tick } = setUp();
    const [one, two] = [ticks(), ticks()];
    tick(1);
    await one.return?.();
    tick(2);
    expect([await two.next(), await two.next()].map(({ value }) => value)).to.deep.equal([1, 2]);
  });

  it("refuses a buffer that could hold nothing", () => {
    const { ticks, listeners } = setUp();
    for (const bufferSize of [0, -1, 1.5, Number.NaN, Infinity]) {
      expect(() => ticks({ bufferSize }), `${bufferSize}`)
        .to.throw()
        .with.property("code", "OPTION_INVALID");
    }
    expect(listeners()).to.equal(0);
  });
});
