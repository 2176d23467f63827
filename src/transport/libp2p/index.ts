/**
 * Light-client data from peers instead of servers: beacon nodes, and other sidelights, over libp2p and websockets.
 * For those who want it: needs the packages of libp2p, see `docs/p2p.md`.
 */
import { asSidelightError, SidelightError } from "../../errors.js";
import type { Source, VerifiedObject } from "../port.js";
import { createGossip, type Gossip } from "./gossip.js";
import { createLinks } from "./links.js";
import { createNode } from "./node.js";
import { type PeerNode, type PeersOptions, resolvePeersOptions } from "./options.js";
import { createResponder, type Responder } from "./responder.js";
import { createSchema } from "./schema.js";
import { peerSource } from "./source.js";

export type { NodeRecord } from "./address.js";
export { type Archive, createArchive } from "./archive.js";
export { nodeRecord } from "./enr.js";
export { gossipOptions } from "./gossip-options.js";
export type { PeerNode, PeersOptions } from "./options.js";

/** Peers, as sources of a client. */
export interface Peers {
  /** One for each peer, named by its identity. */
  readonly sources: readonly Source[];
  /**
   * Makes the node and its answers ready, as the first question to a source does by itself: for whoever waits for others.
   * @returns where it can be reached, as multiaddrs
   * @throws what libp2p throws, as UNEXPECTED; OPTION_INVALID; CLIENT_STOPPED
   */
  start(): Promise<readonly string[]>;
  /**
   * A source of another transport, of which what the client has verified is kept in the archive as well, to be given to
   * others, and heads of it are gossiped. Without its stream: what comes by it is JSON, and cannot be passed on.
   */
  share(source: Source): Source;
  /** Says goodbye to everybody, and ends everything. Idempotent; nothing can be asked after it. */
  stop(): Promise<void>;
}

interface Running {
  readonly node: PeerNode;
  readonly gossip: Gossip;
  readonly responder: Responder;
  /** Leaves the topics that are kept for others. */
  readonly leave: () => void;
}

/**
 * Synchronous and without I/O: a wrong option throws here; a node is made, and a connection, when a source is asked.
 * Connections stay open until {@link Peers.stop}: in Node, the process does not end before.
 *
 * @throws OPTION_INVALID
 */
export function createPeers(options: PeersOptions): Peers {
  const config = resolvePeersOptions(options);
  const schema = createSchema(config.network);
  const keep = (object: VerifiedObject) => config.archive?.keep(object) ?? null;
  const links = createLinks(config, async () => (await run()).node);
  let running: Promise<Running> | null = null;
  let stopping: Promise<void> | null = null;
  let isListening = false;
  const strangers = new Map<string, Source>();

  const context = {
    config,
    links,
    gossip: async () => (await run()).gossip,
    onListening: widen,
    onVerified: (object: VerifiedObject) => void keep(object),
  };
  const sources = config.peers.map((peer) => peerSource(peer, context));

  /** Peers that we did not choose: they came to us. */
  function sourceOf(peerId: string): Source {
    const known = sources.find(({ name }) => name === peerId) ?? strangers.get(peerId);
    if (known !== undefined) return known;
    const made = peerSource({ peerId, addresses: [] }, context);
    strangers.set(peerId, made);
    if (strangers.size > MAX_STRANGERS) strangers.delete(strangers.keys().next().value!);
    return made;
  }

  async function start(): Promise<Running> {
    const node = config.node ?? (await createNode(config));
    links.watch(node);
    const ports = { sourceOf, onOffence: links.offended };
    const responder = await createResponder(config, node, links);
    const gossip = createGossip(config, schema, node, ports);
    // who comes to hear of heads finds us on the topics, though nobody here listens yet
    const leave = config.listen.length > 0 ? gossip.join({}) : () => {};
    return { node, responder, gossip, leave };
  }

  function run(): Promise<Running> {
    if (stopping !== null) {
      const message = "createPeers: expected to be running, got asked after stop()";
      throw new SidelightError("CLIENT_STOPPED", message, { during: "asking peers" });
    }
    running ??= start().catch((error: unknown) => {
      running = null;
      throw asSidelightError(error, "starting libp2p");
    });
    return running;
  }

  /** What the others have not told us may be news to them. */
  function tell(object: VerifiedObject): void {
    const kept = keep(object);
    if (kept === null || object.kind === "bootstrap" || object.kind === "update") return;
    const { kind } = object;
    void running?.then(({ gossip }) => gossip.publish(kind, kept.bytes, kept.digest)).catch(() => {});
  }

  /** Connects to a few more peers, one after another, for the gossip that they bring. Who fails is let be. */
  function widen(): void {
    if (isListening) return;
    isListening = true;
    const connecting = async () => {
      const wanted = Math.min(config.gossipPeers, config.maxConnections, config.peers.length);
      for (const peer of config.peers) {
        if (stopping !== null || (await run()).node.getPeers().length >= wanted) return;
        const asked = { source: peer.peerId, request: "gossip", redact: (text: string) => text };
        await links.use(peer, asked, undefined, async () => {}).catch(() => {});
      }
    };
    void connecting()
      .catch(() => {})
      .finally(() => {
        isListening = false;
      });
  }

  async function end(): Promise<void> {
    const made = await running?.catch(() => null);
    made?.leave();
    await links.close(config.node === null ? made?.node : undefined);
    await made?.responder.stop();
    if (config.node === null) await made?.node.stop();
  }

  return {
    sources,
    async start() {
      return (await run()).node.getMultiaddrs().map(String);
    },
    share({ subscribe: _, ...source }) {
      return { ...source, verified: tell };
    },
    stop: () => (stopping ??= end()),
  };
}

const MAX_STRANGERS = 256;
