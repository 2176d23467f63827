/**
 * What a pool knows of one source: what it did, and what follows from that. Pure, but that a standing is changed in place.
 *
 * - Who fails to answer is passed over for a while that doubles with each failure in a row (back-off).
 * - Who answers with something invalid is passed over for longer (eviction).
 * - Who is merely behind others, or has nothing of use, is asked after them for a while.
 */
import type { Source } from "../port.js";

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
/** How long a source that was behind is asked after the others; then the usual order holds again. */
const DEMOTION_MS = 300_000;
/** Nobody takes longer for a small question: the machine slept meanwhile, or its clock was set. */
const MAX_LATENCY_MS = 60_000;
/** Weight of the newest observation in a moving average: about the last ten count. */
const NEWEST_WEIGHT = 0.2;
/** Differences below this say nothing about a source: it is as fast as anyone. */
const FAST_MS = 100;

/** What a source did so far, as numbers. JSON-safe; kept between runs. */
export interface SourceScore {
  /** Share of questions that it answered, the latest counting most; 1 before the first. */
  readonly availability: number;
  /** Share of its answers that held. */
  readonly validity: number;
  /** Share of its answers that were as new as anyone's, of those that could be compared. */
  readonly freshness: number;
  /** Time to answer a small question, in milliseconds; `null` before the first. */
  readonly latencyMs: number | null;
  /** Questions it was asked. */
  readonly requests: number;
  /** Questions it did not answer. */
  readonly failures: number;
  /** Answers that did not hold. */
  readonly invalid: number;
  /** Answers that were true and older than another's. */
  readonly stale: number;
  /** Bytes it sent, uncompressed. */
  readonly bytes: number;
}

export interface Standing {
  readonly source: Source;
  score: SourceScore;
  /** When it was last found wanting; until {@link DEMOTION_MS} later it is asked after those that were not. */
  demotedAtMs: number;
  /** Questions in a row that it did not answer. */
  failuresInARow: number;
  /** Invalid answers that are not forgiven yet. */
  offences: number;
  goodAnswers: number;
  /** When its last pause began, and how long that is. */
  pausedAtMs: number;
  pauseMs: number;
  /** Why it was paused, until it has answered well again. */
  trouble: "failure" | "offence" | null;
  prefersJson: boolean;
  /** Questions that it is answering. */
  inFlight: number;
}

export const UNTRIED: SourceScore = {
  availability: 1,
  validity: 1,
  freshness: 1,
  latencyMs: null,
  requests: 0,
  failures: 0,
  invalid: 0,
  stale: 0,
  bytes: 0,
};

export function newStanding(source: Source): Standing {
  return {
    source,
    score: UNTRIED,
    demotedAtMs: Number.NEGATIVE_INFINITY,
    failuresInARow: 0,
    offences: 0,
    goodAnswers: 0,
    pausedAtMs: 0,
    pauseMs: 0,
    trouble: null,
    prefersJson: false,
    inFlight: 0,
  };
}

/** A distance and not a deadline: when the clock is set back by hours, nobody may be left out for hours. */
export function pauseLeftMs({ pausedAtMs, pauseMs }: Standing, nowMs: number): number {
  return Math.max(0, pauseMs - Math.abs(nowMs - pausedAtMs));
}

/**
 * Those that may be asked, in the order in which they should be: whoever was found wanting lately last, the latest at the
 * end; then whoever is idle; then by what is known of their speed and reliability, in coarse steps, so that the caller's
 * order decides among sources that are alike.
 */
export function inOrder(standings: readonly Standing[], nowMs: number): Standing[] {
  const demotedAt = ({ demotedAtMs }: Standing) => (Math.abs(nowMs - demotedAtMs) < DEMOTION_MS ? demotedAtMs : 0);
  return standings
    .filter((standing) => pauseLeftMs(standing, nowMs) === 0)
    .sort((a, b) => demotedAt(a) - demotedAt(b) || a.inFlight - b.inFlight || rank(a.score) - rank(b.score));
}

/** 0 is best. One step: twice as slow, or a quarter of what it does not good. */
export function rank({ availability, validity, freshness, latencyMs }: SourceScore): number {
  const slowness = Math.floor(Math.log2(Math.max(latencyMs ?? FAST_MS, FAST_MS) / FAST_MS));
  const badness = Math.floor((1 - availability * validity * freshness) * 4);
  return slowness + badness;
}

export function sendToBack(standing: Standing, nowMs: number): void {
  standing.demotedAtMs = nowMs;
}

/**
 * It did not answer. Of questions that were asked side by side, all that fail are one failure in a row: what was asked
 * before the pause began says nothing of what comes after it.
 */
export function failed(standing: Standing, nowMs: number, askedAtMs: number, retryAfterMs = 0): void {
  const isKnown = standing.failuresInARow > 0 && askedAtMs <= standing.pausedAtMs;
  pause(standing, FAILURE_PAUSE, standing.failuresInARow - (isKnown ? 1 : 0), nowMs, retryAfterMs);
  if (!isKnown) standing.failuresInARow++;
  standing.trouble ??= "failure";
  change(standing, ({ availability, failures }) => ({
    availability: moved(availability, 0),
    failures: failures + 1,
  }));
}

/** It sent something invalid. */
export function offended(standing: Standing, nowMs: number): void {
  pause(standing, EVICTION_PAUSE, standing.offences++, nowMs);
  sendToBack(standing, nowMs);
  standing.goodAnswers = 0;
  standing.trouble = "offence";
  change(standing, ({ validity, invalid }) => ({ validity: moved(validity, 0), invalid: invalid + 1 }));
}

/**
 * Its answer held. While it is on pause that was an answer to what it was asked before, and redeems nothing.
 * @returns what it was in trouble for until now
 */
export function behaved(standing: Standing, nowMs: number): Standing["trouble"] {
  change(standing, ({ validity }) => ({ validity: moved(validity, 1) }));
  if (pauseLeftMs(standing, nowMs) > 0) return null;
  standing.failuresInARow = 0;
  if (++standing.goodAnswers >= GOOD_ANSWERS_TO_FORGIVE) standing.offences = 0;
  const { trouble } = standing;
  standing.trouble = null;
  return trouble;
}

/** It answered, whatever the answer is worth. @param latencyMs of a small question; `null` for one that takes longer */
export function answered(standing: Standing, latencyMs: number | null): void {
  change(standing, ({ availability }) => ({ availability: moved(availability, 1) }));
  if (latencyMs !== null) waited(standing, latencyMs);
}

/** It took that long, or longer, for a question of that weight. */
export function waited(standing: Standing, latencyMs: number, weight = 1): void {
  if (latencyMs < 0 || latencyMs > weight * MAX_LATENCY_MS) return;
  change(standing, (score) => ({
    latencyMs: Math.round(score.latencyMs === null ? latencyMs : moved(score.latencyMs, latencyMs)),
  }));
}

/** Of two that were asked the same, one had news. */
export function compared(standing: Standing, isFresh: boolean): void {
  change(standing, ({ freshness, stale }) => ({
    freshness: moved(freshness, isFresh ? 1 : 0),
    stale: stale + (isFresh ? 0 : 1),
  }));
}

export function asked(standing: Standing): void {
  change(standing, ({ requests }) => ({ requests: requests + 1 }));
}

export function received(standing: Standing, bytes: number): void {
  change(standing, (score) => ({ bytes: score.bytes + bytes }));
}

function change(standing: Standing, by: (score: SourceScore) => Partial<SourceScore>): void {
  standing.score = { ...standing.score, ...by(standing.score) };
}

function moved(average: number, newest: number): number {
  return average + NEWEST_WEIGHT * (newest - average);
}

function pause(
  standing: Standing,
  { firstMs, maxMs }: PauseRule,
  inARow: number,
  nowMs: number,
  retryAfterMs = 0,
): void {
  const doubledMs = Math.min(firstMs * 2 ** Math.min(inARow, 20), maxMs);
  const pauseMs = Math.max(doubledMs, retryAfterMs);
  // who was evicted meanwhile is not back any sooner for having failed as well
  if (pauseLeftMs(standing, nowMs) >= pauseMs) return;
  standing.pausedAtMs = nowMs;
  standing.pauseMs = pauseMs;
}
