/** Which client speaks for this tab: its own, the one of another tab, or a shared worker's. */
import { orAborted } from "../abort.js";
import type { LightClient } from "../client/api.js";
import { internalsOf } from "../client/internals.js";
import type { Clock } from "../clock.js";
import { createDeferred } from "../deferred.js";
import { asSidelightError, SidelightError } from "../errors.js";
import type { Visibility } from "../visibility.js";
import { type ConnectedLightClient, connectPort } from "../worker/connect.js";
import { assertOption } from "../worker/failures.js";
import type { PortLike } from "../worker/port.js";
import { PROTOCOL_VERSION } from "../worker/protocol.js";
import type { Locks } from "./locks.js";
import { takePart } from "./membership.js";
import type { Role } from "./relay.js";
import type { OpenChannel } from "./rendezvous.js";

/** When a shared worker is given up for the election: it may have to be loaded first. */
const SHARED_WORKER_TIMEOUT_MS = 5_000;
const SHARED_WORKER_HEARTBEAT_MS = 2_000;

/** What browsers have, and tests bring along. */
export interface TabsEnvironment {
  readonly locks: Locks | undefined;
  readonly openChannel: OpenChannel | undefined;
}

export interface Target {
  readonly client: LightClient;
  readonly role: Exclude<Role, "idle">;
  /** Its client has ended: another one is to take its place. Absent where that comes by itself, or cannot. */
  readonly leave?: () => void;
}

export interface PartyOptions {
  readonly environment: TabsEnvironment;
  readonly create: () => LightClient;
  readonly name: string;
  readonly sharedWorker: (() => PortLike) | undefined;
  readonly visibility: Visibility;
  readonly clock: Clock;
  /** Who speaks from now on; `null` while nobody does. */
  readonly onTarget: (target: Target | null) => void;
  readonly onTrouble: (error: SidelightError) => void;
  /** This tab cannot take part: nobody will speak until somebody joins anew. */
  readonly onFailed: (error: SidelightError) => void;
}

export interface Party {
  target(): Target | null;
  /** Resolves when another one speaks; rejects when nobody will. */
  nextTarget(): Promise<void>;
  /** This tab's own client, whoever speaks; `null` if it was never needed. */
  own(): LightClient | null;
  /** Takes part until whoever joined has released it, or {@link Party.end}. @returns releases; resolves when all is over */
  join(): () => Promise<void>;
  /** Takes part no more, whoever joined. */
  end(): Promise<void>;
}

interface Membership {
  readonly abort: AbortController;
  readonly ended: Promise<void>;
  holds: number;
}

export function createParty(options: PartyOptions): Party {
  const { environment, create, name, sharedWorker, visibility, clock, onTarget, onTrouble, onFailed } = options;
  let own: { readonly client: LightClient; readonly scope: string } | null = null;
  let target: Target | null = null;
  let changed = createDeferred();
  let membership: Membership | null = null;
  /** The last one, until nothing of it is left. */
  let ending: Promise<void> = Promise.resolve();

  /** Made late where a shared worker makes it needless. */
  function ownClient(): { readonly client: LightClient; readonly scope: string } {
    if (own !== null) return own;
    const client = create();
    const chain = internalsOf(client)?.chain() ?? null;
    const isKnown = chain !== null || name !== "";
    assertOption("name", "a name, since the client does not say which chain it follows", name, isKnown);
    const { network = "", genesisValidatorsRoot = "", checkpoint = "" } = chain ?? {};
    own = {
      client,
      scope: ["sidelight", PROTOCOL_VERSION, network, genesisValidatorsRoot, checkpoint, name].join("/"),
    };
    return own;
  }

  function setTarget(next: Target | null): void {
    target = next;
    onTarget(next);
    changed.resolve();
    changed = createDeferred();
  }

  function begin(): Membership {
    const abort = new AbortController();
    const ended = ending
      .then(() => participate(abort.signal))
      .catch((error: unknown) => {
        const known = asSidelightError(error, "sharing between tabs");
        if (membership?.abort === abort) fail(known);
        else onTrouble(known);
      });
    return { abort, ended, holds: 0 };
  }

  function fail(error: SidelightError): void {
    membership = null;
    changed.reject(error);
    changed = createDeferred();
    onFailed(error);
  }

  async function end(): Promise<void> {
    if (membership === null) return ending;
    const { abort, ended } = membership;
    membership = null;
    ending = ended;
    abort.abort(new SidelightError("CLIENT_STOPPED", "the client was stopped", { during: "sharing" }));
    await ended;
  }

  async function participate(signal: AbortSignal): Promise<void> {
    if (sharedWorker !== undefined && !signal.aborted) await useSharedWorker(sharedWorker, signal);
    if (signal.aborted) return;
    const { locks, openChannel } = environment;
    const { client, scope } = ownClient();
    if (locks !== undefined && openChannel !== undefined) {
      const told = {
        onTarget: setTarget,
        onTrouble: (error: unknown) => onTrouble(asSidelightError(error, "serving a tab")),
      };
      await takePart({ scope, clock, locks, openChannel, visibility, client, ...told }, signal);
      return;
    }
    setTarget({ client, role: "alone" });
    await untilAborted(signal);
    setTarget(null);
    await client.stop();
  }

  /** Resolves when it is of no use (any more), and tells why; or when `signal` aborts. */
  async function useSharedWorker(open: () => PortLike, signal: AbortSignal): Promise<void> {
    let client: ConnectedLightClient | null = null;
    const lost = createDeferred();
    try {
      client = connectPort(open(), {
        clock,
        visibility,
        connectTimeoutMs: SHARED_WORKER_TIMEOUT_MS,
        heartbeatMs: () => SHARED_WORKER_HEARTBEAT_MS,
        silenceMs: SHARED_WORKER_HEARTBEAT_MS,
        onLost(error) {
          if (!signal.aborted) onTrouble(error);
          lost.resolve();
        },
      });
      await orAborted(client.connected, signal);
      setTarget({ client, role: "follower", leave: client.disconnect });
      await Promise.race([lost.promise, untilAborted(signal)]);
    } catch (error) {
      // what could not even be opened was not lost
      if (client === null) onTrouble(asSidelightError(error, "opening the shared worker"));
    } finally {
      if (target !== null) setTarget(null);
      client?.disconnect();
    }
  }

  if (sharedWorker === undefined) ownClient();
  return {
    target: () => target,
    nextTarget: () => changed.promise,
    own: () => own?.client ?? null,
    join() {
      membership ??= begin();
      const mine = membership;
      mine.holds++;
      let isHeld = true;
      return async () => {
        if (!isHeld) return;
        isHeld = false;
        if (--mine.holds === 0 && membership === mine) await end();
      };
    },
    end,
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
