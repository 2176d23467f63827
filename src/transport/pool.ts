/**
 * Many sources behind one question: asked in order of preference, one at a time, until one gives an answer that holds.
 *
 * - Who fails to answer is passed over for a while that doubles with each failure in a row (back-off).
 * - Who answers with something invalid is blamed and passed over for longer (eviction).
 * - Who is merely behind others, or has nothing of use, is asked after them for a while.
 * Every question asks each source at most once (a source's own retries aside), so nothing here can become a storm.
 */
import { orAborted } from "../abort.js";
import type { Clock } from "../clock.js";
import { asSidelightError, type ErrorCode, type ErrorDetails, isSidelightError, SidelightError } from "../errors.js";
import type { Source } from "./port.js";

/** Pauses, the first and the longest: each trouble in a row doubles the one before. */
interface PauseRule {
  readonly firstMs: number;
  readonly maxMs: number;
}
/** For a source that did not answer: short, since an outage may be ours and end any moment. */
const FAILURE_PAUSE: PauseRule = { firstMs: 2_000, maxMs: 60_000 };
/** For a source that sent something invalid. */
const EVICTION_PAUSE: PauseRule = { firstMs: 60_000, maxMs: 3_600_000 };
/** Good answers in a row after which earlier invalid ones count no more. */
const GOOD_ANSWERS_TO_FORGIVE = 32;
/** How long a source that was behind is asked after the others; then the caller's order of preference holds again. */
const DEMOTION_MS = 300_000;
/** The longest that a server can make us wait by `Retry-After`. */
const MAX_RETRY_AFTER_MS = 600_000;

export interface PoolOptions {
  readonly sources: readonly Source[];
  readonly clock: Clock;
  /** Told of every failure and every invalid answer, with the source it came from. */
  readonly onTrouble: (error: SidelightError, source: string) => void;
}

export interface Question<R, T> {
  /** For error messages, such as "finality update". */
  readonly request: string;
  readonly signal: AbortSignal;
  /** Asks one source. */
  readonly ask: (source: Source) => Promise<R>;
  /** Decodes and verifies. Who sent what this refuses is evicted, unless {@link isNobodysFault}. */
  readonly use: (answer: R, source: Source) => T | Promise<T>;
}

export interface Pool {
  /** @throws NO_SOURCE_ANSWERED with what each said; `signal.reason` */
  ask<R, T>(question: Question<R, T>): Promise<T>;
  /** Something this source sent by itself (over a subscription) is invalid. */
  blame(source: Source, error: SidelightError): void;
  /** The sources in the order in which they would be asked now, those on pause left out. */
  available(): readonly Source[];
}

interface Standing {
  readonly source: Source;
  /** When it was last found wanting; until {@link DEMOTION_MS} later it is asked after those that were not. */
  demotedAtMs: number;
  /** Questions in a row that it did not answer. */
  failures: number;
  /** Invalid answers that are not forgiven yet. */
  offences: number;
  goodAnswers: number;
  /** When its last pause began, and how long that is. */
  pausedAtMs: number;
  pauseMs: number;
  prefersJson: boolean;
}

/** Old, early (or our clock is late), ahead of what the client knows, or of no use: its sender may have done nothing wrong. */
const NOBODYS_FAULT: readonly ErrorCode[] = [
  "UPDATE_IRRELEVANT",
  "UPDATE_FROM_FUTURE",
  "PERIOD_SKIPPED",
  "FINALIZED_PERIOD_MISMATCH",
  "CATCH_UP_INCOMPLETE",
];

/** Trouble of this machine: no other source could help. */
const OUR_OWN: readonly ErrorCode[] = ["BLS_NOT_READY", "BLS_UNAVAILABLE"];

/** Was an object refused without its sender having done wrong? */
export function isNobodysFault(code: ErrorCode): boolean {
  return NOBODYS_FAULT.includes(code);
}

export function createPool({ sources, clock, onTrouble }: PoolOptions): Pool {
  const standings: Standing[] = sources.map((source) => ({
    source,
    demotedAtMs: Number.NEGATIVE_INFINITY,
    failures: 0,
    offences: 0,
    goodAnswers: 0,
    pausedAtMs: 0,
    pauseMs: 0,
    prefersJson: false,
  }));

  /** The caller's order, but whoever was found wanting lately last, the latest at the end. */
  function ordered(): Standing[] {
    const nowMs = clock.nowMs();
    const since = ({ demotedAtMs }: Standing) => (Math.abs(nowMs - demotedAtMs) < DEMOTION_MS ? demotedAtMs : 0);
    return [...standings].sort((a, b) => since(a) - since(b));
  }

  function notPaused(): Standing[] {
    const nowMs = clock.nowMs();
    // A distance and not a deadline: when the clock is set back by hours, nobody may be left out for hours.
    return ordered().filter(({ pausedAtMs, pauseMs }) => Math.abs(nowMs - pausedAtMs) >= pauseMs);
  }

  function pause(standing: Standing, { firstMs, maxMs }: PauseRule, inARow: number, retryAfterMs = 0): void {
    const pauseMs = Math.min(firstMs * 2 ** Math.min(inARow, 20), maxMs);
    standing.pausedAtMs = clock.nowMs();
    standing.pauseMs = Math.max(pauseMs, Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
  }

  function sendToBack(standing: Standing): void {
    standing.demotedAtMs = clock.nowMs();
  }

  function standingOf(source: Source): Standing {
    return standings.find((standing) => standing.source === source)!;
  }

  function blame(source: Source, error: SidelightError): void {
    const standing = standingOf(source);
    pause(standing, EVICTION_PAUSE, standing.offences++);
    standing.goodAnswers = 0;
    sendToBack(standing);
    onTrouble(error, source.name);
  }

  function unavailable(standing: Standing, error: SidelightError): void {
    // not to have an object is no failure of the source
    sendToBack(standing);
    if (error.code !== "NOT_AVAILABLE") {
      const retryAfterMs = isSidelightError(error, "HTTP_STATUS") ? error.details.retryAfterMs : undefined;
      pause(standing, FAILURE_PAUSE, standing.failures++, retryAfterMs);
      onTrouble(error, standing.source.name);
    }
  }

  async function askOne<R, T>(question: Question<R, T>, standing: Standing): Promise<{ value: T } | SidelightError> {
    const { request, signal, ask, use } = question;
    const { source } = standing;
    let answer: R;
    try {
      answer = await orAborted(ask(source), signal);
    } catch (thrown) {
      signal.throwIfAborted();
      const error = asSidelightError(thrown, `${request} from ${source.name}`);
      unavailable(standing, error);
      return error;
    }
    try {
      const value = await use(answer, source);
      standing.failures = 0;
      if (++standing.goodAnswers >= GOOD_ANSWERS_TO_FORGIVE) standing.offences = 0;
      return { value };
    } catch (thrown) {
      signal.throwIfAborted();
      const error = asSidelightError(thrown, `${request} from ${source.name}`);
      if (OUR_OWN.includes(error.code)) throw error;
      if (isNobodysFault(error.code)) {
        sendToBack(standing);
        // that there is nothing newer is an answer, and no trouble
        if (error.code !== "UPDATE_IRRELEVANT") onTrouble(error, source.name);
        return error;
      }
      if (error.code === "FORK_DIGEST_UNKNOWN" && source.preferJson !== undefined && !standing.prefersJson) {
        // Some Lodestar versions put a wrong digest in front of right data, and only in SSZ: once more, as JSON.
        standing.prefersJson = true;
        source.preferJson();
        return askOne(question, standing);
      }
      blame(source, error);
      return error;
    }
  }

  return {
    blame,
    available: () => notPaused().map(({ source }) => source),
    async ask(question) {
      const { request, signal } = question;
      signal.throwIfAborted();
      const attempts: ErrorDetails["NO_SOURCE_ANSWERED"]["attempts"] = [];
      for (const standing of notPaused()) {
        const outcome = await askOne(question, standing);
        if (!(outcome instanceof SidelightError)) return outcome.value;
        attempts.push({ source: standing.source.name, code: outcome.code, message: outcome.message });
      }
      const summary = attempts
        .map(({ source, message }) => (message.startsWith(`${source}: `) ? message : `${source}: ${message}`))
        .join("; ");
      const message = `${request}: no source gave a usable answer (${summary || "all are on pause after earlier failures"})`;
      throw new SidelightError("NO_SOURCE_ANSWERED", message, { request, attempts });
    },
  };
}
