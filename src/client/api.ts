/** What a host has of a client, wherever the client itself runs. */
import type { Events } from "../events.js";
import type { SourceStatus } from "../transport/pool/types.js";
import type {
  Evidence,
  LightClientEvents,
  Participation,
  Status,
  SyncResult,
  TrustedCheckpoint,
  VerifiedHeader,
} from "./types.js";

export interface CallOptions {
  /** Gives up waiting; the call rejects with `signal.reason`. */
  readonly signal?: AbortSignal;
}

/**
 * A light client. Made by `createLightClient`; does nothing until `start` or `syncOnce`.
 */
export interface LightClient extends Events<LightClientEvents> {
  /**
   * Gets to the head and follows it until `stop()`.
   *
   * Resolves with the first verified head that is not older than `maxHeadAgeSlots`. Keeps trying, with `error` events
   * and the status `stalled`, while nobody can be reached; `signal` ends that (and a start that rejects is stopped).
   * Calls while it runs share one start, which goes on as long as one of them has not given up; who calls when that has
   * succeeded gets the head of that moment at once: look at its age.
   *
   * @throws CHECKPOINT_TOO_OLD, CLOCK_SKEWED, BLS_UNAVAILABLE; FINALITY_CONFLICT, also of an earlier run
   * @throws CHECKPOINT_DISAGREEMENT of a quorum; CHECKPOINT_NOT_STORED, SNAPSHOT_INVALID where only the store counts
   * @throws NO_SOURCE_ANSWERED if every source says it does not know the checkpoint that you named, or sends something else
   * @throws CLIENT_STOPPED if `stop()` comes first; `signal.reason` if that does
   */
  start(options?: CallOptions): Promise<VerifiedHeader>;
  /**
   * One bounded pass: to the head, once, then done; for scripts and alarms. The state is kept in the store before it
   * resolves. Calls that overlap share one pass. Also works beside `start`.
   *
   * @throws as `start`, and NO_SOURCE_ANSWERED, CHECKPOINT_NO_QUORUM, CATCH_UP_INCOMPLETE or HEAD_STALLED at the first
   *   failure
   */
  syncOnce(options?: CallOptions): Promise<SyncResult>;
  /** Ends everything: requests, timers, streams, the store. Idempotent, in every state. The client can start again. */
  stop(): Promise<void>;
  /**
   * The head, if it is at most so old by the local clock. Fails closed: also where there is none, where finality is
   * contradicted, and where the clock was set back.
   * @throws HEAD_STALLED, CLOCK_SKEWED, FINALITY_CONFLICT
   */
  assertFresh(maxAgeSlots: number): VerifiedHeader;
  /**
   * The host has looked at a contradiction of finality (`FINALITY_CONFLICT`), and wants to begin anew: forgets the
   * contradiction and the state that it concerns, here and in the store, so that the next `start` or `syncOnce` goes by
   * the option `checkpoint` again. `evidence` stays. To name another checkpoint, in a new client, does the same.
   * Does nothing where nothing was contradicted.
   */
  forgetConflict(options?: CallOptions): Promise<void>;
  readonly status: Status;
  /**
   * The newest verified header; `null` before there is one, and when finality was contradicted. Its age is
   * `trust.ageSlots`, of the moment it is read: look at it, or use {@link assertFresh}, before you call it current.
   */
  readonly head: VerifiedHeader | null;
  readonly finalized: VerifiedHeader | null;
  /** What all trust began with; `null` before there is a verified header. */
  readonly checkpoint: TrustedCheckpoint | null;
  /** Who signed last. */
  readonly participation: Participation | null;
  /** What is known of each source, in your order: scores, counters, whether it is on pause. */
  readonly sources: readonly SourceStatus[];
  /** Contradictions that a sync committee truly signed, newest last, at most 8. */
  readonly evidence: readonly Evidence[];
}
