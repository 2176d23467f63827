/**
 * The Beacon API's event stream over `fetch`. Not `EventSource`: that one cannot send headers, bound an event's size,
 * or say why it failed, and Node 20 has none.
 */
import { isSidelightError, SidelightError } from "../errors.js";
import { createEventParser } from "./event-stream.js";
import { cancelQuietly, openGet, readBody, withDeadline } from "./http.js";
import type { RawObject, SourceEvent, SubscribeOptions } from "./port.js";
import { unwrapJson } from "./rest-decode.js";
import { type Asked, foreignText, networkFailed, requestTimeout, statusError } from "./rest-errors.js";
import { ERROR_BODY_LIMIT, EVENT_BUFFER_LIMIT, EVENT_LIMIT } from "./rest-limits.js";
import type { RestConfig } from "./rest-options.js";

/** Names of the beacon-APIs events (`apis/eventstream/index.yaml`) and what they are to us. */
const EVENT_TYPES: ReadonlyMap<string, SourceEvent["type"]> = /*#__PURE__*/ new Map([
  ["light_client_finality_update", "finality"],
  ["light_client_optimistic_update", "optimistic"],
]);

/**
 * One subscription, one HTTP request: resolves when `signal` aborts, rejects with `SUBSCRIPTION_FAILED` for whatever
 * else ends it. What `onEvent` or `onOpen` throws ends it too, and is passed on as it is. No event is delivered after
 * the abort.
 */
export async function followEvents(config: RestConfig, options: SubscribeOptions): Promise<void> {
  const { signal, onOpen } = options;
  const asked: Asked = { source: config.name, request: "event stream", redact: config.redact };
  if (signal?.aborted) return;
  // Hangs up when this function ends, however it ends.
  const connection = new AbortController();
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  try {
    reader = await connect(config, asked, connection.signal, signal);
    if (signal?.aborted) return;
    onOpen?.();
    await pump(config, asked, reader, options);
  } catch (thrown) {
    if (signal?.aborted) return;
    throw thrown;
  } finally {
    reader?.cancel().catch(() => {});
    connection.abort();
  }
}

async function connect(
  config: RestConfig,
  asked: Asked,
  connection: AbortSignal,
  signal: AbortSignal | undefined,
): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const { clock, timeoutMs, fetch } = config;
  const topics = [...EVENT_TYPES.keys()].join(",");
  const url = config.urlOf("/eth/v1/events", `topics=${topics}`);
  const headers = { ...config.headers, accept: "text/event-stream" };
  const open = async () => {
    const response = await openGet({ fetch, url, headers, signal: connection });
    if (response.status !== 200) {
      const body = await readBody(response, { bytes: ERROR_BODY_LIMIT }, connection);
      throw statusError(asked, { status: response.status, headers: response.headers, body }, clock.nowMs());
    }
    const contentType = response.headers.get("content-type") ?? "no Content-Type";
    if (contentType.split(";", 1)[0]?.trim().toLowerCase() !== "text/event-stream" || response.body === null) {
      cancelQuietly(response.body);
      throw failed(asked, `expected text/event-stream, got ${foreignText(contentType, asked.redact)}`);
    }
    return response.body.getReader();
  };
  try {
    const late = () => requestTimeout(asked, timeoutMs);
    return await withDeadline({ clock, timeoutMs, signal, late }, open());
  } catch (thrown) {
    if (
      signal?.aborted ||
      isSidelightError(thrown, "SUBSCRIPTION_FAILED") ||
      isSidelightError(thrown, "OPTION_INVALID")
    ) {
      throw thrown;
    }
    const cause = isSidelightError(thrown) ? thrown : networkFailed(asked, thrown);
    // Its own words without the "<source>: <request>: " that `failed` puts in front again.
    throw failed(asked, cause.message.slice(`${asked.source}: ${asked.request}: `.length), cause);
  }
}

async function pump(
  config: RestConfig,
  asked: Asked,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { onEvent, onBytes, signal }: SubscribeOptions,
): Promise<void> {
  const { clock, streamIdleMs } = config;
  const decoder = new TextDecoder();
  const parse = createEventParser(
    EVENT_BUFFER_LIMIT,
    (event, data) => {
      const type = EVENT_TYPES.get(event);
      // Some servers send more topics than were asked for. A listener may have aborted in the middle of a chunk.
      if (type === undefined || signal?.aborted) return;
      onEvent({ type, object: readEvent(asked, event, data) });
    },
    () => {
      throw eventTooLarge(asked);
    },
  );
  const late = () => failed(asked, `expected a byte every ${streamIdleMs} ms, got none`);
  while (!signal?.aborted) {
    const read = reader.read().catch((thrown: unknown) => {
      throw failed(asked, `expected events, got: ${networkFailed(asked, thrown).details.message}`);
    });
    const { done, value } = await withDeadline({ clock, timeoutMs: streamIdleMs, signal, late }, read);
    if (done) throw failed(asked, "expected events, got the end of the stream");
    onBytes?.(value.byteLength);
    parse(decoder.decode(value, { stream: true }));
  }
}

function readEvent(asked: Asked, event: string, data: string): RawObject {
  if (data.length > EVENT_LIMIT) throw eventTooLarge(asked);
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    throw failed(asked, `expected JSON as data of ${event}, got ${data.length} characters that do not parse`);
  }
  // Nodes before the versioned events sent the update itself.
  const object = unwrapJson(value, "attested_header");
  if (object === undefined) throw failed(asked, `expected an update as data of ${event}, got other JSON`);
  return object;
}

function eventTooLarge(asked: Asked): SidelightError<"SUBSCRIPTION_FAILED"> {
  return failed(asked, `expected events of at most ${EVENT_LIMIT} characters, got a larger one`);
}

function failed(asked: Asked, why: string, cause?: SidelightError): SidelightError<"SUBSCRIPTION_FAILED"> {
  const message = `${asked.source}: ${asked.request}: ${why}`;
  const details = { source: asked.source, message: why };
  return new SidelightError("SUBSCRIPTION_FAILED", message, details, cause === undefined ? undefined : { cause });
}
