/** Errors of the REST source. Every message names the source and the request, and nothing that may hold a credential. */
import { messageOf, SidelightError } from "../errors.js";
import { parseRetryAfterMs } from "./backoff.js";
import type { HttpAnswer } from "./http.js";

/** Who was asked for what, for messages. */
export interface Asked {
  /** Name of the source. */
  readonly source: string;
  /** What was asked for, in words: no path, no query. */
  readonly request: string;
  /** Takes the credentials out of text that a server or a runtime wrote. */
  readonly redact: (text: string) => string;
}

const MAX_FOREIGN_TEXT = 200;

/** Text that someone else wrote, made fit for an error message: one line, bounded, without URLs and credentials. */
export function foreignText(text: string, redact: (text: string) => string): string {
  const line = redact(text.slice(0, 4_096))
    .replace(/[a-z][a-z0-9+.-]{0,20}:\/\/\S+/gi, "[url]")
    // control and format characters: line breaks, terminal escapes, bidirectional overrides
    .replace(/[\p{C}\s]+/gu, " ")
    .trim();
  return line.length > MAX_FOREIGN_TEXT ? `${line.slice(0, MAX_FOREIGN_TEXT - 1)}…` : line;
}

export function networkFailed(asked: Asked, thrown: unknown): SidelightError<"NETWORK_FAILED"> {
  const { source, request } = asked;
  const message = foreignText(describeFailure(thrown), asked.redact);
  // No `cause`: some runtimes put the whole URL into theirs, and a logged error prints its causes.
  return new SidelightError("NETWORK_FAILED", `${source}: ${request}: expected an answer, got: ${message}`, {
    source,
    request,
    message,
  });
}

/** What Chromium, Firefox and Safari say of every failure before the headers: pages are not to learn what is where. */
const UNEXPLAINED = /^(Failed to fetch|NetworkError when attempting to fetch resource|Load failed)/;

/** Node hides the reason ("connect ECONNREFUSED …") behind "fetch failed" in `cause`. */
function describeFailure(thrown: unknown): string {
  const message = messageOf(thrown);
  if (UNEXPLAINED.test(message)) return `${message} (it cannot be reached, or does not let this origin in: CORS)`;
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  if (!(cause instanceof Error)) return message;
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
  const reason = cause.message || code;
  return reason === "" ? message : `${message}: ${reason}`;
}

export function requestTimeout(asked: Asked, timeoutMs: number): SidelightError<"REQUEST_TIMEOUT"> {
  const { source, request } = asked;
  const message = `${source}: ${request}: expected a complete answer within ${timeoutMs} ms, got none`;
  return new SidelightError("REQUEST_TIMEOUT", message, { source, request, timeoutMs });
}

export function responseInvalid(asked: Asked, expected: string, actual: string): SidelightError<"RESPONSE_INVALID"> {
  const { source, request } = asked;
  const message = `${source}: ${request}: expected ${expected}, got ${actual}`;
  return new SidelightError("RESPONSE_INVALID", message, { source, request, expected, actual });
}

export function tooLarge(asked: Asked, limit: number, actual: number): SidelightError<"INPUT_TOO_LARGE"> {
  const message = `${asked.source}: ${asked.request}: expected at most ${limit} bytes, got ${actual} or more`;
  return new SidelightError("INPUT_TOO_LARGE", message, { object: asked.request, limit, actual });
}

export function notAvailable(asked: Asked, why: string): SidelightError<"NOT_AVAILABLE"> {
  const { source, request } = asked;
  const message = `${source}: ${request}: expected the object, got: ${why}`;
  return new SidelightError("NOT_AVAILABLE", message, { source, request, message: why });
}

// Lodestar before the fix of its issue 8902 answers 500, not 404, for what it does not have: "syncCommitteeWitness not
// available 0x…", "finalizedBlockRoot not available 0x…", "No partialUpdate available for period …".
const NOT_AVAILABLE_TEXT = /\bnot? (?:\S{1,60} ){0,4}available\b/i;

/** The error for an answer whose status is not 200: `NOT_AVAILABLE` or `HTTP_STATUS`. */
export function statusError(
  asked: Asked,
  answer: HttpAnswer,
  nowMs: number,
): SidelightError<"NOT_AVAILABLE"> | SidelightError<"HTTP_STATUS"> {
  const { status, headers, body } = answer;
  const { source, request } = asked;
  const message = foreignText(serverMessage(body), asked.redact);
  const said = `HTTP ${status}${message === "" ? "" : ` (${message})`}`;
  if (status === 404 || (status === 500 && NOT_AVAILABLE_TEXT.test(message))) return notAvailable(asked, said);
  const retryAfterMs = parseRetryAfterMs(headers.get("retry-after"), nowMs);
  const wait = retryAfterMs === undefined ? "" : `, retry after ${retryAfterMs} ms`;
  return new SidelightError("HTTP_STATUS", `${source}: ${request}: expected HTTP 200, got ${said}${wait}`, {
    source,
    request,
    status,
    message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** `message` of the Beacon API's error object, also if the body was cut at our limit (stack traces make it long). */
function serverMessage(body: Uint8Array): string {
  const text = new TextDecoder().decode(body);
  const found = /"message"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
  if (found === undefined) return "";
  try {
    return String(JSON.parse(found));
  } catch {
    return "";
  }
}
