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
import {
  BATCH_SIZE,
  type Batch,
  type BatchBls,
  createForesight,
  type Foresight,
  itemsOf,
  type Range,
} from "./foresight.js";
import { yieldToHost } from "./host.js";

/** Batches under way for each lane of a backend that verifies elsewhere: one being verified, one waiting behind it. */
const BATCHES_PER_LANE = 2;

/** What one source answered, and who wants it verified. */
export interface RangeToVerify extends Range {
  /** Called for each period when its update is verified, in order; what it throws ends the work. */
  readonly onPeriod: (period: number) => void;
  /** What the same source has answered for the range after this one, as soon as it has: lanes need not wait for it. */
  readonly following: () => Pick<Range, "start" | "updates"> | null;
  readonly carry: Carry;
}

/** What one range leaves to the next. */
export interface Carry {
  /** The next range, if it was begun while lanes verified the last batches of this one. */
  begun: Foresight | null;
  /** A worker that dies fails all of its batches with one error, which is told once. */
  readonly told: Set<unknown>;
}

export function createCarry(): Carry {
  return { begun: null, told: new Set() };
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
  const { context, source, start, updates, signal, onPeriod, carry } = range;
  const { verified } = context;
  const ours = begunOf(range, from) ?? createForesight({ ...range, bls, from, state: verified.state()! });
  carry.begun = null;
  const countGood = createJudge(range, bls);
  let taken = 0;
  for (;;) {
    await ours.fill(mostPending(bls));
    // its last batches are under way: lanes that have nothing to do begin the next range
    if (ours.isWhole()) {
      const spare = mostPending(bls) - ours.pending.length;
      carry.begun ??= spare > 0 && ours.pending.length > 0 ? beginNext(range, bls, ours) : null;
      await carry.begun?.fill(spare);
    }
    const batch = ours.pending.shift();
    if (batch === undefined) return taken;
    const good = await countGood(batch);
    for (const { transition } of batch.foreseen.slice(0, good)) {
      verified.follow(transition);
      const period = start + from + taken;
      source.verified?.({ kind: "update", period, raw: updates[from + taken]! });
      taken++;
      onPeriod(period);
      signal.throwIfAborted(); // a listener may have stopped the client
    }
    if (good < batch.foreseen.length) {
      carry.begun = null; // what was foreseen after a false signature is worth nothing
      return taken;
    }
    await yieldToHost();
    signal.throwIfAborted();
  }
}

function mostPending({ lanes = 0 }: Bls): number {
  return Math.max(1, lanes * BATCHES_PER_LANE);
}

/** What was begun of this range, if it is the same answer of the same source, and the state is what was foreseen. */
function begunOf({ context, source, start, updates, carry }: RangeToVerify, from: number): Foresight | null {
  const { begun } = carry;
  if (begun === null || from !== 0) return null;
  const isSame = begun.source === source && begun.start === start && begun.updates.length === updates.length;
  const isWhatFollows = begun.state === context.verified.state();
  // of one answer: what a server sends is an object of its own each time
  return isSame && isWhatFollows && begun.updates[0] === updates[0] ? begun : null;
}

function beginNext(range: RangeToVerify, bls: BatchBls, before: Foresight): Foresight | null {
  const following = range.following();
  // a single one is verified by itself
  if (following === null || following.updates.length < 2) return null;
  return createForesight({ ...range, ...following, bls, from: 0, state: before.last() });
}

/** Tells how many of a batch, from its first on, are truly signed. */
function createJudge({ context, signal, carry }: RangeToVerify, bls: BatchBls): (batch: Batch) => Promise<number> {
  async function faultOf({ foreseen, verdict }: Batch): Promise<SignatureFault | null> {
    if (!(verdict instanceof Promise)) return verdict;
    try {
      return await orAborted(verdict, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!carry.told.has(error)) context.report(error, null, "verifying signatures in a worker");
      carry.told.add(error);
      return verifyHere(itemsOf(foreseen));
    }
  }

  async function verifyHere(items: readonly SyncAggregateItem[]): Promise<SignatureFault | null> {
    for (let at = 0; at < items.length; at += BATCH_SIZE) {
      const fault = bls.verifyBatch(items.slice(at, at + BATCH_SIZE));
      if (fault !== null) return fault;
      await yieldToHost();
      signal.throwIfAborted();
    }
    return null;
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
