/**
 * What a client hands out. Everything here is JSON-safe (roots are lower-case `0x` hex, times are numbers with their unit
 * in the name), so that it crosses workers and log lines as it is. Everything here was verified; `trust` says how well.
 */
import type { CheckpointReport } from "../checkpoint/port.js";
import type { SidelightError } from "../errors.js";
import type { PeerEvent } from "../transport/pool/types.js";

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
 * - `stalled`: the head is older than `maxHeadAgeSlots`, or nothing can be verified at the moment (`what`: `head`); or the
 *   head moves and nothing was finalized for more than four epochs (`finality`). The client goes on trying; `cause` and
 *   `reason` say what is known.
 * - `throttled`: `maxBytesPerHour` came in the last hour; nothing is asked before `untilMs` (Unix time).
 * - `paused`: nothing is asked for while the page is hidden, as the option `whenHidden: "pause"` has it.
 * - `stopped`: by `stop()`, or by an error that trying again cannot mend.
 */
export type Status =
  | { readonly state: "idle" }
  | { readonly state: "bootstrapping" }
  | { readonly state: "catching-up"; readonly progress: Progress }
  | { readonly state: "following" }
  | {
      readonly state: "stalled";
      readonly what: "head" | "finality";
      readonly cause: StallCause;
      readonly reason: string;
    }
  | { readonly state: "throttled"; readonly reason: string; readonly untilMs: number }
  | { readonly state: "paused"; readonly reason: string }
  | { readonly state: "stopped"; readonly reason: string };

/**
 * Why the client has stalled, as far as it is known.
 * - `no-source-answers`: none can be reached, or has what was asked for
 * - `sources-stale`: some answer, and have nothing newer
 * - `sources-invalid`: what came does not hold
 * - `clock-skewed`: the local clock is off by more than `clockToleranceMs`, see `CLOCK_SKEWED`
 * - `low-participation`: too few sign: not enough for a newer head; or, for an epoch, less than 2/3
 * - `not-finalizing`: a state of the last epoch was proven, and holds nothing newer as final
 * - `unknown`: `reason` says what there is to say
 */
export type StallCause =
  | "no-source-answers"
  | "sources-stale"
  | "sources-invalid"
  | "clock-skewed"
  | "low-participation"
  | "not-finalizing"
  | "unknown";

/** Something went wrong and the client goes on. */
export interface ErrorReport {
  readonly error: SidelightError;
  /** The source it came from, if it did. */
  readonly source: string | null;
}

/** What all trust begins with. Believed, not verified: everything else is verified from there on. */
export interface TrustedCheckpoint {
  /** Root and slot of the block. */
  readonly root: string;
  readonly slot: number;
  /**
   * - `given`: the option `checkpoint` named it
   * - `stored`: the stored state began with it, and the option does not name another
   * - `provider`: told by the provider that the option names
   */
  readonly origin: "given" | "stored" | "provider";
  /** Was a stored state resumed, rather than begun with this block? */
  readonly resumed: boolean;
  /** Age of what is final at this moment: the block itself, or the newest finalized one of the stored state. */
  readonly ageSeconds: number;
  /** The limit: `maxCheckpointAgeSeconds`, or its default at this moment. */
  readonly maxAgeSeconds: number;
  /** Older than the limit, and accepted because `staleCheckpoint` says so. */
  readonly stale: boolean;
  /** Who agreed on it, and when, if the provider says; `null` also when a state that began so was resumed. */
  readonly report: CheckpointReport | null;
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
  /**
   * The standing of a source changed: it sent something invalid, did not answer, was behind another, or answers well again.
   * Says what it was asked and which check failed; never holds a URL.
   */
  peer: PeerEvent;
  /** A forced update was applied: safety was traded for liveness, as the `forceUpdate` option allows. */
  "forced-update": VerifiedHeader;
  /**
   * The machine or the page was suspended, for about so long: a pause ended that much later than it should have. What was
   * missed is asked for at once.
   */
  woke: { readonly suspendedMs: number };
  /** A first verified state was reached: this is what it stands on. */
  checkpoint: TrustedCheckpoint;
  /** The stored state was used (`resumed`), or discarded and why; the store failed, or takes again what is saved. */
  store: StoreReport;
  /**
   * A sync committee contradicts itself. After one of `finality` the client has stopped, see `FINALITY_CONFLICT`; after any
   * other it goes on.
   */
  equivocation: Evidence;
  error: ErrorReport;
}

/** What became of the stored state, or of the store. */
export interface StoreReport {
  /**
   * - `resumed`, `discarded`: the stored state
   * - `degraded`: the store has failed (a full disk, a database that is blocked), and the client goes on in memory: what it
   *   verifies from now on is lost when it ends. Told once; it goes on trying with each change
   * - `recovered`: what was to be saved is kept again
   */
  readonly outcome: "resumed" | "discarded" | "degraded" | "recovered";
  /** Why it was discarded, or how it failed. */
  readonly reason: string | null;
  /**
   * What became of the decompressed keys beside it, which only save time: `reused` after each was checked, or `ignored`
   * since some are not those of the stored committees. `null`: there were none, or the BLS backend keeps none.
   */
  readonly keys: "reused" | "ignored" | null;
}

/**
 * Two statements that contradict each other, of which at least the received one was truly signed by 2/3 of a sync
 * committee. Whoever trusts that committee (or the block that proves it) can verify it without this client: see
 * `sidelight/evidence`, which also says what each kind means.
 */
export interface Evidence {
  readonly version: 1;
  /**
   * - `head`: two blocks of one slot were signed
   * - `finality`: two blocks that cannot both be final in one chain were signed as final (or one was that cannot be with
   *   the block that all trust began with)
   * - `next-committee`: two committees were signed as the next one of a period
   */
  readonly kind: "head" | "finality" | "next-committee";
  readonly network: string;
  readonly genesisValidatorsRoot: string;
  /** Unix time in milliseconds. */
  readonly receivedAtMs: number;
  /** What was known before. */
  readonly known: EvidenceStatement;
  readonly received: EvidenceStatement;
}

export interface EvidenceStatement {
  /** Name of the source it came from. */
  readonly source: string;
  /** Slot of the block that was signed (`head`), that is final (`finality`), or whose state names the committee. */
  readonly slot: number;
  /** Root of the block that was signed, that is final, or of the committee. */
  readonly root: string;
  /** The signed object, the committee that signed it, and what proves that committee: SSZ as `0x` hex. */
  readonly ssz: string;
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
