/** Servers of one chain, each asked by many clients: what they answer in one slot is fetched once. */
import type { FetchLike } from "../../../src/transport/http.js";
import type { Source } from "../../../src/transport/port.js";
import { restSource } from "../../../src/transport/rest.js";
import type { Fault, FaultKind } from "../../devnet/src/client.ts";
import type { Node, World } from "../../e2e/client/world.js";

/** What is about how an answer comes, not about what it says, has to come over the wire each time. */
const ON_THE_WIRE: readonly FaultKind[] = ["truncated", "oversized", "slow", "drip", "hang", "reset"];

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ArrayBuffer;
}

export interface Server {
  readonly node: Node;
  readonly fetch: FetchLike;
  setFaults(...faults: Fault[]): Promise<void>;
}

export async function createServer(world: World, name: string): Promise<Server> {
  const node = await world.node(name, [], { retries: 0 });
  const answers = new Map<string, Promise<Answer>>();
  let isShared = true;
  let slot = 0;

  async function answerOnce(url: string, init: RequestInit): Promise<Response> {
    if (world.slot() !== slot) answers.clear();
    slot = world.slot();
    const key = `${url} ${new Headers(init.headers).get("accept")}`;
    // whoever waits for it may give up; the others want it all the same
    const answer = answers.get(key) ?? fetchWhole(url, { ...init, signal: null });
    answers.set(key, answer);
    const { status, headers, body } = await answer;
    init.signal?.throwIfAborted();
    const hasBody = ![204, 205, 304].includes(status);
    return new Response(hasBody ? body.slice(0) : null, { status, headers });
  }

  async function fetchWhole(url: string, init: RequestInit): Promise<Answer> {
    const response = await node.fetch(url, init);
    return { status: response.status, headers: response.headers, body: await response.arrayBuffer() };
  }

  return {
    node,
    fetch: (url, init) => (isShared && !url.includes("/events") ? answerOnce(url, init) : node.fetch(url, init)),
    async setFaults(...faults) {
      await node.setFaults(...faults);
      answers.clear();
      isShared = !faults.some(({ kind }) => ON_THE_WIRE.includes(kind));
    },
  };
}

/** One client's source: its requests are counted. */
export interface CountedSource {
  readonly source: Source;
  readonly server: Server;
  /** Requests since the last call, event streams apart. */
  takeCounts(): { readonly requests: number; readonly streams: number };
}

export function countedSource(
  world: World,
  server: Server,
  name: string,
  { encodings = "any" as "any" | "json", hasStream = false } = {},
): CountedSource {
  let requests = 0;
  let streams = 0;
  const fetch: FetchLike = (url, init) => {
    if (url.includes("/events")) streams++;
    else requests++;
    return server.fetch(url, init);
  };
  const rest = restSource(server.node.url, {
    ...{ name, fetch, encodings },
    ...{ clock: world.clock, random: () => 0, retries: 0 },
  });
  const { subscribe, ...withoutStream } = rest;
  return {
    server,
    source: hasStream ? rest : withoutStream,
    takeCounts() {
      const counts = { requests, streams };
      [requests, streams] = [0, 0];
      return counts;
    },
  };
}
