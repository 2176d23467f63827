/**
 * Connections to the peers: made when they are needed, greeted with a `Status`, shared by all who ask the same peer,
 * and given up with a `Goodbye`. Who could not be reached, sent us away or misbehaved is left alone for a while.
 */
import type { Connection, Stream } from "@libp2p/interface";
import { orAborted } from "../../abort.js";
import { isSidelightError, SidelightError } from "../../errors.js";
import { withDeadline } from "../http.js";
import { type Asked, networkFailed, requestTimeout, responseInvalid } from "../rest-errors.js";
import type { PeerAddress } from "./address.js";
import { writePayload } from "./codec/chunks.js";
import { decodeStatus, describeGoodbye, encodeStatus, encodeUint64, GOODBYE_REASONS } from "./codec/messages.js";
import { describeDialFailure } from "./dial-failure.js";
import type { PeerNode, PeersConfig } from "./options.js";
import { GOODBYE, STATUS } from "./protocols.js";
import { inquire } from "./request.js";
import { digestAt } from "./topics.js";

/** How long a peer is left alone: the first time, and at most; doubled each time in a row. */
interface RestRule {
  readonly firstMs: number;
  readonly maxMs: number;
}
const UNREACHABLE: RestRule = { firstMs: 1_000, maxMs: 300_000 };
const SENT_AWAY: RestRule = { firstMs: 30_000, maxMs: 3_600_000 };
const MISBEHAVED: RestRule = { firstMs: 60_000, maxMs: 3_600_000 };
/** Who has given no cause for so long after the last time is as good as any. */
const FORGIVEN_MS = 3_600_000;

/** For words of parting: nobody waits for them longer. */
const GOODBYE_MS = 1_000;

interface Link {
  readonly peerId: string;
  /** Resolves when the peer is known to follow our chain. */
  readonly greeted: Promise<Connection>;
  /** Who is asking or listening at the moment. */
  users: number;
  lastUsed: number;
  /** Resolves when we have parted with it, if we are about to. */
  parted?: Promise<void>;
  /** Aborted when it has ended, with the reason. */
  readonly end: AbortController;
}

interface Rest {
  readonly rule: RestRule;
  /** When it began, and how long it is. */
  readonly atMs: number;
  readonly ms: number;
  /** Those before it, one after the other. */
  readonly inARow: number;
  readonly why: string;
}

/** A connection that somebody uses. */
export interface Use {
  readonly connection: Connection;
  /** Aborted when the connection has ended; the reason is an error that says why. */
  readonly ended: AbortSignal;
}

export interface Links {
  /**
   * Lends the connection to a peer, and makes one if there is none.
   * @throws NETWORK_FAILED, REQUEST_TIMEOUT, PEER_IRRELEVANT, what the first answer of a peer can be refused for,
   * `signal.reason`, and what `task` throws
   */
  use<T>(peer: PeerAddress, asked: Asked, signal: AbortSignal | undefined, task: (use: Use) => Promise<T>): Promise<T>;
  /** From now on we can part with whoever is there, dialled by us or not. */
  watch(node: PeerNode): void;
  /** It sent something that nobody honest sends: it is told so, and left alone for a while. */
  offended(peerId: string, why: string): void;
  /** It has said goodbye. */
  sentAway(peerId: string, reason: bigint): void;
  /** Says goodbye to everybody we came to, and to who came to `node`, if it is ours. */
  close(node?: PeerNode): Promise<void>;
}

export function createLinks(config: PeersConfig, getNode: () => Promise<PeerNode>): Links {
  const { network, maxConnections, connectTimeoutMs, patience, clock } = config;
  const links = new Map<string, Link>();
  const rests = new Map<string, Rest>();
  const chosen = new Set(config.peers.map(({ peerId }) => peerId));
  let uses = 0;
  let watched: PeerNode | null = null;

  function rest(peerId: string, rule: RestRule, why: string): void {
    // nobody dials who came to us; there may be any number of them
    if (!chosen.has(peerId)) return;
    const { firstMs, maxMs } = rule;
    const last = rests.get(peerId);
    const inARow = last === undefined || leftMs(last) < -FORGIVEN_MS ? 0 : last.inARow + 1;
    rests.set(peerId, { rule, inARow, why, atMs: clock.nowMs(), ms: Math.min(firstMs * 2 ** inARow, maxMs) });
  }

  /** A distance and not a deadline: the clock may be set back. */
  function leftMs({ atMs, ms }: Rest): number {
    return ms - Math.abs(clock.nowMs() - atMs);
  }

  function assertRested({ peerId }: PeerAddress, asked: Asked): void {
    const last = rests.get(peerId);
    if (last === undefined || leftMs(last) <= 0) return;
    throw networkFailed(asked, new Error(`left alone for ${leftMs(last)} ms more: ${last.why}`));
  }

  function connectionsOf(peerId: string): Connection[] {
    return watched?.getConnections().filter(({ remotePeer }) => String(remotePeer) === peerId) ?? [];
  }

  function end(link: Link | undefined, why: string): void {
    if (link === undefined) return;
    if (links.get(link.peerId) === link) links.delete(link.peerId);
    link.end.abort(new Error(why));
  }

  /** Waits until one is gone: who is leaving, or was not used for longest; nobody who is being asked has to go. */
  async function makeRoom(asked: Asked): Promise<void> {
    const [idle] = [...links.values()]
      .filter(({ users, parted }) => users === 0 || parted)
      .sort((a, b) => a.lastUsed - b.lastUsed);
    if (idle === undefined) throw networkFailed(asked, new Error(`all ${maxConnections} connections are in use`));
    await leave(idle, GOODBYE_REASONS.tooManyPeers, "left for another peer");
  }

  async function greet(connection: Connection, asked: Asked, signal: AbortSignal): Promise<void> {
    // both versions say the same of what matters here
    for (const version of [2, 1] as const) {
      try {
        const content = encodeStatus(ownStatus(config), version);
        const shape = { hasContext: false, maxPayloadBytes: content.length, maxChunks: 1 };
        const inquiry = {
          asked: { ...asked, request: "status" },
          protocols: [STATUS[version]],
          content,
          ...shape,
          signal,
        };
        const { chunks } = await inquire(connection, inquiry, patience, clock);
        const fail = (expected: string, actual: string) => responseInvalid(asked, expected, actual);
        if (chunks[0] === undefined) throw fail("a Status", "nothing");
        assertRelevant(asked, decodeStatus(chunks[0].payload, version, fail).forkDigest);
        return;
      } catch (error) {
        // version 1 is gone from nodes after Fulu, and version 2 is not there before
        if (version === 1 || !isSidelightError(error, "NOT_AVAILABLE")) throw error;
      }
    }
  }

  /** A peer's clock may be a little off ours, and a fork may lie between. */
  function assertRelevant({ source }: Asked, digest: string): void {
    const nowMs = clock.nowMs();
    const { slotDurationMs } = network;
    const current = [-1, 0, 1].map((slots) => digestAt(network, nowMs + slots * slotDurationMs));
    if (current.includes(digest)) return;
    const message = `${source}: expected a peer on fork digest ${current[1]}, got one on ${digest}`;
    throw new SidelightError("PEER_IRRELEVANT", message, { source, expected: current[1]!, actual: digest });
  }

  /** Dials and greets. */
  async function connect({ peerId, addresses }: PeerAddress, asked: Asked, stop: AbortSignal): Promise<Connection> {
    let connection: Connection | undefined;
    // ends what is under way, however this function ends
    const ending = new AbortController();
    const { signal } = ending;
    const meet = async (node: PeerNode) => {
      connection = await node.dial([...addresses], { signal });
      await greet(connection, asked, signal);
      return connection;
    };
    try {
      const late = () => requestTimeout(asked, connectTimeoutMs);
      const deadline = { clock, timeoutMs: connectTimeoutMs, signal: stop, late };
      const met = await withDeadline(deadline, meet(await getNode()));
      // its goodbye may have come before its answer
      stop.throwIfAborted();
      if (met.status !== "open") throw new Error("the connection ended");
      // it can be reached; what else there was shows later
      if (rests.get(peerId)?.rule === UNREACHABLE) rests.delete(peerId);
      return met;
    } catch (thrown) {
      if (stop.aborted) {
        // whoever ended it has said what follows from that
        connection?.close().catch(() => {});
        throw networkFailed(asked, stop.reason);
      }
      const isOther = isSidelightError(thrown, "PEER_IRRELEVANT");
      const why = describeDialFailure(thrown);
      rest(peerId, isOther ? SENT_AWAY : UNREACHABLE, why);
      if (connection !== undefined) {
        void part(connection, isOther ? GOODBYE_REASONS.irrelevantNetwork : GOODBYE_REASONS.faultOrError);
      }
      throw isSidelightError(thrown) ? thrown : networkFailed(asked, new Error(why));
    } finally {
      ending.abort(new Error("not waited for any longer"));
    }
  }

  /** The link to a peer, with one user more; `null` if there is no room for it yet. All at once: others ask as well. */
  function hold(peer: PeerAddress, asked: Asked): Link | null {
    const { peerId } = peer;
    let link = links.get(peerId);
    if (link === undefined) {
      assertRested(peer, asked);
      if (links.size >= maxConnections) return null;
      const ending = new AbortController();
      const made: Link = { peerId, greeted: connect(peer, asked, ending.signal), users: 0, lastUsed: 0, end: ending };
      link = made;
      links.set(peerId, made);
      const over = () => end(made, "the connection ended");
      // Of the connection itself: a node that is stopped says nothing of its peers, nor where another one to it is left.
      // Whoever waits for one that fails is told; if nobody does any more, nobody is.
      made.greeted.then((connection) => connection.addEventListener("close", over), over);
    }
    // what is left of it would be taken for a new one
    if (link.parted) return null;
    link.users++;
    link.lastUsed = ++uses;
    return link;
  }

  /** Ends it, and keeps its place until the goodbye is heard. */
  function leave(link: Link, reason: number, why: string): Promise<void> {
    link.lastUsed = 0;
    link.end.abort(new Error(why));
    link.parted ??= link.greeted
      .then((connection) => part(connection, reason))
      .catch(() => {})
      .then(() => end(link, why));
    return link.parted;
  }

  /** Says goodbye and closes, whether or not it is heard. */
  async function part(connection: Connection, reason: number): Promise<void> {
    const signal = AbortSignal.timeout(GOODBYE_MS);
    try {
      const stream = await connection.newStream(GOODBYE, { signal });
      stream.send(writePayload(encodeUint64(reason)));
      // whoever has read it closes its side too: a connection that closes before takes with it what was not read yet
      const heard = stream.remoteWriteStatus === "closed" ? undefined : untilOneOf(stream, "remoteCloseWrite", "close");
      await Promise.all([stream.close({ signal }), heard && orAborted(heard, signal)]);
    } catch {
      // it may be gone already
    }
    await connection.close({ signal }).catch((error: Error) => connection.abort(error));
  }

  return {
    async use(peer, asked, signal, task) {
      signal?.throwIfAborted();
      let link = hold(peer, asked);
      while (link === null) {
        await orAborted(makeRoom(asked), signal);
        link = hold(peer, asked);
      }
      try {
        const connection = await orAborted(link.greeted, signal);
        return await task({ connection, ended: link.end.signal });
      } finally {
        link.users--;
      }
    },
    watch(node) {
      watched = node;
    },
    offended(peerId, why) {
      rest(peerId, MISBEHAVED, why);
      const connections = connectionsOf(peerId);
      end(links.get(peerId), why);
      for (const connection of connections) void part(connection, GOODBYE_REASONS.faultOrError);
    },
    sentAway(peerId, reason) {
      const why = `it said goodbye: ${describeGoodbye(reason)}`;
      if (reason !== BigInt(GOODBYE_REASONS.clientShutdown)) rest(peerId, SENT_AWAY, why);
      const connections = connectionsOf(peerId);
      end(links.get(peerId), why);
      for (const connection of connections) connection.close().catch(() => {});
    },
    async close(node) {
      await Promise.all(
        [...links.values()].map((link) => leave(link, GOODBYE_REASONS.clientShutdown, "we are leaving")),
      );
      const visitors = node?.getConnections() ?? [];
      await Promise.all(visitors.map((connection) => part(connection, GOODBYE_REASONS.clientShutdown)));
    },
  };
}

export function untilOneOf(stream: Stream, ...events: ("remoteCloseWrite" | "idle" | "close")[]): Promise<void> {
  return new Promise((resolve) => {
    for (const event of events) stream.addEventListener(event, () => resolve(), { once: true });
  });
}

/**
 * What light clients say of themselves: `specs/altair/light-client/p2p-interface.md` has them claim genesis, so that
 * nobody asks them for blocks.
 */
export function ownStatus({ network, clock }: PeersConfig) {
  return {
    forkDigest: digestAt(network, clock.nowMs()),
    finalizedRoot: new Uint8Array(32),
    finalizedEpoch: 0n,
    headRoot: new Uint8Array(32),
    headSlot: 0n,
  };
}
