/** A beacon node as its peers see it: requests and gossip over libp2p, by the same chain and with the same faults as a server. */
import { setTimeout as delay } from "node:timers/promises";
import type { Connection, Stream } from "@libp2p/interface";
import type { PeerInfo, RequestRecord, RouteName } from "../api-types.ts";
import type { Chain, HeadChange } from "../chain/chain.ts";
import { fromHex } from "../chain/ssz-types.ts";
import type { Fault } from "../faults.ts";
import { answerItems, faultyEncoding, faultyItems, faultyView } from "../server/answer.ts";
import { forkDigestAt } from "../server/encode.ts";
import type { Face } from "../server/face.ts";
import { createFaultSet } from "../server/fault-state.ts";
import { finalityItem, optimisticItem } from "../server/light-client-routes.ts";
import { itemType, type LightClientItem } from "../server/result.ts";
import { findFault } from "../server/wire.ts";
import { decodeRequest, encodeChunk, encodeError, encodePayload, varint } from "./codec.ts";
import { createNode, newPlace, type Place, RAW } from "./node.ts";

export type Peer = Face & { info(): PeerInfo; readonly place: Place };

const PREFIX = "/eth2/beacon_chain/req";
const GOODBYE = `${PREFIX}/goodbye/1/ssz_snappy`;
const CODES = { invalid: 1, error: 2, unavailable: 3, limited: 139 };
const NOISE = Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 167 + 91) & 0xff));
const FLOOD_BYTES = 64 * 1024;

/** Which path of the REST API gives the same. */
const LIGHT_CLIENT: readonly [name: string, route: RouteName, path: (request: Buffer) => string][] = [
  ["light_client_bootstrap", "bootstrap", (root) => `bootstrap/0x${root.toString("hex")}`],
  [
    "light_client_updates_by_range",
    "updates",
    (range) => `updates?start_period=${range.readBigUInt64LE(0)}&count=${range.readBigUInt64LE(8)}`,
  ],
  ["light_client_finality_update", "finality_update", () => "finality_update"],
  ["light_client_optimistic_update", "optimistic_update", () => "optimistic_update"],
];

/** @param like the place of one that was closed: this is that one, come back */
export async function createPeer(chain: Chain, like?: Place): Promise<Peer> {
  const place = like ?? (await newPlace());
  const node = await createNode(place);
  const url = String(node.getMultiaddrs()[0]);
  const faultSet = createFaultSet();
  const goodbyes: number[] = [];
  let log: RequestRecord[] = [];
  let inbound = 0;
  let events = 0;

  node.addEventListener("connection:open", () => inbound++);
  const digest = () => forkDigestAt(chain.config, chain.clockSlot);
  const topicNames = () =>
    ["light_client_finality_update", "light_client_optimistic_update"].map((name) => topicName(digest(), name));

  async function readRequest(stream: Stream): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for await (const piece of stream) pieces.push(piece instanceof Uint8Array ? piece : piece.subarray());
    return decodeRequest(Buffer.concat(pieces));
  }

  function status(version: 1 | 2): Buffer {
    const { head } = chain;
    const out = Buffer.alloc(version === 1 ? 84 : 92);
    const other = faultSet.list().find(({ kind }) => kind === "other-network");
    out.set(other ? fromHex("0xdeadbeef") : digest(), 0);
    out.set(fromHex(head.finalized.root), 4);
    out.writeBigUInt64LE(BigInt(head.finalized.epoch), 36);
    out.set(fromHex(head.root), 44);
    out.writeBigUInt64LE(BigInt(head.slot), 76);
    return out;
  }

  async function serve(name: string, answer: (request: Buffer) => Buffer | null): Promise<void> {
    await node.handle(`${PREFIX}/${name}/ssz_snappy`, async (stream) => {
      const content = answer(await readRequest(stream));
      if (content !== null) stream.send(await encodeChunk(content, null));
      await stream.close();
    });
  }

  /** The objects with the digest of each; a text and its code for what there is not. */
  function objectsFor(route: RouteName, path: string, faults: readonly Fault[]) {
    const url = new URL(`/eth/v1/beacon/light_client/${path}`, "http://devnet");
    const result = answerItems(url, { chain, head: chain.head }, faults);
    const failed = findFault(faults, "status");
    if (failed) return { code: codeOf(failed.status), text: `fault: status ${failed.status}` };
    if (result.kind === "error") return { code: CODES.unavailable, text: result.message };
    return { items: result.kind === "lightClient" ? result.items : [], route };
  }

  function contextOf(item: LightClientItem, faults: readonly Fault[]): Uint8Array {
    return faultyEncoding(faults).digest ?? forkDigestAt(chain.config, item.slot);
  }

  async function answer(stream: Stream, record: RequestRecord, path: (request: Buffer) => string): Promise<void> {
    const request = await readRequest(stream);
    record.path = path(request);
    const faults = faultSet.strike(record.route as RouteName, "request");
    record.faults.push(...faults.map(({ kind }) => kind));
    const slow = findFault(faults, "slow");
    if (slow) await delay(slow.ms, undefined, { ref: false });
    if (findFault(faults, "hang")) return;
    if (findFault(faults, "reset")) return stream.abort(new Error("fault: reset"));
    const found = objectsFor(record.route as RouteName, record.path, faults);
    if (found.items === undefined) {
      await send(stream, record, await encodeError(found.code, found.text));
      record.status = found.code === CODES.unavailable ? 404 : 503;
      return void (await stream.close());
    }
    record.status = 200;
    for (const item of found.items) {
      const ssz = findFault(faults, "garbage") ? NOISE : itemType(item).serialize(item.data);
      const chunk = await encodeChunk(ssz, contextOf(item, faults));
      if (findFault(faults, "truncated")) {
        await send(stream, record, chunk.subarray(0, chunk.length >> 1));
        return void (await stream.close());
      }
      // the checksum of the last frame comes before its data
      if (findFault(faults, "wrong-checksum")) chunk[chunk.length - 1]! ^= 1;
      await send(stream, record, chunk);
    }
    if (findFault(faults, "trailing-bytes")) await send(stream, record, Buffer.from([0]));
    const flood = findFault(faults, "oversized");
    if (flood?.variant === "declared") {
      await send(stream, record, Buffer.concat([Buffer.from([0]), digest(), varint(2 ** 30)]));
    } else if (flood) await floodWith(stream, record, found.items[0]!, faults);
    await stream.close();
  }

  /** The same object for ever. */
  async function floodWith(stream: Stream, record: RequestRecord, item: LightClientItem, faults: readonly Fault[]) {
    const chunk = await encodeChunk(itemType(item).serialize(item.data), contextOf(item, faults));
    const many = Buffer.concat(Array.from({ length: Math.ceil(FLOOD_BYTES / chunk.length) }, () => chunk));
    while (stream.status === "open") {
      await send(stream, record, many);
      // a socket that takes everything must not keep us from hearing that nobody wants it
      await delay(1);
    }
  }

  async function send(stream: Stream, record: RequestRecord, bytes: Buffer): Promise<void> {
    record.bytes += bytes.length;
    if (!stream.send(bytes)) await stream.onDrain();
  }

  for (const version of [1, 2] as const) await serve(`status/${version}`, () => status(version));
  for (const [version, size] of [16, 17, 25].entries())
    await serve(`metadata/${version + 1}`, () => Buffer.alloc(size));
  await serve("ping/1", () => Buffer.alloc(8));
  await node.handle(GOODBYE, async (stream) => {
    goodbyes.push(Number((await readRequest(stream)).readBigUInt64LE(0)));
    await stream.close();
  });
  for (const [name, route, path] of LIGHT_CLIENT) {
    await node.handle(`${PREFIX}/${name}/1/ssz_snappy`, async (stream: Stream, connection: Connection) => {
      const record = startRecord(route, name, String(connection.remotePeer));
      log.push(record);
      stream.addEventListener("close", () => {
        record.durationMs = Math.max(1, Date.now() - record.startedMs);
      });
      try {
        await answer(stream, record, path);
      } catch (error) {
        stream.abort(error as Error);
      }
    });
  }

  async function sayGoodbye(reason: number): Promise<void> {
    for (const connection of node.getConnections()) {
      const content = Buffer.alloc(8);
      content.writeBigUInt64LE(BigInt(reason));
      try {
        const stream = await connection.newStream(GOODBYE);
        stream.send(await encodePayload(content));
        await stream.close();
        // as nodes do: whoever has read it closes its side too
        for (let i = 0; i < 200 && stream.remoteWriteStatus !== "closed" && stream.status === "open"; i++)
          await delay(10);
      } catch {
        // gone already
      }
      await connection.close().catch(() => undefined);
    }
  }

  async function publish(change: HeadChange): Promise<void> {
    const { head, previous } = change;
    if (head.newestSigned === null || head.newestSigned === previous.newestSigned) return;
    const stop = faultSet.list().find(({ kind }) => kind === "sse-stop") as { events?: number } | undefined;
    const isCut = faultSet.list().some(({ kind }) => kind === "truncated" || kind === "reset");
    if (isCut) return void (await Promise.all(node.getConnections().map((connection) => connection.close())));
    for (const [name, make] of [
      ["light_client_optimistic_update", optimisticItem],
      ["light_client_finality_update", finalityItem],
    ] as const) {
      const struck = faultSet.strike("events", "event");
      const view = faultyView({ chain, head }, struck);
      const items = faultyItems([make(view, view.head.newestSigned!)], struck, view);
      for (const item of items) {
        if (faultSet.list().some(({ kind }) => kind === "sse-silent" || kind === "hang")) return;
        const isNoise = findFault(struck, "sse-garbage") !== undefined;
        const ssz = itemType(item).serialize(item.data);
        const data = isNoise ? Buffer.concat([RAW, Buffer.from(String(events))]) : ssz;
        await node.services.pubsub.publish(topicName(contextOf(item, struck), name), data);
        events++;
        if (stop && events >= (stop.events ?? 1)) {
          await delay(50);
          return void (await sayGoodbye(129));
        }
      }
    }
  }

  /** Is it on the topics? Not with faults that would keep a server from having a stream at all. */
  function updateTopics(): void {
    const isAway = faultSet
      .list()
      .some(
        ({ kind, routes }) =>
          ["sse-refused", "status", "hang"].includes(kind) && (!routes || routes.includes("events")),
      );
    const wanted = isAway ? [] : topicNames();
    const { pubsub } = node.services;
    for (const name of pubsub.getTopics()) if (!wanted.includes(name)) pubsub.unsubscribe(name);
    for (const name of wanted) pubsub.subscribe(name);
  }

  const leave = chain.onHead((change) => {
    updateTopics();
    publish(change).catch(() => undefined);
  });
  updateTopics();

  return {
    url,
    place: { ...place, listen: url.split("/p2p/")[0]! },
    setFaults(faults) {
      faultSet.set(faults);
      events = 0;
      updateTopics();
    },
    requests: () => log,
    clearRequests() {
      log = [];
    },
    info: () => ({
      goodbyes: [...goodbyes],
      connections: node.getConnections().length,
      opened: inbound,
      subscribers: topicNames().flatMap((name) => node.services.pubsub.getSubscribers(name)).length,
    }),
    async close() {
      leave();
      await node.stop();
    },
  };
}

function topicName(digest: Uint8Array, name: string): string {
  return `/eth2/${Buffer.from(digest).toString("hex")}/${name}/ssz_snappy`;
}

function codeOf(status: number): number {
  if (status === 404) return CODES.unavailable;
  if (status === 429) return CODES.limited;
  return status === 400 ? CODES.invalid : CODES.error;
}

function startRecord(route: RouteName, path: string, peer: string): RequestRecord {
  return {
    method: "GET",
    path,
    route,
    accept: "ssz_snappy",
    origin: peer,
    status: 0,
    contentType: "ssz_snappy",
    bytes: 0,
    startedMs: Date.now(),
    durationMs: 0,
    faults: [],
  };
}
