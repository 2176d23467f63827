/**
 * Gossip: joins the two topics while somebody listens, hands over what comes, and lets gossipsub pass on what the client
 * has verified. Rules of passing on: `gossip-rules.ts`.
 */
import { type Message, TopicValidatorResult } from "@libp2p/gossipsub";
import type { PeerId, Stream } from "@libp2p/interface";
import { isSidelightError } from "../../errors.js";
import { decodeFinalityUpdate, decodeOptimisticUpdate } from "../../ssz/decode.js";
import { isNobodysFault } from "../pool/fault.js";
import type { EventVerdict, RawObject, Source, SourceEvent } from "../port.js";
import { isUndecodable } from "./gossip-options.js";
import {
  type Forwarded,
  isNew,
  isTimely,
  mayForward,
  NOTHING_FORWARDED,
  timelyAtMs,
  type Update,
  withForwarded,
} from "./gossip-rules.js";
import type { PeerNode, PeersConfig } from "./options.js";
import type { Schema } from "./schema.js";
import { type Topic, topicsAt } from "./topics.js";

export interface GossipListener {
  /** Absent: it is on the topics for others. */
  readonly onEvent?: (event: SourceEvent, bytes: number) => void;
}

export interface Gossip {
  /** Joins the topics, if nobody had. @returns leaves again; the last one out leaves the topics */
  join(listener: GossipListener): () => void;
  /** Tells the others what the client has verified and nobody has gossiped, by the rules of passing on. */
  publish(type: Topic["type"], bytes: Uint8Array, digest: string): Promise<void>;
  /** Is the peer on one of our topics, and told that we are? */
  isWith(peerId: string): boolean;
}

export interface GossipPorts {
  /** Whom a peer's messages are put down to. */
  readonly sourceOf: (peerId: string) => Source;
  readonly onOffence: (peerId: string, why: string) => void;
}

const { Accept, Ignore, Reject } = TopicValidatorResult;

export function createGossip(config: PeersConfig, schema: Schema, node: PeerNode, ports: GossipPorts): Gossip {
  const { network, clock } = config;
  const { pubsub } = node.services;
  const listeners = new Set<GossipListener>();
  let joined: Topic[] = [];
  let forwarded: Forwarded = NOTHING_FORWARDED;
  let leaving = new AbortController();

  function update(topics: Topic[]): void {
    // who brought the node may have stopped it: then it is on no topic
    const isStarted = node.status === "started";
    const wanted = isStarted ? topics : [];
    for (const topic of joined.filter(({ name }) => !wanted.some((other) => other.name === name))) {
      if (isStarted) pubsub.unsubscribe(topic.name);
      pubsub.topicValidators.delete(topic.name);
    }
    for (const topic of wanted.filter(({ name }) => !joined.some((other) => other.name === name))) {
      pubsub.topicValidators.set(topic.name, (peer, message) => validate(topic, peer, message));
      pubsub.subscribe(topic.name);
    }
    joined = wanted;
  }

  /** Forks come and go while we listen. */
  async function keepUp(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      update(topicsAt(network, clock.nowMs()));
      await clock.sleep(network.slotDurationMs, signal).catch(() => {});
    }
  }

  async function validate(topic: Topic, peer: PeerId, { data }: Message): Promise<TopicValidatorResult> {
    const peerId = peer.toString();
    if (isUndecodable(data)) return refuse(peerId, `a ${topic.type} update that is not snappy, or too large`);
    const raw: RawObject = { encoding: "ssz", bytes: data, digest: topic.digest };
    const decoded = decode(topic, raw);
    if (decoded === null) return refuse(peerId, `a ${topic.type} update that does not decode on its topic`);
    const isExpected = isTimely(network, decoded, clock.nowMs()) && isNew(forwarded, decoded);
    // The client hears of it in any case: "light clients SHOULD call process_… even if the message is ignored".
    const { advanced, error } = await handOver(topic, raw, peerId);
    if (error !== null) {
      if (isNobodysFault(error.code)) return Ignore;
      return refuse(peerId, error.message);
    }
    if (!isExpected) return Ignore;
    return mayForward(forwarded, decoded, advanced) && claim(decoded) ? Accept : Ignore;
  }

  function decode(topic: Topic, raw: RawObject): Update | null {
    try {
      const update =
        topic.type === "finality" ? decodeFinalityUpdate(schema, raw) : decodeOptimisticUpdate(schema, raw);
      return schema.digestAtSlot(update.attestedHeader.beacon.slot) === topic.digest ? update : null;
    } catch (error) {
      if (isSidelightError(error)) return null;
      throw error;
    }
  }

  /** The first listener that has a verdict decides; a message that nobody looks at for a slot is not passed on. */
  function handOver(topic: Topic, object: RawObject, peerId: string): Promise<EventVerdict> {
    const nothing: EventVerdict = { advanced: [], error: null };
    const looking = [...listeners].flatMap(({ onEvent }) => onEvent ?? []);
    if (looking.length === 0) return Promise.resolve(nothing);
    const patience = new AbortController();
    const waited = clock.sleep(network.slotDurationMs, patience.signal).then(
      () => nothing,
      () => nothing,
    );
    const judged = new Promise<EventVerdict>((settle) => {
      const event: SourceEvent = { type: topic.type, object, from: ports.sourceOf(peerId), settle };
      const bytes = object.encoding === "ssz" ? object.bytes.length : 0;
      for (const onEvent of looking) onEvent(event, bytes);
    });
    return Promise.race([judged, waited]).finally(() => patience.abort());
  }

  /** @returns whether it may go on: nothing as new has, meanwhile */
  function claim(update: Update): boolean {
    if (!isNew(forwarded, update)) return false;
    forwarded = withForwarded(forwarded, update);
    return true;
  }

  function refuse(peerId: string, why: string): TopicValidatorResult {
    ports.onOffence(peerId, why);
    return Reject;
  }

  return {
    join(listener) {
      listeners.add(listener);
      if (listeners.size === 1) {
        leaving = new AbortController();
        void keepUp(leaving.signal);
      }
      return () => {
        if (!listeners.delete(listener) || listeners.size > 0) return;
        leaving.abort();
        update([]);
      };
    },
    async publish(type, bytes, digest) {
      const topic = joined.find((one) => one.type === type && one.digest === digest);
      if (topic === undefined) return;
      const update = decode(topic, { encoding: "ssz", bytes, digest });
      if (update === null) return;
      await clock.sleep(Math.max(0, timelyAtMs(network, update) - clock.nowMs()), leaving.signal);
      if (claim(update)) await pubsub.publish(topic.name, bytes);
    },
    isWith(peerId) {
      const isIt = (peer: PeerId) => peer.toString() === peerId;
      // Each side opens a stream of its own to the other, in either order, and says first on it where it is.
      const isToldOn = ({ direction, protocol }: Stream) =>
        direction === "outbound" && pubsub.protocols.includes(protocol);
      return (
        joined.some(({ name }) => pubsub.getSubscribers(name).some(isIt)) &&
        node.getConnections().some(({ remotePeer, streams }) => isIt(remotePeer) && streams.some(isToldOn))
      );
    },
  };
}
