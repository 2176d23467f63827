/**
 * An hour of a client's life, compressed: sources that come and go, streams that break, listeners and readers that come
 * and go, starts and stops. What it holds at the end is what it held at the beginning.
 */
import { expect } from "chai";
import type { LightClient } from "../../src/client/light-client.js";
import type { LightClientEvents } from "../../src/client/types.js";
import { memoryStore } from "../../src/store/memory.js";
import { FUZZ } from "../support/fuzz.js";
import { seal, sealBls } from "../support/seal-bls.js";
import { createFakeChain, type FakeChain, type FakeSource, networkFailed } from "../unit/client/fake-chain.js";
import { drive, settle, watchUnhandled } from "../unit/client/waiting.js";
import { heapBytes } from "./heap.js";

/** Of 6 s each: an hour, with the flag more of them. */
const HOUR_SLOTS = 600;
/** Until the engine has compiled and learnt what it will. */
const WARM_SLOTS = 300;
/** What the engine still learns, once, and what is bounded fills up: one update kept for each slot would be 5 MB an hour. */
const MARGIN_BYTES = 2_000_000 + 500_000 * FUZZ;
/** Slots between two turns of each kind. */
const [SOURCE_TURN, LISTENER_TURN, RESTART_TURN] = [7, 5, 23];

describe("an hour of churn", function () {
  this.timeout(600_000 * FUZZ);
  watchUnhandled();

  it("leaves heap and handles as they were", async () => {
    const chain = await createFakeChain({ bls: sealBls(), seal, slot: 203 });
    const life = createLife(chain);
    await life.live(WARM_SLOTS);
    const handles = [countsOfHandles()];
    const heaps = [await life.restingHeap()];
    for (let hour = 0; hour < FUZZ; hour++) {
      await life.live(HOUR_SLOTS);
      heaps.push(await life.restingHeap());
      handles.push(countsOfHandles());
    }
    const grown = heaps.at(-1)! - heaps[0]!;
    if (process.env["SIDELIGHT_REPORT"] !== undefined) {
      console.log(`heap ${heaps.map((bytes) => (bytes / 1e6).toFixed(2))} MB; ${JSON.stringify(life.counts)}`);
    }
    expect(life.counts.restarts, "starts and stops").to.be.greaterThan(20);
    expect(life.counts.breaks, "streams that broke").to.be.greaterThan(20);
    expect(life.counts.told).to.be.greaterThan(HOUR_SLOTS);
    expect(grown, "bytes more").to.be.below(MARGIN_BYTES);
    expect(handles.at(-1), "handles of the process").to.deep.equal(handles[0]);
    await life.end();
    expect(chain.clock.sleepers, "sleeps left behind").to.equal(0);
    for (const source of life.sources) expect(source.streams.size, `${source.name}: streams left open`).to.equal(0);
  });
});

/** What keeps a process alive, by kind. */
function countsOfHandles(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    // whatever the test runner waits with
    if (kind !== "Timeout" && kind !== "Immediate") counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

function createLife(chain: FakeChain) {
  const { clock } = chain;
  const { slotDurationMs } = chain.network;
  const sources = [0, 1, 2].map((i) => chain.source(`source ${i}`, { streams: i < 2 }));
  const streamEnds = new Set<() => void>();
  for (const source of sources) {
    const { subscribe } = source;
    if (subscribe === undefined) continue;
    source.subscribe = async (options) => {
      // by hand: Node 20 holds on to what AbortSignal.any makes
      const abort = new AbortController();
      const end = () => abort.abort(new Error("over"));
      streamEnds.add(end);
      options.signal?.addEventListener("abort", end, { once: true });
      try {
        await subscribe({ ...options, signal: abort.signal });
      } finally {
        streamEnds.delete(end);
        options.signal?.removeEventListener("abort", end);
      }
    };
  }
  const client = chain.client({ sources, store: memoryStore() });
  const counts = { restarts: 0, breaks: 0, listeners: 0, told: 0 };
  client.on("error", () => {});
  client.on("head", () => counts.told++);
  let turn = 0;
  let isRunning = false;

  async function start(): Promise<void> {
    await drive(clock, client.start(), { limitMs: 64 * slotDurationMs });
    isRunning = true;
  }

  async function stop(): Promise<void> {
    await client.stop();
    isRunning = false;
  }

  async function timeOut(signal: AbortSignal | undefined): Promise<never> {
    await clock.sleep(10_000, signal);
    throw networkFailed();
  }

  /** Another source fails, in another way; the one before is well again. */
  function churnSources(): void {
    for (const { overrides } of sources) {
      for (const route of Object.keys(overrides) as (keyof FakeSource["overrides"])[]) delete overrides[route];
    }
    const { overrides } = sources[turn % sources.length]!;
    const fail = turn % 2 === 0 ? () => Promise.reject(networkFailed()) : timeOut;
    Object.assign(overrides, { optimisticUpdate: fail, finalityUpdate: fail });
    // one of them lies as well: not the others, or nobody would be asked any more
    if (turn % 4 === 0)
      sources[0]!.overrides.optimisticUpdate = async () => ({ encoding: "ssz", bytes: new Uint8Array(9) });
    // streams end, as when a server restarts
    for (const end of streamEnds) end();
    counts.breaks += streamEnds.size;
    streamEnds.clear();
  }

  function pushAll(): void {
    for (const source of sources) {
      source.push("optimistic");
      if (chain.slot() % 8 === 2) source.push("finality");
    }
  }

  async function pass(slots: number): Promise<void> {
    for (const end = chain.slot() + slots; chain.slot() < end; ) {
      const next = chain.slot() + 1;
      await clock.advanceTo(chain.timeOf(next) + 0.3 * slotDurationMs);
      if (next % 3 !== 0) pushAll();
      await clock.advanceTo(chain.timeOf(next) + 0.9 * slotDurationMs);
      turn++;
      if (turn % SOURCE_TURN === 0) churnSources();
      if (turn % LISTENER_TURN === 0) counts.listeners += await comeAndGo(client);
      if (turn % RESTART_TURN !== 0) continue;
      await stop();
      await start();
      counts.restarts++;
    }
  }

  return {
    sources,
    counts,
    async live(slots: number): Promise<void> {
      if (!isRunning) await start();
      await pass(slots);
    },
    /** With nothing running, and what tests alone remember forgotten. */
    async restingHeap(): Promise<number> {
      await stop();
      await settle();
      for (const source of sources) (source.requests as unknown[]).length = 0;
      return heapBytes();
    },
    end: stop,
  };
}

/** Listeners and readers that are there for a moment, and those that give up waiting. */
async function comeAndGo(client: LightClient): Promise<number> {
  const names: (keyof LightClientEvents)[] = ["head", "finality", "participation", "status", "peer", "store"];
  const offs = names.map((name) => client.on(name, () => {}));
  const abort = new AbortController();
  const waiting = [
    ...names.map((name) => client.once(name, { signal: abort.signal })),
    client.start({ signal: abort.signal }),
    client.syncOnce({ signal: abort.signal }),
  ].map((promise) => promise.catch(() => {}));
  const heads = client.events("head");
  const next = heads.next();
  next.catch(() => {});
  await settle();
  abort.abort(new Error("gave up"));
  await heads.return?.();
  await Promise.all(waiting);
  for (const off of offs) off();
  return names.length;
}
