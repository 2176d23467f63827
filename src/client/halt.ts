/**
 * After a contradiction of finality: nothing is trusted until the host decides, not by a later run either (an extension's
 * worker is started anew every minute). So it is kept in the store, beside the state.
 */
import { orAborted } from "../abort.js";
import type { SidelightError } from "../errors.js";
import { toHex } from "../ssz/bytes.js";
import { snapshotKey } from "../store/snapshot.js";
import { finalityConflict } from "./agreement.js";
import type { Context } from "./context.js";
import type { Evidence } from "./types.js";

export interface Halt {
  /** Why nothing is trusted; `null`: nothing is wrong. */
  reason(): SidelightError<"FINALITY_CONFLICT"> | null;
  /**
   * Takes up what an earlier run found, once it can be read: a store that fails may hold a contradiction. Then the next call
   * tries again. Nothing is taken up where the caller names another checkpoint: that is a decision, for this client.
   * @throws `signal.reason`
   */
  load(signal: AbortSignal): Promise<void>;
  /** From now on nothing is trusted. Written in the background. */
  begin(evidence: Evidence): void;
  /** Resolves when it is written. */
  written(): Promise<unknown>;
  /** The host has decided. @throws `signal.reason`; then it has not */
  end(signal: AbortSignal): Promise<void>;
}

/** As it is kept. */
interface Kept {
  /** Root of the checkpoint that the state came from. */
  readonly checkpoint: string;
  readonly evidence: Evidence;
}

type HaltContext = Pick<Context, "chain" | "anchor" | "verified" | "store">;

/** @param onRecalled told of the evidence that an earlier run has kept */
export function createHalt(context: HaltContext, onRecalled: (evidence: Evidence) => void): Halt {
  const { chain, anchor, verified, store } = context;
  const key = `${snapshotKey(chain.network)}-conflict`;
  let reason: SidelightError<"FINALITY_CONFLICT"> | null = null;
  let isLoaded = false;
  let writing: Promise<unknown> = Promise.resolve();

  async function load(signal: AbortSignal): Promise<void> {
    if (isLoaded) return;
    const bytes = await store.load(key, "loading a contradiction", signal);
    if (bytes === undefined) return;
    isLoaded = true; // not before: who gives up while it is read leaves it to the next call
    const kept = bytes && readKept(bytes);
    if (!kept || reason !== null) return;
    // left for who trusts that checkpoint: an old page, with an older one, decides nothing
    if (anchor.root !== null && kept.checkpoint !== toHex(anchor.root)) return;
    reason = finalityConflict(kept.evidence);
    onRecalled(kept.evidence);
  }

  return {
    reason: () => reason,
    load,
    begin(evidence) {
      reason = finalityConflict(evidence);
      const kept: Kept = { checkpoint: toHex(verified.state()!.checkpoint), evidence };
      const bytes = new TextEncoder().encode(JSON.stringify(kept));
      writing = store.save(key, "keeping a contradiction", bytes);
    },
    written: () => writing,
    async end(signal) {
      await orAborted(writing, signal); // else it would be there again
      await store.clear(key, "forgetting a contradiction", signal);
      isLoaded = true; // even if it could not be cleared: this run has heard what the host decided
      reason = null;
    },
  };
}

/** `null` for what {@link Halt.begin} does not write: a store can give back anything. */
function readKept(bytes: Uint8Array): Kept | null {
  try {
    const kept = JSON.parse(new TextDecoder().decode(bytes)) as Kept;
    const { known, received } = kept.evidence;
    const isWhole = [known, received].every(
      ({ source, slot, root }) => typeof source + typeof slot + typeof root === "stringnumberstring",
    );
    return isWhole ? kept : null;
  } catch {
    return null;
  }
}
