/** Several sources of proofs behind one question: the client's own pool, with its order, failover, hedges and blame. */
import { type Clock, systemClock } from "../clock.js";
import { describeValue, type SidelightError } from "../errors.js";
import { optionFailure } from "../proof/input.js";
import { createPool } from "../transport/pool/pool.js";
import type { PeerEvent } from "../transport/pool/types.js";
import type { RequestOptions, Source } from "../transport/port.js";

export interface ProofPoolOptions {
  /** Told when the standing of a source changes: it sent something invalid, did not answer, or answers well again. */
  readonly onPeer?: (event: PeerEvent) => void;
  /** @default systemClock() */
  readonly clock?: Clock;
}

export interface ProofPool<S> {
  /**
   * Asks one source after the other until what one answers can be used.
   * @throws NO_SOURCE_ANSWERED with what each said, `signal.reason`
   */
  ask<R, T>(question: {
    readonly request: string;
    readonly signal?: AbortSignal | undefined;
    readonly ask: (source: S, options: RequestOptions) => Promise<R>;
    readonly use: (answer: R) => T | Promise<T>;
    /** How many usual answers it takes: that long nobody else is asked beside it, and more than one is not measured. @default 1 */
    readonly weight?: number;
  }): Promise<T>;
}

/** @throws OPTION_INVALID */
export function createProofPool<S extends { readonly name: string }>(
  option: string,
  sources: readonly S[],
  { onPeer, clock = systemClock() }: ProofPoolOptions,
): ProofPool<S> {
  if (!Array.isArray(sources) || sources.length === 0) {
    throw optionFailure(option, "an array of one source or more", describeValue(sources));
  }
  const pool = createPool({
    // the pool hands sources on to `ask`, and looks at nothing but their names
    sources: sources as unknown as readonly Source[],
    clock,
    onTrouble: (_: SidelightError) => {},
    ...(onPeer === undefined ? {} : { onPeer }),
  });
  return {
    ask: ({ request, signal = new AbortController().signal, ask, use, weight = 1 }) =>
      pool.ask({ request, signal, weight, ask: (source, options) => ask(source as unknown as S, options), use }),
  };
}
