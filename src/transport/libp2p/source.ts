/** One peer as a source: what it is asked, in its own protocols, and the gossip that is heard while it is there. */
import { orAborted } from "../../abort.js";
import { asSidelightError, isSidelightError, optionInvalid, SidelightError } from "../../errors.js";
import { fromHex, isHex } from "../../ssz/bytes.js";
import { withDeadline } from "../http.js";
import {
  MAX_REQUEST_LIGHT_CLIENT_UPDATES,
  type RawObject,
  type RequestOptions,
  type Source,
  type SubscribeOptions,
  type VerifiedObject,
} from "../port.js";
import { type Asked, notAvailable, requestTimeout } from "../rest-errors.js";
import { COMMITTEE_OBJECT_LIMIT, SMALL_OBJECT_LIMIT } from "../rest-limits.js";
import type { PeerAddress } from "./address.js";
import { encodeUint64, encodeUpdatesRange, UINT64_BYTES } from "./codec/messages.js";
import type { Gossip } from "./gossip.js";
import type { Links, Use } from "./links.js";
import { assertInteger, type PeersConfig } from "./options.js";
import { LIGHT_CLIENT, PING } from "./protocols.js";
import { inquire } from "./request.js";
import { createTurns } from "./turns.js";

export interface SourceContext {
  readonly config: PeersConfig;
  readonly links: Links;
  readonly gossip: () => Promise<Gossip>;
  /** Somebody listens by this peer: more peers make gossip faster and harder to fool. */
  readonly onListening: () => void;
  readonly onVerified: (object: VerifiedObject) => void;
}

/** `MAX_CONCURRENT_REQUESTS`: consensus-specs `specs/phase0/p2p-interface.md`. */
const MAX_CONCURRENT_REQUESTS = 2;
/** A peer that says nothing may be gone without a word. */
const LISTENING_PING_MS = 60_000;
/** Little beside the round trips that come before. */
const LOOK_MS = 20;

interface Question {
  readonly words: string;
  readonly protocol: string;
  readonly content?: Uint8Array;
  readonly maxPayloadBytes: number;
  readonly count: number;
}

export function peerSource(peer: PeerAddress, context: SourceContext): Source {
  const { config, links } = context;
  const { clock, patience } = config;
  const name = peer.peerId;
  const turns = createTurns(MAX_CONCURRENT_REQUESTS);
  const askedFor = (request: string): Asked => ({ source: name, request, redact: (text) => text });

  function ask(question: Question, options: RequestOptions | undefined): Promise<RawObject[]> {
    const { words, protocol, content, maxPayloadBytes, count } = question;
    const asked = askedFor(words);
    const { signal, onBytes } = options ?? {};
    return links.use(peer, asked, signal, async ({ connection }) => {
      const done = await turns.take(protocol, signal);
      try {
        const shape = { hasContext: true, maxPayloadBytes, maxChunks: count };
        const body = content === undefined ? {} : { content };
        const inquiry = { asked, protocols: [protocol], ...body, ...shape, signal, onBytes };
        const { chunks } = await inquire(connection, inquiry, patience, clock);
        if (chunks.length === 0) throw notAvailable(asked, "an answer without a chunk");
        return chunks.map(({ payload, digest }) => ({ encoding: "ssz", bytes: payload, digest: digest! }));
      } finally {
        done();
      }
    });
  }

  async function one(question: Omit<Question, "count">, options: RequestOptions | undefined): Promise<RawObject> {
    return (await ask({ ...question, count: 1 }, options))[0]!;
  }

  async function listen(options: SubscribeOptions, { connection, ended }: Use): Promise<void> {
    const { onEvent, onOpen, onBytes, signal } = options;
    const gossip = await context.gossip();
    const ending = new AbortController();
    const stop = () => ending.abort(signal?.aborted ? signal.reason : ended.reason);
    for (const each of [signal, ended]) each?.addEventListener("abort", stop, { once: true });
    if (signal?.aborted || ended.aborted) stop();
    let isOpen = false;
    const leave = gossip.join({
      onEvent(event, bytes) {
        if (!isOpen || ending.signal.aborted) return;
        onBytes?.(bytes);
        onEvent(event);
      },
    });
    try {
      await untilWith(gossip, ending.signal);
      isOpen = true;
      onOpen?.();
      context.onListening();
      await keepAsking(connection, ending.signal);
    } finally {
      leave();
      for (const each of [signal, ended]) each?.removeEventListener("abort", stop);
      ending.abort();
    }
  }

  /** Looks again and again: nothing tells of the stream by which a peer hears where we are. */
  async function untilWith(gossip: Gossip, signal: AbortSignal): Promise<void> {
    const timeoutMs = config.connectTimeoutMs;
    const late = () => requestTimeout(askedFor("its topics"), timeoutMs);
    const look = async () => {
      while (!gossip.isWith(peer.peerId)) await clock.sleep(LOOK_MS, signal);
    };
    await withDeadline({ clock, timeoutMs, signal, late }, look());
  }

  /** Ends with the signal's reason, or with what a ping was answered by. */
  async function keepAsking(connection: Use["connection"], signal: AbortSignal): Promise<never> {
    const shape = { hasContext: false, maxPayloadBytes: UINT64_BYTES, maxChunks: 1 };
    while (true) {
      await clock.sleep(LISTENING_PING_MS, signal);
      const inquiry = { asked: askedFor("ping"), protocols: [PING], content: encodeUint64(0), ...shape, signal };
      await inquire(connection, inquiry, patience, clock);
    }
  }

  return {
    name,
    async bootstrap(root, options) {
      if (!isHex(root, 32)) throw optionInvalid("root", "0x and 64 hex digits", root);
      const question = { words: `bootstrap of ${root}`, protocol: LIGHT_CLIENT.bootstrap, content: fromHex(root) };
      return one({ ...question, maxPayloadBytes: COMMITTEE_OBJECT_LIMIT.ssz }, options);
    },
    async updates(startPeriod, count, options) {
      assertInteger("startPeriod", startPeriod, 0, Number.MAX_SAFE_INTEGER);
      assertInteger("count", count, 1, MAX_REQUEST_LIGHT_CLIENT_UPDATES);
      const words = count === 1 ? `update of period ${startPeriod}` : `${count} updates from period ${startPeriod}`;
      const content = encodeUpdatesRange(startPeriod, count);
      const maxPayloadBytes = COMMITTEE_OBJECT_LIMIT.ssz;
      return ask({ words, protocol: LIGHT_CLIENT.updates, content, maxPayloadBytes, count }, options);
    },
    async finalityUpdate(options) {
      const question = { words: "finality update", protocol: LIGHT_CLIENT.finalityUpdate };
      return one({ ...question, maxPayloadBytes: SMALL_OBJECT_LIMIT.ssz }, options);
    },
    async optimisticUpdate(options) {
      const question = { words: "optimistic update", protocol: LIGHT_CLIENT.optimisticUpdate };
      return one({ ...question, maxPayloadBytes: SMALL_OBJECT_LIMIT.ssz }, options);
    },
    async subscribe(options) {
      const { signal } = options;
      if (signal?.aborted) return;
      try {
        // what `onEvent` throws stays with gossip; the abort of a listener ends it here
        await orAborted(
          links.use(peer, askedFor("gossip"), signal, (use) => listen(options, use)),
          signal,
        );
      } catch (thrown) {
        if (signal?.aborted) return;
        throw subscriptionFailed(name, thrown);
      }
    },
    verified: context.onVerified,
  };
}

function subscriptionFailed(source: string, thrown: unknown): SidelightError<"SUBSCRIPTION_FAILED"> {
  const cause = asSidelightError(thrown, "gossip");
  const own = isSidelightError(thrown) ? cause.message : `expected gossip, got: ${cause.message}`;
  const why = own.startsWith(`${source}: `) ? own.slice(`${source}: `.length) : own;
  const options = isSidelightError(thrown) ? { cause } : undefined;
  return new SidelightError("SUBSCRIPTION_FAILED", `${source}: ${why}`, { source, message: why }, options);
}
