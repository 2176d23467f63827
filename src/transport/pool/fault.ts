/** Whose fault an error is, and what follows from what it says. */
import { type ErrorCode, isSidelightError, type SidelightError } from "../../errors.js";

/** Old, early (or our clock is late), ahead of what the client knows, or of no use: its sender may have done nothing wrong. */
const NOBODYS_FAULT: readonly ErrorCode[] = [
  "UPDATE_IRRELEVANT",
  "UPDATE_FROM_FUTURE",
  "PERIOD_SKIPPED",
  "FINALIZED_PERIOD_MISMATCH",
  "CATCH_UP_INCOMPLETE",
];

/** Trouble of this machine, or of all that is trusted: no other source could help. */
const OUR_OWN: readonly ErrorCode[] = ["BLS_NOT_READY", "BLS_UNAVAILABLE", "FINALITY_CONFLICT"];

/** The longest that a server can make us wait by `Retry-After`. */
const MAX_RETRY_AFTER_MS = 600_000;

/** How long its sender wants to be left alone, in milliseconds, as far as that is heeded; 0 if it does not say. */
export function retryAfterMsOf(error: SidelightError): number {
  // a stream that was refused tells why by its cause
  for (const each of [error, error.cause]) {
    const wantedMs = isSidelightError(each) && "retryAfterMs" in each.details ? Number(each.details.retryAfterMs) : 0;
    if (wantedMs > 0) return Math.min(wantedMs, MAX_RETRY_AFTER_MS);
  }
  return 0;
}

/** Was an object refused without its sender having done wrong? */
export function isNobodysFault(code: ErrorCode): boolean {
  return NOBODYS_FAULT.includes(code);
}

/** Is it trouble that no other source could help with? */
export function isOurOwn(code: ErrorCode): boolean {
  return OUR_OWN.includes(code);
}
