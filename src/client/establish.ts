/** From nothing to a first verified state: what the store kept, or the checkpoint. */

import { orAborted } from "../abort.js";
import type { CheckpointReport } from "../checkpoint/port.js";
import { isSidelightError, SidelightError } from "../errors.js";
import { toHex } from "../ssz/bytes.js";
import { decodeBootstrap } from "../ssz/decode.js";
import { acceptAge, ageOf, hasSleptLong, isRefused, tooOld } from "./age.js";
import { type Context, currentSlot, newestSlot } from "./context.js";
import { assertPayloadHeader } from "./intake.js";
import type { Keeper } from "./keeper.js";
import { stateFromSnapshot } from "./resume.js";
import { stateFromBootstrap, type VerifiedState } from "./state.js";
import { importCommitteeKeys } from "./stored-keys.js";
import type { TrustedCheckpoint } from "./types.js";

/**
 * Does nothing if there is a verified state already.
 * @throws CHECKPOINT_TOO_OLD, CLOCK_SKEWED, BLS_UNAVAILABLE, NO_SOURCE_ANSWERED, `signal.reason`, what `Anchor.find` throws
 * @throws SNAPSHOT_INVALID if the store's state is all that may be used
 */
export async function establish(context: Context, keeper: Keeper, signal: AbortSignal): Promise<void> {
  const { chain, verified, setStatus } = context;
  const state = verified.state();
  if (state !== null) {
    // the machine may have slept since: what holds for a stored state holds for one in memory
    if (!hasSleptLong(context, state)) return;
    if (!isToBeRenewed(context, state)) return acceptAge(context, finalizedSlotOf(state), true);
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
  context.agreement.begin(established.state);
  context.trust(trustedCheckpoint(context, established));
  verified.become(established.state);
  // A host can be killed before the first update has come (an extension's worker): the bootstrap need not be asked for
  // again. Written beside the next request; who ends the pass or the client waits for it.
  void keeper.save();
}

/** A first verified state, and how its checkpoint came to be trusted. */
interface Established {
  readonly state: VerifiedState;
  readonly origin: TrustedCheckpoint["origin"];
  readonly resumed: boolean;
  readonly report: CheckpointReport | null;
}

function trustedCheckpoint(context: Context, { state, origin, resumed, report }: Established): TrustedCheckpoint {
  const { checkpoint, checkpointSlot } = state;
  const age = ageOf(context, finalizedSlotOf(state));
  return { root: toHex(checkpoint), slot: checkpointSlot, origin, resumed, ...age, report };
}

function finalizedSlotOf({ store }: VerifiedState): number {
  return store.finalizedHeader.beacon.slot;
}

/** Too old to go on from, while there is someone who can tell a newer checkpoint. */
function isToBeRenewed(context: Context, state: VerifiedState): boolean {
  return context.anchor.origin === "provider" && isRefused(context, finalizedSlotOf(state));
}

async function resume(
  context: Context,
  keeper: Keeper,
  ready: Promise<void>,
  signal: AbortSignal,
): Promise<Established | null> {
  const { chain, anchor, emitter, report } = context;
  try {
    const snapshot = await keeper.load(signal);
    if (snapshot === null) return null;
    await orAborted(ready, signal); // what was stored is verified with its signature
    const keys = importCommitteeKeys(chain, snapshot);
    const state = stateFromSnapshot(chain, anchor.root ?? snapshot.checkpoint, snapshot);
    const slot = finalizedSlotOf(state);
    assertClock(context, state.finality?.signatureSlot ?? state.checkpointSlot, true);
    if (isToBeRenewed(context, state)) {
      // left where it is: a state of a newer checkpoint will take its place
      emitter.emit("store", () => ({ outcome: "discarded", reason: tooOld(context, slot, true).message, keys: null }));
      return null;
    }
    acceptAge(context, slot, true);
    keeper.isSaved(state);
    emitter.emit("store", () => ({ outcome: "resumed", reason: null, keys }));
    return { state, origin: anchor.root === null ? "stored" : "given", resumed: true, report: null };
  } catch (error) {
    // with nothing else to trust, what cannot be used is the end, and not to be thrown away
    if (!isSidelightError(error, "SNAPSHOT_INVALID") || anchor.origin === "stored") throw error;
    report(error, null, "verifying the stored state");
    emitter.emit("store", () => ({ outcome: "discarded", reason: error.message, keys: null }));
    keeper.refuse();
    return null;
  }
}

async function bootstrap(context: Context, signal: AbortSignal): Promise<Established> {
  const { chain, anchor, pool } = context;
  const { root, report = null } = await anchor.find(signal);
  const hex = toHex(root);
  const state = await pool.ask({
    request: "bootstrap",
    signal,
    ask: (source, request) => source.bootstrap(hex, request),
    use: (raw, source) => {
      const decoded = decodeBootstrap(chain, raw);
      assertPayloadHeader(chain, "bootstrap header", decoded.header);
      const made = stateFromBootstrap(chain, root, decoded, source.name);
      source.verified?.({ kind: "bootstrap", root: hex, raw });
      return made;
    },
  });
  assertClock(context, state.checkpointSlot, false);
  acceptAge(context, state.checkpointSlot, false);
  return { state, origin: anchor.origin, resumed: false, report };
}

/** A clock that cannot be right: `slot` has passed. It is the caller's to mend, not the sources'. */
function assertClock(context: Context, slot: number, stored: boolean): void {
  if (slot <= newestSlot(context)) return;
  const details = { slot, currentSlot: currentSlot(context) };
  const message = `the ${nameOf(stored)} is of slot ${slot}, but the local clock is at slot ${details.currentSlot}: the clock is off, or the network is another`;
  throw new SidelightError("CLOCK_SKEWED", message, details);
}

function nameOf(stored: boolean): string {
  return stored ? "stored state" : "checkpoint";
}
