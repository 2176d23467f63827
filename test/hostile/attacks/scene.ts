/** A chain of real keys on virtual time, and a client between liars and honest sources. */
import type { LightClient } from "../../../src/client/light-client.js";
import type { LightClientOptions } from "../../../src/options.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { testBls } from "../../support/backends.js";
import {
  createFakeChain,
  type FakeChain,
  type FakeChainOptions,
  type FakeSource,
  record,
} from "../../unit/client/fake-chain.js";
import { drive, passTime } from "../../unit/client/waiting.js";

/** Members of a committee, and how many of them it takes. */
export const SIZE = 32;
/** 2/3, rounded up: what finality and a next committee need. */
export const ENOUGH = 22;
/** What is no more than half of those who sign: no head at all. */
export const HALF = 16;

export const EPOCH = 8;
export const PERIOD = 64;

/** One for all tests: it starts once. */
const bls = testBls();

export interface Scene {
  readonly chain: FakeChain;
  readonly liar: FakeSource;
  readonly honest: FakeSource;
  /** A client that asks the liar first, and the honest one if it is given. */
  client(withHelp: boolean, options?: Partial<LightClientOptions>): Watched;
  /** Time passes to after the middle of a slot, when clients have polled. */
  toSlot(slot: number): Promise<void>;
  /** Moves time on until a promise settles. */
  drive<T>(promise: Promise<T>): Promise<T>;
  /** Does the chain have this header? */
  isTrue(header: { readonly slot: number; readonly root: string }): boolean;
  stop(): Promise<void>;
}

export interface Watched {
  readonly client: LightClient;
  readonly log: ReturnType<typeof record>;
}

export async function createScene(options: FakeChainOptions = {}): Promise<Scene> {
  const chain = await createFakeChain({ slot: 203, bls, ...options });
  const { slotDurationMs } = chain.network;
  const liar = chain.source("liar");
  const honest = chain.source("honest");
  const clients: LightClient[] = [];
  return {
    chain,
    liar,
    honest,
    client(withHelp, rest = {}) {
      const client = chain.client({ sources: withHelp ? [liar, honest] : [liar], ...rest });
      clients.push(client);
      return { client, log: record(client) };
    },
    toSlot: (slot) => passTime(chain.clock, chain.timeOf(slot) + 0.6 * slotDurationMs - chain.clock.nowMs()),
    drive: (promise) => drive(chain.clock, promise, { limitMs: 60 * slotDurationMs }),
    isTrue: ({ slot, root }) => toHex(chain.forge.block({ slot }).root) === root,
    async stop() {
      await Promise.all(clients.map((client) => client.stop()));
    },
  };
}
