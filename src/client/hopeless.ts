/** Which failures of a start are the end of it. Pure. */
import { type ErrorCode, isSidelightError } from "../errors.js";
import type { Anchor } from "./anchor.js";

/** What trying again cannot mend. */
const FATAL: readonly ErrorCode[] = [
  "CHECKPOINT_TOO_OLD",
  "CHECKPOINT_DISAGREEMENT",
  "CHECKPOINT_NOT_STORED",
  "SNAPSHOT_INVALID",
  "CLOCK_SKEWED",
  "FINALITY_CONFLICT",
  "BLS_UNAVAILABLE",
];
/** Answers to the bootstrap that a source will not take back: it does not know the block, or has another. */
const DEFINITIVE: readonly ErrorCode[] = [
  "NOT_AVAILABLE",
  "BOOTSTRAP_ROOT_MISMATCH",
  "CURRENT_COMMITTEE_BRANCH_INVALID",
  "BRANCH_LENGTH_INVALID",
  "EXECUTION_BRANCH_INVALID",
  "EXECUTION_UNEXPECTED",
  "DECODE_FAILED",
  "FORK_UNKNOWN",
  "FORK_MISMATCH",
];

/** Does it end a client that follows? */
export function isCallersToMend(error: unknown): boolean {
  return isSidelightError(error, "CHECKPOINT_TOO_OLD") || isSidelightError(error, "FINALITY_CONFLICT");
}

/** Would a later attempt end the same way? */
export function isHopeless(error: unknown, origin: Anchor["origin"], sourceCount: number): boolean {
  if (FATAL.some((code) => isSidelightError(error, code))) return true;
  if (!isSidelightError(error, "NO_SOURCE_ANSWERED") || error.details.request !== "bootstrap") return false;
  // What has just become final is known to all sources a little later, and a provider may tell another root by then.
  if (origin === "provider") return false;
  // The checkpoint that no source knows, or for which they send something else, will not become right. Who is on pause
  // was not asked, and may know it.
  const { attempts } = error.details;
  return attempts.length === sourceCount && attempts.every(({ code }) => DEFINITIVE.includes(code));
}
