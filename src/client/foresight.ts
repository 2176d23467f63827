/**
 * A line of updates, each applied to the state that the one before it leads to, with every check but the signature's; and
 * their signatures, verified in batches, in this thread or in the lanes of a backend.
 */
import type { Bls, SyncAggregateItem } from "../bls/port.js";
import type { SignatureFault } from "../errors.js";
import type { RawObject, Source } from "../transport/port.js";
import type { Context } from "./context.js";
import { createPause } from "./host.js";
import type { Foreseen, Intake } from "./intake.js";
import { neededPeriodAt, type VerifiedState } from "./state.js";

/**
 * Signatures verified at once, in this thread. A batch is one task that nothing interrupts: about 14 ms where one signature
 * takes 2.5, so that a page still draws. Twice as many would save 6%, four times as many 13%.
 */
export const BATCH_SIZE = 8;
/** In a lane nobody draws; but the last batches should end together. */
const LANE_BATCH_SIZE = 16;

/** A backend that verifies batches. */
export type BatchBls = Bls & Required<Pick<Bls, "verifyBatch">>;

export interface Batch {
  readonly foreseen: readonly Foreseen[];
  readonly verdict: SignatureFault | null | Promise<SignatureFault | null>;
}

/** What one source answered. */
export interface Range {
  readonly context: Context;
  readonly intake: Intake;
  readonly source: Source;
  /** Period of the first of the updates. */
  readonly start: number;
  readonly updates: readonly RawObject[];
  readonly signal: AbortSignal;
}

interface ForesightOptions extends Range {
  readonly bls: BatchBls;
  /** Index of the first update to take. */
  readonly from: number;
  /** To go on from. */
  readonly state: VerifiedState;
}

/** The updates of a range, foreseen in order, and their batches that are under way. */
export interface Foresight extends ForesightOptions {
  readonly pending: Batch[];
  /** Foresees and verifies until `count` batches are under way, or there is nothing more to foresee. */
  fill(count: number): Promise<void>;
  /** Has all of it been foreseen? Not if one has to be verified by itself. */
  isWhole(): boolean;
  /** What it leads to, as far as it was foreseen. */
  last(): VerifiedState;
}

export function createForesight(options: ForesightOptions): Foresight {
  const { context, intake, source, start, updates, signal, bls, from } = options;
  const pause = createPause();
  const pending: Batch[] = [];
  let { state } = options;
  let at = from;
  let isBroken = false;

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

  /** The next updates that hold if their signatures do, each from where the one before it leads. */
  async function foresee(count: number): Promise<Foreseen[]> {
    const foreseen: Foreseen[] = [];
    while (foreseen.length < count && at < updates.length) {
      const next = foreseeNext();
      isBroken = next === null;
      if (next === null) break;
      foreseen.push(next);
      state = next.transition.state;
      at++;
      await pause();
      signal.throwIfAborted();
    }
    return foreseen;
  }

  return {
    ...options,
    pending,
    async fill(count) {
      while (!isBroken && at < updates.length && pending.length < count) {
        const foreseen = await foresee(bls.lanes ? LANE_BATCH_SIZE : BATCH_SIZE);
        if (foreseen.length > 0) pending.push({ foreseen, verdict: verify(bls, foreseen) });
      }
    },
    isWhole: () => at === updates.length,
    last: () => state,
  };
}

function verify(bls: BatchBls, foreseen: readonly Foreseen[]): Batch["verdict"] {
  const items = itemsOf(foreseen);
  if (!bls.lanes || bls.verifyBatchAsync === undefined) return bls.verifyBatch(items);
  const verdict = bls.verifyBatchAsync(items);
  verdict.catch(() => {}); // it may be given up before anybody waits for it
  return verdict;
}

export function itemsOf(foreseen: readonly Foreseen[]): SyncAggregateItem[] {
  return foreseen.map(({ signature }) => signature);
}
