/** How servers of an ephemeral network behave: honest, broken in an ordinary way, or false. */
import { SidelightError } from "../../../src/errors.js";
import type { RawObject, Source } from "../../../src/transport/port.js";
import { fillBytes } from "../../support/fill.js";
import { type FakeChain, networkFailed, notAvailable, type Route } from "../../unit/client/fake-chain.js";

type Answer = RawObject | RawObject[];

interface Request {
  readonly route: Route;
  readonly slot: number;
  readonly signal: AbortSignal | undefined;
  /** What an honest server says. */
  honest(): Promise<Answer>;
}

export type Behaviour = (chain: FakeChain, request: Request, random: () => number) => Promise<Answer>;

/** An honest node that has seen nothing for the last `slots`. */
function lagging(slots: number): Behaviour {
  return async (chain, { route, slot, honest }) =>
    route === "finalityUpdate" || route === "optimisticUpdate" ? chain.object(route, slot - slots) : honest();
}

const dead: Behaviour = async () => {
  throw networkFailed();
};

/** Bytes that are nothing, or an honest answer with one bit changed. */
const garbage: Behaviour = async (_, { route, slot, honest }, random) => {
  const bytes = fillBytes(500 + (slot % 300), "garbage", slot);
  const noise: RawObject = { encoding: "ssz", bytes, fork: "electra" };
  if (random() < 0.5) return route === "updates" ? [noise] : noise;
  const answer = await honest();
  return Array.isArray(answer) ? answer.map((raw) => flipped(raw, random)) : flipped(answer, random);
};

function flipped(raw: RawObject, random: () => number): RawObject {
  if (raw.encoding !== "ssz") throw new Error("expected SSZ");
  const bytes = raw.bytes.slice();
  bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8);
  return { ...raw, bytes };
}

/** Half of the fewest that sign an honest block here: more are a head, to who has not seen more. */
const FEW = 11;

/** Heads that nobody has, signed by keys of its own, or by as many real ones as make no head. */
const forger: Behaviour = async (chain, { route, slot, honest }, random) => {
  if (route === "bootstrap" || route === "updates") return honest();
  const { forge } = chain;
  const attested = { beacon: <B>(block: B) => ({ ...block, proposerIndex: 666 }) };
  const own = { committee: forge.otherCommittee("forger"), attested };
  const few = { participants: FEW, attested };
  const options = { attestedSlot: slot - 1, ...(random() < 0.5 ? own : few) };
  return (route === "finalityUpdate" ? forge.finalityUpdate(options) : forge.optimisticUpdate(options)).raw();
};

const withholder: Behaviour = async (_, { route, honest }) => {
  if (route === "updates" || route === "finalityUpdate") throw notAvailable(route);
  return honest();
};

/** The newest of each kind that it had at the beginning of its day. */
const replayer: Behaviour = async (chain, { route, slot, honest }) => {
  if (route === "finalityUpdate" || route === "optimisticUpdate") return chain.object(route, slot - (slot % 100));
  return honest();
};

const honestly: Behaviour = (_, { honest }) => honest();

const MOODS = [honestly, dead, garbage, forger, lagging(20), honestly];

export const BEHAVIOURS = {
  honest: honestly,
  "two slots behind": lagging(2),
  "an epoch behind": lagging(9),
  dead,
  flaky: async (chain, request, random) => (random() < 0.4 ? dead(chain, request, random) : request.honest()),
  slow: async (chain, { honest, signal }, random) => {
    await chain.clock.sleep(200 + random() * 2_500, signal);
    return honest();
  },
  silent: (_, { signal }) =>
    new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
  garbage,
  forger,
  withholder,
  replayer,
  overloaded: async (_, { route, honest }, random) => {
    if (random() < 0.7) return honest();
    const details = { source: "overloaded", request: route, status: 429, statusText: "", body: "" };
    throw new SidelightError("HTTP_STATUS", "too many requests", { ...details, retryAfterMs: 5_000 } as never);
  },
  /** Something else every 40 slots. */
  moody: (chain, request, random) => MOODS[Math.floor(request.slot / 40) % MOODS.length]!(chain, request, random),
} as const satisfies Record<string, Behaviour>;

export type BehaviourName = keyof typeof BEHAVIOURS;

/** Without randomness of its own: the same network each time. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // Mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface CountedServer extends Source {
  /** Questions so far. */
  readonly asked: { count: number };
}

export function createServer(
  chain: FakeChain,
  name: string,
  behaviour: Behaviour,
  random: () => number,
): CountedServer {
  const honest = chain.source(name);
  const asked = { count: 0 };
  function answer<T extends Answer>(route: Route, signal: AbortSignal | undefined, ask: () => Promise<T>): Promise<T> {
    asked.count++;
    return behaviour(chain, { route, signal, honest: ask, slot: chain.slot() }, random) as Promise<T>;
  }
  return {
    name,
    asked,
    bootstrap: (root, options) => answer("bootstrap", options?.signal, () => honest.bootstrap(root)),
    updates: (start, count, options) => answer("updates", options?.signal, () => honest.updates(start, count)),
    finalityUpdate: (options) => answer("finalityUpdate", options?.signal, () => honest.finalityUpdate()),
    optimisticUpdate: (options) => answer("optimisticUpdate", options?.signal, () => honest.optimisticUpdate()),
  };
}
