/** `createLightClient`: puts the parts together, and owns the lifecycle. */

import { orAborted } from "../abort.js";
import { asSidelightError, type ErrorCode, isSidelightError, SidelightError } from "../errors.js";
import { createEmitter, type Events, type IterateOptions, type ListenOptions } from "../events.js";
import { type LightClientOptions, resolveOptions } from "../options.js";
import { createChain } from "../spec/chain.js";
import { createPool } from "../transport/pool.js";
import { catchUp, neededPeriod } from "./catch-up.js";
import { type Context, viewOf } from "./context.js";
import { describeFinalized, describeHead } from "./describe.js";
import { establish } from "./establish.js";
import { follow } from "./follow.js";
import { assertFresh } from "./freshness.js";
import { createIntake } from "./intake.js";
import { createKeeper } from "./keeper.js";
import { createLock } from "./lock.js";
import { refresh } from "./poll.js";
import type { Evidence, LightClientEvents, Participation, Status, SyncResult, VerifiedHeader } from "./types.js";
import { createVerified } from "./verified.js";
import { createWarner } from "./warner.js";

export interface CallOptions {
  /** Gives up waiting; the call rejects with `signal.reason`. */
  readonly signal?: AbortSignal;
}

/**
 * A light client. Made by {@link createLightClient}; does nothing until `start` or `syncOnce`.
 */
export interface LightClient extends Events<LightClientEvents> {
  /**
   * Gets to the head and follows it until `stop()`.
   *
   * Resolves with the first verified head that is not older than `maxHeadAgeSlots`. Keeps trying, with `error` events
   * and the status `stalled`, while nobody can be reached; `signal` ends that (and a start that rejects is stopped).
   * Calls while it runs share one start, which goes on as long as one of them has not given up.
   *
   * @throws CHECKPOINT_TOO_OLD, CLOCK_SKEWED, BLS_UNAVAILABLE
   * @throws NO_SOURCE_ANSWERED if every source says it does not know the checkpoint, or sends something else
   * @throws CLIENT_STOPPED if `stop()` comes first; `signal.reason` if that does
   */
  start(options?: CallOptions): Promise<VerifiedHeader>;
  /**
   * One bounded pass: to the head, once, then done; for scripts and alarms. The state is kept in the store before it
   * resolves. Calls that overlap share one pass. Also works beside `start`.
   *
   * @throws as `start`, and NO_SOURCE_ANSWERED, CATCH_UP_INCOMPLETE or HEAD_STALLED at the first failure
   */
  syncOnce(options?: CallOptions): Promise<SyncResult>;
  /** Ends everything: requests, timers, streams, the store. Idempotent, in every state. The client can start again. */
  stop(): Promise<void>;
  readonly status: Status;
  /** The newest verified header; `null` before there is one. Look at `trust.ageSlots` before you call it current. */
  readonly head: VerifiedHeader | null;
  readonly finalized: VerifiedHeader | null;
  /** Who signed last. */
  readonly participation: Participation | null;
  /** Contradictions that a sync committee truly signed, newest last, at most 16. */
  readonly evidence: readonly Evidence[];
}

/** First pause between attempts to get started; doubles up to a minute. */
const RETRY_PAUSE_MS = 1_000;
const MAX_RETRY_PAUSE_MS = 60_000;

/** What trying again cannot mend. */
const FATAL = ["CHECKPOINT_TOO_OLD", "CLOCK_SKEWED", "BLS_UNAVAILABLE"] as const;
/** Answers to the bootstrap that a source will not take back: it does not know the block, or has another. */
const DEFINITIVE: readonly ErrorCode[] = [
  "NOT_AVAILABLE",
  "BOOTSTRAP_ROOT_MISMATCH",
  "CURRENT_COMMITTEE_BRANCH_INVALID",
  "BRANCH_LENGTH_INVALID",
  "EXECUTION_BRANCH_INVALID",
  "EXECUTION_UNEXPECTED",
  "DECODE_FAILED",
  "FORK_UNKNOWN",
  "FORK_MISMATCH",
];

/**
 * Makes a client. Synchronous, and without any I/O: an extension's listeners can be registered in the same breath.
 *
 * ```ts
 * const client = createLightClient({ network: mainnet, checkpoint: "0x…", sources: [restSource("https://…")] });
 * client.on("finality", ({ slot, execution, trust }) => render(slot, execution, trust));
 * await client.start();
 * ```
 *
 * @throws OPTION_INVALID
 */
export function createLightClient(options: LightClientOptions): LightClient {
  const resolved = resolveOptions(options);
  const { clock, network, bls } = resolved;
  const chain = createChain(network, bls);
  const emitter = createEmitter<LightClientEvents>((error, event) => reportError(error, null, event === "error"));
  const pool = createPool({
    sources: resolved.sources,
    clock,
    onTrouble: (error, source) => reportError(error, source),
  });
  const verified = createVerified(chain, emitter, () => viewOf({ chain, clock }));
  const warn = createWarner(clock);
  let status: Status = { state: "idle" };

  function reportError(error: SidelightError, source: string | null, isFromErrorListener = false): void {
    // A failure nobody listens to must not be lost; nor may an error listener that throws be called about itself.
    if (isFromErrorListener || emitter.listenerCount("error") === 0) warn(error);
    else emitter.emit("error", () => ({ error, source }));
  }

  const context: Context = {
    chain,
    options: resolved,
    clock,
    emitter,
    pool,
    verified,
    report: (thrown, source, during) => reportError(asSidelightError(thrown, during), source),
    setStatus(next) {
      const isOther = next.state !== status.state;
      if (!isOther && JSON.stringify(next) === JSON.stringify(status)) return false;
      status = next;
      emitter.emit("status", () => next);
      return isOther;
    },
  };
  const intake = createIntake(context);
  const keeper = createKeeper(context);
  const exclusively = createLock();

  async function pass(signal: AbortSignal): Promise<SyncResult> {
    const startedMs = clock.nowMs();
    const periods = await exclusively(() =>
      verified.quietly(async () => {
        signal.throwIfAborted();
        await establish(context, keeper, signal);
        const fromPeriod = neededPeriod(context);
        await catchUp(context, intake, keeper, signal);
        await refresh(context, intake, signal);
        await keeper.save();
        return neededPeriod(context) - fromPeriod;
      }),
    );
    signal.throwIfAborted();
    assertFresh(context);
    const state = verified.state()!;
    const view = viewOf(context);
    const elapsedMs = clock.nowMs() - startedMs;
    return { head: describeHead(view, state), finalized: describeFinalized(view, state), periods, elapsedMs };
  }

  // --- start ---

  interface Run {
    readonly abort: AbortController;
    readonly started: Promise<VerifiedHeader>;
    readonly ended: Promise<void>;
    /** Callers of `start` that have not given up: without any, it ends. */
    wanted: number;
  }
  let run: Run | null = null;

  async function getStarted(signal: AbortSignal): Promise<VerifiedHeader> {
    for (let attempt = 0; ; attempt++) {
      try {
        return (await pass(signal)).head;
      } catch (error) {
        signal.throwIfAborted();
        if (isHopeless(error, resolved.sources.length)) throw error;
        context.report(error, null, "starting");
        context.setStatus({ state: "stalled", reason: asSidelightError(error, "starting").message });
      }
      await clock.sleep(Math.min(RETRY_PAUSE_MS * 2 ** attempt, MAX_RETRY_PAUSE_MS), signal);
    }
  }

  /** @param previous a run that is ending: it has to be over first */
  function begin(previous: Run | null): Run {
    const abort = new AbortController();
    const { signal } = abort;
    const started = (async () => {
      await previous?.ended;
      signal.throwIfAborted();
      context.setStatus({ state: "bootstrapping" });
      return getStarted(signal);
    })();
    const ended = started
      .then(async () => {
        context.setStatus({ state: "following" });
        try {
          await follow(context, intake, keeper, exclusively, signal);
        } catch (error) {
          // a start that fails rejects; what ends a client that follows is told by an event
          if (!signal.aborted) context.report(error, null, "following");
          throw error;
        }
      })
      .then(
        () => finish("stopped"),
        (error) => {
          const reason = signal.aborted ? "stopped" : asSidelightError(error, "following").message;
          abort.abort(error); // whoever starts it while the store is being closed begins anew
          return finish(reason);
        },
      );
    const mine: Run = { abort, started, ended, wanted: 0 };
    return mine;

    async function finish(reason: string): Promise<void> {
      await keeper.close();
      if (run === mine) run = null;
      context.setStatus({ state: "stopped", reason });
    }
  }

  // --- syncOnce ---

  /** The pass under way, and how many wait for it: it is given up when none does. */
  let shared: { readonly abort: AbortController; readonly result: Promise<SyncResult>; waiting: number } | null = null;

  function sharePass() {
    // one that was given up is nobody else's: the next begins when it has ended
    if (shared !== null && !shared.abort.signal.aborted) return shared;
    const abort = new AbortController();
    const { signal } = abort;
    const result = pass(signal).finally(() => {
      if (shared === mine) shared = null;
      if (run === null && !isSidelightError(signal.reason, "CLIENT_STOPPED")) context.setStatus({ state: "idle" });
    });
    result.catch(() => {}); // whoever waits hears of it; when nobody does any more, it was given up
    const mine = { abort, result, waiting: 0 };
    shared = mine;
    return mine;
  }

  return {
    async start({ signal } = {}) {
      signal?.throwIfAborted();
      if (run === null || run.abort.signal.aborted) run = begin(run);
      const mine = run;
      mine.wanted++;
      try {
        return await orAborted(mine.started, signal);
      } catch (error) {
        mine.wanted--;
        const isGivenUp = signal?.aborted && !mine.abort.signal.aborted;
        if (isGivenUp && mine.wanted > 0) throw error;
        // Given up by all its callers: nothing may go on behind their back.
        if (isGivenUp) mine.abort.abort(signal.reason);
        await mine.ended;
        throw error;
      }
    },
    async syncOnce({ signal } = {}) {
      signal?.throwIfAborted();
      const mine = sharePass();
      mine.waiting++;
      try {
        return await orAborted(mine.result, signal);
      } finally {
        mine.waiting--;
        if (mine.waiting === 0 && signal?.aborted) mine.abort.abort(signal.reason);
      }
    },
    async stop() {
      const reason = new SidelightError("CLIENT_STOPPED", "the client was stopped", { during: status.state });
      const [running, passing] = [run, shared];
      running?.abort.abort(reason);
      passing?.abort.abort(reason);
      await running?.ended;
      await passing?.result.catch(() => {});
      // unless it was started again meanwhile
      if (run !== null || shared !== null) return;
      await keeper.close();
      if (run === null && shared === null) context.setStatus({ state: "stopped", reason: "stopped" });
    },
    get status() {
      return status;
    },
    get head() {
      const state = verified.state();
      return state && describeHead(viewOf(context), state);
    },
    get finalized() {
      const state = verified.state();
      return state && describeFinalized(viewOf(context), state);
    },
    get participation() {
      return verified.participation();
    },
    get evidence() {
      return [...intake.evidence];
    },
    on: <K extends keyof LightClientEvents>(
      name: K,
      listener: (payload: LightClientEvents[K]) => void,
      listenOptions?: ListenOptions,
    ) => emitter.on(name, listener, listenOptions),
    once: <K extends keyof LightClientEvents>(name: K, listenOptions?: ListenOptions) =>
      emitter.once(name, listenOptions),
    events: <K extends keyof LightClientEvents>(name: K, iterateOptions?: IterateOptions) =>
      emitter.events(name, iterateOptions),
  };
}

/** Would a later attempt end the same way? */
function isHopeless(error: unknown, sourceCount: number): boolean {
  if (FATAL.some((code) => isSidelightError(error, code))) return true;
  // The checkpoint that no source knows, or for which they send something else, will not become right. Who is on pause
  // was not asked, and may know it.
  if (!isSidelightError(error, "NO_SOURCE_ANSWERED") || error.details.request !== "bootstrap") return false;
  const { attempts } = error.details;
  return attempts.length === sourceCount && attempts.every(({ code }) => DEFINITIVE.includes(code));
}
