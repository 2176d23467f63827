/** How long to wait before asking a server again. */

/** First delay (before jitter), in milliseconds. */
export const BACKOFF_BASE_MS = 500;
/** No delay is longer, in milliseconds. */
export const BACKOFF_CAP_MS = 8_000;
/**
 * Longest `Retry-After` that is waited for, in milliseconds. A server that wants to be left alone for longer is given
 * up: the client has other sources, and a page or a service worker may not live that long.
 */
export const RETRY_AFTER_CAP_MS = 60_000;

/**
 * Exponential backoff with full jitter: evenly spread between 0 and `min(cap, base * 2^attempt)` milliseconds, so that
 * clients that failed together do not come back together
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 *
 * @param attempt 0 for the delay before the first retry
 * @param random in [0, 1); what is outside is clamped
 */
export function backoffMs(attempt: number, random: () => number): number {
  const ceiling = Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** attempt);
  const spread = random();
  return Math.floor(ceiling * (spread > 0 ? Math.min(spread, 1) : 0));
}

// IMF-fixdate and the RFC 850 form: both name a weekday first and GMT last. `Date.parse` alone would take almost any
// text ("try 1" is a date to V8), and would read the asctime form as local time.
const HTTP_DATE = /^[A-Za-z]{3,9}, [\w :-]{1,40} GMT$/;

/**
 * `Retry-After` as milliseconds from now, or `undefined` if there is none that can be read: delay in seconds or an HTTP
 * date (RFC 9110, section 10.2.3). A date in the past is 0.
 */
export function parseRetryAfterMs(value: string | null, nowMs: number): number | undefined {
  const text = value?.trim() ?? "";
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, Number.MAX_SAFE_INTEGER);
  if (!HTTP_DATE.test(text)) return undefined;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
