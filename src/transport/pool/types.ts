/** What a pool is asked and what it tells. */
import type { Clock } from "../../clock.js";
import type { ErrorCode, SidelightError } from "../../errors.js";
import type { RequestOptions, Source } from "../port.js";
import type { SourceScore } from "./standing.js";

/** Something that a source did, and what follows for it. */
export interface PeerEvent {
  readonly source: string;
  /**
   * `evicted`: it sent something invalid. `paused`: it did not answer. `demoted`: what it sent was true, but older than
   * what another had. `readmitted`: it has answered well again.
   */
  readonly action: "evicted" | "paused" | "demoted" | "readmitted";
  /** What it was asked, or what it pushed. */
  readonly request: string;
  /** Which check failed; `null` when readmitted. */
  readonly code: ErrorCode | null;
  readonly message: string;
  /** How long it is not asked, in milliseconds. */
  readonly pauseMs: number;
  readonly score: SourceScore;
}

export interface PoolOptions {
  readonly sources: readonly Source[];
  readonly clock: Clock;
  /** Told of every failure and every invalid answer, with the source it came from. */
  readonly onTrouble: (error: SidelightError, source: string) => void;
  /** Told when the standing of a source changes. */
  readonly onPeer?: (event: PeerEvent) => void;
  /** Told what time it is by a server, and when it was asked by the local clock (Unix times in milliseconds). */
  readonly onDate?: (source: string, serverMs: number, askedMs: number) => void;
  /** Awaited before each source is asked; what it rejects with ends the question. */
  readonly mayAsk?: () => Promise<void> | undefined;
  /** @default Infinity */
  readonly maxBytesPerHour?: number;
}

export interface Question<R, T> {
  /** For error messages, such as "finality update". */
  readonly request: string;
  readonly signal: AbortSignal;
  /** Asks one source, with the signal and the counter of bytes that are given. */
  readonly ask: (source: Source, options: RequestOptions) => Promise<R>;
  /** Decodes and verifies. Who sent what this refuses is evicted, unless the fault is nobody's (`fault.ts`). */
  readonly use: (answer: R, source: Source) => T | Promise<T>;
  /**
   * Is it an answer that anybody can give, and nobody can check? It ends the question, and its sender stands as before.
   * @default () => false
   */
  readonly saysNothing?: (answer: R) => boolean;
  /**
   * How many times longer than a small question it may take before another source is asked as well.
   * @default 1
   */
  readonly weight?: number;
}

export interface Pool {
  /** @throws NO_SOURCE_ANSWERED with what each said; BYTE_BUDGET_SPENT; `signal.reason` */
  ask<R, T>(question: Question<R, T>): Promise<T>;
  /** Something this source sent by itself (over a subscription) is invalid. */
  blame(source: Source, error: SidelightError, request: string): void;
  /** Counts what a source sent by itself. */
  countBytes(source: Source, bytes: number): void;
  /** The sources in the order in which they would be asked now, those on pause left out; none once the bytes are spent. */
  available(): readonly Source[];
  /** May anybody be asked? Rejects if not; `undefined` if always. For requests that are made past {@link Pool.ask}. */
  mayAsk(): Promise<void> | undefined;
  /** Why nothing is asked at the moment; `null` while there are bytes left of `maxBytesPerHour`. */
  spent(): SidelightError<"BYTE_BUDGET_SPENT"> | null;
  /** What is known of each source, in the caller's order. */
  scores(): readonly SourceStatus[];
  /** What was learned, to be kept between runs. */
  encode(): Uint8Array;
  /** Takes up what {@link Pool.encode} gave in an earlier run; anything else is passed over. */
  restore(bytes: Uint8Array): void;
}

/** A source and what is known of it. */
export interface SourceStatus extends SourceScore {
  readonly source: string;
  /** How long it is not asked, in milliseconds; 0 if it may be asked now. */
  readonly pauseMs: number;
  /** Is it on pause for something invalid? */
  readonly isEvicted: boolean;
}
