/** A libp2p node as a light client needs it: websockets, noise, yamux, identify, gossipsub. */
import { gossipsub } from "@libp2p/gossipsub";
import { identify } from "@libp2p/identify";
import type { MultiaddrConnection } from "@libp2p/interface";
import { noise } from "@libp2p/noise";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { createLibp2p } from "libp2p";
import { optionInvalid } from "../../errors.js";
import { isSecure, isWebSocket } from "./address.js";
import { gossipOptions } from "./gossip-options.js";
import type { PeerNode, PeersConfig } from "./options.js";

/** Connections that are not answered for long enough are closed; a mobile page should not be kept awake for that. */
const PING_INTERVAL_MS = 60_000;
/** Never fewer than libp2p lets in by itself, that one who comes back soon is not refused where there are few places. */
const MIN_ARRIVALS = 10;

/** Makes and starts one. @throws OPTION_INVALID where the platform lacks what it takes */
export async function createNode(config: PeersConfig): Promise<PeerNode> {
  const { peers, allowInsecure, maxConnections, maxInboundConnections, connectTimeoutMs, listen, privateKey } = config;
  if (globalThis.WebSocket === undefined) {
    const expected = "a platform with WebSocket (Node 20: set globalThis.WebSocket to the one of the package ws)";
    throw optionInvalid("node", expected, null);
  }
  provideWithResolvers();
  const arrivals = Math.max(maxInboundConnections, MIN_ARRIVALS);
  return createLibp2p({
    ...(privateKey === null ? {} : { privateKey }),
    addresses: { listen: [...listen] },
    nodeInfo: { userAgent: "sidelight" },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: {
      // Instead of the default, which in pages refuses what is allowed here, and elsewhere allows everything.
      denyDialMultiaddr: (address) => !isWebSocket(address) || !(allowInsecure || isSecure(address)),
      denyInboundConnection: createPlaces(maxInboundConnections),
    },
    connectionManager: {
      maxConnections:
        listen.length > 0 ? Math.min(maxConnections, peers.length) + maxInboundConnections : maxConnections,
      dialTimeout: connectTimeoutMs,
      addressDialTimeout: connectTimeoutMs,
      // we decide whom to come back to, and when
      reconnectRetries: 0,
      // Behind a proxy everybody comes from one host: who is let in depends on the places alone.
      inboundConnectionThreshold: arrivals,
      maxIncomingPendingConnections: arrivals,
    },
    connectionMonitor: { pingInterval: PING_INTERVAL_MS },
    services: { identify: identify(), pubsub: gossipsub(gossipOptions()) },
  });
}

/**
 * So many connections of others, from the moment they arrive: libp2p's own limit does not count those that are not
 * encrypted yet, so that many who come at once would all be let in.
 *
 * @returns whether one is refused
 */
function createPlaces(limit: number): (connection: MultiaddrConnection) => boolean {
  const taken = new Set<MultiaddrConnection>();
  return (connection) => {
    if (taken.size >= limit) return true;
    taken.add(connection);
    connection.addEventListener("close", () => taken.delete(connection), { once: true });
    return false;
  };
}

/** libp2p uses it; Node 20 and browsers of 2023 have none. As the standard has it (ECMA-262, 27.2.4.9). */
function provideWithResolvers(): void {
  const platform = Promise as { withResolvers?: unknown };
  platform.withResolvers ??= () => {
    const made: { promise?: Promise<unknown> } = {};
    made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
    return made;
  };
}
