/**
 * Following the head: by the stream of a source while it flows, by polling while it does not.
 *
 * Requests of a client that follows (docs/requests.md; tested):
 * - stream flowing: none, but what is listed last
 * - no stream: one optimistic update a slot; one finality update an epoch while the chain finalizes, at most eight while
 *   it does not
 * - one update a period for the next committee, at most one an epoch until it is known
 * - a stream that is missing, or breaks, is tried again 1, 2, 4 ... 300 s later
 * - a client that has lost a whole period (the machine slept, nothing became final) asks for what it missed, and again
 *   1, 2, 4 ... slots later until it has it, an epoch at most
 * - a page that nobody sees: no stream; once every few slots (`SLOW_POLLS_PER_EPOCH`) what would be due at that moment
 * - a page that is seen again, or wakes: what it could have missed, at once; not more often than without waking
 * Who does not answer is asked less often than this, see `src/transport/pool.ts`.
 */

import { asSidelightError, isSidelightError, type SidelightError } from "../errors.js";
import { timeOfSlotMs } from "../networks/schedule.js";
import { isNobodysFault } from "../transport/pool/fault.js";
import type { Source, SourceEvent } from "../transport/port.js";
import { assertUsableAge, hasSleptLong } from "./age.js";
import type { Level } from "./attention.js";
import { catchUp, isBehind, takeCurrentPeriod } from "./catch-up.js";
import { type Context, currentSlot } from "./context.js";
import { isCallersToMend } from "./hopeless.js";
import type { Intake } from "./intake.js";
import type { Keeper } from "./keeper.js";
import { headAgeSlots, isCommitteeExpected, isFinalityExpected, isHeadExpected, poll } from "./poll.js";
import type { Records } from "./records.js";
import { findStall } from "./stall.js";
import { type Stream, superviseStream } from "./stream.js";

/**
 * A stream is relied upon while it is open and the head that is known is not older: two empty slots in a row are rare,
 * and a stream that is silent, or repeats itself, is the same to us.
 */
const FLOWING_HEAD_AGE_SLOTS = 3;
/** How often a page looks that nobody sees. */
const SLOW_POLLS_PER_EPOCH = 4;
/** A head that is older than this was missed: it is not waited for until the middle of the slot. */
const MISSED_SLOTS = 2;

/**
 * Follows until `signal` aborts. Every failure is reported, and tried again a slot later; only a machine that slept for
 * longer than `maxCheckpointAgeSeconds`, and a contradiction of finality, end it.
 * @throws CHECKPOINT_TOO_OLD, FINALITY_CONFLICT
 */
export async function follow(
  context: Context,
  intake: Intake,
  keeper: Keeper,
  records: Records,
  exclusively: <T>(task: () => Promise<T>) => Promise<T>,
  signal: AbortSignal,
): Promise<void> {
  const streaming = new AbortController();
  const endStream = () => streaming.abort(signal.reason);
  signal.addEventListener("abort", endStream, { once: true });
  const stream = superviseStream(context, streaming.signal);
  const slot = currentSlot(context);
  const asked: Asked = {
    optimistic: slot,
    finality: slot,
    committee: slot,
    catchUpFrom: slot,
    catchUpFailures: 0,
    conflictFrom: slot + 1,
    conflictTimes: 1,
  };
  try {
    while (!signal.aborted) {
      const stir = context.attention.stir(); // whoever comes while we are at it is not missed
      const level = context.attention.level();
      stream.want(level === "full");
      if (level === "paused") {
        context.setStatus({ state: "paused", reason: "the page is hidden" });
      } else {
        const isUrgent = context.attention.takeUrgency();
        await attempt(context, signal, "following", () =>
          exclusively(() => step(context, intake, keeper, records, stream, asked, isUrgent, signal)),
        );
      }
      await stream.arrivalOr(msUntilNextPoll(context, level), stir);
    }
  } finally {
    signal.removeEventListener("abort", endStream);
    endStream();
    await stream.ended;
  }
}

/**
 * When each thing was asked for last, as a slot; and from when on catching up may be tried again, and reading what a store
 * that failed may hold of a contradiction.
 */
interface Asked {
  optimistic: number;
  finality: number;
  committee: number;
  catchUpFrom: number;
  catchUpFailures: number;
  conflictFrom: number;
  conflictTimes: number;
}

async function step(
  context: Context,
  intake: Intake,
  keeper: Keeper,
  records: Records,
  stream: Stream,
  asked: Asked,
  isUrgent: boolean,
  signal: AbortSignal,
): Promise<void> {
  forgetTheFuture(context, asked);
  await recallConflict(context, asked, signal);
  context.assertUncontradicted(); // another pass may have found it
  const state = context.verified.state()!;
  if (hasSleptLong(context, state)) assertUsableAge(context, state.store.finalizedHeader.beacon.slot);
  for (const { event, source } of stream.take()) takePushed(context, intake, stream, event, source);
  const slot = currentSlot(context);
  if (isBehind(context) && slot >= asked.catchUpFrom) {
    asked.catchUpFrom = slot + doublingSlots(context, asked.catchUpFailures++);
    await attempt(context, signal, "catching up", async () => {
      await context.verified.quietly(() => catchUp(context, intake, keeper, signal));
      asked.catchUpFailures = 0;
    });
  }
  if (isFinalityDue(context, stream, asked, slot, isUrgent)) {
    asked.finality = slot;
    await attempt(context, signal, "asking for finality", () => poll(context, intake, "finality", signal));
  }
  if (isOptimisticDue(context, stream, asked, slot, isUrgent)) {
    asked.optimistic = slot;
    await attempt(context, signal, "asking for the head", async () => {
      // What had to be asked for should have been streamed: try another stream.
      const wasOpen = stream.isOpen();
      if ((await poll(context, intake, "optimistic", signal)) === "news" && wasOpen) stream.leave();
    });
  }
  if (isCommitteeDue(context, asked, slot)) {
    asked.committee = slot;
    await attempt(context, signal, "asking for the next committee", () => takeCurrentPeriod(context, intake, signal));
  }
  await keeper.save();
  await records.save();
  const spent = context.pool.spent();
  if (spent !== null) stream.leave();
  if (spent !== null) tellThrottled(context, spent);
  else tellFreshness(context);
}

/** Until it succeeds, the next attempts are 1, 2, 4 ... slots away, an epoch at most. */
function doublingSlots({ chain }: Context, times: number): number {
  return Math.min(2 ** times, chain.network.preset.slotsPerEpoch);
}

/** A clock that is set back by hours must not silence the client for hours. */
function forgetTheFuture(context: Context, asked: Asked): void {
  const slot = currentSlot(context);
  const { slotsPerEpoch } = context.chain.network.preset;
  asked.optimistic = Math.min(asked.optimistic, slot);
  asked.finality = Math.min(asked.finality, slot);
  asked.committee = Math.min(asked.committee, slot);
  asked.catchUpFrom = Math.min(asked.catchUpFrom, slot + slotsPerEpoch);
  asked.conflictFrom = Math.min(asked.conflictFrom, slot + slotsPerEpoch);
}

async function recallConflict(context: Context, asked: Asked, signal: AbortSignal): Promise<void> {
  const slot = currentSlot(context);
  if (slot < asked.conflictFrom) return;
  asked.conflictFrom = slot + doublingSlots(context, asked.conflictTimes++);
  await context.recallConflict(signal);
}

/** Runs one part of a step: its failure is told, and does not keep the others from running. */
async function attempt(
  context: Context,
  signal: AbortSignal,
  during: string,
  task: () => Promise<unknown>,
): Promise<void> {
  try {
    await task();
  } catch (error) {
    signal.throwIfAborted();
    if (isCallersToMend(error)) throw error; // as when it starts
    if (isSidelightError(error, "BYTE_BUDGET_SPENT")) return; // told by the status, once
    context.report(error, null, during);
  }
}

function takePushed(context: Context, intake: Intake, stream: Stream, event: SourceEvent, source: Source): void {
  try {
    const advanced = intake.takeNews(event, source);
    event.settle?.({ advanced, error: null });
  } catch (thrown) {
    if (isSidelightError(thrown, "FINALITY_CONFLICT")) throw thrown;
    const error = asSidelightError(thrown, `a pushed ${event.type} update of ${source.name}`);
    event.settle?.({ advanced: [], error });
    if (isNobodysFault(error.code)) {
      context.report(error, source.name, "verifying a pushed update");
    } else {
      context.pool.blame(source, error, `pushed ${event.type} update`);
    }
    // what came by another than the one subscribed to says nothing about that one
    if (event.from === undefined) stream.leave();
  }
}

/** Polls happen in the middle of a slot: the block has been imported by then, and its signature with it. */
function msUntilNextPoll({ chain, clock, options }: Context, level: Level): number {
  const { network } = chain;
  const nowMs = clock.nowMs();
  const middleMs = timeOfSlotMs(network, currentSlot({ chain, clock })) + network.slotDurationMs / 2;
  if (level === "full" && nowMs < middleMs) return middleMs - nowMs;
  return (
    middleMs +
    slotsBetweenPolls(network.preset.slotsPerEpoch, options.maxHeadAgeSlots, level) * network.slotDurationMs -
    nowMs
  );
}

function slotsBetweenPolls(slotsPerEpoch: number, maxHeadAgeSlots: number, level: Level): number {
  if (level === "full") return 1;
  if (level === "paused") return slotsPerEpoch; // to see whether it still is
  return Math.max(1, Math.floor(Math.min(slotsPerEpoch / SLOW_POLLS_PER_EPOCH, maxHeadAgeSlots / 2)));
}

function isStreamFlowing(context: Context, stream: Stream): boolean {
  return stream.isOpen() && headAgeSlots(context) <= FLOWING_HEAD_AGE_SLOTS;
}

function isOptimisticDue(context: Context, stream: Stream, asked: Asked, slot: number, isUrgent: boolean): boolean {
  const { chain, clock } = context;
  if (asked.optimistic >= slot || isStreamFlowing(context, stream)) return false;
  if (!isHeadExpected(context, slot)) return false;
  if (isUrgent && headAgeSlots(context) > MISSED_SLOTS) return true;
  const intoSlotMs = clock.nowMs() - timeOfSlotMs(chain.network, slot);
  return intoSlotMs >= chain.network.slotDurationMs / 2;
}

function isFinalityDue(context: Context, stream: Stream, asked: Asked, slot: number, isUrgent: boolean): boolean {
  const { slotsPerEpoch } = context.chain.network.preset;
  if (slot - asked.finality < Math.max(1, slotsPerEpoch / 8) || !isFinalityExpected(context, slot)) return false;
  // one of an earlier epoch was missed
  if (isUrgent && isFinalityExpected(context, slot - slotsPerEpoch)) return true;
  // a stream that flows will bring it; ask only if it has not by the middle of the epoch
  return slot % slotsPerEpoch >= (isStreamFlowing(context, stream) ? slotsPerEpoch / 2 : 2);
}

function isCommitteeDue(context: Context, asked: Asked, slot: number): boolean {
  return slot - asked.committee >= context.chain.network.preset.slotsPerEpoch && isCommitteeExpected(context);
}

/** Nothing is asked until bytes may come again: no failure, and told once. */
export function tellThrottled(context: Context, spent: SidelightError<"BYTE_BUDGET_SPENT">): void {
  const untilMs = context.clock.nowMs() + spent.details.resetsInMs;
  context.setStatus({ state: "throttled", reason: spent.message, untilMs });
}

function tellFreshness(context: Context): void {
  const stall = findStall(context);
  if (stall === null) context.setStatus({ state: "following" });
  else if (context.setStatus(stall.status)) context.report(stall.error, null, "following");
}
