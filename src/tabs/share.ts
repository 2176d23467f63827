/** `shareLightClient`: one follower for all tabs of an origin. */
import { orAborted } from "../abort.js";
import type { CallOptions, LightClient } from "../client/api.js";
import type { VerifiedHeader } from "../client/types.js";
import { type Clock, systemClock } from "../clock.js";
import { createDeferred } from "../deferred.js";
import { asSidelightError, isSidelightError, SidelightError } from "../errors.js";
import type { Events } from "../events.js";
import { documentVisibility, type Visibility } from "../visibility.js";
import { assertOption } from "../worker/failures.js";
import type { PortLike } from "../worker/port.js";
import { createParty, type TabsEnvironment, type Target } from "./party.js";
import { createRelay, type Role, type SharedEvents } from "./relay.js";

export interface ShareOptions {
  /**
   * Makes the client that follows while this tab is the one that does. Called once: at once, or if there is a shared
   * worker, when that fails. Give it a store that all tabs share (IndexedDB): whoever takes over resumes from it.
   */
  readonly create: () => LightClient;
  /**
   * Tabs share one follower for each name, chain and checkpoint. Necessary if the client does not say which chain it
   * follows, as one that is connected to elsewhere does not at first.
   * @default ""
   */
  readonly name?: string;
  /**
   * Gives the port of a shared worker in which a client is served (`serveLightClient`): then it follows for all tabs, and
   * none of them has to. Where it throws (there are no shared workers), or the worker fails, or its client stops, tabs are
   * elected.
   * @default none
   */
  readonly sharedWorker?: () => PortLike;
  /**
   * Who knows whether this tab is hidden or frozen.
   * @default documentVisibility()
   */
  readonly visibility?: Visibility;
  /** @default systemClock() */
  readonly clock?: Clock;
}

export interface SharedLightClient extends Omit<LightClient, "on" | "once" | "events">, Events<SharedEvents> {
  readonly role: Role;
}

/**
 * One client for all tabs of an origin that share the same chain, checkpoint and name. They elect one of them to follow (by
 * Web Locks), and it tells the others (over BroadcastChannels); when it is closed, crashes or freezes, another one takes
 * over within two seconds, from what the store holds. With a shared worker, that follows for all.
 *
 * Used as any client. Nothing happens before `start` or `syncOnce`; `stop` leaves the others to themselves. What it gives
 * never goes back: a tab that takes over tells no head that is older than the last one.
 *
 * ```ts
 * const client = shareLightClient({
 *   create: () => createLightClient({ network: mainnet, checkpoint, sources, store: indexedDbStore() }),
 * });
 * client.on("role", ({ role }) => console.log(role));
 * await client.start();
 * ```
 *
 * @throws OPTION_INVALID
 */
export function shareLightClient(options: ShareOptions): SharedLightClient {
  return shareIn(options, {
    locks: typeof navigator === "undefined" ? undefined : navigator.locks,
    openChannel: typeof BroadcastChannel === "undefined" ? undefined : (name) => new BroadcastChannel(name),
  });
}

/** From `start` until `stop`, or until what follows ends by itself. */
interface Run {
  readonly head: Promise<VerifiedHeader>;
  resolve(head: VerifiedHeader): void;
  reject(error: unknown): void;
  /** Leaves the other tabs. */
  readonly release: () => Promise<void>;
  /** Callers of `start` that have not given up. */
  wanted: number;
  /** Has it had a head? */
  hasStarted: boolean;
}

export function shareIn(options: ShareOptions, environment: TabsEnvironment): SharedLightClient {
  const { create, name = "", sharedWorker, clock = systemClock(), visibility = documentVisibility() } = options;
  assertOption("create", "a function that makes a client", create, typeof create === "function");
  assertOption("name", "a string", name, typeof name === "string");
  const isPortMaker = sharedWorker === undefined || typeof sharedWorker === "function";
  assertOption("sharedWorker", "a function that gives a port", sharedWorker, isPortMaker);
  const relay = createRelay(clock, onStopped);
  const party = createParty({
    ...{ environment, create, name, sharedWorker, visibility, clock },
    onTarget,
    onTrouble: relay.report,
    onFailed(error) {
      if (run === null || run.hasStarted) relay.report(error);
      if (run !== null) endRun(run, error);
    },
  });
  let role: Role = "idle";
  let run: Run | null = null;
  /** The target that has been started and follows. */
  let following: Target | null = null;
  /** Aborted by `stop`. */
  let stopping = new AbortController();

  function setRole(next: Role): void {
    if (next === role) return;
    role = next;
    relay.emitter.emit("role", () => ({ role: next }));
  }

  function onTarget(target: Target | null): void {
    following = null;
    relay.listenTo(target?.client ?? null);
    if (target === null) return;
    setRole(target.role);
    if (run !== null) startTarget(target, run);
  }

  /** Each one that comes is started, while this tab wants to follow. */
  function startTarget(target: Target, wanting: Run): void {
    target.client.start().then(
      (head) => {
        if (party.target() === target) following = target;
        wanting.hasStarted = true;
        wanting.resolve(head);
      },
      (error: unknown) => {
        // of one that is not asked any more: the next one is, or will be
        if (run !== wanting || party.target() !== target) return;
        if (isLostWith(target, error)) return;
        const known = asSidelightError(error, "starting");
        // as of any client: who waits for the start hears it from that
        if (wanting.hasStarted) relay.report(known);
        endRun(wanting, known);
      },
    );
  }

  /**
   * What follows has ended by itself, and said why: to try again would not mend it. (Another tab's tells its own tab, a
   * shared worker's nobody: it is left.)
   */
  function onStopped(reason: string): void {
    if (run === null || following === null) return;
    if (following.role === "follower") following.leave?.();
    else endRun(run, new SidelightError("CLIENT_STOPPED", reason, { during: "following" }));
  }

  function endRun(ended: Run, error: SidelightError): void {
    if (run === ended) run = null;
    ended.reject(error);
    void ended.release().then(() => isOver(error.message));
  }

  /** After the last membership: unless there is another by now. */
  function isOver(reason: string): void {
    if (run !== null || party.target() !== null) return;
    setRole("idle");
    relay.setStatus({ state: "stopped", reason });
  }

  function createRun(): Run {
    const { promise: head, resolve, reject } = createDeferred<VerifiedHeader>();
    relay.setStatus({ state: "bootstrapping" });
    return { head, resolve, reject, release: party.join(), wanted: 0, hasStarted: false };
  }

  /** A call to whoever follows; to the next one, if that is lost meanwhile. */
  async function pass<T>(
    signal: AbortSignal,
    call: (client: LightClient, options: CallOptions) => Promise<T>,
  ): Promise<T> {
    for (;;) {
      const target = party.target();
      const next = party.nextTarget();
      if (target !== null) {
        try {
          return await call(target.client, { signal });
        } catch (error) {
          signal.throwIfAborted();
          if (party.target() !== target) continue;
          if (!isLostWith(target, error)) throw error;
        }
      }
      await orAborted(next, signal);
    }
  }

  /** Takes part for one call. */
  async function join<T>(
    { signal }: CallOptions = {},
    call: (client: LightClient, options: CallOptions) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const abort = new AbortController();
    const ends = [signal, stopping.signal].filter((each) => each !== undefined);
    const end = () => abort.abort(ends.find(({ aborted }) => aborted)?.reason);
    for (const each of ends) each.addEventListener("abort", end, { once: true });
    const release = party.join();
    try {
      return await pass(abort.signal, call);
    } finally {
      for (const each of ends) each.removeEventListener("abort", end);
      await release();
      if (run === null && party.target() === null) {
        setRole("idle");
        relay.setStatus({ state: "idle" });
      }
    }
  }

  return {
    async start({ signal }: CallOptions = {}) {
      signal?.throwIfAborted();
      const isFirst = run === null;
      run ??= createRun();
      const mine = run;
      const target = party.target();
      // with the status of one that follows already
      if (isFirst && target !== null) onTarget(target);
      mine.wanted++;
      try {
        const first = await orAborted(mine.head, signal);
        return relay.state("head") ?? first;
      } catch (error) {
        mine.wanted--;
        // given up by all its callers: nothing may go on behind their back
        if (signal?.aborted && run === mine && mine.wanted === 0) {
          run = null;
          await mine.release();
          isOver("stopped");
        }
        throw error;
      }
    },
    syncOnce: (callOptions) => join(callOptions, (client, passed) => client.syncOnce(passed)),
    forgetConflict: (callOptions) =>
      join(callOptions, async (client, passed) => {
        await client.forgetConflict(passed);
        // one that led when it was found still knows of it, and would be in the way when it leads again
        const own = party.own();
        if (own !== client) await own?.forgetConflict(passed);
      }),
    assertFresh: relay.assertFresh,
    async stop() {
      const reason = { during: relay.state("status").state };
      const error = new SidelightError("CLIENT_STOPPED", "the client was stopped", reason);
      const ending = party.end();
      stopping.abort(error);
      stopping = new AbortController();
      run?.reject(error);
      run = null;
      await ending;
      isOver("stopped");
    },
    get role() {
      return role;
    },
    get status() {
      return relay.state("status");
    },
    get head() {
      return relay.state("head");
    },
    get finalized() {
      return relay.state("finalized");
    },
    get checkpoint() {
      return relay.state("checkpoint");
    },
    get sources() {
      return [...relay.state("sources")];
    },
    get participation() {
      return relay.state("participation");
    },
    get evidence() {
      return [...relay.state("evidence")];
    },
    on: relay.emitter.on,
    once: relay.emitter.once,
    events: relay.emitter.events,
  };
}

/** The answer was lost with whoever was to give it; the one that comes after gives another. */
function isLostWith({ role, leave }: Target, error: unknown): boolean {
  const isLost =
    role === "follower" && (isSidelightError(error, "CONNECTION_LOST") || isSidelightError(error, "CLIENT_STOPPED"));
  if (isLost) leave?.();
  return isLost;
}
