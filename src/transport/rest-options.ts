/** Options of the REST source: checked once, loudly, and turned into what requests need. */
import { type Clock, systemClock } from "../clock.js";
import { describeValue, optionInvalid, optionRefused } from "../errors.js";
import type { FetchLike } from "./http.js";

export interface RestSourceOptions {
  /**
   * What the source is called in events and errors: one line, no credentials.
   * @default the host (and port) of the URL
   */
  readonly name?: string;
  /**
   * Sent with every request, for a provider's API key for example. In a browser any of them costs a CORS preflight. A
   * redirect to another host takes them along (except `Authorization`), as `fetch` does. `Accept` is not allowed.
   * @default none
   */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Makes the requests. Must honour `signal` to hang up, and give the body as a stream.
   * @default `globalThis.fetch`, looked up at each request
   */
  readonly fetch?: FetchLike;
  /**
   * Time for one HTTP request, from its start to the last byte of the answer, in milliseconds (1 to 2^31 - 1). A
   * range of updates may take this for every 16 updates begun. For `subscribe`: until the headers. A request that ran out of time is not repeated.
   * @default 10_000
   */
  readonly timeoutMs?: number;
  /**
   * How often a request is repeated after a network failure or HTTP 429, 500, 502, 503 or 504 (0 to 10).
   * @default 2
   */
  readonly retries?: number;
  /**
   * `"any"` asks for SSZ and takes JSON; `"json"` asks for JSON and takes nothing else.
   * @default "any"
   */
  readonly encodings?: "any" | "json";
  /**
   * Silence (not a single byte, keep-alive comments included) after which an event stream counts as broken, in
   * milliseconds (1 to 2^31 - 1).
   * @default 60_000
   */
  readonly streamIdleMs?: number;
  /**
   * Timeouts, delays and the reading of `Retry-After` dates go by it.
   * @default systemClock()
   */
  readonly clock?: Clock;
  /**
   * Spreads the delays between retries: a number in [0, 1).
   * @default Math.random
   */
  readonly random?: () => number;
}

/** Options with nothing left open. */
export interface RestConfig {
  readonly name: string;
  /** The whole URL of a route: holds credentials, for `fetch` only. */
  readonly urlOf: (route: string, query?: string) => string;
  /** With `authorization`, if the URL had credentials; without `accept`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: FetchLike;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly jsonOnly: boolean;
  readonly streamIdleMs: number;
  readonly clock: Clock;
  readonly random: () => number;
  /** Takes everything out of a text that may be a credential. */
  readonly redact: (text: string) => string;
}

/** @throws OPTION_INVALID */
export function resolveRestOptions(url: string, options: RestSourceOptions): RestConfig {
  const base = parseBase(url);
  const {
    name = base.host,
    fetch,
    timeoutMs = 10_000,
    retries = 2,
    encodings = "any",
    streamIdleMs = 60_000,
  } = options;
  const { clock = systemClock(), random = Math.random } = options;
  // Control characters would break a log line; a URL as a name would put its credentials there.
  if (typeof name !== "string" || !/^[^\p{C}]{1,100}$/u.test(name) || name.includes("://")) {
    throw optionRefused("name", "one line of 1 to 100 characters, not a URL", kindOf(name));
  }
  if (fetch !== undefined && typeof fetch !== "function") throw optionRefused("fetch", "a function", kindOf(fetch));
  assertInteger("timeoutMs", timeoutMs, 1, 0x7fffffff);
  assertInteger("streamIdleMs", streamIdleMs, 1, 0x7fffffff);
  assertInteger("retries", retries, 0, 10);
  if (encodings !== "any" && encodings !== "json") {
    throw optionInvalid("encodings", '"any" or "json"', encodings);
  }
  if (typeof clock?.nowMs !== "function" || typeof clock.sleep !== "function") {
    throw optionInvalid("clock", "an object with nowMs() and sleep()", clock);
  }
  if (typeof random !== "function") throw optionInvalid("random", "a function", random);
  const headers = checkHeaders(options.headers ?? {});
  const authorization = basicAuthorization(base);
  if (authorization !== undefined) {
    if ("authorization" in headers) {
      throw optionRefused("headers", "no Authorization besides the credentials in the URL", "both");
    }
    headers["authorization"] = authorization;
  }
  const path = base.pathname.replace(/\/+$/, "");
  const baseQuery = base.search.slice(1);
  return {
    name,
    urlOf(route, query) {
      const queries = [baseQuery, query ?? ""].filter((part) => part !== "").join("&");
      return `${base.origin}${path}${route}${queries === "" ? "" : `?${queries}`}`;
    },
    headers,
    fetch: (input, init) => {
      const send = fetch ?? (globalThis.fetch as FetchLike | undefined);
      if (send === undefined) throw optionInvalid("fetch", "a function, since this platform has no fetch", send);
      return send(input, init);
    },
    timeoutMs,
    retries,
    jsonOnly: encodings === "json",
    streamIdleMs,
    clock,
    random,
    redact: redactor(secretsOf(base, headers)),
  };
}

export function assertInteger(option: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw optionInvalid(option, `an integer from ${min} to ${max}`, value);
}

function parseBase(url: string): URL {
  const expected = "an http: or https: URL";
  if (typeof url !== "string") throw optionRefused("url", expected, kindOf(url));
  let base: URL;
  try {
    base = new URL(url);
  } catch {
    throw optionRefused("url", expected, "a string that is not a URL");
  }
  if (base.protocol !== "http:" && base.protocol !== "https:") {
    throw optionRefused("url", expected, `a ${base.protocol} URL`);
  }
  return base;
}

function checkHeaders(given: Readonly<Record<string, string>>): Record<string, string> {
  const expected = "an object of header names and values";
  if (typeof given !== "object" || given === null || Array.isArray(given) || given instanceof Headers) {
    throw optionRefused("headers", expected, kindOf(given));
  }
  const headers: Record<string, string> = {};
  for (const [key, value] of Object.entries(given)) {
    const name = key.toLowerCase();
    // RFC 9110 section 5.6.2 (token) and 5.5 (field value). The value is never shown: it may be a key.
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) throw optionRefused("headers", expected, "a name that is not a token");
    if (name === "accept") throw optionRefused("headers", "no Accept: option encodings decides it", "Accept");
    if (name in headers) throw optionRefused("headers", "each name once", `${name} twice`);
    if (typeof value !== "string" || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw optionRefused("headers", `a one-line Latin-1 string for ${name}`, `an unusable ${typeof value}`);
    }
    headers[name] = value;
  }
  return headers;
}

/** `fetch` refuses a URL with credentials; RFC 7617 (UTF-8) says what they mean. */
function basicAuthorization(base: URL): string | undefined {
  if (base.username === "" && base.password === "") return undefined;
  const credentials = `${decodePercent(base.username)}:${decodePercent(base.password)}`;
  let binary = "";
  for (const byte of new TextEncoder().encode(credentials)) binary += String.fromCharCode(byte);
  return `Basic ${btoa(binary)}`;
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw optionRefused("url", "percent-encoded UTF-8 as user and password", "something else");
  }
}

/**
 * What must not come back in a message: servers and runtimes like to quote the path ("Route GET:/<key>/eth/v1/… not
 * found"), the query, or a header they dislike.
 */
function secretsOf(base: URL, headers: Readonly<Record<string, string>>): string[] {
  const path = base.pathname.replace(/\/+$/, "");
  const secrets = [path, base.search.slice(1), base.username, base.password, ...Object.values(headers)];
  // a segment, a value, the token behind its scheme
  const parts = secrets.flatMap((secret) => secret.split(/[\s/&=;,]+/)).filter((part) => part.length >= 8);
  secrets.push(...parts, ...base.searchParams.values());
  const [, basic] = (headers["authorization"] ?? "").split(" ");
  if (basic !== undefined) secrets.push(basic);
  const decoded = secrets.map((secret) => {
    try {
      return decodeURIComponent(secret);
    } catch {
      return secret;
    }
  });
  // Very short ones (an empty path, "1", "no") would only shred the text.
  return [...new Set([...secrets, ...decoded])].filter((secret) => secret.length >= 3);
}

function redactor(secrets: readonly string[]): (text: string) => string {
  const longestFirst = [...secrets].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((rest, secret) => rest.replaceAll(secret, "[hidden]"), text);
}

/** The kind of a value: a text may be a URL with a key in it, and is not shown. */
export function kindOf(value: unknown): string {
  if (typeof value === "string") return `a string of ${value.length} characters`;
  return describeValue(value);
}
