import { expect } from "chai";
import type { SidelightError } from "../../src/errors.js";
import { createEmitter, type Emitter } from "../../src/events.js";

interface TestEvents {
  tick: { readonly n: number };
  tock: string;
}

interface Trouble {
  readonly error: SidelightError;
  readonly event: keyof TestEvents;
}

function setUp(): { emitter: Emitter<TestEvents>; troubles: Trouble[]; tick: (n: number) => void } {
  const troubles: Trouble[] = [];
  const emitter = createEmitter<TestEvents>((error, event) => troubles.push({ error, event }));
  return { emitter, troubles, tick: (n) => emitter.emit("tick", () => ({ n })) };
}

/** An `AbortSignal` that knows how many listeners it has. */
function countedSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  const listeners = new Set<unknown>();
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<AbortSignal["addEventListener"]>) => {
    listeners.add(args[1]);
    addEventListener.apply(signal, args);
    // `once` ones go by themselves
    addEventListener.call(signal, "abort", () => listeners.delete(args[1]), { once: true });
  };
  signal.removeEventListener = (...args: Parameters<AbortSignal["removeEventListener"]>) => {
    listeners.delete(args[1]);
    removeEventListener.apply(signal, args);
  };
  return { controller, signal, count: () => listeners.size };
}

describe("createEmitter", () => {
  describe("on", () => {
    it("calls every listener with the payload, in the order in which they came", () => {
      const { emitter, tick } = setUp();
      const seen: string[] = [];
      emitter.on("tick", ({ n }) => seen.push(`a${n}`));
      emitter.on("tick", ({ n }) => seen.push(`b${n}`));
      emitter.on("tock", (text) => seen.push(text));
      tick(1);
      emitter.emit("tock", () => "t");
      expect(seen).to.deep.equal(["a1", "b1", "t"]);
    });

    it("gives back a function that removes the listener, any number of times", () => {
      const { emitter, tick } = setUp();
      let calls = 0;
      const remove = emitter.on("tick", () => calls++);
      tick(1);
      remove();
      remove();
      tick(2);
      expect(calls).to.equal(1);
      expect(emitter.listenerCount("tick")).to.equal(0);
    });

    it("tells its owner when a name gets its first listener, and loses its last", () => {
      const told: string[] = [];
      const emitter = createEmitter<{ a: number; b: number }>(
        () => {},
        (name) => told.push(`${name} ${emitter.listenerCount(name)}`),
      );
      const abort = new AbortController();
      const removals = [emitter.on("a", () => {}), emitter.on("a", () => {}, { signal: abort.signal })];
      void emitter.events("b").return!();
      removals[0]!();
      removals[0]!();
      abort.abort();
      expect(told).to.deep.equal(["a 1", "b 1", "b 0", "a 0"]);
    });

    it("takes the same function twice and removes it once", () => {
      const { emitter, tick } = setUp();
      let calls = 0;
      const listener = () => calls++;
      const removeFirst = emitter.on("tick", listener);
      emitter.on("tick", listener);
      tick(1);
      expect(calls).to.equal(2);
      removeFirst();
      removeFirst();
      tick(2);
      expect(calls).to.equal(3);
    });

    it("removes the listener when its signal aborts", () => {
      const { emitter, tick } = setUp();
      const { controller, signal, count } = countedSignal();
      let calls = 0;
      emitter.on("tick", () => calls++, { signal });
      tick(1);
      controller.abort();
      tick(2);
      expect(calls).to.equal(1);
      expect(emitter.listenerCount("tick")).to.equal(0);
      expect(count()).to.equal(0);
    });

    it("does not listen with a signal that has aborted", () => {
      const { emitter, tick } = setUp();
      let calls = 0;
      emitter.on("tick", () => calls++, { signal: AbortSignal.abort() });
      tick(1);
      expect(calls).to.equal(0);
      expect(emitter.listenerCount("tick")).to.equal(0);
    });

    it("leaves nothing on the signal of a listener that was removed", () => {
      const { emitter } = setUp();
      const { signal, count } = countedSignal();
      emitter.on("tick", () => {}, { signal })();
      expect(count()).to.equal(0);
    });
  });

  describe("emit", () => {
    it("makes the payload once, and only if somebody listens", () => {
      const { emitter } = setUp();
      let made = 0;
      const make = () => ({ n: ++made });
      emitter.emit("tick", make);
      expect(made).to.equal(0);
      emitter.on("tick", () => {});
      emitter.on("tick", () => {});
      emitter.emit("tick", make);
      expect(made).to.equal(1);
    });

    it("does not call a listener that another one has just removed", () => {
      const { emitter, tick } = setUp();
      const seen: string[] = [];
      emitter.on("tick", () => removeSecond());
      const removeSecond = emitter.on("tick", () => seen.push("second"));
      emitter.on("tick", () => seen.push("third"));
      tick(1);
      expect(seen).to.deep.equal(["third"]);
    });

    it("calls no listener of a signal that a listener has aborted", () => {
      const { emitter, tick } = setUp();
      const controller = new AbortController();
      let calls = 0;
      emitter.on("tick", () => controller.abort());
      emitter.on("tick", () => calls++, { signal: controller.signal });
      tick(1);
      expect(calls).to.equal(0);
    });

    it("calls a listener that was added meanwhile from the next event on", () => {
      const { emitter, tick } = setUp();
      const seen: number[] = [];
      const remove = emitter.on("tick", () => {
        remove();
        emitter.on("tick", ({ n }) => seen.push(n));
      });
      tick(1);
      tick(2);
      expect(seen).to.deep.equal([2]);
    });

    it("may be called by a listener", () => {
      const { emitter, tick } = setUp();
      const seen: number[] = [];
      emitter.on("tick", ({ n }) => {
        if (n < 3) tick(n + 1);
        seen.push(n);
      });
      tick(1);
      expect(seen).to.deep.equal([3, 2, 1]);
    });
  });

  describe("a listener that fails", () => {
    it("is reported, and the others are called all the same", () => {
      const { emitter, troubles, tick } = setUp();
      const cause = new Error("boom");
      let calls = 0;
      emitter.on("tick", () => {
        throw cause;
      });
      emitter.on("tick", () => calls++);
      expect(() => tick(1)).to.not.throw();
      expect(calls).to.equal(1);
      expect(troubles).to.have.length(1);
      expect(troubles[0]).to.deep.include({ event: "tick" });
      const { code, details, cause: kept } = troubles[0]!.error;
      expect({ code, details }).to.deep.equal({ code: "LISTENER_FAILED", details: { event: "tick", message: "boom" } });
      expect(kept).to.equal(cause);
    });

    it("may throw anything", () => {
      const { emitter, troubles, tick } = setUp();
      for (const thrown of [undefined, null, "text", 7, { code: 1 }]) {
        const remove = emitter.on("tick", () => {
          throw thrown;
        });
        tick(1);
        remove();
      }
      const messages = troubles.map(({ error }) => (error.details as { message: string }).message);
      expect(messages).to.deep.equal(["undefined", "null", '"text"', "7", "object"]);
    });

    it("is reported when it is asynchronous too", async () => {
      const { emitter, troubles, tick } = setUp();
      emitter.on("tick", async () => {
        await Promise.resolve();
        throw new Error("later");
      });
      tick(1);
      await new Promise((resolve) => setImmediate(resolve));
      expect(troubles.map(({ error }) => error.code)).to.deep.equal(["LISTENER_FAILED"]);
      expect(troubles[0]!.error.details).to.deep.equal({ event: "tick", message: "later" });
    });
  });

  describe("once", () => {
    it("resolves with the next event and stops listening", async () => {
      const { emitter, tick } = setUp();
      const next = emitter.once("tick");
      tick(1);
      tick(2);
      expect(await next).to.deep.equal({ n: 1 });
      expect(emitter.listenerCount("tick")).to.equal(0);
    });

    it("rejects with exactly the reason of its signal", async () => {
      const { emitter } = setUp();
      const { controller, signal, count } = countedSignal();
      const reason = { exactly: "this" };
      const next = emitter.once("tick", { signal });
      controller.abort(reason);
      expect(await rejection(next)).to.equal(reason);
      expect(emitter.listenerCount("tick")).to.equal(0);
      expect(count()).to.equal(0);
    });

    it("rejects at once with a signal that has aborted", async () => {
      const { emitter } = setUp();
      const reason = new Error("before");
      expect(await rejection(emitter.once("tick", { signal: AbortSignal.abort(reason) }))).to.equal(reason);
      expect(emitter.listenerCount("tick")).to.equal(0);
    });

    it("leaves nothing on its signal after the event", async () => {
      const { emitter, tick } = setUp();
      const { signal, count } = countedSignal();
      const next = emitter.once("tick", { signal });
      tick(1);
      await next;
      expect(count()).to.equal(0);
    });
  });
});

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail("expected a rejection"),
    (error: unknown) => error,
  );
}
