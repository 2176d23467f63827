/** A beacon node's REST API as a source (https://github.com/ethereum/beacon-APIs). */
import { isSidelightError, optionInvalid } from "../errors.js";
import { isHex } from "../ssz/bytes.js";
import { backoffMs, RETRY_AFTER_CAP_MS } from "./backoff.js";
import { type HttpAnswer, httpGet, tellDate, withDeadline } from "./http.js";
import { MAX_REQUEST_LIGHT_CLIENT_UPDATES, type RawObject, type RequestOptions, type Source } from "./port.js";
import { type Accepted, bodyKind, readObject, readUpdates } from "./rest-decode.js";
import { type Asked, networkFailed, requestTimeout, responseInvalid, statusError, tooLarge } from "./rest-errors.js";
import {
  COMMITTEE_OBJECT_LIMIT,
  ERROR_BODY_LIMIT,
  type SizeLimit,
  SMALL_OBJECT_LIMIT,
  updatesLimit,
} from "./rest-limits.js";
import { assertInteger, type RestSourceOptions, resolveRestOptions } from "./rest-options.js";
import { followEvents } from "./sse.js";

export type { FetchLike } from "./http.js";
export type { RestSourceOptions } from "./rest-options.js";

/** The requests of a source that can be answered in SSZ or JSON. */
export type SourceRequest = "bootstrap" | "updates" | "finalityUpdate" | "optimisticUpdate";

/** What {@link restSource} makes. */
export interface RestSource extends Source {
  /** Follows `/eth/v1/events`: one HTTP request, no reconnecting. */
  subscribe: NonNullable<Source["subscribe"]>;
  /**
   * From now on ask for JSON instead of SSZ: for a caller that did not understand this server's SSZ. (Lodestar 1.22 on
   * some networks puts fork digests in front of its updates that belong to no fork of the chain; its JSON is right.)
   *
   * @param request only for this one
   * @default all requests
   */
  preferJson(request?: SourceRequest): void;
}

// RFC 9110 section 12.5.1. Within what CORS lets through without a preflight.
const ACCEPT_ANY = "application/octet-stream;q=1,application/json;q=0.9";
const ACCEPT_JSON = "application/json";

/** 16 mainnet updates are 0.4 MB of SSZ: with the default time limit, 0.35 Mbit/s are enough. */
const UPDATES_PER_TIMEOUT = 16;

const RETRYABLE_STATUS: readonly number[] = [429, 500, 502, 503, 504];
/** "Not Acceptable" and "Unsupported Media Type": what servers without SSZ say to our `Accept`. */
const NO_SSZ_STATUS: readonly number[] = [406, 415];

interface Question<T> {
  readonly request: SourceRequest;
  /** For messages. */
  readonly words: string;
  readonly route: string;
  readonly query?: string;
  readonly limit: SizeLimit;
  /**
   * How many times `timeoutMs` the answer may take.
   * @default 1
   */
  readonly timeouts?: number;
  /** `undefined`: SSZ that cannot be used, ask for JSON. */
  readonly read: (asked: Asked, answer: HttpAnswer, accepted: Accepted) => T | undefined;
}

/**
 * A beacon node, reached over HTTP. Synchronous and without I/O: a wrong option throws here, an unreachable server
 * rejects later.
 *
 * Nothing is trusted and nothing decoded: answers are bounded in size and time and handed over as they came, with the
 * fork the server claims. Answers past 64 KiB SSZ or 256 KiB JSON for a bootstrap or an update (times `count`), or
 * 16 KiB and 64 KiB for a finality or optimistic update, are cut off.
 *
 * One call makes at most `retries + 1` HTTP requests, plus one if the server's SSZ is of no use (HTTP 406 or 415, or no
 * readable `Eth-Consensus-Version`) and it is asked for JSON; the source remembers that for this kind of request. Retries
 * wait with exponential backoff and full jitter (at most 8 s), or for as long as `Retry-After` says (at most 60 s: a
 * server that wants more is given up at once, with `retryAfterMs` in the error).
 *
 * Every method stops at once when its signal aborts and rejects with exactly `signal.reason` (`subscribe` resolves).
 * Methods reject with:
 *
 * - `NOT_AVAILABLE`: HTTP 404, an empty list, or HTTP 500 that says "not available" (one period that a node lacks can
 *   fail a whole range). Not retried
 * - `HTTP_STATUS`: any other status than 200, after the retries it deserves
 * - `NETWORK_FAILED`: unreachable, reset or cut off, after the retries
 * - `REQUEST_TIMEOUT`, `RESPONSE_INVALID`, `INPUT_TOO_LARGE`: not retried
 * - `OPTION_INVALID`: arguments out of range, or no `fetch` on this platform
 * - `SUBSCRIPTION_FAILED`: `subscribe` only
 *
 * @param url base of the API. A path and a query (API keys) are kept on every request; `user:password@` becomes a Basic
 *   `Authorization` header. None of them appears in an error
 * @throws OPTION_INVALID
 */
export function restSource(url: string, options: RestSourceOptions = {}): RestSource {
  const config = resolveRestOptions(url, options);
  const { name, clock, timeoutMs, retries, random, redact } = config;
  const jsonRequests = new Set<SourceRequest>();

  async function ask<T>(question: Question<T>, options: RequestOptions | undefined): Promise<T> {
    const signal = options?.signal;
    const asked: Asked = { source: name, request: question.words, redact };
    let accepted: Accepted = config.jsonOnly || jsonRequests.has(question.request) ? "json" : "any";
    let left = retries + 1;
    let failures = 0;
    while (true) {
      signal?.throwIfAborted();
      left--;
      try {
        const answer = await askOnce(asked, question, accepted, options);
        tellDate(answer.headers, options);
        const noSsz = accepted === "any" && NO_SSZ_STATUS.includes(answer.status);
        if (answer.status !== 200 && !noSsz) throw statusError(asked, answer, clock.nowMs());
        const object = noSsz ? undefined : question.read(asked, answer, accepted);
        if (object !== undefined) return object;
        // Unreachable by construction; a question that never can be satisfied must not loop.
        if (accepted === "json") throw responseInvalid(asked, "JSON", "nothing usable");
        jsonRequests.add(question.request);
        accepted = "json";
        left++;
      } catch (thrown) {
        const delayMs = left > 0 ? retryDelayMs(thrown, failures) : undefined;
        if (delayMs === undefined) throw thrown;
        failures++;
        await clock.sleep(delayMs, signal);
      }
    }
  }

  async function askOnce<T>(
    asked: Asked,
    question: Question<T>,
    accepted: Accepted,
    options: RequestOptions | undefined,
  ): Promise<HttpAnswer> {
    const signal = options?.signal;
    const get = {
      fetch: config.fetch,
      url: config.urlOf(question.route, question.query),
      headers: { ...config.headers, accept: accepted === "any" ? ACCEPT_ANY : ACCEPT_JSON },
    };
    const limitFor = (response: Response) => {
      if (response.status !== 200) return { bytes: ERROR_BODY_LIMIT };
      const isSsz = bodyKind(response.headers.get("content-type")) === "ssz";
      const bytes = isSsz ? question.limit.ssz : question.limit.json;
      return { bytes, exceeded: (actual: number) => tooLarge(asked, bytes, actual) };
    };
    // Hangs up when this function ends, however it ends.
    const connection = new AbortController();
    const allowedMs = timeoutMs * (question.timeouts ?? 1);
    const late = () => requestTimeout(asked, allowedMs);
    try {
      const work = httpGet({ ...get, signal: connection.signal, onBytes: options?.onBytes }, limitFor);
      return await withDeadline({ clock, timeoutMs: allowedMs, signal, late }, work);
    } catch (thrown) {
      signal?.throwIfAborted();
      throw isSidelightError(thrown) ? thrown : networkFailed(asked, thrown);
    } finally {
      connection.abort();
    }
  }

  /** Milliseconds until the next try, or `undefined` if it makes no sense. */
  function retryDelayMs(thrown: unknown, failures: number): number | undefined {
    if (isSidelightError(thrown, "NETWORK_FAILED")) return backoffMs(failures, random);
    if (!isSidelightError(thrown, "HTTP_STATUS") || !RETRYABLE_STATUS.includes(thrown.details.status)) return undefined;
    const { retryAfterMs = 0 } = thrown.details;
    if (retryAfterMs > RETRY_AFTER_CAP_MS) return undefined;
    return Math.max(retryAfterMs, backoffMs(failures, random));
  }

  async function smallObject(
    request: SourceRequest,
    words: string,
    route: string,
    options: RequestOptions | undefined,
  ): Promise<RawObject> {
    const path = `/eth/v1/beacon/light_client/${route}`;
    return ask({ request, words, route: path, limit: SMALL_OBJECT_LIMIT, read: readObject }, options);
  }

  return {
    name,
    async bootstrap(root, options) {
      if (!isHex(root, 32)) throw optionInvalid("root", "0x and 64 hex digits", root);
      const question: Question<RawObject> = {
        request: "bootstrap",
        words: `bootstrap of ${root}`,
        route: `/eth/v1/beacon/light_client/bootstrap/${root}`,
        limit: COMMITTEE_OBJECT_LIMIT,
        read: readObject,
      };
      return ask(question, options);
    },
    async updates(startPeriod, count, options) {
      assertInteger("startPeriod", startPeriod, 0, Number.MAX_SAFE_INTEGER);
      assertInteger("count", count, 1, MAX_REQUEST_LIGHT_CLIENT_UPDATES);
      const question: Question<RawObject[]> = {
        request: "updates",
        words: count === 1 ? `update of period ${startPeriod}` : `${count} updates from period ${startPeriod}`,
        route: "/eth/v1/beacon/light_client/updates",
        query: `start_period=${startPeriod}&count=${count}`,
        limit: updatesLimit(count),
        timeouts: Math.ceil(count / UPDATES_PER_TIMEOUT),
        read: (asked, answer, accepted) => readUpdates(asked, answer, accepted, count),
      };
      return ask(question, options);
    },
    finalityUpdate: (options) => smallObject("finalityUpdate", "finality update", "finality_update", options),
    optimisticUpdate: (options) => smallObject("optimisticUpdate", "optimistic update", "optimistic_update", options),
    subscribe: (options) => followEvents(config, options),
    preferJson(request) {
      const all: SourceRequest[] = ["bootstrap", "updates", "finalityUpdate", "optimisticUpdate"];
      for (const each of request === undefined ? all : [request]) jsonRequests.add(each);
    },
  };
}
