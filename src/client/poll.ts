/** Asking the sources for what is newest: what can be expected by now, and how to ask for it. */
import { isSidelightError, SidelightError } from "../errors.js";
import { computeEpochAtSlot } from "../networks/schedule.js";
import { isNextSyncCommitteeKnown, storePeriod } from "../spec/store.js";
import type { Source, SourceEvent } from "../transport/port.js";
import { isNothingUsable, takeCurrentPeriod } from "./catch-up.js";
import { type Context, currentSlot, viewOf } from "./context.js";
import { ageInSlots, periodAtSlot } from "./describe.js";
import type { Intake } from "./intake.js";
import { causeOf } from "./stall.js";

/** A source that leaves the head this old does not end the question. */
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

/** The next committee is missing, and the finalized header is of the current period: an update may prove it by now. */
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
  const isFinalityAsked = isFinalityExpected(context, slot);
  const finality = isFinalityAsked ? await poll(context, intake, "finality", signal) : "known";
  // Where nobody serves finality updates (an archive of updates, say), the current period's update is the next best.
  if (isCommitteeExpected(context) || finality === "missing") await takeCurrentPeriod(context, intake, signal);
  if (!isHeadExpected(context, slot)) return;
  const head = await poll(context, intake, "optimistic", signal);
  // Where nobody serves optimistic updates, a finality update attests a header as well.
  if (head === "missing" && !isFinalityAsked) await poll(context, intake, "finality", signal);
}

/** Slots since the newest verified head. */
export function headAgeSlots(context: Context): number {
  return ageInSlots(viewOf(context), context.verified.state()!.store.optimisticHeader.beacon.slot);
}

/**
 * Asks one source after the other until the head (or finality) is where it can be by now. A true answer that falls short
 * of that does not end the question: a source that always repeats an old one, or brings one that too few have signed, would
 * hold us still.
 *
 * @returns `news`; `known` if nobody has anything newer; `missing` if nobody has such an update at all
 * @throws NO_SOURCE_ANSWERED, `signal.reason`
 */
export async function poll(
  context: Context,
  intake: Intake,
  type: SourceEvent["type"],
  signal: AbortSignal,
): Promise<Heard> {
  const { heard } = context;
  try {
    const outcome = await ask(context, intake, type, signal);
    heard[type] = { news: null, known: "sources-stale" as const, missing: "no-source-answers" as const }[outcome];
    return outcome;
  } catch (error) {
    heard[type] = causeOf(context, error);
    throw error;
  }
}

type Heard = "news" | "known" | "missing";

async function ask(context: Context, intake: Intake, type: SourceEvent["type"], signal: AbortSignal): Promise<Heard> {
  const { pool } = context;
  let hasAdvanced = false;
  try {
    return await pool.ask({
      request: `${type} update`,
      signal,
      ask: (source, options) =>
        type === "finality" ? source.finalityUpdate(options) : source.optimisticUpdate(options),
      use: (object, source) => {
        if (intake.takeNews({ type, object }, source).includes(type)) hasAdvanced = true;
        if (hasAdvanced && !isStillBehind(context, type)) return "news";
        throw nothingNewer(context, type, source);
      },
    });
  } catch (error) {
    if (!isSidelightError(error, "NO_SOURCE_ANSWERED")) throw error;
    if (hasAdvanced) return "news";
    // Who has nothing newer has answered, whatever became of the others: the slots may be empty.
    if (error.details.attempts.some(({ code }) => code === "UPDATE_IRRELEVANT")) return "known";
    // A node that has just started has none yet; the state is no worse for it.
    if (isNothingUsable(error)) return "missing";
    throw error;
  }
}

/** A source can advance the head by a little each time, and still hold us far behind. */
function isStillBehind(context: Context, type: SourceEvent["type"]): boolean {
  return type === "finality"
    ? isFinalityExpected(context, currentSlot(context))
    : headAgeSlots(context) > STALE_SOURCE_SLOTS;
}

function nothingNewer({ verified }: Context, type: SourceEvent["type"], source: Source) {
  const { optimisticHeader, finalizedHeader } = verified.state()!.store;
  const details = { attestedSlot: optimisticHeader.beacon.slot, finalizedSlot: finalizedHeader.beacon.slot };
  const slot = type === "finality" ? details.finalizedSlot : details.attestedSlot;
  const message = `${source.name}: its ${type} update does not lead beyond slot ${slot}`;
  return new SidelightError("UPDATE_IRRELEVANT", message, details);
}
