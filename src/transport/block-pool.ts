/** Blocks from many sources that are not trusted: the one implementation of what block mode fetches its blocks by. */
import { createScope } from "../abort.js";
import { systemClock } from "../clock.js";
import { isSidelightError, optionInvalid, SidelightError } from "../errors.js";
import type { BlockFetcher } from "../health/blocks/fetcher.js";
import { createSourcePool, type SourcePoolOptions } from "./pool/source-pool.js";
import type { SourceStatus } from "./pool/types.js";
import type { RequestOptions } from "./port.js";

/** Someone who may have blocks. {@link restBlocks} makes one of a beacon node. */
export interface BlockSource {
  /** Short and free of credentials: it appears in events and errors. */
  readonly name: string;
  /**
   * SSZ of the block with a root (`0x` hex) or at a slot, signed or not; `null`: there is none, as the source says. Rejects
   * with a `SidelightError` of the transport codes, or with the reason of `signal`.
   */
  block(id: string | number, options?: RequestOptions): Promise<Uint8Array | null>;
}

export interface BlockPoolOptions extends SourcePoolOptions {
  /** At least one, each by a name of its own. Untrusted. */
  readonly sources: readonly BlockSource[];
  /** All requests end when it aborts, and reject with its reason. */
  readonly signal?: AbortSignal;
  /** Told of every failure and every answer that did not hold, with the source it came from. Must not throw. */
  readonly onError?: (event: { readonly error: SidelightError; readonly source: string }) => void;
  /**
   * Bytes that may come in any hour. Once they are spent nothing is asked, and whoever wants a block is told
   * `BYTE_BUDGET_SPENT`; what is under way may go beyond it.
   * @default Infinity
   */
  readonly maxBytesPerHour?: number;
}

/** A `BlockFetcher` of `sidelight/health`, and what is known of its sources. */
export interface BlockPool extends BlockFetcher {
  /** In the caller's order. */
  readonly sources: readonly SourceStatus[];
}

/**
 * The longest that a block is waited for while nobody may be asked: the longest pause of who does not answer, but for what
 * servers ask for themselves.
 */
const MAX_WAIT_MS = 60_000;

/**
 * Fetches blocks for `sidelight/health`, by the rules of the client's own pool: whoever stands best is asked first, what is
 * asked at the same time is spread over those that are idle, beside a slow one another is asked, who does not answer pauses
 * ever longer, and who sends a block that is not the one with the root that was asked for is evicted, with the check that
 * failed.
 *
 * - **By root**: who has no such block is asked after the others from then on, and has done nothing wrong. While all are on
 *   pause for not answering, the first to be back is waited for, at most a minute.
 * - **By slot**: that there is none is an answer. It ends the question, and changes nothing for whoever gave it, as does a
 *   block of another branch; bytes that are no block of that slot are as bad as a wrong block.
 *
 * Requests, whatever the sources do: each question asks each source at most once, at most two at the same time, and a second
 * one beside the first at most for a tenth of the questions, with three saved up.
 *
 * @throws OPTION_INVALID
 */
export function blockPool(options: BlockPoolOptions): BlockPool {
  const { sources, signal, onError, clock = systemClock(), maxBytesPerHour = Number.POSITIVE_INFINITY } = options;
  assertSources(sources);
  if (typeof maxBytesPerHour !== "number" || !(maxBytesPerHour > 0))
    throw optionInvalid("maxBytesPerHour", "a number above 0", maxBytesPerHour);
  const pool = createSourcePool("sources", sources, {
    ...options,
    clock,
    maxBytesPerHour,
    onTrouble: (error, source) => onError?.({ error, source }),
  });
  const whileWanted = createScope(signal);

  async function untilSomebodyMayBeAsked(during: AbortSignal): Promise<void> {
    for (let leftMs = MAX_WAIT_MS; ; ) {
      const scores = pool.scores();
      if (scores.some(({ pauseMs }) => pauseMs === 0)) return;
      const waitMs = Math.min(...scores.filter(({ isEvicted }) => !isEvicted).map(({ pauseMs }) => pauseMs));
      if (waitMs > leftMs) return;
      leftMs -= waitMs;
      await clock.sleep(waitMs, during);
    }
  }

  return {
    block: (root, use) =>
      whileWanted(async (during) => {
        await untilSomebodyMayBeAsked(during);
        return pool.ask({
          request: `block ${root}`,
          signal: during,
          ask: async (source, request) => {
            const bytes = await source.block(root, request);
            if (bytes === null) throw noSuchBlock(source.name, root);
            return bytes;
          },
          use,
        });
      }),
    blockAt: (slot, use) =>
      whileWanted((during) =>
        pool.ask({
          request: `block at slot ${slot}`,
          signal: during,
          ask: async (source, request) => {
            try {
              return await source.block(slot, request);
            } catch (thrown) {
              if (isSidelightError(thrown, "NOT_AVAILABLE")) return null;
              throw thrown;
            }
          },
          use: (bytes) => (bytes === null ? null : use(bytes)),
          saysNothing: (bytes) => bytes === null,
        }),
      ),
    get sources() {
      return pool.scores();
    },
  };
}

/** @throws OPTION_INVALID */
function assertSources(sources: readonly BlockSource[]): void {
  if (!Array.isArray(sources)) throw optionInvalid("sources", "an array of one source or more", sources);
  const names = new Set<string>();
  sources.forEach((source: BlockSource, i) => {
    if (typeof source?.name !== "string" || typeof source.block !== "function") {
      throw optionInvalid(`sources[${i}]`, "a source of blocks, such as restBlocks(url)", source);
    }
    if (names.has(source.name)) {
      throw optionInvalid(`sources[${i}].name`, "a name that no other source has", source.name);
    }
    names.add(source.name);
  });
}

function noSuchBlock(source: string, root: string): SidelightError<"NOT_AVAILABLE"> {
  const [request, message] = [`block ${root}`, "no such block"];
  const text = `${source}: ${request}: expected the block, got: ${message}`;
  return new SidelightError("NOT_AVAILABLE", text, { source, request, message });
}
