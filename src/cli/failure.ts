/** What went wrong, as the command line tells it: which exit code, and the words. */
import { type ErrorCode, isSidelightError, messageOf, SidelightError } from "../errors.js";

/** The exit codes. Documented in `help-text.ts`. */
export const EXIT = {
  done: 0,
  /** Neither the caller's nor a source's fault: a bug, a full disk, no WebAssembly. */
  unexpected: 1,
  usage: 2,
  unverified: 3,
  unanswered: 4,
  /** `verify`: the file is no proof at all. */
  unreadable: 5,
  /** 128 + the number of the signal, as shells have it. */
  interrupted: 130,
  terminated: 143,
  pipeClosed: 141,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Codes of failures that no error of the library stands for. */
export type CliCode = "INTERRUPTED" | "TIME_OVER" | "UNEXPECTED";

/** Why a run gave no result. */
export interface Failure {
  readonly code: ErrorCode | CliCode;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly exitCode: ExitCode;
  /** There is nobody to tell it to, or it was told where it happened. */
  readonly isTold?: true;
  /** Only for `--verbose`. */
  readonly stack?: string | undefined;
}

const USAGE: readonly ErrorCode[] = [
  "OPTION_INVALID",
  "NETWORK_UNKNOWN",
  "NETWORK_CONFIG_INVALID",
  "CHECKPOINT_NOT_STORED",
  "EVIDENCE_MALFORMED",
];

/** Nothing came, or a plain "no": asking again, or someone else, may help. */
const UNANSWERED: readonly ErrorCode[] = [
  "NETWORK_FAILED",
  "REQUEST_TIMEOUT",
  "HTTP_STATUS",
  "NOT_AVAILABLE",
  "PEER_ERROR",
  "SUBSCRIPTION_FAILED",
];

/** Trouble of this machine or of this program. */
const OWN_TROUBLE: readonly ErrorCode[] = [
  "UNEXPECTED",
  "PACKAGES_MISSING",
  "BLS_UNAVAILABLE",
  "BLS_NOT_READY",
  "STORE_FAILED",
  "CLIENT_STATE_INVALID",
  "CLIENT_STOPPED",
  "LISTENER_FAILED",
  "EVENTS_DROPPED",
];

/** Did something come that could not be used: malformed, invalid, or not what was asked for? */
export function isRefusal(code: ErrorCode): boolean {
  const sums: readonly ErrorCode[] = ["NO_SOURCE_ANSWERED", "CHECKPOINT_NO_QUORUM"];
  return ![...USAGE, ...UNANSWERED, ...OWN_TROUBLE, ...sums, "SNAPSHOT_INVALID"].includes(code);
}

/**
 * The exit code of an error that ended a run.
 *
 * `seen` holds the codes of the `error` events before it: a source that sent something invalid is passed over, so that
 * the last question may only have met the dead ones. Then it is still what did not verify that left us without a result.
 */
export function exitCodeOf(error: unknown, seen: ReadonlySet<ErrorCode> = new Set()): ExitCode {
  if (!isSidelightError(error)) return EXIT.unexpected;
  if (isSidelightError(error, "NO_SOURCE_ANSWERED")) {
    const codes = [...error.details.attempts.map(({ code }) => code), ...seen];
    if (codes.some(isRefusal)) return EXIT.unverified;
    return codes.some((code) => OWN_TROUBLE.includes(code)) ? EXIT.unexpected : EXIT.unanswered;
  }
  const { code } = error;
  // What of it was refused, and why, is in the statements; that too few agree verifies nothing, and breaks nothing.
  if (code === "CHECKPOINT_NO_QUORUM") return EXIT.unanswered;
  if (USAGE.includes(code)) return EXIT.usage;
  if (UNANSWERED.includes(code)) return EXIT.unanswered;
  return OWN_TROUBLE.includes(code) ? EXIT.unexpected : EXIT.unverified;
}

/** Anything thrown, with the exit code it deserves. */
export function failureOf(thrown: unknown, seen?: ReadonlySet<ErrorCode>): Failure {
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  if (!isSidelightError(thrown)) {
    const message = messageOf(thrown);
    return { code: "UNEXPECTED", message, details: {}, exitCode: EXIT.unexpected, stack };
  }
  const { code, message, details } = thrown.toJSON();
  return { code, message, details, exitCode: exitCodeOf(thrown, seen), stack };
}

export function interrupted(signal: "SIGINT" | "SIGTERM"): Failure {
  const exitCode = signal === "SIGINT" ? EXIT.interrupted : EXIT.terminated;
  return { code: "INTERRUPTED", message: `ended by ${signal} before it was done`, details: { signal }, exitCode };
}

/** An option that the library has refused, by the name that the caller has typed; anything else as it is. */
export function asTyped(thrown: unknown, nameOf: (option: string) => string): unknown {
  if (!isSidelightError(thrown, "OPTION_INVALID")) return thrown;
  const { option, expected, actual } = thrown.details;
  return usageError(nameOf(option), expected, actual);
}

/** A use of the command line that cannot be meant. */
export function usageError(option: string, expected: string, actual: string): SidelightError<"OPTION_INVALID"> {
  const message = `${option}: expected ${expected}, got ${actual}`;
  return new SidelightError("OPTION_INVALID", message, { option, expected, actual });
}
