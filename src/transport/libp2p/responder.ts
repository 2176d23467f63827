/** Answers what peers ask: who we are, and, if wanted, light-client data that was verified. */
import type { Connection, Stream, StreamHandler } from "@libp2p/interface";
import type { Clock } from "../../clock.js";
import { messageOf } from "../../errors.js";
import { assertEnd, RESPONSE_CODES, readPayload, writeChunk, writeError } from "./codec/chunks.js";
import {
  assertBytes,
  decodeUint64,
  encodeMetadata,
  encodeStatus,
  encodeUint64,
  STATUS_BYTES,
  UINT64_BYTES,
} from "./codec/messages.js";
import { createReader, type Fail } from "./codec/reader.js";
import type { Links } from "./links.js";
import { ownStatus, untilOneOf } from "./links.js";
import type { PeerNode, PeersConfig } from "./options.js";
import { GOODBYE, METADATA, PING, STATUS } from "./protocols.js";
import { createQuota } from "./quota.js";
import { createWatchdog } from "./watchdog.js";

/** What a peer may ask of each protocol: `MAX_CONCURRENT_REQUESTS` at a time, and so many in a row, then one a second. */
const MAX_INBOUND_STREAMS = 2;
const QUOTA = { burst: 10, perMs: 1_000 };

/** One chunk of an answer. */
export interface Answer {
  readonly content: Uint8Array;
  /** The context bytes, where the protocol has them. */
  readonly digest?: Uint8Array;
}

/** A protocol, and what to answer in it. */
export interface Service {
  readonly protocol: string;
  /** Bytes of the request's SSZ; `null` where there is none to read. */
  readonly requestBytes: number | null;
  /** @returns what to answer; `null` for a protocol without an answer; a text for what is not there */
  readonly answer: (request: Uint8Array, peerId: string, fail: Fail) => readonly Answer[] | string | null;
}

export interface Responder {
  stop(): Promise<void>;
}

export async function createResponder(config: PeersConfig, node: PeerNode, links: Links): Promise<Responder> {
  const services = [...identityServices(config, links), ...(config.archive?.services ?? [])];
  const quota = createQuota(config.clock, QUOTA);
  const handle = (service: Service): Promise<void> => {
    const handler: StreamHandler = (stream, connection) => {
      const mayAsk = quota.take(`${connection.remotePeer} ${service.protocol}`);
      return respond(service, stream, connection, mayAsk, config.clock, config.patience.chunkMs);
    };
    return node.handle(service.protocol, handler, { maxInboundStreams: MAX_INBOUND_STREAMS, force: true });
  };
  await Promise.all(services.map(handle));
  return { stop: () => node.unhandle(services.map(({ protocol }) => protocol)) };
}

async function respond(
  { requestBytes, answer }: Service,
  stream: Stream,
  connection: Connection,
  mayAsk: boolean,
  clock: Clock,
  timeoutMs: number,
): Promise<void> {
  const watchdog = createWatchdog(clock, undefined);
  const expectProgress = () => watchdog.arm(timeoutMs, () => new Error(`expected more within ${timeoutMs} ms`));
  expectProgress();
  const fail: Fail = (expected, actual) => new Error(`expected ${expected}, got ${actual}`);
  try {
    const reader = createReader(stream, fail);
    const read = async () => {
      // nothing to read is read as well: what is answered before the asker has closed its side is lost with it
      const request = requestBytes === null ? new Uint8Array(0) : await readPayload(reader, requestBytes, fail);
      await assertEnd(reader, fail);
      // not every answer looks at what was asked
      assertBytes(request, requestBytes ?? 0, fail);
      return request;
    };
    let out: readonly (Answer | Uint8Array)[];
    try {
      const request = await Promise.race([read(), watchdog.barked]);
      const answers = mayAsk ? answer(request, String(connection.remotePeer), fail) : undefined;
      if (answers === undefined) out = [writeError(RESPONSE_CODES.rateLimited, "wait a moment")];
      else if (typeof answers === "string") out = [writeError(RESPONSE_CODES.resourceUnavailable, answers)];
      else out = answers ?? [];
    } catch (error) {
      // whatever else it sends would be kept for somebody who reads it
      stream.closeRead().catch(() => {});
      out = [writeError(RESPONSE_CODES.invalidRequest, messageOf(error))];
    }
    for (const part of out) {
      expectProgress();
      // made when those before it are taken: a range is megabytes, and anybody may ask for it
      stream.send(part instanceof Uint8Array ? part : writeChunk(part.content, part.digest));
      // not `onDrain`: libp2p's waits once in a stream's life, and not again (`@libp2p/utils` 7.4)
      if (stream.writeBufferLength > 0) await Promise.race([untilOneOf(stream, "idle", "close"), watchdog.barked]);
    }
    expectProgress();
    await Promise.race([stream.close(), watchdog.barked]);
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)));
  } finally {
    watchdog.end();
  }
}

function identityServices(config: PeersConfig, links: Links): Service[] {
  const statuses = ([1, 2] as const).map((version) => ({
    protocol: STATUS[version],
    requestBytes: STATUS_BYTES[version],
    answer: () => [{ content: encodeStatus(ownStatus(config), version) }],
  }));
  const metadata = ([1, 2, 3] as const).map((version) => ({
    protocol: METADATA[version],
    requestBytes: null,
    answer: () => [{ content: encodeMetadata(version) }],
  }));
  return [
    ...statuses,
    ...metadata,
    { protocol: PING, requestBytes: UINT64_BYTES, answer: () => [{ content: encodeUint64(0) }] },
    {
      protocol: GOODBYE,
      requestBytes: UINT64_BYTES,
      answer: (request, peerId, fail) => {
        links.sentAway(peerId, decodeUint64(request, fail));
        return null;
      },
    },
  ];
}
