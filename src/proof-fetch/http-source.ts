/** One HTTP request with a limit on everything, for the sources of proofs. */
import { isSidelightError } from "../errors.js";
import { askedOf } from "../transport/get-json.js";
import { type HttpAnswer, httpGet, withDeadline } from "../transport/http.js";
import type { RequestOptions } from "../transport/port.js";
import {
  type Asked,
  networkFailed,
  requestTimeout,
  responseInvalid,
  statusError,
  tooLarge,
} from "../transport/rest-errors.js";
import { ERROR_BODY_LIMIT } from "../transport/rest-limits.js";
import { type RestConfig, type RestSourceOptions, resolveRestOptions } from "../transport/rest-options.js";

/** As of `restSource`; `name`, `headers`, `fetch`, `timeoutMs` and `clock` are looked at. */
export type ProofSourceOptions = Pick<RestSourceOptions, "name" | "headers" | "fetch" | "timeoutMs" | "clock">;

export interface HttpRequest {
  /** In words, for messages. */
  readonly words: string;
  readonly route: string;
  readonly query?: string;
  readonly accept: "application/json" | "application/octet-stream";
  readonly maxBytes: number;
  /** Sent as JSON; without it the request is a GET. */
  readonly body?: unknown;
  /** How many times `timeoutMs` the answer may take. @default 1 */
  readonly timeouts?: number;
}

export interface HttpSource {
  readonly name: string;
  /** @throws NETWORK_FAILED, REQUEST_TIMEOUT, HTTP_STATUS, NOT_AVAILABLE, INPUT_TOO_LARGE, `signal.reason` */
  send(request: HttpRequest, options?: RequestOptions): Promise<Uint8Array>;
  /** @throws as {@link send}, and RESPONSE_INVALID */
  sendForJson(request: Omit<HttpRequest, "accept">, options?: RequestOptions): Promise<unknown>;
  /** An answer that is not what was asked for. */
  invalid(words: string, expected: string, actual: string): Error;
  readonly redact: RestConfig["redact"];
}

/** @throws OPTION_INVALID */
export function createHttpSource(url: string, options: ProofSourceOptions): HttpSource {
  const config = resolveRestOptions(url, options);
  const { clock, timeoutMs } = config;

  async function send(request: HttpRequest, { signal, onBytes }: RequestOptions = {}): Promise<Uint8Array> {
    const asked = askedOf(config, request.words);
    const allowedMs = Math.min(timeoutMs * (request.timeouts ?? 1), 0x7fffffff);
    signal?.throwIfAborted();
    // hangs up when this function ends, however it ends
    const connection = new AbortController();
    try {
      const work = httpGet(
        { ...initOf(config, request), signal: connection.signal, onBytes },
        limitOf(asked, request.maxBytes),
      );
      const late = () => requestTimeout(asked, allowedMs);
      const answer: HttpAnswer = await withDeadline({ clock, timeoutMs: allowedMs, signal, late }, work);
      if (answer.status !== 200) throw statusError(asked, answer, clock.nowMs());
      return answer.body;
    } catch (thrown) {
      signal?.throwIfAborted();
      throw isSidelightError(thrown) ? thrown : networkFailed(asked, thrown);
    } finally {
      connection.abort();
    }
  }

  return {
    name: config.name,
    redact: config.redact,
    send,
    async sendForJson(request, options) {
      const body = await send({ ...request, accept: "application/json" }, options);
      try {
        return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
      } catch {
        // not the parser's words: they quote the body
        throw responseInvalid(askedOf(config, request.words), "JSON", `${body.length} bytes that do not parse`);
      }
    },
    invalid: (words, expected, actual) => responseInvalid(askedOf(config, words), expected, actual),
  };
}

function initOf(config: RestConfig, { route, query, accept, body }: HttpRequest) {
  const headers = { ...config.headers, accept };
  const url = config.urlOf(route, query);
  if (body === undefined) return { fetch: config.fetch, url, headers };
  const post = { method: "POST", body: JSON.stringify(body) };
  return {
    fetch: (to: string, init: RequestInit) => config.fetch(to, { ...init, ...post }),
    url,
    headers: { ...headers, "content-type": "application/json" },
  };
}

function limitOf(asked: Asked, maxBytes: number) {
  return ({ status }: Response) =>
    status === 200
      ? { bytes: maxBytes, exceeded: (actual: number) => tooLarge(asked, maxBytes, actual) }
      : { bytes: ERROR_BODY_LIMIT };
}
