/**
 * From a verified state to the committee of the current period, period by period (consensus-specs
 * `specs/altair/light-client/light-client.md`).
 *
 * Requests: one for every 128 periods behind, each but the first while the updates before it are verified. Some servers
 * refuse a whole range for one period they miss; then the range is halved, at most seven times. The current period is
 * not part of a range: its update may not exist yet.
 */
import { type ErrorCode, isSidelightError, SidelightError } from "../errors.js";
import { isNobodysFault } from "../transport/pool/fault.js";
import { MAX_REQUEST_LIGHT_CLIENT_UPDATES } from "../transport/port.js";
import { type Carry, createCarry, takeUpdates } from "./batches.js";
import { type Context, currentSlot, viewOf } from "./context.js";
import { describeFinalized, periodAtSlot } from "./describe.js";
import type { Intake } from "./intake.js";
import type { Keeper } from "./keeper.js";
import { createLookahead, type Lookahead } from "./lookahead.js";
import { applyForceUpdate, neededPeriodAt } from "./state.js";

/** A range of so many updates may take as long as a small object: for when to ask a second source as well. */
const UPDATES_PER_WEIGHT = 16;

/** First period whose update is needed. */
export function neededPeriod({ chain, verified }: Context): number {
  return neededPeriodAt(chain, verified.state()!);
}

/** Is a committee missing without which the current period cannot be followed? */
export function isBehind(context: Context): boolean {
  return neededPeriod(context) < periodAtSlot(context.chain, currentSlot(context));
}

/**
 * @returns how many periods were verified
 * @throws NO_SOURCE_ANSWERED, CATCH_UP_INCOMPLETE, `signal.reason`
 */
export async function catchUp(context: Context, intake: Intake, keeper: Keeper, signal: AbortSignal): Promise<number> {
  const fromPeriod = neededPeriod(context);
  const progress = createProgress(context, fromPeriod);
  const ahead = createLookahead(context.pool, signal);
  const carry = createCarry();
  let size = MAX_REQUEST_LIGHT_CLIENT_UPDATES;
  try {
    for (;;) {
      const target = periodAtSlot(context.chain, currentSlot(context));
      const start = neededPeriod(context);
      if (start >= target) break;
      progress.tell(target);
      const onPeriod = (period: number) => {
        progress.tell(target);
        assertProven(context, period, target);
      };
      try {
        size = await takeRange({ context, intake, ahead, carry, end: target, signal, onPeriod }, size);
      } catch (error) {
        // What was verified before stays, and a period that nobody can prove may be forced.
        signal.throwIfAborted();
        if (isProvenByNobodyAtAll(context, error) && forceIfDue(context)) continue;
        throw isProvenByNobody(error) ? incomplete(neededPeriod(context), target) : error;
      } finally {
        await keeper.save();
      }
    }
  } finally {
    ahead.drop();
  }
  return neededPeriod(context) - fromPeriod;
}

/**
 * An update can be true and prove nothing: its period has no finality, or its sender holds back a better one. Then the
 * next source is asked.
 */
function assertProven(context: Context, period: number, targetPeriod: number): void {
  if (neededPeriod(context) <= period) throw incomplete(period, targetPeriod);
}

function incomplete(period: number, targetPeriod: number): SidelightError<"CATCH_UP_INCOMPLETE"> {
  const message = `catching up: the update of period ${period} does not prove the committee after it (period ${targetPeriod} is current)`;
  return new SidelightError("CATCH_UP_INCOMPLETE", message, { period, targetPeriod });
}

/** Did everybody have an update, and none of them a useful one? */
function isProvenByNobody(error: unknown): boolean {
  return everyAttempt(error, (code) => code === "CATCH_UP_INCOMPLETE");
}

/**
 * Was every source asked, and had none of them anything of use? A source that is on pause, or failed to answer, may have
 * what would make forcing an update needless: then nothing is forced.
 */
function isProvenByNobodyAtAll({ options }: Context, error: unknown): boolean {
  return isNothingUsable(error) && error.details.attempts.length === options.sources.length;
}

/** The next committee, if the current period's update proves it already. Not to have it is no failure. */
export async function takeCurrentPeriod(context: Context, intake: Intake, signal: AbortSignal): Promise<void> {
  const period = periodAtSlot(context.chain, currentSlot(context));
  if (neededPeriod(context) > period) return;
  const ahead = createLookahead(context.pool, signal);
  const onPeriod = () => assertProven(context, period, period);
  try {
    await takeRange({ context, intake, ahead, carry: createCarry(), end: period + 1, signal, onPeriod }, 1);
  } catch (error) {
    if (!isNothingUsable(error)) throw error;
  }
}

/** Applies a forced update if the options allow it and one is due. @returns whether it did */
export function forceIfDue(context: Context): boolean {
  const { chain, options, verified, emitter } = context;
  if (!options.forceUpdate) return false;
  const state = verified.state()!;
  const forced = applyForceUpdate(chain, state, currentSlot(context));
  if (forced === state) return false;
  verified.become(forced);
  emitter.emit("forced-update", () => describeFinalized(viewOf(context), forced));
  return true;
}

/** Did some source refuse the range, whatever became of the others? */
function isRangeRefused(error: unknown): boolean {
  if (!isSidelightError(error, "NO_SOURCE_ANSWERED")) return false;
  return error.details.attempts.some(({ code }) => code === "NOT_AVAILABLE");
}

/** Nothing was wrong, but nothing could be used either: no such object, or only one that is too old or too new. */
export function isNothingUsable(error: unknown): error is SidelightError<"NO_SOURCE_ANSWERED"> {
  return everyAttempt(error, (code) => code === "NOT_AVAILABLE" || isNobodysFault(code));
}

function everyAttempt(error: unknown, holds: (code: ErrorCode) => boolean): boolean {
  if (!isSidelightError(error, "NO_SOURCE_ANSWERED")) return false;
  const { attempts } = error.details;
  return attempts.length > 0 && attempts.every(({ code }) => holds(code));
}

interface RangeWork {
  readonly context: Context;
  readonly intake: Intake;
  readonly ahead: Lookahead;
  readonly carry: Carry;
  /** The period after the last one that is wanted. */
  readonly end: number;
  readonly signal: AbortSignal;
  /** Called when the update of a period is verified. */
  readonly onPeriod: (period: number) => void;
}

/**
 * Asks for at most `size` updates, from the first needed period to the one before `end`, and verifies them as far as
 * they go.
 * @returns the size for the next range: after one that worked, twice as many
 */
async function takeRange(work: RangeWork, size: number): Promise<number> {
  const { context, intake, ahead, carry, end, signal, onPeriod } = work;
  const count = Math.min(size, end - neededPeriod(context));
  const nextSize = Math.min(size * 2, MAX_REQUEST_LIGHT_CLIENT_UPDATES);
  // what was asked ahead says nothing about how fast its source is: only small questions are measured
  const least = ahead.has(neededPeriod(context)) ? 2 : 1;
  try {
    await context.pool.ask({
      request: count === 1 ? `update of period ${neededPeriod(context)}` : `updates of ${count} periods`,
      signal,
      weight: Math.max(least, count / UPDATES_PER_WEIGHT),
      // A second source goes on where the first one failed: what was verified stays.
      ask: async (source, request) => {
        const start = neededPeriod(context);
        const answer = ahead.take(source, start) ?? source.updates(start, Math.min(count, end - start), request);
        return { start, updates: await answer };
      },
      use: async (answer, source) => {
        // another source may have proven a part of the same range meanwhile
        const start = Math.max(answer.start, neededPeriod(context));
        // more than was asked for is not looked at
        const updates = answer.updates.slice(start - answer.start, end - answer.start);
        const next = start + updates.length;
        const tellAndAsk = (period: number) => {
          onPeriod(period);
          // who sends nothing that holds is not asked for more
          if (period === start && next < end) ahead.ask(source, next, Math.min(nextSize, end - next));
        };
        const following = () => {
          const answered = ahead.answered(source, next);
          return answered && { start: next, updates: answered };
        };
        try {
          await takeUpdates({
            context,
            intake,
            source,
            start,
            updates,
            signal,
            onPeriod: tellAndAsk,
            following,
            carry,
          });
          assertProven(context, answer.start, end); // an empty answer proves nothing
        } catch (error) {
          ahead.dropOf(source); // it is not to be believed, or has nothing of use
          throw error;
        }
      },
    });
    return nextSize;
  } catch (error) {
    if (count === 1 || !isRangeRefused(error)) throw error;
    return takeRange(work, Math.ceil(count / 2));
  }
}

function createProgress(context: Context, fromPeriod: number) {
  const startedMs = context.clock.nowMs();
  return {
    tell(toPeriod: number): void {
      const atPeriod = neededPeriod(context);
      const done = atPeriod - fromPeriod;
      const elapsedMs = context.clock.nowMs() - startedMs;
      const remainingMs = done === 0 ? null : Math.round((elapsedMs / done) * (toPeriod - atPeriod));
      context.setStatus({ state: "catching-up", progress: { fromPeriod, toPeriod, atPeriod, remainingMs } });
    },
  };
}
