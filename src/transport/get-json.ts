/** One JSON answer of a REST API, bounded in size and time: for the few questions that no source asks. */
import type { Clock } from "../clock.js";
import { isSidelightError } from "../errors.js";
import { httpGet, withDeadline } from "./http.js";
import { type Asked, networkFailed, requestTimeout, responseInvalid, statusError, tooLarge } from "./rest-errors.js";
import { ERROR_BODY_LIMIT } from "./rest-limits.js";
import type { RestConfig } from "./rest-options.js";

export interface JsonQuestion {
  /** In words, for messages: no path, no query. */
  readonly words: string;
  readonly route: string;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/**
 * Asks once, without retries. The body is taken for JSON whatever it is labelled: it proves itself by parsing.
 *
 * @throws NETWORK_FAILED, REQUEST_TIMEOUT, HTTP_STATUS, NOT_AVAILABLE, INPUT_TOO_LARGE, RESPONSE_INVALID, `signal.reason`
 */
export async function getJson(config: RestConfig, question: JsonQuestion): Promise<unknown> {
  const { words, route, maxBytes, clock, signal } = question;
  const { timeoutMs } = config;
  const asked = askedOf(config, words);
  signal?.throwIfAborted();
  // Hangs up when this function ends, however it ends.
  const connection = new AbortController();
  const get = {
    fetch: config.fetch,
    url: config.urlOf(route),
    headers: { ...config.headers, accept: "application/json" },
    signal: connection.signal,
  };
  const limitFor = ({ status }: Response) =>
    status === 200
      ? { bytes: maxBytes, exceeded: (actual: number) => tooLarge(asked, maxBytes, actual) }
      : { bytes: ERROR_BODY_LIMIT };
  try {
    const late = () => requestTimeout(asked, timeoutMs);
    const work = httpGet(get, limitFor);
    const answer = await withDeadline({ clock, timeoutMs, signal, late }, work);
    if (answer.status !== 200) throw statusError(asked, answer, clock.nowMs());
    return parseJson(asked, answer.body);
  } catch (thrown) {
    signal?.throwIfAborted();
    throw isSidelightError(thrown) ? thrown : networkFailed(asked, thrown);
  } finally {
    connection.abort();
  }
}

export function askedOf({ name, redact }: RestConfig, words: string): Asked {
  return { source: name, request: words, redact };
}

function parseJson(asked: Asked, body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    // Not the parser's words: they quote the body.
    throw responseInvalid(asked, "JSON", `${body.byteLength} bytes that do not parse`);
  }
}
