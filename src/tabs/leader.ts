/** The tab that follows the chain, for as long as it holds the lock. */
import type { LightClient } from "../client/api.js";
import { internalsOf } from "../client/internals.js";
import type { Clock } from "../clock.js";
import { SidelightError } from "../errors.js";
import { randomId } from "../worker/connection.js";
import { type Served, servePort } from "../worker/serve.js";
import { areHeldTogether, type Lease, type Locks } from "./locks.js";
import { channelOf, type OpenChannel, type Rendezvous } from "./rendezvous.js";

/** Leadership that was confirmed so lately is not in doubt: nobody is deposed faster. */
const CONFIRMED_MS = 1_000;
/** A tab that has asked and then says nothing is forgotten. */
const UNUSED_MS = 10_000;
/** Tabs that are served. */
const MAX_TABS = 4_096;

export interface LeaderOptions {
  readonly scope: string;
  readonly clock: Clock;
  readonly locks: Locks;
  readonly openChannel: OpenChannel;
  readonly rendezvous: Rendezvous;
  /** A lock that only this tab holds: by it the tab knows itself among the holders of locks. */
  readonly ownLock: string;
  /** The client of this tab. */
  readonly client: LightClient;
  /** It leads: the client may ask. */
  readonly onLead: () => void;
  /** Another tab could not be served. */
  readonly onTrouble: (error: unknown) => void;
  /** It does not any more: the client is about to be stopped. */
  readonly onEnd: () => void;
}

/**
 * Leads until `signal` aborts or the lock is stolen; then stops the client. The lock is released at once, so that the next
 * tab need not wait: what the client has verified is in the store already.
 */
export async function lead(options: LeaderOptions, { lost, release }: Lease, signal: AbortSignal): Promise<void> {
  const { client, onLead, onEnd } = options;
  const term = new AbortController();
  const end = () => term.abort(deposed());
  for (const each of [lost, signal]) each.addEventListener("abort", end, { once: true });
  const guard = createGuard(options, term);
  internalsOf(client)?.guardRequests(guard);
  const desk = openDesk(options, guard);
  const ended = new Promise<void>((resolve) => {
    // within the event: whoever notices that it is deposed must find the client stopped
    const stop = () => {
      onEnd();
      const stopped = client.stop();
      desk.close();
      release();
      resolve(stopped);
    };
    term.signal.addEventListener("abort", stop, { once: true });
  });
  onLead();
  desk.announce();
  if (lost.aborted || signal.aborted) end();
  await ended;
  for (const each of [lost, signal]) each.removeEventListener("abort", end);
}

function deposed(): SidelightError<"CLIENT_STOPPED"> {
  return new SidelightError("CLIENT_STOPPED", "another tab leads now", { during: "leading" });
}

/**
 * A tab that was suspended for a while may have been deposed without having heard of it: whoever holds the lock now is
 * looked up before the first request after that, and before others are told that it leads.
 */
function createGuard({ locks, clock, scope, ownLock }: LeaderOptions, term: AbortController): () => Promise<void> {
  let confirmedMs = Number.NEGATIVE_INFINITY;
  return async () => {
    term.signal.throwIfAborted();
    if (Math.abs(clock.nowMs() - confirmedMs) < CONFIRMED_MS) return;
    if (!(await areHeldTogether(locks, [scope, ownLock]))) {
      term.abort(deposed());
    }
    term.signal.throwIfAborted();
    confirmedMs = clock.nowMs();
  };
}

/** Where the other tabs are served, each over a channel of its own. */
function openDesk(
  { scope, clock, openChannel, rendezvous, client, onTrouble }: LeaderOptions,
  guard: () => Promise<void>,
) {
  const leader = randomId();
  const tabs = new Map<
    string,
    { readonly served: Served; readonly channel: BroadcastChannel; readonly sinceMs: number }
  >();

  function serve(tab: string): void {
    if (tabs.has(tab)) return;
    forgetUnused();
    if (tabs.size >= MAX_TABS) return;
    const channel = openChannel(channelOf(scope, leader, tab));
    const served = servePort(channel, client, { clock, stop: "connection" }, () => forget(tab));
    tabs.set(tab, { served, channel, sinceMs: clock.nowMs() });
  }

  function forgetUnused(): void {
    for (const [tab, { served, sinceMs }] of [...tabs]) {
      if (served.connections === 0 && Math.abs(clock.nowMs() - sinceMs) > UNUSED_MS) forget(tab);
    }
  }

  function forget(tab: string): void {
    const entry = tabs.get(tab);
    tabs.delete(tab);
    entry?.served.close();
    entry?.channel.close();
  }

  const unlisten = rendezvous.listen((call) => {
    if (call.type !== "seek") return;
    guard()
      .then(
        () => {
          serve(call.tab);
          rendezvous.lead(leader, call.tab);
        },
        () => {}, // deposed: somebody else will answer
      )
      // no channel could be opened: the tab asks again
      .catch(onTrouble);
  });
  return {
    announce: () => rendezvous.lead(leader, null),
    close() {
      unlisten();
      for (const tab of [...tabs.keys()]) forget(tab);
    },
  };
}
