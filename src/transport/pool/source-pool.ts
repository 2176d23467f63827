/**
 * Several sources of anything behind one question: the client's own pool, with its order, failover, hedges and blame, for
 * whoever has no light-client data but proofs, or blocks.
 */
import { type Clock, systemClock } from "../../clock.js";
import { optionInvalid } from "../../errors.js";
import type { RequestOptions, Source } from "../port.js";
import { createPool } from "./pool.js";
import type { PeerEvent, Pool, PoolOptions, Question } from "./types.js";

export interface SourcePoolOptions {
  /** Told when the standing of a source changes: it sent something invalid, did not answer, or answers well again. */
  readonly onPeer?: (event: PeerEvent) => void;
  /** @default systemClock() */
  readonly clock?: Clock;
}

export interface SourceQuestion<S, R, T> extends Pick<Question<R, T>, "request" | "saysNothing" | "weight"> {
  readonly signal?: AbortSignal | undefined;
  readonly ask: (source: S, options: RequestOptions) => Promise<R>;
  readonly use: (answer: R) => T | Promise<T>;
}

export interface SourcePool<S> extends Pick<Pool, "scores"> {
  /**
   * Asks one source after the other until what one answers can be used.
   * @throws NO_SOURCE_ANSWERED with what each said, BYTE_BUDGET_SPENT, `signal.reason`
   */
  ask<R, T>(question: SourceQuestion<S, R, T>): Promise<T>;
}

/**
 * @param option what the sources are called where they are given
 * @throws OPTION_INVALID
 */
export function createSourcePool<S extends { readonly name: string }>(
  option: string,
  sources: readonly S[],
  options: SourcePoolOptions & Partial<Pick<PoolOptions, "onTrouble" | "maxBytesPerHour">>,
): SourcePool<S> {
  if (!Array.isArray(sources) || sources.length === 0) {
    throw optionInvalid(option, "an array of one source or more", sources);
  }
  const { onPeer, clock = systemClock(), onTrouble = () => {}, maxBytesPerHour } = options;
  const pool = createPool({
    // the pool hands sources on to `ask`, and looks at nothing but their names
    sources: sources as unknown as readonly Source[],
    clock,
    onTrouble,
    ...(onPeer === undefined ? {} : { onPeer }),
    ...(maxBytesPerHour === undefined ? {} : { maxBytesPerHour }),
  });
  return {
    ask: ({ signal = new AbortController().signal, ask, ...question }) =>
      pool.ask({ ...question, signal, ask: (source, call) => ask(source as unknown as S, call) }),
    scores: pool.scores,
  };
}
