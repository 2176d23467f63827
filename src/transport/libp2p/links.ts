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
  /** Aborted when it has ended, with the reason. */
  readonly end: AbortController;
}

interface Rest {
  readonly rule: RestRule;
  readonly untilMs: number;
  readonly sinceMs: number;
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
  /** Those to whom we are saying goodbye: their connections are there until it is heard. */
  const leaving = new Map<string, Promise<void>>();
  const rests = new Map<string, Rest>();
  const chosen = new Set(config.peers.map(({ peerId }) => peerId));
  let uses = 0;
  let watched: PeerNode | null = null;

  function rest(peerId: string, rule: RestRule, why: string): void {
    // nobody dials who came to us; there may be any number of them
    if (!chosen.has(peerId)) return;
    const { firstMs, maxMs } = rule;
    const sinceMs = clock.nowMs();
    const last = rests.get(peerId);
    const inARow = last === undefined || sinceMs - last.untilMs > FORGIVEN_MS ? 1 : last.inARow + 1;
    rests.set(peerId, { rule, inARow, why, sinceMs, untilMs: sinceMs + Math.min(firstMs * 2 ** (inARow - 1), maxMs) });
  }

  function assertRested({ peerId }: PeerAddress, asked: Asked): void {
    const { untilMs, sinceMs, why } = rests.get(peerId) ?? { untilMs: 0, sinceMs: 0, why: "" };
    const nowMs = clock.nowMs();
    // the clock may be set back
    if (nowMs >= untilMs || nowMs < sinceMs) return;
    throw networkFailed(asked, new Error(`left alone for ${untilMs - nowMs} ms more: ${why}`));
  }

  function connectionsOf(peerId: string): Connection[] {
    return watched?.getConnections().filter(({ remotePeer }) => String(remotePeer) === peerId) ?? [];
  }

  function forget(peerId: string, why: string): void {
    const link = links.get(peerId);
    links.delete(peerId);
    link?.end.abort(new Error(why));
  }

  /** Waits until one is gone: who is leaving, or was not used for longest; nobody who is being asked has to go. */
  async function makeRoom(asked: Asked): Promise<void> {
    const [going] = leaving.values();
    if (going !== undefined) return going;
    const [idle] = [...links.values()].filter(({ users }) => users === 0).sort((a, b) => a.lastUsed - b.lastUsed);
    if (idle === undefined) throw networkFailed(asked, new Error(`all ${maxConnections} connections are in use`));
    await leave(idle.peerId, GOODBYE_REASONS.tooManyPeers, "left for another peer");
  }

  async function greet(connection: Connection, asked: Asked, signal: AbortSignal): Promise<void> {
    const status = ownStatus(config);
    const isNewest = connection; // both versions say the same of what matters here
    for (const version of [2, 1] as const) {
      try {
        const { chunks } = await inquire(
          isNewest,
          {
            asked: { ...asked, request: "status" },
            protocols: [STATUS[version]],
            content: encodeStatus(status, version),
            hasContext: false,
            maxPayloadBytes: encodeStatus(status, version).length,
            maxChunks: 1,
            signal,
          },
          patience,
          clock,
        );
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
  async function connect(peer: PeerAddress, asked: Asked, end: AbortController): Promise<Connection> {
    const { peerId } = peer;
    let connection: Connection | undefined;
    // ends what is under way, however this function ends
    const ending = new AbortController();
    const { signal } = ending;
    const meet = async (node: PeerNode) => {
      connection = await node.dial([...peer.addresses], { signal });
      await greet(connection, asked, signal);
      return connection;
    };
    try {
      const late = () => requestTimeout(asked, connectTimeoutMs);
      const deadline = { clock, timeoutMs: connectTimeoutMs, signal: end.signal, late };
      const met = await withDeadline(deadline, meet(await getNode()));
      // its goodbye may have come before its answer
      end.signal.throwIfAborted();
      if (met.status !== "open") throw new Error("the connection ended");
      // of the connection itself: a node that is stopped says nothing of its peers, nor where another one to it is left
      met.addEventListener("close", () => {
        if (links.get(peerId)?.end === end) forget(peerId, "the connection ended");
      });
      // it can be reached; what else there was shows later
      if (rests.get(peerId)?.rule === UNREACHABLE) rests.delete(peerId);
      return met;
    } catch (thrown) {
      if (end.signal.aborted) {
        // whoever ended it has said what follows from that
        connection?.close().catch(() => {});
        throw networkFailed(asked, end.signal.reason);
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
      // what is still there would be taken for a new connection
      if (leaving.has(peerId) || links.size + leaving.size >= maxConnections) return null;
      const end = new AbortController();
      const made = { peerId, greeted: connect(peer, asked, end), users: 0, lastUsed: uses, end };
      link = made;
      links.set(peerId, made);
      // whoever waits for it is told; if nobody does any more, nobody is
      made.greeted.catch(() => {
        if (links.get(peerId) === made) links.delete(peerId);
      });
    }
    link.users++;
    link.lastUsed = ++uses;
    return link;
  }

  function leave(peerId: string, reason: number, why: string): Promise<void> {
    const link = links.get(peerId);
    forget(peerId, why);
    const parting = async () => {
      const connection = await link?.greeted.catch(() => undefined);
      if (connection !== undefined) await part(connection, reason);
    };
    const parted = parting().finally(() => leaving.delete(peerId));
    leaving.set(peerId, parted);
    return parted;
  }

  /** Says goodbye and closes, whether or not it is heard. */
  async function part(connection: Connection, reason: number): Promise<void> {
    const signal = AbortSignal.timeout(GOODBYE_MS);
    try {
      const stream = await connection.newStream(GOODBYE, { signal });
      stream.send(writePayload(encodeUint64(reason)));
      await Promise.all([stream.close({ signal }), untilHeard(stream, signal)]);
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
      forget(peerId, why);
      for (const connection of connections) void part(connection, GOODBYE_REASONS.faultOrError);
    },
    sentAway(peerId, reason) {
      const why = `it said goodbye: ${describeGoodbye(reason)}`;
      if (reason !== BigInt(GOODBYE_REASONS.clientShutdown)) rest(peerId, SENT_AWAY, why);
      const connections = connectionsOf(peerId);
      forget(peerId, why);
      for (const connection of connections) connection.close().catch(() => {});
    },
    async close(node) {
      for (const peerId of [...links.keys()]) void leave(peerId, GOODBYE_REASONS.clientShutdown, "we are leaving");
      await Promise.all(leaving.values());
      const visitors = node?.getConnections() ?? [];
      await Promise.all(visitors.map((connection) => part(connection, GOODBYE_REASONS.clientShutdown)));
    },
  };
}

/** Whoever has read it closes its side too. A connection that closes before takes with it what was not read yet. */
function untilHeard(stream: Stream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stream.remoteWriteStatus === "closed" || signal.aborted) resolve();
    for (const event of ["remoteCloseWrite", "close"] as const)
      stream.addEventListener(event, () => resolve(), { once: true });
    signal.addEventListener("abort", () => resolve(), { once: true });
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
