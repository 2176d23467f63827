/** From nothing to a first verified state: what the store kept, or the checkpoint. */

import { orAborted } from "../abort.js";
import { isSidelightError, SidelightError } from "../errors.js";
import { toHex } from "../ssz/bytes.js";
import { decodeBootstrap } from "../ssz/decode.js";
import { type Context, currentSlot, newestSlot, viewOf } from "./context.js";
import { ageInSeconds } from "./describe.js";
import { assertPayloadHeader } from "./intake.js";
import type { Keeper } from "./keeper.js";
import { stateFromSnapshot } from "./resume.js";
import { stateFromBootstrap, type VerifiedState } from "./state.js";

/**
 * Does nothing if there is a verified state already.
 * @throws CHECKPOINT_TOO_OLD, CLOCK_SKEWED, BLS_UNAVAILABLE, NO_SOURCE_ANSWERED, `signal.reason`
 */
export async function establish(context: Context, keeper: Keeper, signal: AbortSignal): Promise<void> {
  const { chain, verified, setStatus } = context;
  const state = verified.state();
  if (state !== null) {
    // the machine may have slept since: what holds for a stored state holds for one in memory
    assertUsableAge(context, state.store.finalizedHeader.beacon.slot, true);
    return;
  }
  setStatus({ state: "bootstrapping" });
  // Hides the cold start: WASM compiles while the store and the first request are on their way. Its failure is thrown
  // where it is awaited; the handler keeps it from counting as unhandled until then.
  const ready = chain.bls.ready();
  ready.catch(() => {});
  const resumed = await resume(context, keeper, ready, signal);
  signal.throwIfAborted();
  const established = resumed ?? (await bootstrap(context, signal));
  await orAborted(ready, signal);
  signal.throwIfAborted();
  verified.become(established);
}

async function resume(
  context: Context,
  keeper: Keeper,
  ready: Promise<void>,
  signal: AbortSignal,
): Promise<VerifiedState | null> {
  const { chain, options, emitter, report } = context;
  try {
    const snapshot = await keeper.load(signal);
    if (snapshot === null) return null;
    await orAborted(ready, signal); // what was stored is verified with its signature
    const resumed = stateFromSnapshot(chain, options.checkpoint, snapshot);
    assertClock(context, resumed.finality?.signatureSlot ?? resumed.checkpointSlot, true);
    assertUsableAge(context, resumed.store.finalizedHeader.beacon.slot, true);
    keeper.isSaved(resumed);
    emitter.emit("store", () => ({ outcome: "resumed", reason: null }));
    return resumed;
  } catch (error) {
    if (!isSidelightError(error, "SNAPSHOT_INVALID")) throw error;
    report(error, null, "verifying the stored state");
    emitter.emit("store", () => ({ outcome: "discarded", reason: error.message }));
    await keeper.discard(signal);
    return null;
  }
}

async function bootstrap(context: Context, signal: AbortSignal): Promise<VerifiedState> {
  const { chain, options, pool } = context;
  const root = toHex(options.checkpoint);
  const state = await pool.ask({
    request: "bootstrap",
    signal,
    ask: (source) => source.bootstrap(root, { signal }),
    use: (raw, source) => {
      const decoded = decodeBootstrap(chain, raw);
      assertPayloadHeader(chain, "bootstrap header", decoded.header);
      return stateFromBootstrap(chain, options.checkpoint, decoded, source.name);
    },
  });
  assertClock(context, state.checkpointSlot, false);
  assertUsableAge(context, state.checkpointSlot, false);
  return state;
}

/** A clock that cannot be right: `slot` has passed. It is the caller's to mend, not the sources'. */
function assertClock(context: Context, slot: number, stored: boolean): void {
  if (slot <= newestSlot(context)) return;
  const details = { slot, currentSlot: currentSlot(context) };
  const message = `the ${nameOf(stored)} is of slot ${slot}, but the local clock is at slot ${details.currentSlot}: the clock is off, or the network is another`;
  throw new SidelightError("CLOCK_SKEWED", message, details);
}

/**
 * Weak subjectivity. The caller's to mend as well.
 * @throws CHECKPOINT_TOO_OLD
 */
export function assertUsableAge(context: Context, slot: number, stored: boolean): void {
  const { maxCheckpointAgeSeconds: maxAgeSeconds, allowStaleCheckpoint } = context.options;
  const ageSeconds = ageInSeconds(viewOf(context), slot);
  if (allowStaleCheckpoint || ageSeconds <= maxAgeSeconds) return;
  const message = `the ${nameOf(stored)} (slot ${slot}) is ${ageSeconds} s old, more than maxCheckpointAgeSeconds (${maxAgeSeconds}): use a newer checkpoint, or set allowStaleCheckpoint if you can vouch for this one`;
  throw new SidelightError("CHECKPOINT_TOO_OLD", message, { slot, ageSeconds, maxAgeSeconds, stored });
}

function nameOf(stored: boolean): string {
  return stored ? "stored state" : "checkpoint";
}
