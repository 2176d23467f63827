/** One HTTP GET with a limit on everything: time, size, and how long it can be in the way after nobody wants it. */
import type { Clock } from "../clock.js";
import type { RequestOptions } from "./port.js";

/** The part of `fetch` that is used. `globalThis.fetch` fits; the answer's `body` must be a stream. */
export type FetchLike = (url: string, init: RequestInit) => Promise<Response>;

export interface Deadline {
  readonly clock: Clock;
  /** At most 2^31 - 1: what a timer can wait. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Makes the error for being late. */
  readonly late: () => Error;
}

/**
 * The outcome of `work`, unless `signal` aborts first (rejects with exactly `signal.reason`) or `timeoutMs` pass first
 * (rejects with `late()`). Leaves neither a timer nor a listener behind. Does not stop `work`: its owner does.
 */
export async function withDeadline<T>(deadline: Deadline, work: Promise<T>): Promise<T> {
  const { clock, timeoutMs, signal, late } = deadline;
  const timer = new AbortController();
  let onAbort: (() => void) | undefined;
  const stopped = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal?.reason);
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort, { once: true });
    // The rejection is our own `timer.abort()` below.
    clock.sleep(timeoutMs, timer.signal).then(
      () => reject(late()),
      () => {},
    );
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    timer.abort();
    if (onAbort !== undefined) signal?.removeEventListener("abort", onAbort);
  }
}

/** How much of a body is read. */
export interface BodyLimit {
  readonly bytes: number;
  /**
   * What happens past the limit: the error to throw, given the bytes that were declared or counted; or `undefined` to
   * keep what came and hang up (good enough for the text of an error page).
   */
  readonly exceeded?: (bytes: number) => Error;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export interface HttpGet {
  readonly fetch: FetchLike;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Aborting it hangs up, in every phase. */
  readonly signal: AbortSignal;
  /** Told of the bytes of the body as they come. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/**
 * Past the browser's HTTP cache. Who asks again wants what is there now, not an old answer (or an old error page). And
 * Firefox lets a second request for the same URL wait until the first one's answer is in the cache: for an event stream,
 * that is never.
 *
 * Not where requests have no such member: Cloudflare's workers used to throw for it.
 */
function cacheInit(): Pick<RequestInit, "cache"> {
  return typeof Request === "function" && "cache" in Request.prototype ? { cache: "no-store" } : {};
}

/** Starts a GET: resolves with the headers read and the body not. Rejects with whatever `fetch` throws. */
export async function openGet(get: HttpGet): Promise<Response> {
  // A bare call: browsers refuse `fetch` as a method of another object ("Illegal invocation").
  const { fetch, url, signal } = get;
  const response = await fetch(url, { ...cacheInit(), method: "GET", headers: { ...get.headers }, signal });
  if (get.signal.aborted) {
    // A `fetch` that does not look at the signal: nobody waits for this body any more.
    cancelQuietly(response.body);
    throw get.signal.reason;
  }
  return response;
}

/** A whole GET: `limitFor` looks at the status and the headers and says how much of the body to read. */
export async function httpGet(get: HttpGet, limitFor: (response: Response) => BodyLimit): Promise<HttpAnswer> {
  const response = await openGet(get);
  const body = await readBody(response, limitFor(response), get.signal, get.onBytes);
  return { status: response.status, headers: response.headers, body };
}

/**
 * Reads a body up to a limit. A declared length beyond it is refused before the first byte; the count of what really
 * came decides, since a length may be absent (chunked), wrong, or that of the compressed form.
 */
export async function readBody(
  response: Response,
  limit: BodyLimit,
  signal: AbortSignal,
  onBytes?: (bytes: number) => void,
): Promise<Uint8Array> {
  const declared = declaredLength(response.headers);
  if (declared > limit.bytes && limit.exceeded !== undefined) {
    cancelQuietly(response.body);
    throw limit.exceeded(declared);
  }
  if (response.body === null) return new Uint8Array(0);
  const reader = response.body.getReader();
  const hangUp = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", hangUp, { once: true });
  try {
    // One buffer that doubles, not a list of chunks: a drip of one-byte chunks would cost a hundred bytes for each.
    let buffer = new Uint8Array(Math.min(limit.bytes, Math.max(declared, 16_384)));
    let length = 0;
    while (true) {
      const { done, value } = await reader.read().catch((thrown: unknown) => {
        // An error page that breaks off does not take back its status.
        if (limit.exceeded === undefined && !signal.aborted) return { done: true, value: undefined } as const;
        throw thrown;
      });
      if (done) return buffer.slice(0, length);
      onBytes?.(value.byteLength);
      const total = length + value.byteLength;
      if (total > limit.bytes) {
        if (limit.exceeded !== undefined) throw limit.exceeded(total);
        return concatUpTo(buffer.subarray(0, length), value, limit.bytes);
      }
      if (total > buffer.byteLength) {
        const larger = new Uint8Array(Math.min(limit.bytes, Math.max(total, buffer.byteLength * 2)));
        larger.set(buffer.subarray(0, length));
        buffer = larger;
      }
      buffer.set(value, length);
      length = total;
    }
  } finally {
    signal.removeEventListener("abort", hangUp);
    hangUp();
  }
}

/** Hangs up on a body that nobody will read. */
export function cancelQuietly(body: ReadableStream<Uint8Array> | null): void {
  body?.cancel().catch(() => {});
}

function declaredLength(headers: Headers): number {
  const value = headers.get("content-length") ?? "";
  return /^\d+$/.test(value) ? Number(value) : 0;
}

function concatUpTo(head: Uint8Array, tail: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  out.set(head);
  out.set(tail.subarray(0, length - head.byteLength), head.byteLength);
  return out;
}

/** What a cache kept (`Age`) says what time it was. Browsers show `Date` only where the server exposes it. */
export function tellDate(headers: Headers, options: Pick<RequestOptions, "onDate"> | undefined): void {
  const serverMs = Date.parse(headers.get("date") ?? "");
  if (Number.isFinite(serverMs) && !Number(headers.get("age"))) options?.onDate?.(serverMs);
}
