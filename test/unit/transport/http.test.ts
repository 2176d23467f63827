import { expect } from "chai";
import { httpGet, readBody, withDeadline } from "../../../src/transport/http.js";
import { countingClock, rejection, until } from "./lying-server.js";

const never = new Promise<never>(() => {});
const late = () => new Error("late");

describe("withDeadline", () => {
  it("gives the outcome of the work and leaves no timer", async () => {
    const clock = countingClock();
    expect(await withDeadline({ clock, timeoutMs: 60_000, late }, Promise.resolve(7))).to.equal(7);
    const thrown = await rejection(withDeadline({ clock, timeoutMs: 60_000, late }, Promise.reject(new Error("no"))));
    expect(thrown).to.have.property("message", "no");
    await until("all awake", () => clock.sleeping() === 0);
  });

  it("rejects with the late error when time is over", async () => {
    expect(await rejection(withDeadline({ clock: countingClock(), timeoutMs: 5, late }, never))).to.have.property(
      "message",
      "late",
    );
  });

  it("rejects with exactly the reason of the abort, before and during the work", async () => {
    const clock = countingClock();
    const controller = new AbortController();
    const reason = { why: "enough" };
    const running = withDeadline({ clock, timeoutMs: 60_000, late, signal: controller.signal }, never);
    controller.abort(reason);
    expect(await rejection(running)).to.equal(reason);
    const again = withDeadline({ clock, timeoutMs: 60_000, late, signal: controller.signal }, never);
    expect(await rejection(again)).to.equal(reason);
    await until("all awake", () => clock.sleeping() === 0);
  });
});

/** A body that hands out the chunks and then hangs, and knows whether it was cancelled. */
function hangingBody(chunks: Uint8Array[]) {
  const state = { cancelled: false };
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk);
    },
    cancel: () => {
      state.cancelled = true;
    },
  });
  return { stream, state };
}

describe("readBody", () => {
  const exceeded = (actual: number) => new Error(`too large: ${actual}`);

  it("joins chunks of any size", async () => {
    const parts = [1, 20_000, 1, 50_000].map((size, index) => new Uint8Array(size).fill(index + 1));
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (const part of parts) controller.enqueue(part);
        controller.close();
      },
    });
    const body = await readBody(new Response(stream), { bytes: 100_000, exceeded }, new AbortController().signal);
    expect(Buffer.from(body).equals(Buffer.concat(parts))).to.equal(true);
  });

  it("takes exactly the limit", async () => {
    const body = await readBody(new Response("12345"), { bytes: 5, exceeded }, new AbortController().signal);
    expect(body.byteLength).to.equal(5);
  });

  it("cancels the body past the limit", async () => {
    const { stream, state } = hangingBody([new Uint8Array(3), new Uint8Array(3)]);
    const reading = readBody(new Response(stream), { bytes: 5, exceeded }, new AbortController().signal);
    expect(await rejection(reading)).to.have.property("message", "too large: 6");
    await until("cancelled", () => state.cancelled);
  });

  it("cuts instead if the limit says so", async () => {
    const { stream, state } = hangingBody([Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)]);
    const body = await readBody(new Response(stream), { bytes: 5 }, new AbortController().signal);
    expect([...body]).to.deep.equal([1, 2, 3, 4, 5]);
    await until("cancelled", () => state.cancelled);
  });

  it("refuses a declared length beyond the limit without reading, and cancels", async () => {
    const { stream, state } = hangingBody([]);
    const response = new Response(stream, { headers: { "content-length": "6" } });
    const thrown = await rejection(readBody(response, { bytes: 5, exceeded }, new AbortController().signal));
    expect(thrown).to.have.property("message", "too large: 6");
    await until("cancelled", () => state.cancelled);
  });

  it("cancels a hanging body when the signal aborts", async () => {
    const { stream, state } = hangingBody([new Uint8Array(1)]);
    const controller = new AbortController();
    const reading = readBody(new Response(stream), { bytes: 5, exceeded }, controller.signal);
    controller.abort();
    await reading;
    expect(state.cancelled).to.equal(true);
  });

  it("reads an absent body as empty", async () => {
    const body = await readBody(new Response(null), { bytes: 5, exceeded }, new AbortController().signal);
    expect(body.byteLength).to.equal(0);
  });
});

describe("httpGet", () => {
  it("hangs up on the answer of a fetch that does not look at its signal", async () => {
    const { stream, state } = hangingBody([]);
    const controller = new AbortController();
    const fetch = async () => {
      controller.abort(new Error("too late"));
      return new Response(stream);
    };
    const getting = httpGet({ fetch, url: "http://x.example/", headers: {}, signal: controller.signal }, () => ({
      bytes: 5,
    }));
    expect(await rejection(getting)).to.have.property("message", "too late");
    await until("cancelled", () => state.cancelled);
  });

  describe("goes past the HTTP cache", () => {
    async function cacheAskedFor(): Promise<unknown> {
      let init: RequestInit | undefined;
      const fetch = async (_: string, given: RequestInit) => {
        init = given;
        return new Response(null);
      };
      const { signal } = new AbortController();
      await httpGet({ fetch, url: "http://x.example/", headers: {}, signal }, () => ({ bytes: 5 }));
      return init && ("cache" in init ? init.cache : "nothing said");
    }

    it("where requests know of one", async () => {
      expect(await cacheAskedFor()).to.equal("no-store");
    });

    it("and says nothing where they do not: some runtimes throw for what they do not know", async () => {
      const cache = Object.getOwnPropertyDescriptor(Request.prototype, "cache")!;
      Reflect.deleteProperty(Request.prototype, "cache");
      try {
        expect(await cacheAskedFor()).to.equal("nothing said");
      } finally {
        Object.defineProperty(Request.prototype, "cache", cache);
      }
    });
  });
});
