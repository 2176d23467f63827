/** A chain that lives by a manual clock, and sources that serve it: no sockets, every answer under the test's control. */

import type { Bls } from "../../../src/bls/port.js";
import { createLightClient, type LightClient } from "../../../src/client/light-client.js";
import type { LightClientEvents } from "../../../src/client/types.js";
import { SidelightError } from "../../../src/errors.js";
import type { Network } from "../../../src/networks/types.js";
import type { LightClientOptions } from "../../../src/options.js";
import { toHex } from "../../../src/ssz/bytes.js";
import type { RawObject, Source, SourceEvent, SubscribeOptions } from "../../../src/transport/port.js";
import { type ManualClock, manualClock } from "../../support/clock.js";
import { createForge, type Forge, type ForgeOptions } from "../../support/forge.js";
import { networkAtFork } from "../../support/networks.js";
import { stubBls } from "../../support/stub-bls.js";

export type Route = "bootstrap" | "updates" | "finalityUpdate" | "optimisticUpdate";

type Handler = (signal: AbortSignal | undefined) => Promise<RawObject | RawObject[]>;

export interface FakeSource extends Source {
  /** Routes in the order in which they were asked. */
  readonly requests: Route[];
  /** What answers instead of the chain. */
  readonly overrides: Partial<Record<Route, Handler>>;
  /** Subscriptions that are open. */
  readonly streams: Set<SubscribeOptions>;
  /** Sends the newest of its kind to every subscription. */
  push(type: SourceEvent["type"], object?: RawObject): void;
}

export interface FakeChain {
  readonly forge: Forge;
  readonly network: Network;
  readonly clock: ManualClock;
  readonly checkpoint: string;
  readonly checkpointSlot: number;
  /** Slot of the clock: the newest signature is of it. */
  slot(): number;
  timeOf(slot: number): number;
  object(route: Exclude<Route, "updates">, slot?: number): RawObject;
  update(period: number): RawObject | null;
  source(name?: string, options?: { streams?: boolean }): FakeSource;
  client(options?: Partial<LightClientOptions>): LightClient;
}

export interface FakeChainOptions {
  readonly network?: Network;
  /** @default slot 8: the second epoch */
  readonly checkpointSlot?: number;
  /** Where the clock starts. @default slot 200 (period 3 of the minimal preset) */
  readonly slot?: number;
  /** How many sign the finality and optimistic updates. @default all */
  readonly participants?: (slot: number) => number;
  /** Verifies what clients are told. What is told is truly signed in any case. @default one that believes everything */
  readonly bls?: Bls;
  /** See `ForgeOptions`. */
  readonly seal?: ForgeOptions["seal"];
}

export async function createFakeChain(options: FakeChainOptions = {}): Promise<FakeChain> {
  const { network = networkAtFork("electra"), checkpointSlot = 8, slot: startSlot = 200 } = options;
  const { slotsPerEpoch, epochsPerSyncCommitteePeriod, syncCommitteeSize } = network.preset;
  const { participants = () => syncCommitteeSize, bls = stubBls(), seal } = options;
  const periodSlots = slotsPerEpoch * epochsPerSyncCommitteePeriod;
  const forge = await createForge({ network, bls, ...(seal && { seal }) });
  const timeOf = (slot: number) => network.genesisTime * 1000 + slot * network.slotDurationMs;
  const clock = manualClock(timeOf(startSlot));
  const slot = () => Math.floor((clock.nowMs() - timeOf(0)) / network.slotDurationMs);
  const made = new Map<string, RawObject>();
  const bootstrap = forge.bootstrap(checkpointSlot);

  function remember(key: string, make: () => RawObject): RawObject {
    const known = made.get(key) ?? make();
    made.set(key, known);
    if (made.size > 256) made.delete(made.keys().next().value!);
    return known;
  }

  function object(route: Exclude<Route, "updates">, at = slot()): RawObject {
    if (route === "bootstrap") return bootstrap.raw();
    const signed = { attestedSlot: at - 1, participants: participants(at) };
    return remember(`${route} ${at}`, () =>
      route === "finalityUpdate" ? forge.finalityUpdate(signed).raw() : forge.optimisticUpdate(signed).raw(),
    );
  }

  function update(period: number): RawObject | null {
    const attestedSlot = Math.min(period * periodSlots + periodSlots - 3, slot() - 1);
    // like a real node's: none before there is finality within the period
    if (attestedSlot < (period === 0 ? 1 : period * periodSlots + 2 * slotsPerEpoch)) return null;
    return remember(`update ${period} ${attestedSlot}`, () =>
      forge.update({ attestedSlot, participants: participants(attestedSlot + 1) }).raw(),
    );
  }

  function honest(route: Route, ...args: unknown[]): RawObject | RawObject[] {
    if (route !== "updates") return object(route);
    const [start, count] = args as [number, number];
    const found = Array.from({ length: count }, (_, i) => update(start + i)).filter((raw) => raw !== null);
    if (found.length === 0) throw notAvailable("updates");
    return found;
  }

  function source(name = "fake", { streams: hasStreams = false } = {}): FakeSource {
    const requests: Route[] = [];
    const overrides: FakeSource["overrides"] = {};
    const streams = new Set<SubscribeOptions>();

    async function answer<T>(route: Route, signal: AbortSignal | undefined, ...args: unknown[]): Promise<T> {
      signal?.throwIfAborted();
      requests.push(route);
      return (overrides[route] ? overrides[route](signal) : honest(route, ...args)) as Promise<T>;
    }

    return {
      name,
      requests,
      overrides,
      streams,
      bootstrap: (_, { signal } = {}) => answer("bootstrap", signal),
      updates: (start, count, { signal } = {}) => answer("updates", signal, start, count),
      finalityUpdate: ({ signal } = {}) => answer("finalityUpdate", signal),
      optimisticUpdate: ({ signal } = {}) => answer("optimisticUpdate", signal),
      ...(hasStreams ? { subscribe: (subscription: SubscribeOptions) => subscribe(streams, subscription) } : {}),
      push(type, raw = object(type === "finality" ? "finalityUpdate" : "optimisticUpdate")) {
        for (const { onEvent } of streams) onEvent({ type, object: raw });
      },
    };
  }

  return {
    forge,
    network,
    clock,
    checkpoint: toHex(bootstrap.root),
    checkpointSlot,
    slot,
    timeOf,
    object,
    update,
    source,
    client: (rest = {}) =>
      createLightClient({
        network,
        checkpoint: toHex(bootstrap.root),
        sources: rest.sources ?? [source()],
        bls: options.bls ?? stubBls(),
        clock,
        ...rest,
      }),
  };
}

function subscribe(streams: Set<SubscribeOptions>, subscription: SubscribeOptions): Promise<void> {
  streams.add(subscription);
  subscription.onOpen?.();
  return new Promise((resolve) => {
    subscription.signal?.addEventListener("abort", () => {
      streams.delete(subscription);
      resolve();
    });
  });
}

export function notAvailable(request: string): SidelightError<"NOT_AVAILABLE"> {
  const message = "no such object";
  return new SidelightError("NOT_AVAILABLE", message, { source: "fake", request, message });
}

export function networkFailed(request = "anything"): SidelightError<"NETWORK_FAILED"> {
  const message = "connection refused";
  return new SidelightError("NETWORK_FAILED", message, { source: "fake", request, message });
}

/** Never answers; hangs up when it is aborted, as a source must. */
export function hang(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
}

type Recorded = { readonly [K in keyof LightClientEvents]: LightClientEvents[K][] };

/** Everything a client says, by event. */
export function record(client: LightClient): Recorded {
  const names = [
    "head",
    "finality",
    "participation",
    "committee",
    "reorg",
    "status",
    "forced-update",
    "woke",
    "checkpoint",
    "store",
    "peer",
    "equivocation",
    "error",
  ];
  const recorded = Object.fromEntries(names.map((name) => [name, [] as unknown[]])) as unknown as Recorded;
  for (const name of names as (keyof LightClientEvents)[]) {
    client.on(name, (payload) => (recorded[name] as unknown[]).push(payload));
  }
  return recorded;
}

/** Codes of the `error` events so far. */
export function codesOf({ error }: Recorded): string[] {
  return error.map((report) => report.error.code);
}
