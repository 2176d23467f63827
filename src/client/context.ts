/** What every part of a running client shares: the chain, the ports, the clock, and where to report. */
import type { Clock } from "../clock.js";
import type { SidelightError } from "../errors.js";
import type { Emitter } from "../events.js";
import { slotAtTime } from "../networks/schedule.js";
import type { ResolvedOptions } from "../options.js";
import type { Chain } from "../spec/chain.js";
import type { Pool } from "../transport/pool/types.js";
import type { SourceEvent } from "../transport/port.js";
import type { Agreement } from "./agreement.js";
import type { Anchor } from "./anchor.js";
import type { Attention } from "./attention.js";
import type { View } from "./describe.js";
import type { Skew } from "./skew.js";
import type { StoreAccess } from "./store-access.js";
import type { LightClientEvents, StallCause, Status, TrustedCheckpoint } from "./types.js";
import type { Verified } from "./verified.js";

export interface Context {
  readonly chain: Chain;
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  readonly emitter: Emitter<LightClientEvents>;
  readonly pool: Pool;
  readonly attention: Attention;
  readonly verified: Verified;
  readonly agreement: Agreement;
  readonly anchor: Anchor;
  readonly skew: Skew;
  /** What the last question for each kind of update has met with; `null`: news. */
  readonly heard: Record<SourceEvent["type"], StallCause | null>;
  readonly store: StoreAccess;
  /** Reports a failure that the client survives. @returns the error that it is told as */
  report(thrown: unknown, source: string | null, during: string): SidelightError;
  /** Takes up a contradiction of finality that an earlier run has kept, as far as the store can be read. @throws `signal.reason` */
  recallConflict(signal: AbortSignal): Promise<void>;
  /** Fails if finality was contradicted: nothing may be trusted then. @throws FINALITY_CONFLICT */
  assertUncontradicted(): void;
  /** Tells what all trust begins with from now on. */
  trust(checkpoint: TrustedCheckpoint): void;
  /** Tells the status if it changed. @returns whether the state itself did, not only its details */
  setStatus(status: Status): boolean;
}

export function viewOf({ chain, clock }: Pick<Context, "chain" | "clock">): View {
  return { chain, nowMs: clock.nowMs() };
}

/** Slot by the local clock: for decisions. */
export function currentSlot({ chain, clock }: Pick<Context, "chain" | "clock">): number {
  return slotAtTime(chain.network, clock.nowMs());
}

/** The newest slot that may have been signed by now, with the tolerance for a clock that lags: for checks. */
export function newestSlot({ chain, clock, options }: Pick<Context, "chain" | "clock" | "options">): number {
  return slotAtTime(chain.network, clock.nowMs() + options.clockToleranceMs);
}
