/** Asking the sources for what is newest: what can be expected by now, and how to ask for it. */
import { computeEpochAtSlot } from "../networks/schedule.js";
import { isNextSyncCommitteeKnown, storePeriod } from "../spec/store.js";
import type { SourceEvent } from "../transport/port.js";
import { isNothingUsable, takeCurrentPeriod } from "./catch-up.js";
import { type Context, currentSlot, viewOf } from "./context.js";
import { ageInSlots, periodAtSlot } from "./describe.js";
import type { Intake } from "./intake.js";

/** A source whose head is this old loses its place to others. */
const STALE_SOURCE_SLOTS = 3;

/** The head can be newer than what is known: a block signs the one before it. */
export function isHeadExpected({ verified }: Context, slot: number): boolean {
  return verified.state()!.store.optimisticHeader.beacon.slot < slot - 1;
}

/**
 * A newer finality can be known: in a chain that finalizes, epoch `n - 2` is final once the second block of epoch `n` has
 * signed the first.
 */
export function isFinalityExpected({ chain, verified }: Context, slot: number): boolean {
  const finalizedSlot = verified.state()!.store.finalizedHeader.beacon.slot;
  // the last block before an epoch boundary stands for the epoch that begins there, if its first slots are empty
  const finalizedEpoch = Math.ceil(finalizedSlot / chain.network.preset.slotsPerEpoch);
  return computeEpochAtSlot(chain.network, slot) - finalizedEpoch > 2;
}

/** The next committee is missing, and the current period has finality that can prove it. */
export function isCommitteeExpected(context: Context): boolean {
  const { chain, verified } = context;
  const { store } = verified.state()!;
  return !isNextSyncCommitteeKnown(store) && storePeriod(chain, store) === periodAtSlot(chain, currentSlot(context));
}

/**
 * Everything that is newest, once: at most one finality update, one update of the current period, one optimistic update.
 * @throws NO_SOURCE_ANSWERED, `signal.reason`
 */
export async function refresh(context: Context, intake: Intake, signal: AbortSignal): Promise<void> {
  const slot = currentSlot(context);
  const finality = isFinalityExpected(context, slot) ? await poll(context, intake, "finality", signal) : "known";
  // Where nobody serves finality updates (an archive of updates, say), the current period's update is the next best.
  if (isCommitteeExpected(context) || finality === "missing") await takeCurrentPeriod(context, intake, signal);
  if (isHeadExpected(context, slot)) await poll(context, intake, "optimistic", signal);
}

/** Slots since the newest verified head. */
export function headAgeSlots(context: Context): number {
  return ageInSlots(viewOf(context), context.verified.state()!.store.optimisticHeader.beacon.slot);
}

/**
 * @returns `news`; `known` if what came is known already; `missing` if nobody has such an update
 * @throws NO_SOURCE_ANSWERED, `signal.reason`
 */
export async function poll(
  context: Context,
  intake: Intake,
  type: SourceEvent["type"],
  signal: AbortSignal,
): Promise<"news" | "known" | "missing"> {
  const { pool } = context;
  try {
    return await pool.ask({
      request: `${type} update`,
      signal,
      ask: (source) => (type === "finality" ? source.finalityUpdate({ signal }) : source.optimisticUpdate({ signal })),
      use: (object, source) => {
        if (intake.takeNews({ type, object }, source)) return "news";
        if (type === "optimistic" && headAgeSlots(context) > STALE_SOURCE_SLOTS) pool.demote(source);
        return "known";
      },
    });
  } catch (error) {
    // A node that has just started has none yet; the state is no worse for it.
    if (isNothingUsable(error)) return "missing";
    throw error;
  }
}
