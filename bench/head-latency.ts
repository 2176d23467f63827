/**
 * How late a head is told, and what an hour of following weighs: by gossip, by server-sent events, by polling. Three clients
 * follow one live chain at the same time, each through a proxy of its own that counts bytes, all layers above TCP included.
 */
import "../test/support/websocket.js";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createLightClient, type LightClient } from "../src/client/light-client.js";
import { timeOfSlotMs } from "../src/networks/schedule.js";
import type { Network } from "../src/networks/types.js";
import { createPeers } from "../src/transport/libp2p/index.js";
import type { Source } from "../src/transport/port.js";
import { restSource } from "../src/transport/rest.js";
import { type Devnet, startDevnet } from "../test/devnet/src/client.ts";
import { networkOf } from "../test/support/network-of.js";
import type { Bench } from "./context.js";
import type { Row } from "./table.js";

const WAYS = ["gossip", "server-sent events", "polling"] as const;
type Way = (typeof WAYS)[number];

const SECONDS_PER_SLOT = 2;
const PRE_SLOTS = 128;
const HOUR_SLOTS = 3600 / SECONDS_PER_SLOT;
/** Not counted: they connect and catch up. */
const FIRST_SLOTS = 8;

/** What is on its way through a port of its own, both directions. */
interface Meter {
  readonly port: number;
  bytes(): number;
  close(): void;
}

interface Follower {
  readonly way: Way;
  readonly meter: Meter;
  readonly client: LightClient;
  /** By slot of the header: how long after the start of the slot that signs it. */
  readonly latenessMs: Map<number, number>;
  end(): Promise<void>;
}

export const headLatency: Bench = {
  name: "head-latency",
  async run({ isQuick, note }) {
    const slots = isQuick ? 16 : 90;
    const forks = { altair: 0, bellatrix: 0, capella: 0, deneb: 0, electra: 0, fulu: 0 };
    const devnet = await startDevnet({
      mode: "live",
      preSlots: PRE_SLOTS,
      secondsPerSlot: SECONDS_PER_SLOT,
      forks,
    });
    const followers: Follower[] = [];
    try {
      const network = networkOf(devnet);
      const checkpoint = (await devnet.checkpoint({ epoch: 8 })).root;
      for (const way of WAYS) followers.push(await follow(way, devnet, network, checkpoint));
      await pause(FIRST_SLOTS);
      const before = followers.map(({ meter }) => meter.bytes());
      for (const { latenessMs } of followers) latenessMs.clear();
      await pause(slots);
      const bytes = followers.map(({ meter }, i) => meter.bytes() - before[i]!);
      note(`head-latency: ${slots} slots of ${SECONDS_PER_SLOT} s, a committee of 32, one source each`);
      return [...followers.map(latenessRow), ...bytes.map((count, i) => weightRow(WAYS[i]!, count, slots, bytes[1]!))];
    } finally {
      for (const follower of followers) await follower.end();
      await devnet.stop();
    }
  },
};

async function follow(way: Way, devnet: Devnet, network: Network, checkpoint: string): Promise<Follower> {
  const { source, meter, stop } = await reach(way, devnet, network);
  const client = createLightClient({ network, checkpoint, sources: [source], staleCheckpoint: "allow" });
  const latenessMs = new Map<number, number>();
  client.on("head", ({ slot }) => {
    if (!latenessMs.has(slot)) latenessMs.set(slot, Date.now() - timeOfSlotMs(network, slot + 1));
  });
  await client.start();
  const end = async () => {
    await client.stop();
    await stop();
    meter.close();
  };
  return { way, meter, client, latenessMs, end };
}

async function reach(way: Way, devnet: Devnet, network: Network) {
  if (way === "gossip") {
    const node = await devnet.newPeer([]);
    const [, port] = /\/tcp\/(\d+)\//.exec(node.url)!;
    const meter = await startMeter(Number(port));
    const peers = createPeers({
      network,
      peers: [node.url.replace(`/tcp/${port}/`, `/tcp/${meter.port}/`)],
      allowInsecure: true,
    });
    return { source: peers.sources[0]!, meter, stop: () => peers.stop().then(() => node.close()) };
  }
  const meter = await startMeter(Number(new URL(devnet.url).port));
  const whole: Source = restSource(`http://127.0.0.1:${meter.port}`);
  const polled: Source = {
    name: whole.name,
    bootstrap: whole.bootstrap,
    updates: whole.updates,
    finalityUpdate: whole.finalityUpdate,
    optimisticUpdate: whole.optimisticUpdate,
  };
  return { source: way === "polling" ? polled : whole, meter, stop: async () => {} };
}

async function startMeter(target: number): Promise<Meter> {
  let count = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect(target, "127.0.0.1");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (chunk: Buffer) => {
        count += chunk.length;
      });
      from.on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port, bytes: () => count, close };
}

const pause = (slots: number) => new Promise((resolve) => setTimeout(resolve, slots * SECONDS_PER_SLOT * 1000));

function latenessRow({ way, latenessMs }: Follower, _: number, all: readonly Follower[]): Row {
  const median = medianOf([...latenessMs.values()]);
  const baseline = medianOf([...all[1]!.latenessMs.values()]);
  const isBaseline = way === WAYS[1];
  return {
    bench: headLatency.name,
    metric: `a head by ${way}, after the start of its slot's next`,
    value: median,
    unit: "ms",
    baseline: isBaseline ? null : `a head by ${WAYS[1]}`,
    ratio: isBaseline ? null : median / baseline,
    min: Math.min(...latenessMs.values()),
    max: Math.max(...latenessMs.values()),
  };
}

function weightRow(way: Way, bytes: number, slots: number, baseline: number): Row {
  const isBaseline = way === WAYS[1];
  return {
    bench: headLatency.name,
    metric: `an hour of ${way}, ${HOUR_SLOTS} slots`,
    value: (bytes * HOUR_SLOTS) / slots / 1024,
    unit: "KiB",
    baseline: isBaseline ? null : `an hour of ${WAYS[1]}`,
    ratio: isBaseline ? null : bytes / baseline,
  };
}

/** Throws when nothing came: a way that tells no head has no figure. */
function medianOf(values: readonly number[]): number {
  if (values.length === 0) throw new Error("head-latency: a client told no head");
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
