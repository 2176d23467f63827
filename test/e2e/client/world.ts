/**
 * A real chain in a child process, and clients that live by a clock which follows it: slot by slot, on command. What
 * crosses sockets takes real time, what clients wait for takes virtual time.
 */

import { createLightClient, type LightClient } from "../../../src/client/light-client.js";
import type { Network } from "../../../src/networks/types.js";
import type { LightClientOptions } from "../../../src/options.js";
import type { CheckpointStore } from "../../../src/store/port.js";
import type { FetchLike } from "../../../src/transport/http.js";
import type { Source } from "../../../src/transport/port.js";
import { type RestSourceOptions, restSource } from "../../../src/transport/rest.js";
import {
  type Devnet,
  type Fault,
  type RequestRecord,
  type SlotPattern,
  type SlotTruth,
  type StartOptions,
  startDevnet,
} from "../../devnet/src/client.ts";
import { type ManualClock, manualClock } from "../../support/clock.js";
import { networkOf } from "../../support/network-of.js";
import { settle, until } from "../../unit/client/waiting.js";

/** A server in front of the chain, and a source that asks it. */
export interface Node {
  readonly url: string;
  readonly source: Source;
  /** Requests to it that {@link World.idle} waits for, as those of the source. */
  readonly fetch: FetchLike;
  setFaults(...faults: Fault[]): Promise<void>;
  /** Requests so far, oldest first. */
  log(): Promise<RequestRecord[]>;
  /** The same, and forgets them. */
  takeLog(): Promise<RequestRecord[]>;
}

export interface World {
  readonly devnet: Devnet;
  readonly network: Network;
  readonly clock: ManualClock;
  readonly slotMs: number;
  /** Slot of the chain and of the clock. */
  slot(): number;
  timeOf(slot: number): number;
  /** One more slot: its block, then time past its middle, when clients poll. */
  tick(pattern?: SlotPattern): Promise<void>;
  ticks(count: number, pattern?: SlotPattern): Promise<void>;
  /** Many slots at once: to clients that run, it is as if the machine had slept. */
  leap(slots: number, pattern?: SlotPattern): Promise<void>;
  /** Resolves when no client waits for anything real: a request, a store that {@link World.store} made. */
  idle(): Promise<void>;
  /** Moves virtual time on until `promise` settles; what is real is waited for first. */
  drive<T>(promise: Promise<T>, limitMs?: number): Promise<T>;
  /** The same store, but {@link World.idle} waits for it. */
  store(store: CheckpointStore): CheckpointStore;
  /** Has anybody begun to ask this node for a route? Known before it has answered. */
  hasAsked(node: Node, route: string): boolean;
  node(name: string, faults?: readonly Fault[], options?: RestSourceOptions): Promise<Node>;
  client(options: Partial<LightClientOptions> & Pick<LightClientOptions, "checkpoint" | "sources">): LightClient;
  /** What is true about a slot; fails where the chain has no block. */
  truth(slot: number): Promise<SlotTruth>;
  stop(): Promise<void>;
}

export async function createWorld(options: StartOptions): Promise<World> {
  const devnet = await startDevnet(options);
  const network = networkOf(devnet);
  const slotMs = network.slotDurationMs;
  const timeOf = (slot: number) => network.genesisTime * 1000 + slot * slotMs;
  let slot = options.preSlots ?? 0;
  const clock = manualClock(timeOf(slot) + 0.2 * slotMs);
  const truths = new Map<string, SlotTruth>();
  const traffic = createTraffic(clock);

  async function produceTo(to: number, pattern?: SlotPattern): Promise<void> {
    await (pattern === undefined ? devnet.produceTo(to) : devnet.produceTo(to, pattern));
    slot = to;
  }

  const world: World = {
    devnet,
    network,
    clock,
    slotMs,
    slot: () => slot,
    timeOf,
    async tick(pattern) {
      // time comes first, or the block would be from the future; what is pushed arrives in the first half of the slot
      await clock.advanceTo(timeOf(slot + 1) + 0.2 * slotMs);
      await produceTo(slot + 1, pattern);
      await traffic.idle();
      // what is polled is asked for in the middle
      await clock.advanceTo(timeOf(slot) + 0.6 * slotMs);
      await traffic.idle();
    },
    async ticks(count, pattern) {
      for (let i = 0; i < count; i++) await world.tick(pattern);
    },
    async leap(slots, pattern) {
      // a jump: requests take real time, which many virtual time limits would not leave them
      clock.jumpTo(timeOf(slot + slots) + 0.2 * slotMs);
      await produceTo(slot + slots, pattern);
      await traffic.idle();
    },
    idle: traffic.idle,
    store: traffic.store,
    async drive(promise, limitMs = 600_000) {
      let isSettled = false;
      const settled = promise.finally(() => {
        isSettled = true;
      });
      settled.catch(() => {});
      const deadline = Date.now() + 30_000;
      for (const endMs = clock.nowMs() + limitMs; !isSettled; ) {
        if (Date.now() > deadline) throw new Error("not settled in real time: it hangs");
        await traffic.idle();
        const next = clock.nextWakeMs;
        if (isSettled || next === null) continue;
        if (next > endMs) throw new Error(`not settled after ${limitMs} ms of virtual time`);
        await clock.advanceTo(next);
      }
      return settled;
    },
    hasAsked: ({ url }, route) => traffic.begun.some((begun) => begun.startsWith(url) && begun.includes(`/${route}`)),
    async node(name, faults = [], rest = {}) {
      const server = await devnet.newServer(faults);
      let isMute = faults.some(isNeverAnswered);
      const fetch = traffic.fetchFrom(() => isMute);
      return {
        url: server.url,
        fetch,
        source: restSource(server.url, { name, fetch, clock, random: () => 0, ...rest }),
        async setFaults(...list) {
          isMute = list.some(isNeverAnswered);
          await server.setFaults(list);
        },
        log: () => server.requests(),
        async takeLog() {
          const log = await server.requests();
          await server.clearRequests();
          return log;
        },
      };
    },
    client: (rest) => createLightClient({ network, clock, ...rest }),
    async truth(at) {
      const { root } = await devnet.head();
      const key = `${root} ${at}`;
      const truth = truths.get(key) ?? (await devnet.truth(at));
      if (truth === null) throw new Error(`the chain has no block at slot ${at}`);
      truths.set(key, truth);
      return truth;
    },
    stop: () => devnet.stop(),
  };
  return world;
}

/** Faults with which an answer takes so long that waiting for it, in real time, makes no sense: virtual time limits do. */
function isNeverAnswered(fault: Fault): boolean {
  if (fault.kind === "slow") return fault.ms > 1_000;
  return fault.kind === "hang" || (fault.kind === "drip" && fault.ms === undefined);
}

/** Counts what is under way: a request until its body has been read, or given up. Event streams only until they open. */
function createTraffic(clock: ManualClock) {
  let underWay = 0;
  const begun: string[] = [];

  function counted(response: Response, done: () => void): Response {
    if (response.body === null || response.headers.get("content-type")?.startsWith("text/event-stream")) {
      done();
      return response;
    }
    const reader = response.body.getReader();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        try {
          const { done: ended, value } = await reader.read();
          if (!ended) {
            controller.enqueue(value);
            return;
          }
          controller.close();
        } catch (error) {
          controller.error(error);
        }
        done();
      },
      async cancel(reason) {
        done();
        await reader.cancel(reason);
      },
    });
    return new Response(body, { status: response.status, headers: response.headers });
  }

  async function waited<T>(work: Promise<T>): Promise<T> {
    underWay++;
    try {
      return await work;
    } finally {
      underWay--;
    }
  }

  return {
    store: ({ load, save, clear, close }: CheckpointStore): CheckpointStore => ({
      load: (key) => waited(load(key)),
      save: (key, snapshot) => waited(save(key, snapshot)),
      clear: (key) => waited(clear(key)),
      close: () => waited(Promise.resolve(close?.())),
    }),
    begun: begun as readonly string[],
    /** A `fetch` whose requests are waited for, unless they are `mute`. */
    fetchFrom: (isMute: () => boolean) => async (url: string, init: RequestInit) => {
      begun.push(url);
      let isDone = isMute();
      if (!isDone) underWay++;
      const done = () => {
        if (!isDone) underWay--;
        isDone = true;
      };
      try {
        return counted(await fetch(url, init), done);
      } catch (error) {
        done();
        throw error;
      }
    },
    async idle(): Promise<void> {
      // a request that has ended may be followed by the next: only a while without any is rest
      for (let quiet = 0; quiet < 2; quiet++) {
        // a pause of no length is over
        await clock.advance(0);
        await settle();
        if (underWay === 0) continue;
        await until(() => underWay === 0, "requests to end");
        quiet = -1;
      }
    },
  };
}
