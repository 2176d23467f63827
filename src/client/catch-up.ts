/**
 * From a verified state to the committee of the current period, period by period (consensus-specs
 * `specs/altair/light-client/light-client.md`).
 *
 * Requests: one for every 128 periods behind. Some servers refuse a whole range for one period they miss; then the
 * range is halved, at most seven times. The current period is not part of a range: its update may not exist yet.
 */
import { type ErrorCode, isSidelightError, SidelightError } from "../errors.js";
import { isNextSyncCommitteeKnown, storePeriod } from "../spec/store.js";
import { isNobodysFault } from "../transport/pool.js";
import { MAX_REQUEST_LIGHT_CLIENT_UPDATES, type RawObject } from "../transport/port.js";
import { type Context, currentSlot, viewOf } from "./context.js";
import { describeFinalized, periodAtSlot } from "./describe.js";
import type { Intake } from "./intake.js";
import type { Keeper } from "./keeper.js";
import { applyForceUpdate } from "./state.js";

/** First period whose update is needed. */
export function neededPeriod({ chain, verified }: Context): number {
  const { store } = verified.state()!;
  return storePeriod(chain, store) + (isNextSyncCommitteeKnown(store) ? 1 : 0);
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
  let size = MAX_REQUEST_LIGHT_CLIENT_UPDATES;
  for (;;) {
    const target = periodAtSlot(context.chain, currentSlot(context));
    const start = neededPeriod(context);
    if (start >= target) break;
    progress.tell(target);
    try {
      size = await takeRange(context, intake, target, size, signal, (period) => {
        progress.tell(target);
        assertProven(context, period, target);
      });
    } catch (error) {
      // What was verified before stays, and a period that nobody can prove may be forced.
      signal.throwIfAborted();
      if (isProvenByNobodyAtAll(context, error) && forceIfDue(context)) continue;
      throw isProvenByNobody(error) ? incomplete(neededPeriod(context), target) : error;
    } finally {
      await keeper.save();
    }
    if (neededPeriod(context) === start) throw incomplete(start, target);
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
  try {
    await takeRange(context, intake, period + 1, 1, signal, () => assertProven(context, period, period));
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

/**
 * Asks for at most `size` updates, from the first needed period to the one before `end`, and verifies them as far as
 * they go.
 * @returns the size for the next range: after one that worked, twice as many
 */
async function takeRange(
  context: Context,
  intake: Intake,
  end: number,
  size: number,
  signal: AbortSignal,
  onPeriod?: (period: number) => void,
): Promise<number> {
  const count = Math.min(size, end - neededPeriod(context));
  try {
    await context.pool.ask({
      request: count === 1 ? `update of period ${neededPeriod(context)}` : `updates of ${count} periods`,
      signal,
      // A second source goes on where the first one failed: what was verified stays.
      ask: async (source) => {
        const start = neededPeriod(context);
        return { start, updates: await source.updates(start, Math.min(count, end - start), { signal }) };
      },
      use: async ({ start, updates }, source) => {
        // more than was asked for is not looked at
        await takeEach(intake, start, updates.slice(0, end - start), source, signal, onPeriod);
      },
    });
    return Math.min(size * 2, MAX_REQUEST_LIGHT_CLIENT_UPDATES);
  } catch (error) {
    if (count === 1 || !isRangeRefused(error)) throw error;
    return takeRange(context, intake, end, Math.ceil(count / 2), signal, onPeriod);
  }
}

async function takeEach(
  intake: Intake,
  start: number,
  updates: readonly RawObject[],
  source: Parameters<Intake["takeUpdate"]>[2],
  signal: AbortSignal,
  onPeriod?: (period: number) => void,
): Promise<void> {
  for (const [i, raw] of updates.entries()) {
    intake.takeUpdate(raw, start + i, source);
    onPeriod?.(start + i);
    await yieldToHost();
    signal.throwIfAborted();
  }
}

/**
 * A verification takes milliseconds to tens of them: between two, the host may draw, listen, or abort. By a message, since
 * a hidden page's timers fire once a second.
 */
function yieldToHost(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
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
