/** One question to a peer, over a stream of its own: consensus-specs `specs/phase0/p2p-interface.md`, "Req/Resp". */
import type { Connection, Stream } from "@libp2p/interface";
import type { Clock } from "../../clock.js";
import { isSidelightError, messageOf, SidelightError } from "../../errors.js";
import {
  type Asked,
  foreignText,
  networkFailed,
  notAvailable,
  requestTimeout,
  responseInvalid,
  tooLarge,
} from "../rest-errors.js";
import { RESPONSE_CODES, type ResponseChunk, type ResponseShape, readResponse, writePayload } from "./codec/chunks.js";
import { createReader } from "./codec/reader.js";
import { createWatchdog } from "./watchdog.js";

/** `specs/phase0/p2p-interface.md`, of earlier versions: `TTFB_TIMEOUT` and `RESP_TIMEOUT`. */
export interface Patience {
  /** For the stream and the first byte of the answer. */
  readonly firstByteMs: number;
  /** For each chunk of it. */
  readonly chunkMs: number;
}

export interface Inquiry extends ResponseShape {
  readonly asked: Asked;
  /** In the order of preference. */
  readonly protocols: readonly string[];
  /** SSZ; absent where the protocol has no request content. */
  readonly content?: Uint8Array;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

export interface Reply {
  /** The protocol that the peer chose. */
  readonly protocol: string;
  readonly chunks: readonly ResponseChunk[];
}

/** How long to leave a peer alone that says it is asked too often: Lighthouse's quota is one such question in 10 s. */
const RATE_LIMITED_MS = 10_000;

/**
 * @throws NETWORK_FAILED, REQUEST_TIMEOUT, RESPONSE_INVALID, INPUT_TOO_LARGE; NOT_AVAILABLE and PEER_ERROR for what the
 * peer answered; `signal.reason`
 */
export async function inquire(
  connection: Connection,
  inquiry: Inquiry,
  patience: Patience,
  clock: Clock,
): Promise<Reply> {
  const { asked, protocols, content, signal } = inquiry;
  signal?.throwIfAborted();
  const watchdog = createWatchdog(clock, signal);
  // Ends the negotiation and the stream, however this function ends.
  const ending = new AbortController();
  const late = (ms: number) => () => requestTimeout(asked, ms);
  const opening = connection.newStream([...protocols], { signal: ending.signal });
  watchdog.arm(patience.firstByteMs, late(patience.firstByteMs));
  let stream: Stream | undefined;
  let isWhole = false;
  try {
    stream = await Promise.race([opening, watchdog.barked]);
    send(stream, content);
    const onProgress = () => watchdog.arm(patience.chunkMs, late(patience.chunkMs));
    const chunks = await Promise.race([receive(stream, inquiry, onProgress), watchdog.barked]);
    // behind an error nothing is read
    isWhole = chunks.every(({ code }) => code === RESPONSE_CODES.success);
    return { protocol: stream.protocol, chunks: answered(asked, chunks) };
  } catch (thrown) {
    signal?.throwIfAborted();
    throw translate(asked, thrown);
  } finally {
    watchdog.end();
    ending.abort();
    if (!isWhole)
      opening.then(
        (opened) => opened.abort(new Error("not waited for any longer")),
        () => {},
      );
  }
}

/** The request, and that there is no more of it. */
function send(stream: Stream, content: Uint8Array | undefined): void {
  if (content !== undefined) stream.send(writePayload(content));
  // the answer, or its absence, tells whether this worked
  stream.close().catch(() => {});
}

function receive(stream: Stream, inquiry: Inquiry, onProgress: () => void): Promise<ResponseChunk[]> {
  const { asked, onBytes, ...shape } = inquiry;
  const fail = (expected: string, actual: string, bytes?: number) =>
    bytes === undefined
      ? responseInvalid(asked, expected, actual)
      : tooLarge(asked, shape.maxPayloadBytes * shape.maxChunks, bytes);
  let isFirst = true;
  const counted = (bytes: number) => {
    onBytes?.(bytes);
    // the first byte begins the first chunk; each whole chunk the next
    if (isFirst) onProgress();
    isFirst = false;
  };
  return readResponse(createReader(stream, fail, counted), shape, fail, onProgress);
}

/** Success in every chunk; what came before an error is kept where there is any: a node may lack the newest periods. */
function answered(asked: Asked, chunks: readonly ResponseChunk[]): readonly ResponseChunk[] {
  const last = chunks.at(-1);
  if (last === undefined || last.code === RESPONSE_CODES.success) return chunks;
  if (chunks.length > 1) return chunks.slice(0, -1);
  const text = foreignText(new TextDecoder().decode(last.payload), asked.redact);
  const said = `response code ${last.code}${text === "" ? "" : ` (${text})`}`;
  if (last.code === RESPONSE_CODES.resourceUnavailable) throw notAvailable(asked, said);
  const { source, request } = asked;
  const retryAfter = last.code === RESPONSE_CODES.rateLimited ? { retryAfterMs: RATE_LIMITED_MS } : {};
  const details = { source, request, responseCode: last.code, message: text, ...retryAfter };
  throw new SidelightError("PEER_ERROR", `${source}: ${request}: expected an answer, got ${said}`, details);
}

function translate(asked: Asked, thrown: unknown): unknown {
  if (isSidelightError(thrown)) return thrown;
  if (thrown instanceof Error && thrown.name === "UnsupportedProtocolError") {
    return notAvailable(asked, "that it does not speak this protocol");
  }
  return networkFailed(asked, new Error(messageOf(thrown)));
}
