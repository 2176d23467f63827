/** Peers of a devnet as sources, for the source contract. In Node and in browsers. */
import { createPeers, type Peers, type PeersOptions } from "../../src/transport/libp2p/index.js";
import type { Devnet, DevnetPeer } from "../devnet/src/bind.ts";
import type { Fault } from "../devnet/src/faults.ts";
import { networkOf } from "../support/network-of.js";
import type { SourceWorld, Trouble } from "./source.js";

const FAULTS: Readonly<Record<Trouble, readonly Fault[]>> = {
  silence: [{ kind: "hang" }],
  // it is closed instead
  unreachable: [],
  cut: [{ kind: "truncated" }],
  noise: [{ kind: "garbage" }],
  flood: [{ kind: "oversized" }],
  busy: [{ kind: "status", status: 503 }],
  lacking: [{ kind: "status", status: 404 }],
  "ended stream": [{ kind: "sse-stop" }],
  "noisy stream": [{ kind: "sse-garbage" }],
  "no stream": [{ kind: "sse-refused" }],
};

/** Soon enough for a test that waits for it; nothing that answers is asked with it. */
const IMPATIENT: Partial<PeersOptions> = { firstByteTimeoutMs: 400, chunkTimeoutMs: 400, connectTimeoutMs: 400 };
/** Where gossip never comes: it is waited for as long as for a connection. */
const NO_GOSSIP: ReadonlySet<Trouble | undefined> = new Set<Trouble>(["busy", "lacking", "no stream"]);

/** Those of both kinds of update. */
const TOPICS = 2;

export function peerWorld(devnet: Devnet): SourceWorld {
  const servers: DevnetPeer[] = [];
  const clients: Peers[] = [];
  const network = networkOf(devnet);
  return {
    devnet,
    async serve(trouble, of) {
      const server = await devnet.newPeer(trouble === undefined ? [] : FAULTS[trouble]);
      servers.push(server);
      if (trouble === "unreachable") await server.close();
      const isInVain = of === "stream" && NO_GOSSIP.has(trouble);
      const patience = trouble === "silence" ? IMPATIENT : isInVain ? { connectTimeoutMs: 1_500 } : {};
      const peers = createPeers({ network, peers: [server.url], allowInsecure: true, ...patience });
      clients.push(peers);
      const isGone = trouble === "unreachable";
      return {
        source: peers.sources[0]!,
        setTrouble: (next) => server.setFaults(next === null ? [] : FAULTS[next]),
        asked: async () => (isGone ? 0 : (await server.requests()).length),
        waiting: async () => {
          if (isGone) return 0;
          const open = (await server.requests()).filter(({ durationMs }) => durationMs === 0).length;
          return open + (await server.info()).subscribers;
        },
        listened: async () => (await server.info()).subscribers === TOPICS,
      };
    },
    async close() {
      await Promise.all(clients.splice(0).map((peers) => peers.stop()));
      await Promise.all(servers.splice(0).map((server) => server.close()));
    },
  };
}
