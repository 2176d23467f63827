/** What every part of a running client shares: the chain, the ports, the clock, and where to report. */
import type { Clock } from "../clock.js";
import type { Emitter } from "../events.js";
import { slotAtTime } from "../networks/schedule.js";
import type { ResolvedOptions } from "../options.js";
import type { Chain } from "../spec/chain.js";
import type { Pool } from "../transport/pool.js";
import type { View } from "./describe.js";
import type { LightClientEvents, Status } from "./types.js";
import type { Verified } from "./verified.js";

export interface Context {
  readonly chain: Chain;
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  readonly emitter: Emitter<LightClientEvents>;
  readonly pool: Pool;
  readonly verified: Verified;
  /** Reports a failure that the client survives. */
  report(thrown: unknown, source: string | null, during: string): void;
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
