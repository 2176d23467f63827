/** Options of `createPeers`, their defaults and validation. */
import type { GossipSub } from "@libp2p/gossipsub";
import type { Libp2p, PrivateKey } from "@libp2p/interface";
import { type Clock, systemClock } from "../../clock.js";
import { optionInvalid } from "../../errors.js";
import { forkDigests } from "../../networks/schedule.js";
import type { Network } from "../../networks/types.js";
import { sha256 } from "../../ssz/hash.js";
import { type NodeRecord, type PeerAddress, parseAddress } from "./address.js";
import type { Archive } from "./archive.js";
import type { Patience } from "./request.js";

/** A libp2p node that gossips: `services: { pubsub: gossipsub(gossipOptions()), identify: identify() }`. */
export type PeerNode = Libp2p<{ pubsub: GossipSub }>;

export interface PeersOptions {
  readonly network: Network;
  /** Multiaddrs that end with `/p2p/…`, or node records by `nodeRecord("enr:…")`. One source each, in this order. */
  readonly peers: readonly (string | NodeRecord)[];
  /**
   * A started libp2p node to use: its owner starts and stops it, and decides whom it may dial.
   * @default one of our own, made when it is first needed
   */
  readonly node?: PeerNode;
  /**
   * Allows websockets without TLS, and private addresses: for nodes on your own machine or network. Pages served over
   * https cannot use them in any case.
   * @default false
   */
  readonly allowInsecure?: boolean;
  /**
   * Connections at a time; the one that was not used for longest makes room.
   * @default 8
   */
  readonly maxConnections?: number;
  /**
   * Peers that gossip is heard from, connections permitting: one suffices, more are faster and harder to fool.
   * @default 3
   */
  readonly gossipPeers?: number;
  /**
   * For a connection and the greetings on it, and for a peer to join in the gossip, in milliseconds.
   * @default 10_000
   */
  readonly connectTimeoutMs?: number;
  /**
   * For the first byte of an answer (`TTFB_TIMEOUT`).
   * @default 5_000
   */
  readonly firstByteTimeoutMs?: number;
  /**
   * For each chunk of an answer (`RESP_TIMEOUT`).
   * @default 10_000
   */
  readonly chunkTimeoutMs?: number;
  /**
   * What to answer others with: `createArchive(network)` of the same network keeps what the client
   * verifies.
   * @default nothing is given to others
   */
  readonly archive?: Archive;
  /**
   * Where to wait for others, as multiaddrs such as `/ip4/0.0.0.0/tcp/9001/ws`. Node only, and without `node`.
   * @default nowhere
   */
  readonly listen?: readonly string[];
  /**
   * Connections of others that are let in, where `listen` waits for them: from any host, since behind a proxy all come
   * from one, and counted from the moment they arrive.
   * @default 200
   */
  readonly maxInboundConnections?: number;
  /**
   * The key of our identity, of `@libp2p/crypto`: whoever keeps it is found under the same name again. Without `node`.
   * @default a new one each time
   */
  readonly privateKey?: PrivateKey;
  /** @default the machine's clock */
  readonly clock?: Clock;
}

export interface PeersConfig {
  readonly network: Network;
  readonly peers: readonly PeerAddress[];
  readonly node: PeerNode | null;
  readonly allowInsecure: boolean;
  readonly maxConnections: number;
  readonly gossipPeers: number;
  readonly connectTimeoutMs: number;
  readonly patience: Patience;
  readonly archive: Archive | null;
  readonly listen: readonly string[];
  readonly maxInboundConnections: number;
  readonly privateKey: PrivateKey | null;
  readonly clock: Clock;
}

const MAX_TIMER_MS = 0x7fffffff;

/** @throws OPTION_INVALID */
export function resolvePeersOptions(options: PeersOptions): PeersConfig {
  const { network, peers, node = null, allowInsecure = false, archive = null, listen = [] } = options;
  const { maxConnections = 8, gossipPeers = 3, clock = systemClock() } = options;
  // what each costs a node that listens is little, and each may ask only so much
  const { maxInboundConnections = 200, privateKey = null } = options;
  const { connectTimeoutMs = 10_000, firstByteTimeoutMs = 5_000, chunkTimeoutMs = 10_000 } = options;
  if (typeof network?.genesisValidatorsRoot !== "string") {
    throw optionInvalid("network", "a network of sidelight/networks", network);
  }
  const isRecord = (value: NodeRecord) => typeof value?.peerId === "string" && Array.isArray(value.addresses);
  assertList("peers", peers, (value) => typeof value === "string" || isRecord(value));
  assertList("listen", listen, (value) => typeof value === "string");
  // a sidelight that listens may wait for the first to come
  if (peers.length === 0 && listen.length === 0) throw optionInvalid("peers", "at least one", peers);
  assertInteger("maxConnections", maxConnections, 1, 1_000);
  assertInteger("maxInboundConnections", maxInboundConnections, 1, 100_000);
  assertInteger("gossipPeers", gossipPeers, 1, 100);
  assertInteger("connectTimeoutMs", connectTimeoutMs, 1, MAX_TIMER_MS);
  assertInteger("firstByteTimeoutMs", firstByteTimeoutMs, 1, MAX_TIMER_MS);
  assertInteger("chunkTimeoutMs", chunkTimeoutMs, 1, MAX_TIMER_MS);
  if (typeof allowInsecure !== "boolean") {
    throw optionInvalid("allowInsecure", "true or false", allowInsecure);
  }
  // of another one, what the client has verified would not decode, and its source be blamed
  if (archive !== null && archive?.network?.genesisValidatorsRoot !== network.genesisValidatorsRoot) {
    throw optionInvalid("archive", "what createArchive() makes of this network", archive);
  }
  if (typeof clock?.nowMs !== "function" || typeof clock.sleep !== "function") {
    throw optionInvalid("clock", "an object with nowMs() and sleep()", clock);
  }
  if (node !== null && typeof node?.services?.pubsub?.subscribe !== "function") {
    throw optionInvalid("node", "a libp2p node with gossipsub as services.pubsub", node);
  }
  if (privateKey !== null && (node !== null || typeof privateKey?.sign !== "function")) {
    throw optionInvalid("privateKey", "a key of @libp2p/crypto, and no `node`", privateKey);
  }
  if (node !== null && listen.length > 0) {
    throw optionInvalid("listen", "none where `node` is given: its owner decides", listen);
  }
  const digests = new Set(forkDigests(network, sha256).map(({ digest }) => digest));
  const addresses = peers.map((text) => parseAddress(text, { allowInsecure, digests }));
  return {
    network,
    peers: mergeById(addresses),
    node,
    allowInsecure,
    maxConnections,
    gossipPeers,
    connectTimeoutMs,
    patience: { firstByteMs: firstByteTimeoutMs, chunkMs: chunkTimeoutMs },
    archive,
    listen,
    maxInboundConnections,
    privateKey,
    clock,
  };
}

/** One peer may be told of twice: two addresses, or a multiaddr and a record. */
function mergeById(addresses: readonly PeerAddress[]): PeerAddress[] {
  const byId = new Map<string, PeerAddress>();
  for (const { peerId, addresses: more } of addresses) {
    byId.set(peerId, { peerId, addresses: [...(byId.get(peerId)?.addresses ?? []), ...more] });
  }
  return [...byId.values()];
}

export function assertInteger(option: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw optionInvalid(option, `an integer from ${min} to ${max}`, value);
}

function assertList<T>(option: string, value: readonly T[], isEntry: (entry: T) => boolean): void {
  if (Array.isArray(value) && value.every(isEntry)) return;
  throw optionInvalid(option, "a list of addresses", value);
}
