/**
 * The updates of a range, verified as far as they go.
 *
 * Where the backend can, many at once: each update is applied to a *foreseen* state, with every check but the
 * signature's; when the signatures of some are verified together, what they led to becomes the verified state, in order,
 * and is told. Nothing else sees a foreseen state. Whatever is wrong (a check that fails, a batch that does not verify)
 * ends the foreseeing at that update: those before it are kept, and it is verified by itself, from the verified state,
 * so that the error, the evidence and the blame are what they would have been without any batch.
 */
import { orAborted } from "../abort.js";
import type { Bls, SyncAggregateItem } from "../bls/port.js";
import type { SignatureFault } from "../errors.js";
import type { RawObject, Source } from "../transport/port.js";
import type { Context } from "./context.js";
import { createPause, yieldToHost } from "./host.js";
import type { Foreseen, Intake } from "./intake.js";
import { neededPeriodAt, type VerifiedState } from "./state.js";

/**
 * Signatures verified at once. A batch is one task that nothing interrupts: about 14 ms where one signature takes 2.5,
 * so that a page still draws. Twice as many would save 6%, four times as many 13%.
 */
const BATCH_SIZE = 8;
/** Batches under way for each lane of a backend that verifies elsewhere: one being verified, one waiting behind it. */
const BATCHES_PER_LANE = 2;

/** What one source answered, and who wants it verified. */
export interface RangeToVerify {
  readonly context: Context;
  readonly intake: Intake;
  readonly source: Source;
  /** Period of the first of the updates. */
  readonly start: number;
  readonly updates: readonly RawObject[];
  readonly signal: AbortSignal;
  /** Called for each period when its update is verified, in order; what it throws ends the work. */
  readonly onPeriod: (period: number) => void;
}

/** A backend that verifies batches. */
type BatchBls = Bls & Required<Pick<Bls, "verifyBatch">>;

interface Batch {
  readonly foreseen: readonly Foreseen[];
  readonly verdict: SignatureFault | null | Promise<SignatureFault | null>;
}

/** @throws whatever decoding and verification throw for the first update that does not hold; `signal.reason` */
export async function takeUpdates(range: RangeToVerify): Promise<void> {
  const { context, intake, source, start, updates, signal, onPeriod } = range;
  const { bls } = context.chain;
  for (let at = 0; at < updates.length; at++) {
    if (canVerifyBatches(bls) && updates.length - at > 1) {
      at += await takeForeseen(range, bls, at);
      if (at === updates.length) return;
    }
    intake.takeUpdate(updates[at]!, start + at, source);
    onPeriod(start + at);
    await yieldToHost();
    signal.throwIfAborted();
  }
}

function canVerifyBatches(bls: Bls): bls is BatchBls {
  return bls.verifyBatch !== undefined;
}

/** Takes updates, the one at `from` first, up to one that has to be verified by itself. @returns how many */
async function takeForeseen(range: RangeToVerify, bls: BatchBls, from: number): Promise<number> {
  const { context, source, start, updates, signal, onPeriod } = range;
  const foresee = createForesight(range, from);
  const countGood = createJudge(range, bls);
  const pending: Batch[] = [];
  let isBroken = false;
  let taken = 0;
  for (;;) {
    while (!isBroken && pending.length < mostPending(bls)) {
      const foreseen = await foresee(BATCH_SIZE);
      isBroken = foreseen.length < BATCH_SIZE;
      if (foreseen.length > 0) pending.push({ foreseen, verdict: verify(bls, foreseen) });
    }
    const batch = pending.shift();
    if (batch === undefined) return taken;
    const good = await countGood(batch);
    for (const { transition } of batch.foreseen.slice(0, good)) {
      context.verified.follow(transition);
      const period = start + from + taken;
      source.verified?.({ kind: "update", period, raw: updates[from + taken]! });
      taken++;
      onPeriod(period);
      signal.throwIfAborted(); // a listener may have stopped the client
    }
    // what was foreseen after a false signature is worth nothing
    if (good < batch.foreseen.length) return taken;
    await yieldToHost();
    signal.throwIfAborted();
  }
}

function mostPending({ lanes = 0 }: Bls): number {
  return Math.max(1, lanes * BATCHES_PER_LANE);
}

/**
 * Gives the next updates that hold if their signatures do, each from where the one before it leads. Fewer than asked for:
 * no more of them.
 */
function createForesight(range: RangeToVerify, from: number): (count: number) => Promise<Foreseen[]> {
  const { context, intake, source, start, updates, signal } = range;
  const pause = createPause();
  let state: VerifiedState = context.verified.state()!;
  let at = from;

  /** `null`: it does not hold, or is of no use to go on from. Which, its own verification will tell. */
  function foreseeNext(): Foreseen | null {
    let next: Foreseen;
    try {
      next = intake.foreseeUpdate(state, updates[at]!, start + at, source);
    } catch {
      return null;
    }
    return neededPeriodAt(context.chain, next.transition.state) > start + at ? next : null;
  }

  return async (count) => {
    const foreseen: Foreseen[] = [];
    while (foreseen.length < count && at < updates.length) {
      const next = foreseeNext();
      if (next === null) break;
      foreseen.push(next);
      state = next.transition.state;
      at++;
      await pause();
      signal.throwIfAborted();
    }
    return foreseen;
  };
}

function verify(bls: BatchBls, foreseen: readonly Foreseen[]): Batch["verdict"] {
  const items = itemsOf(foreseen);
  if (!bls.lanes || bls.verifyBatchAsync === undefined) return bls.verifyBatch(items);
  const verdict = bls.verifyBatchAsync(items);
  verdict.catch(() => {}); // it may be given up before anybody waits for it
  return verdict;
}

/** Tells how many of a batch, from its first on, are truly signed. */
function createJudge({ context, signal }: RangeToVerify, bls: BatchBls): (batch: Batch) => Promise<number> {
  /** A worker that dies fails all of its batches with one error, which is told once. */
  const told = new Set<unknown>();

  async function faultOf({ foreseen, verdict }: Batch): Promise<SignatureFault | null> {
    if (!(verdict instanceof Promise)) return verdict;
    try {
      return await orAborted(verdict, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!told.has(error)) context.report(error, null, "verifying signatures in a worker");
      told.add(error);
      return bls.verifyBatch(itemsOf(foreseen));
    }
  }

  return async (batch) => {
    const items = itemsOf(batch.foreseen);
    if ((await faultOf(batch)) === null) return items.length;
    // The first false one is one of those from `good` to `last`: halve them. Each half is verified as a batch of its own.
    let good = 0;
    let last = items.length - 1;
    while (good < last) {
      const middle = (good + last + 1) >> 1;
      if (bls.verifyBatch(items.slice(good, middle)) === null) good = middle;
      else last = middle - 1;
      await yieldToHost();
      signal.throwIfAborted();
    }
    return good;
  };
}

function itemsOf(foreseen: readonly Foreseen[]): SyncAggregateItem[] {
  return foreseen.map(({ signature }) => signature);
}
