/** Whose fault an error is. */
import type { ErrorCode } from "../../errors.js";

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

/** Was an object refused without its sender having done wrong? */
export function isNobodysFault(code: ErrorCode): boolean {
  return NOBODYS_FAULT.includes(code);
}

/** Is it trouble that no other source could help with? */
export function isOurOwn(code: ErrorCode): boolean {
  return OUR_OWN.includes(code);
}
