/** A tab among others, from when it joins to when it leaves: follower, leader, or neither while it is frozen. */
import type { LightClient } from "../client/api.js";
import type { Clock } from "../clock.js";
import type { Visibility } from "../visibility.js";
import { randomId } from "../worker/connection.js";
import { followUntilElected } from "./follower.js";
import { lead } from "./leader.js";
import { type Locks, lease } from "./locks.js";
import { type OpenChannel, openRendezvous } from "./rendezvous.js";

export interface MembershipOptions {
  /** What all tabs that share a client agree on: the name of the lock and of the channel. */
  readonly scope: string;
  readonly clock: Clock;
  readonly locks: Locks;
  readonly openChannel: OpenChannel;
  readonly visibility: Visibility;
  /** The client of this tab. */
  readonly client: LightClient;
  /** Told of what ends nothing. */
  readonly onTrouble: (error: unknown) => void;
  /** Which client to listen to and to ask, from now on; `null` while there is none. */
  readonly onTarget: (target: { client: LightClient; role: "leader" | "follower" } | null) => void;
}

/** Takes part until `signal` aborts; resolves when nothing of it is left. */
export async function takePart(options: MembershipOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const active = untilFrozen(options.visibility, signal);
    try {
      await contend(options, active.signal);
    } catch (error) {
      if (!active.signal.aborted) throw error;
    } finally {
      active.end();
    }
    // it may have woken before everything was let go of
    if (!signal.aborted && active.isFrozen()) await untilWoken(options.visibility, signal);
  }
}

/** @throws `signal.reason` */
async function contend(options: MembershipOptions, signal: AbortSignal): Promise<never> {
  const { scope, locks, openChannel, client, onTarget } = options;
  const tab = randomId();
  const ownLock = `${scope}/tab/${tab}`;
  const rendezvous = openRendezvous(openChannel, scope);
  const identity = await lease(locks, ownLock, { signal }).catch((error: unknown) => {
    rendezvous.close();
    throw error;
  });
  try {
    for (;;) {
      const elected = await followUntilElected(
        {
          ...options,
          tab,
          rendezvous,
          onLeader: (leader) => onTarget(leader && { client: leader, role: "follower" }),
        },
        signal,
      );
      await lead(
        {
          ...options,
          rendezvous,
          ownLock,
          onLead: () => onTarget({ client, role: "leader" }),
          onEnd: () => onTarget(null),
        },
        elected,
        signal,
      );
      signal.throwIfAborted();
    }
  } finally {
    rendezvous.close();
    identity.release();
  }
}

/** Aborts with `signal`, or when the page is about to be frozen: whatever it holds must not be held then. */
function untilFrozen(visibility: Visibility, signal: AbortSignal) {
  const active = new AbortController();
  let isFrozen = false;
  const stop = () => active.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const unwatch = visibility.watch((change) => {
    if (change !== "hidden") isFrozen = change === "frozen";
    if (isFrozen) active.abort(new Error("frozen"));
  });
  return {
    signal: active.signal,
    /** And not woken since. */
    isFrozen: () => isFrozen,
    end() {
      unwatch();
      signal.removeEventListener("abort", stop);
    },
  };
}

function untilWoken(visibility: Visibility, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      unwatch();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const unwatch = visibility.watch((change) => (change === "woken" || change === "shown") && done());
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}
