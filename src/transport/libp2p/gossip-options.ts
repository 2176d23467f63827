/** Gossipsub as the consensus network has it: consensus-specs `specs/phase0/p2p-interface.md` and `specs/altair/p2p-interface.md`. */
import { type GossipsubOpts, type Message, StrictNoSign } from "@libp2p/gossipsub";
import { sha256 } from "../../ssz/hash.js";
import { SMALL_OBJECT_LIMIT } from "../rest-limits.js";
import { maxCompressedBytes } from "./codec/frames.js";
import { decompress, wrapAsLiteral } from "./codec/snappy.js";

/** `specs/phase0/p2p-interface.md`: the topics' heartbeat, in milliseconds, and the history kept, in heartbeats. */
const HEARTBEAT_MS = 700;
const MCACHE_LENGTH = 6;
const MCACHE_GOSSIP = 3;
/** `SEEN_TTL`: two epochs of mainnet. */
const SEEN_TTL_MS = 768_000;

const MESSAGE_DOMAIN_INVALID_SNAPPY = /*#__PURE__*/ Uint8Array.of(0, 0, 0, 0);
const MESSAGE_DOMAIN_VALID_SNAPPY = /*#__PURE__*/ Uint8Array.of(1, 0, 0, 0);
const MESSAGE_ID_BYTES = 20;

/** The messages that no one could decompress, until their sender has been named. */
const undecodable = /*#__PURE__*/ new WeakSet<Uint8Array>();

/** Was this not snappy, or too much of it? Then it is what came, unchanged. */
export function isUndecodable(data: Uint8Array): boolean {
  return undecodable.has(data);
}

/** Options for `gossipsub()` of whoever brings a node of their own. */
export function gossipOptions(): Partial<GossipsubOpts> {
  return {
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: computeMessageId,
    dataTransform: { inboundTransform: (_, data) => open(data), outboundTransform: (_, data) => wrapAsLiteral(data) },
    heartbeatInterval: HEARTBEAT_MS,
    mcacheLength: MCACHE_LENGTH,
    mcacheGossip: MCACHE_GOSSIP,
    seenTTL: SEEN_TTL_MS,
    // there are two topics, and their messages are small
    maxInboundDataLength: maxCompressedBytes(SMALL_OBJECT_LIMIT.ssz),
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    // whom we know is ours to say, not a peer's
    doPX: false,
  };
}

/** Refusing here would leave gossipsub without a sender to hold to account: the topic's validator refuses it. */
function open(data: Uint8Array): Uint8Array {
  try {
    return decompress(data, SMALL_OBJECT_LIMIT.ssz, (expected, actual) => new Error(`${expected}, ${actual}`));
  } catch {
    const copy = data.slice();
    undecodable.add(copy);
    return copy;
  }
}

/** `specs/altair/p2p-interface.md`, "The gossip domain": the topic is part of a message's identity. */
export function computeMessageId({ topic, data }: Pick<Message, "topic" | "data">): Uint8Array {
  const name = new TextEncoder().encode(topic);
  const domain = isUndecodable(data) ? MESSAGE_DOMAIN_INVALID_SNAPPY : MESSAGE_DOMAIN_VALID_SNAPPY;
  const input = new Uint8Array(domain.length + 8 + name.length + data.length);
  input.set(domain);
  new DataView(input.buffer).setBigUint64(domain.length, BigInt(name.length), true);
  input.set(name, domain.length + 8);
  input.set(data, domain.length + 8 + name.length);
  return sha256(input).slice(0, MESSAGE_ID_BYTES);
}
