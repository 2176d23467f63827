/** Where a checkpoint comes from when the caller does not name its root. */
import type { Clock } from "../clock.js";
import type { CheckpointStatement } from "../errors.js";
import type { Network } from "../networks/types.js";

export type { CheckpointStatement };

export interface CheckpointRequest {
  /** The chain that a checkpoint is wanted of. */
  readonly network: Network;
  /** @default systemClock() */
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** How a checkpoint was agreed on. JSON-safe. */
export interface CheckpointReport {
  /** Root of the block, `0x` hex. */
  readonly root: string;
  /** Epoch of the checkpoint: its block is the newest of the chain at the start of this epoch. */
  readonly epoch: number;
  /** Independent operators that had to agree. */
  readonly required: number;
  /** Independent operators that agreed, of all that were asked. */
  readonly agreed: number;
  readonly operators: number;
  /** Unix time in milliseconds. */
  readonly agreedAtMs: number;
  /** Who said what, in the order of the providers. */
  readonly statements: readonly CheckpointStatement[];
}

export interface Checkpoint {
  /** Root of a finalized block, `0x` hex of 32 bytes. The client trusts it. */
  readonly root: string;
  readonly report?: CheckpointReport;
}

/** Someone whom the caller trusts to tell a finalized block. */
export interface CheckpointProvider {
  /** Short and free of credentials: it appears in events and errors. */
  readonly name: string;
  /** Rejects with `signal.reason` when aborted. */
  checkpoint(request: CheckpointRequest): Promise<Checkpoint>;
}
