/** What docs/requests.md adds up to, for a number of slots: more than this is a storm. */

export interface Span {
  readonly slots: number;
  readonly slotMs: number;
  readonly slotsPerEpoch: number;
  /** Periods to catch up with. */
  readonly periods: number;
  readonly sources: number;
  /** Virtual time since the start, when the span begins. */
  readonly startedMs: number;
}

const RETRY_PAUSE_MS = 1_000;
const MAX_RETRY_PAUSE_MS = 60_000;

/** "starting, while it fails: all of this again after 1, 2, 4, ... seconds, up to a minute" */
function attemptsWithin(fromMs: number, toMs: number): number {
  let attempts = 0;
  let atMs = 0;
  for (let pauseMs = RETRY_PAUSE_MS; atMs <= toMs; pauseMs = Math.min(pauseMs * 2, MAX_RETRY_PAUSE_MS)) {
    if (atMs >= fromMs) attempts++;
    atMs += pauseMs;
  }
  // pauses are counted from the end of an attempt, which may itself take long: never more than this
  return attempts + 1;
}

/** Questions of one attempt to start: "bootstrap 1", a range and its halves, and what `syncOnce` asks: "at most 4". */
function questionsToStart(periods: number): number {
  const halvings = Math.ceil(Math.log2(Math.max(periods, 1)));
  return 1 + (1 + 2 * halvings + periods) + 4;
}

/** "1 optimistic update a slot; at most 8 finality updates an epoch; 1 update an epoch"; catching up after 1, 2, 4 ... slots. */
function questionsToFollow({ slots, slotsPerEpoch, periods }: Span): number {
  const epochs = Math.ceil(slots / slotsPerEpoch) + 1;
  const catchUps = Math.ceil(Math.log2(slots + 1)) + epochs;
  return slots + 1 + 8 * epochs + epochs + (periods > 0 ? catchUps : 0);
}

/** "One question goes to one source, and to each source at most once", and once more where it may answer as JSON. */
export function mostRequestsOfOne(span: Span, isStarted: boolean): number {
  const { startedMs, slots, slotMs, periods } = span;
  const questions = isStarted
    ? questionsToFollow(span)
    : attemptsWithin(startedMs, startedMs + slots * slotMs) * questionsToStart(periods) + questionsToFollow(span);
  return questions + 1;
}

/** Of all together: "times 1.1, plus 3, plus one for each question that a source failed to answer well". */
export function mostRequests(span: Span, isStarted: boolean, badAnswers: number): number {
  return Math.ceil(mostRequestsOfOne(span, isStarted) * 1.1) + 3 + badAnswers;
}
