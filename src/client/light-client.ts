/** `createLightClient`: puts the parts together, and owns the lifecycle. */

import { orAborted } from "../abort.js";
import { asSidelightError, isSidelightError, SidelightError } from "../errors.js";
import { createEmitter } from "../events.js";
import { type LightClientOptions, resolveOptions } from "../options.js";
import { createChain } from "../spec/chain.js";
import { toHex } from "../ssz/bytes.js";
import { createPool } from "../transport/pool/pool.js";
import { createAgreement } from "./agreement.js";
import { createAnchor } from "./anchor.js";
import type { LightClient } from "./api.js";
import { createAttention } from "./attention.js";
import { catchUp, neededPeriod } from "./catch-up.js";
import { type Context, viewOf } from "./context.js";
import { describeFinalized, describeHead } from "./describe.js";
import { establish } from "./establish.js";
import { follow, tellThrottled } from "./follow.js";
import { createHalt } from "./halt.js";
import { isHopeless } from "./hopeless.js";
import { createIntake } from "./intake.js";
import { withInternals } from "./internals.js";
import { createKeeper } from "./keeper.js";
import { createLock } from "./lock.js";
import { refresh } from "./poll.js";
import { createRecords } from "./records.js";
import { createSkew } from "./skew.js";
import { assertFresh, stalled } from "./stall.js";
import type { VerifiedState } from "./state.js";
import { createStoreAccess } from "./store-access.js";
import type { LightClientEvents, Status, SyncResult, TrustedCheckpoint } from "./types.js";
import { createVerified } from "./verified.js";
import { createWarner } from "./warner.js";
import { watchfulClock } from "./watchful-clock.js";

export type { CallOptions, LightClient } from "./api.js";

/** First pause between attempts to get started; doubles up to a minute. */
const RETRY_PAUSE_MS = 1_000;
const MAX_RETRY_PAUSE_MS = 60_000;

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
  const { network, bls } = resolved;
  const clock = watchfulClock(
    resolved.clock,
    () => attention.latenessMs(),
    (suspendedMs) => {
      emitter.emit("woke", () => ({ suspendedMs }));
      attention.wake();
    },
  );
  const attention = createAttention({ ...resolved, clock, slotDurationMs: network.slotDurationMs });
  const chain = createChain(network, bls);
  const emitter = createEmitter<LightClientEvents>((error, event) => reportError(error, null, event === "error"));
  const pool = createPool({
    sources: resolved.sources,
    clock,
    onTrouble: (error, source) => reportError(error, source),
    onDate: (source, serverMs, askedMs) => context.skew.dated(source, serverMs, askedMs),
    onPeer: (event) => {
      if (event.action === "evicted") records.touch();
      emitter.emit("peer", () => event);
    },
    maxBytesPerHour: resolved.maxBytesPerHour,
    mayAsk: () => mayAsk?.(),
  });
  /** Set by who shares this client between tabs. */
  let mayAsk: (() => Promise<void>) | undefined;
  const agreement = createAgreement(chain, clock, (evidence) => {
    if (evidence.kind === "finality") halt.begin(evidence);
    emitter.emit("equivocation", () => evidence);
  });
  const verified = createVerified(chain, emitter, () => viewOf({ chain, clock }), agreement.admit);
  const warn = createWarner(clock);
  const anchor = createAnchor(resolved);
  let checkpoint: TrustedCheckpoint | null = null;
  let status: Status = { state: "idle" };

  function reportError(error: SidelightError, source: string | null, isFromErrorListener = false): void {
    // A failure nobody listens to must not be lost; nor may an error listener that throws be called about itself.
    if (isFromErrorListener || emitter.listenerCount("error") === 0) warn(error);
    else emitter.emit("error", () => ({ error, source }));
  }

  const report: Context["report"] = (thrown, source, during) => {
    const error = asSidelightError(thrown, during);
    reportError(error, source);
    return error;
  };

  const context: Context = {
    chain,
    options: resolved,
    clock,
    emitter,
    pool,
    attention,
    verified,
    agreement,
    anchor,
    store: createStoreAccess({ options: resolved, clock, emitter, report }),
    skew: createSkew({ chain, clock, options: resolved, report }),
    heard: { optimistic: null, finality: null },
    recallConflict: (signal) => halt.load(signal),
    assertUncontradicted() {
      const reason = halt.reason();
      if (reason !== null) throw reason;
    },
    trust(trusted) {
      checkpoint = trusted;
      emitter.emit("checkpoint", () => trusted);
    },
    report,
    setStatus(next) {
      const isOther = next.state !== status.state;
      if (!isOther && JSON.stringify(next) === JSON.stringify(status)) return false;
      status = next;
      emitter.emit("status", () => next);
      return isOther;
    },
  };
  const halt = createHalt(context, (evidence) => {
    agreement.recall(evidence);
    emitter.emit("equivocation", () => evidence);
  });
  const intake = createIntake(context);
  const keeper = createKeeper(context);
  const records = createRecords(context);
  const exclusively = createLock();

  async function pass(signal: AbortSignal): Promise<SyncResult> {
    const startedMs = clock.nowMs();
    const periods = await exclusively(
      () =>
        verified.quietly(async () => {
          await records.load(signal);
          await context.recallConflict(signal);
          context.assertUncontradicted();
          await establish(context, keeper, signal);
          const fromPeriod = neededPeriod(context);
          await catchUp(context, intake, keeper, signal);
          await refresh(context, intake, signal);
          await keeper.save();
          await records.save();
          return neededPeriod(context) - fromPeriod;
        }),
      signal,
    ).finally(halt.written);
    signal.throwIfAborted();
    context.assertUncontradicted(); // what waited behind this pass may have found it
    assertFresh(context);
    const state = verified.state()!;
    const view = viewOf(context);
    const elapsedMs = clock.nowMs() - startedMs;
    return { head: describeHead(view, state), finalized: describeFinalized(view, state), periods, elapsedMs };
  }

  // --- start ---

  interface Run {
    readonly abort: AbortController;
    readonly started: Promise<SyncResult>;
    readonly ended: Promise<void>;
    /** Callers of `start` that have not given up: without any, it ends. */
    wanted: number;
  }
  let run: Run | null = null;

  async function getStarted(signal: AbortSignal): Promise<SyncResult> {
    for (let attempt = 0; ; attempt++) {
      const stirred = attention.stir(); // whoever wakes it during the attempt is not missed
      try {
        return await pass(signal);
      } catch (error) {
        signal.throwIfAborted();
        if (isHopeless(error, anchor.origin, resolved.sources.length)) throw error;
        const spent = pool.spent();
        if (spent !== null) tellThrottled(context, spent);
        else {
          context.report(error, null, "starting");
          context.setStatus(stalled(context, asSidelightError(error, "starting")).status);
        }
      }
      await attention.pause(Math.min(RETRY_PAUSE_MS * 2 ** attempt, MAX_RETRY_PAUSE_MS), signal, stirred);
    }
  }

  /** @param previous a run that is ending: it has to be over first */
  function begin(previous: Run | null): Run {
    const abort = new AbortController();
    const { signal } = abort;
    const started = (async () => {
      await previous?.ended;
      signal.throwIfAborted();
      attention.watchUntil(signal);
      context.setStatus({ state: "bootstrapping" });
      return getStarted(signal);
    })();
    const ended = started
      .then(async () => {
        context.setStatus({ state: "following" });
        try {
          await follow(context, intake, keeper, records, exclusively, signal);
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
      await records.save();
      await halt.written();
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
      if (run !== null || isSidelightError(signal.reason, "CLIENT_STOPPED")) return;
      const reason = halt.reason();
      context.setStatus(reason === null ? { state: "idle" } : { state: "stopped", reason: reason.message });
    });
    result.catch(() => {}); // whoever waits hears of it; when nobody does any more, it was given up
    const mine = { abort, result, waiting: 0 };
    shared = mine;
    return mine;
  }

  /** Nothing is handed out while finality is contradicted. */
  function trusted(): VerifiedState | null {
    return halt.reason() === null ? verified.state() : null;
  }

  const client: LightClient = {
    async start({ signal } = {}) {
      signal?.throwIfAborted();
      if (run === null || run.abort.signal.aborted) run = begin(run);
      const mine = run;
      mine.wanted++;
      try {
        await orAborted(mine.started, signal);
        context.assertUncontradicted();
        return client.head!;
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
    forgetConflict: ({ signal = new AbortController().signal } = {}) =>
      exclusively(async () => {
        await halt.load(signal);
        if (halt.reason() === null) return;
        // the state first: whoever is cut off in between is still refused, and does not go on from it
        await keeper.discard(signal);
        await halt.end(signal);
        verified.forget();
      }, signal),
    assertFresh(maxAgeSlots) {
      context.assertUncontradicted();
      assertFresh(context, maxAgeSlots);
      return client.head!;
    },
    get status() {
      return status;
    },
    get head() {
      const state = trusted();
      return state && describeHead(viewOf(context), state);
    },
    get finalized() {
      const state = trusted();
      return state && describeFinalized(viewOf(context), state);
    },
    get checkpoint() {
      return checkpoint;
    },
    get participation() {
      return trusted() && verified.participation();
    },
    get sources() {
      return pool.scores();
    },
    get evidence() {
      return [...agreement.evidence];
    },
    on: emitter.on,
    once: emitter.once,
    events: emitter.events,
  };
  return withInternals(client, {
    chain: () => ({
      network: network.name,
      genesisValidatorsRoot: network.genesisValidatorsRoot,
      genesisTime: network.genesisTime,
      slotDurationMs: network.slotDurationMs,
      // whose chain: those who trust something else share nothing
      checkpoint: anchor.root === null ? anchor.origin : toHex(anchor.root),
    }),
    addViewer: attention.addViewer,
    guardRequests(check) {
      mayAsk = check;
    },
  });
}
