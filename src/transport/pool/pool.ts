/**
 * Many sources behind one question: asked in the order of their standing, one at a time, until one gives an answer that
 * holds. Where the one that was asked is slow, one more is asked beside it (a hedge).
 *
 * What keeps this from becoming a storm, whatever the sources do: a question asks each source at most once (a source's own
 * retries aside), at most two at the same time, and hedges are at most a tenth of the questions but for a few in a row.
 */
import { orAborted } from "../../abort.js";
import { asSidelightError, type ErrorDetails, fromWhom, SidelightError } from "../../errors.js";
import type { Source } from "../port.js";
import { createByteBudget } from "./budget.js";
import { isNobodysFault, isOurOwn, retryAfterMsOf } from "./fault.js";
import { encodeRecords, restoreRecords } from "./record.js";
import {
  answered,
  asked,
  behaved,
  compared,
  failed,
  inOrder,
  newStanding,
  offended,
  pauseLeftMs,
  received,
  type Standing,
  sendToBack,
  waited,
} from "./standing.js";
import type { PeerEvent, Pool, PoolOptions, Question } from "./types.js";

/** How long a source may take before another is asked beside it: so many times what it usually takes ... */
const HEDGE_FACTOR = 4;
/** ... but at least this, and this for a source that was never measured. */
const MIN_HEDGE_MS = 1_500;
const UNMEASURED_HEDGE_MS = 3_000;
/** Each question earns this much of a hedge; at most so many are saved up. */
const HEDGES_A_QUESTION = 0.1;
const MAX_SAVED_HEDGES = 3;

/** One source that is being asked. */
interface Attempt<R> {
  readonly standing: Standing;
  readonly startedMs: number;
  readonly abort: AbortController;
  /** Never rejects. */
  readonly outcome: Promise<Outcome<R>>;
}

interface Outcome<R> {
  readonly attempt: Attempt<R>;
  readonly result: { readonly answer: R } | { readonly thrown: unknown };
}

interface Failure {
  readonly standing: Standing;
  readonly error: SidelightError;
}

export function createPool(options: PoolOptions): Pool {
  const { sources, clock, onTrouble, onPeer, onDate, mayAsk, maxBytesPerHour = Number.POSITIVE_INFINITY } = options;
  const standings = sources.map(newStanding);
  const budget = createByteBudget(maxBytesPerHour);
  let hedges = MAX_SAVED_HEDGES;

  function standingOf(source: Source): Standing | undefined {
    return standings.find((standing) => standing.source === source);
  }

  function countBytes(standing: Standing, bytes: number): void {
    // a source is somebody else's code
    if (!Number.isSafeInteger(bytes) || bytes < 0) return;
    received(standing, bytes);
    budget.add(bytes, clock.nowMs());
  }

  function assertBytesLeft(): void {
    const spent = budget.spent(clock.nowMs());
    if (spent !== null) throw spent;
  }

  function mayHedge(): boolean {
    return hedges >= 1 && budget.spent(clock.nowMs()) === null;
  }

  function tell(action: PeerEvent["action"], standing: Standing, request: string, error: SidelightError | null): void {
    onPeer?.({
      source: standing.source.name,
      action,
      request,
      code: error?.code ?? null,
      message: error?.message ?? `${standing.source.name}: answers well again`,
      pauseMs: pauseLeftMs(standing, clock.nowMs()),
      score: standing.score,
    });
  }

  function evict(standing: Standing | undefined, source: Source, error: SidelightError, request: string): void {
    onTrouble(error, source.name);
    // gossip also comes from peers that are no sources of ours
    if (standing === undefined) return;
    offended(standing, clock.nowMs());
    tell("evicted", standing, request, error);
  }

  function unavailable({ standing, startedMs }: Attempt<unknown>, error: SidelightError, request: string): void {
    const nowMs = clock.nowMs();
    // not to have an object is no failure of the source
    sendToBack(standing, nowMs);
    if (error.code === "NOT_AVAILABLE") return;
    failed(standing, nowMs, startedMs, retryAfterMsOf(error));
    onTrouble(error, standing.source.name);
    tell("paused", standing, request, error);
  }

  function begin<R>({ ask, signal }: Question<R, unknown>, standing: Standing): Attempt<R> {
    const abort = new AbortController();
    const stop = () => abort.abort(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    standing.inFlight++;
    asked(standing);
    const startedMs = clock.nowMs();
    const asking = async () =>
      ask(standing.source, {
        signal: abort.signal,
        onBytes: (bytes) => countBytes(standing, bytes),
        onDate: (serverMs) => onDate?.(standing.source.name, serverMs, startedMs),
      });
    // a source that does not look at the signal must not hold us
    const outcome = orAborted(asking(), abort.signal)
      .then(
        (answer) => ({ answer }),
        (thrown: unknown) => ({ thrown }),
      )
      .then((result): Outcome<R> => {
        standing.inFlight--;
        signal.removeEventListener("abort", stop);
        return { attempt, result };
      });
    const attempt: Attempt<R> = { standing, startedMs, abort, outcome };
    return attempt;
  }

  /** The first that is done; `null` when it is time to ask one more. */
  async function firstDone<R>(
    question: Question<R, unknown>,
    running: readonly Attempt<R>[],
    canHedge: boolean,
  ): Promise<Outcome<R> | null> {
    const outcomes = running.map(({ outcome }) => outcome);
    if (!canHedge) return Promise.race(outcomes);
    const timer = new AbortController();
    const late = clock.sleep(hedgeAfterMs(running[0]!.standing, question.weight ?? 1), timer.signal).then(
      () => null,
      () => null, // our own abort below
    );
    try {
      return await Promise.race([...outcomes, late]);
    } finally {
      timer.abort();
    }
  }

  /** What an answer is worth. */
  async function judge<R, T>(
    question: Question<R, T>,
    { attempt, result }: Outcome<R>,
  ): Promise<{ readonly value: T } | SidelightError> {
    const { request, signal, use, saysNothing, weight = 1 } = question;
    const { standing, startedMs } = attempt;
    const { source } = standing;
    if ("thrown" in result) {
      const error = asSidelightError(result.thrown, `${request} from ${source.name}`);
      if (error.code === "NOT_AVAILABLE") answered(standing, null);
      unavailable(attempt, error, request);
      return error;
    }
    if (saysNothing?.(result.answer)) return { value: await use(result.answer, source) };
    answered(standing, weight === 1 ? clock.nowMs() - startedMs : null);
    try {
      const value = await use(result.answer, source);
      if (behaved(standing, clock.nowMs()) !== null) tell("readmitted", standing, request, null);
      return { value };
    } catch (thrown) {
      signal.throwIfAborted();
      const error = asSidelightError(thrown, `${request} from ${source.name}`);
      if (isOurOwn(error.code)) throw error;
      if (isNobodysFault(error.code)) {
        sendToBack(standing, clock.nowMs());
        // that there is nothing newer is an answer, and no trouble
        if (error.code !== "UPDATE_IRRELEVANT") onTrouble(error, source.name);
      } else if (!canTryAsJson(standing, error)) evict(standing, source, error, request);
      return error;
    }
  }

  /** Some Lodestar versions put a wrong digest in front of right data, and only in SSZ: once more, as JSON. */
  function canTryAsJson({ source, prefersJson }: Standing, { code }: SidelightError): boolean {
    return code === "FORK_DIGEST_UNKNOWN" && source.preferJson !== undefined && !prefersJson;
  }

  async function ask<R, T>(question: Question<R, T>): Promise<T> {
    const { request, signal } = question;
    signal.throwIfAborted();
    assertBytesLeft();
    hedges = Math.min(hedges + HEDGES_A_QUESTION, MAX_SAVED_HEDGES);
    const waiting = inOrder(standings, clock.nowMs());
    let running: Attempt<R>[] = [];
    const failures: Failure[] = [];
    try {
      while (waiting.length > 0 || running.length > 0) {
        signal.throwIfAborted(); // whoever was told of a failure may have ended it
        if (running.length === 0) {
          assertBytesLeft(); // who failed to answer may have sent them
          if (mayAsk !== undefined) await permitted(mayAsk, signal);
          running.push(begin(question, waiting.shift()!));
        }
        const canHedge = running.length === 1 && waiting.length > 0 && mayHedge();
        const done = await firstDone(question, running, canHedge);
        signal.throwIfAborted();
        if (done === null) {
          if (!mayHedge()) continue; // questions that are asked beside this one have used it up
          hedges--;
          if (mayAsk !== undefined) await permitted(mayAsk, signal);
          running.push(begin(question, waiting.shift()!));
          continue;
        }
        running = running.filter((attempt) => attempt !== done.attempt);
        const { standing } = done.attempt;
        const judged = await judge(question, done);
        if (!(judged instanceof SidelightError)) {
          compare(failures, standing, request);
          return judged.value;
        }
        if (canTryAsJson(standing, judged)) {
          standing.prefersJson = true;
          standing.source.preferJson!();
          waiting.unshift(standing);
        } else failures.push({ standing, error: judged });
      }
    } finally {
      for (const { standing, startedMs, abort } of running) {
        if (!signal.aborted) waited(standing, clock.nowMs() - startedMs, question.weight);
        abort.abort(new Error("another source has answered"));
      }
    }
    throw noSourceAnswered(request, failures);
  }

  /** One had something of use where others had not: those are behind. */
  function compare(failures: readonly Failure[], fresh: Standing, request: string): void {
    const behind = failures.filter(({ error }) => isNobodysFault(error.code));
    if (behind.length === 0) return;
    compared(fresh, true);
    for (const { standing, error } of behind) {
      compared(standing, false);
      tell("demoted", standing, request, error);
    }
  }

  return {
    ask,
    blame: (source, error, request) => evict(standingOf(source), source, error, request),
    countBytes: (source, bytes) => countBytes(standingOf(source)!, bytes),
    available() {
      const nowMs = clock.nowMs();
      return budget.spent(nowMs) === null ? inOrder(standings, nowMs).map(({ source }) => source) : [];
    },
    mayAsk: () => mayAsk?.(),
    spent: () => budget.spent(clock.nowMs()),
    scores() {
      const nowMs = clock.nowMs();
      return standings.map((standing) => {
        const pauseMs = pauseLeftMs(standing, nowMs);
        const isEvicted = pauseMs > 0 && standing.trouble === "offence";
        return { source: standing.source.name, ...standing.score, pauseMs, isEvicted };
      });
    },
    encode: () => encodeRecords(standings, clock.nowMs()),
    restore: (bytes) => restoreRecords(standings, bytes, clock.nowMs()),
  };
}

async function permitted(mayAsk: NonNullable<PoolOptions["mayAsk"]>, signal: AbortSignal): Promise<void> {
  const permission = mayAsk();
  // not a moment later than needed: who is asked at the same time goes to others
  if (permission === undefined) return;
  await permission;
  signal.throwIfAborted();
}

function hedgeAfterMs({ score }: Standing, weight: number): number {
  const { latencyMs } = score;
  return weight * (latencyMs === null ? UNMEASURED_HEDGE_MS : Math.max(MIN_HEDGE_MS, HEDGE_FACTOR * latencyMs));
}

function noSourceAnswered(request: string, failures: readonly Failure[]): SidelightError {
  const attempts: ErrorDetails["NO_SOURCE_ANSWERED"]["attempts"] = failures.map(({ standing, error }) => ({
    source: standing.source.name,
    code: error.code,
    message: error.message,
  }));
  const summary = attempts.map(({ source, message }) => fromWhom(source, message)).join("; ");
  const message = `${request}: no source gave a usable answer (${summary || "all are on pause after earlier failures"})`;
  return new SidelightError("NO_SOURCE_ANSWERED", message, { request, attempts });
}
