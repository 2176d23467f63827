/**
 * What a client hands out. Everything here is JSON-safe (roots are lower-case `0x` hex, times are numbers with their unit
 * in the name), so that it crosses workers and log lines as it is. Everything here was verified; `trust` says how well.
 */
import type { SidelightError } from "../errors.js";

/** How much a value can be trusted, and why. */
export interface TrustLabel {
  /**
   * `finalized`: the chain's own finality, attested by at least 2/3 of a sync committee (or the checkpoint itself).
   * `optimistic`: signed by more than half as many members as have lately signed (before the first signature by 2/3, by
   * more than half of the committee), or forced; may still be replaced.
   */
  readonly level: "finalized" | "optimistic";
  /** Members of the sync committee that signed, of how many. `null` for the checkpoint itself: you vouch for that. */
  readonly participation: { readonly count: number; readonly size: number } | null;
  /** Slots between the header and now, by the local clock. */
  readonly ageSlots: number;
  /** Name of the source that sent it; `"store"` if it was resumed. A source cannot make anything valid. */
  readonly source: string;
  /** Age of the checkpoint that all trust comes from, in seconds. */
  readonly checkpointAgeSeconds: number;
  /** `true` once any forced update was applied: less than 2/3 may have signed something on the way here. */
  readonly forced: boolean;
}

/** Execution-layer data that the header proves. */
export interface VerifiedExecution {
  /**
   * Up to Fulu: hash of this beacon block's payload. From Gloas on: hash of the payload that this block builds on, the
   * newest that the chain had executed (EIP-7732).
   */
  readonly blockHash: string;
  /**
   * `null` from Gloas on: it is in the execution header whose hash is `blockHash`. So are the fields below; all of them
   * are `null` for a header before Gloas too if it became final by an update of Gloas.
   */
  readonly blockNumber: number | null;
  /** `null` from Gloas on. What account and storage proofs are checked against. */
  readonly stateRoot: string | null;
  /** `null` from Gloas on. */
  readonly receiptsRoot: string | null;
  /** Unix time in seconds. `null` from Gloas on. */
  readonly timestamp: number | null;
}

/** A beacon block header that was verified. */
export interface VerifiedHeader {
  readonly slot: number;
  readonly epoch: number;
  /** `hash_tree_root` of the block. */
  readonly root: string;
  readonly parentRoot: string;
  readonly stateRoot: string;
  readonly bodyRoot: string;
  readonly proposerIndex: number;
  /** Start of the slot, Unix time in seconds. */
  readonly timeSeconds: number;
  /** `null` before Capella, where headers prove no execution data. */
  readonly execution: VerifiedExecution | null;
  readonly trust: TrustLabel;
}

/** Who signed at one slot. */
export interface Participation {
  /**
   * Slot of the block that carried the signature, as the source states it: later than `attestedSlot`, not later than now,
   * and of a slot whose fork and committee verify it; not itself signed.
   */
  readonly slot: number;
  /** Slot and root of the block that was signed. */
  readonly attestedSlot: number;
  readonly attestedRoot: string;
  /** Period of the committee that signed. */
  readonly period: number;
  /** `Bitvector[size]` as `0x` hex, member 0 in the lowest bit of the first byte. */
  readonly bits: string;
  readonly count: number;
  readonly size: number;
  /** `count / size`. */
  readonly rate: number;
  /** Members that did not sign: position in the committee, and public key (`Bytes48`). */
  readonly absent: readonly { readonly index: number; readonly pubkey: string }[];
  readonly trust: TrustLabel;
}

/** The sync committee of a period, proven by a state that the committee before it signed. */
export interface Committee {
  readonly period: number;
  /** `hash_tree_root` of the committee. */
  readonly root: string;
  readonly aggregatePubkey: string;
  /** By position; a validator may hold several. */
  readonly pubkeys: readonly string[];
  readonly trust: TrustLabel;
}

/** An optimistic head that is not an ancestor of the one after it. */
export interface Reorg {
  readonly from: { readonly slot: number; readonly root: string };
  readonly to: { readonly slot: number; readonly root: string };
  /** The newest common ancestor, if it was among the heads seen lately. */
  readonly commonAncestor: { readonly slot: number; readonly root: string } | null;
}

/** Where catching up stands, in sync-committee periods. */
export interface Progress {
  readonly fromPeriod: number;
  readonly toPeriod: number;
  /** Newest period whose committee is verified. */
  readonly atPeriod: number;
  /** Estimated time left, from the pace so far; `null` until there is one. */
  readonly remainingMs: number | null;
}

/**
 * What the client is doing.
 * - `idle`: not started, or between calls of `syncOnce`.
 * - `bootstrapping`: getting from the checkpoint (or the store) to a first verified header.
 * - `catching-up`: verifying the committees of the periods since; has `progress`.
 * - `following`: the head is verified and fresh.
 * - `stalled`: the head is older than `maxHeadAgeSlots`, or nothing can be verified at the moment; the client goes on
 *   trying. `reason` says what is known.
 * - `stopped`: by `stop()`, or by an error that trying again cannot mend.
 */
export type Status =
  | { readonly state: "idle" }
  | { readonly state: "bootstrapping" }
  | { readonly state: "catching-up"; readonly progress: Progress }
  | { readonly state: "following" }
  | { readonly state: "stalled"; readonly reason: string }
  | { readonly state: "stopped"; readonly reason: string };

/** Something went wrong and the client goes on. */
export interface ErrorReport {
  readonly error: SidelightError;
  /** The source it came from, if it did. */
  readonly source: string | null;
}

/** Events of a client, by name. */
export interface LightClientEvents {
  /** A newer optimistic head. While catching up only the last one is told. */
  head: VerifiedHeader;
  /** A newer finalized header. While catching up only the last one is told. */
  finality: VerifiedHeader;
  /**
   * Every signature that was verified, in the order of the attested blocks; once for each, and again if it turns out that
   * more have signed it.
   */
  participation: Participation;
  /** The committee of one more period is known. */
  committee: Committee;
  reorg: Reorg;
  status: Status;
  /** A forced update was applied: safety was traded for liveness, as the `forceUpdate` option allows. */
  "forced-update": VerifiedHeader;
  /** The stored state was used (`resumed`), or discarded and why. */
  store: { readonly outcome: "resumed" | "discarded"; readonly reason: string | null };
  error: ErrorReport;
}

/** Proof of misbehaviour by a supermajority's signature, kept as it came. */
export interface Evidence {
  readonly kind: "next-committee-conflict";
  readonly source: string;
  readonly receivedAtMs: number;
  readonly period: number;
  /** Root of the committee that was known before. */
  readonly known: string;
  /** Root of the one that was signed as well. */
  readonly received: string;
  /** The signed `LightClientUpdate` as it came: SSZ (`0x` hex) or the value of its JSON, in the shape of `fork`. */
  readonly update:
    | { readonly encoding: "ssz"; readonly fork: string; readonly bytes: string }
    | { readonly encoding: "json"; readonly fork: string; readonly value: unknown };
}

/** What one pass achieved. */
export interface SyncResult {
  /** The newest verified header. */
  readonly head: VerifiedHeader;
  readonly finalized: VerifiedHeader;
  /** Committee periods that were verified in this pass. */
  readonly periods: number;
  readonly elapsedMs: number;
}
