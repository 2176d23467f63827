/** A tab that is told what another one follows, while it waits for its turn. */
import type { LightClient } from "../client/api.js";
import type { Clock } from "../clock.js";
import { isSidelightError } from "../errors.js";
import type { Visibility } from "../visibility.js";
import { type ConnectedLightClient, connectPort } from "../worker/connect.js";
import { type Lease, type Locks, lease } from "./locks.js";
import { channelOf, type OpenChannel, type Rendezvous } from "./rendezvous.js";

/**
 * A leader that is quiet is asked after the first, and taken for dead after the second: with what it takes to start, less
 * than two seconds. (Verification blocks it for some tens of milliseconds.)
 */
const QUIET_MS = 400;
const SILENCE_MS = 800;
/** A tab that nobody sees is in no hurry. */
const QUIET_WHILE_HIDDEN_MS = 10_000;
/** Who has asked for the leader, and hears nothing for so long, takes over. */
const SEEK_MS = 1_000;
/** Tabs take over one at a time; one that cannot finish does not hold the others up for longer than this many attempts. */
const PATIENCE = 3;
/** Before the lock is taken the leader is asked once more: another tab may have become it. */
const LAST_CALL_MS = 200;

export interface FollowerOptions {
  readonly scope: string;
  /** Id of this tab. */
  readonly tab: string;
  readonly clock: Clock;
  readonly locks: Locks;
  readonly openChannel: OpenChannel;
  /** A leader could not be connected to. */
  readonly onTrouble: (error: unknown) => void;
  readonly rendezvous: Rendezvous;
  readonly visibility: Visibility;
  /** The client of the tab that leads now; `null`: none is known. */
  readonly onLeader: (client: LightClient | null) => void;
}

/**
 * Follows whoever leads, until this tab is to lead itself: because the lock is free, or because whoever holds it is frozen.
 * @throws `signal.reason`
 */
export async function followUntilElected(options: FollowerOptions, signal: AbortSignal): Promise<Lease> {
  const { locks, scope } = options;
  const waiting = new AbortController();
  const stop = () => waiting.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  const queued = lease(locks, scope, { signal: waiting.signal });
  const stolen = watchLeader(options, waiting.signal);
  let elected: Lease | null = null;
  try {
    elected = await Promise.race([queued, stolen]);
    return elected;
  } finally {
    signal.removeEventListener("abort", stop);
    waiting.abort(new Error("elected"));
    // Nobody is listened to any more before this tab speaks itself. And both ways may have led to it.
    for (const way of await Promise.allSettled([queued, stolen])) {
      if (way.status === "fulfilled" && way.value !== elected) way.value.release();
    }
  }
}

/** Connects to one leader after the other. Resolves with the lock if it had to be taken from one that is silent. */
async function watchLeader(options: FollowerOptions, signal: AbortSignal): Promise<Lease> {
  const { scope, tab, clock, openChannel, rendezvous, visibility, onLeader, onTrouble } = options;
  let current: { leader: string; client: ConnectedLightClient; channel: BroadcastChannel; isOpen: boolean } | null =
    null;
  let wake: () => void = () => {};

  function leave(): void {
    const left = current;
    current = null;
    if (left === null) return;
    left.client.disconnect();
    left.channel.close();
    if (left.isOpen) onLeader(null);
  }

  function connect(leader: string): void {
    leave();
    const channel = openChannel(channelOf(scope, leader, tab));
    const client = connectPort(channel, {
      clock,
      visibility,
      connectTimeoutMs: SILENCE_MS,
      heartbeatMs: () => (visibility.state() === "hidden" ? QUIET_WHILE_HIDDEN_MS : QUIET_MS),
      silenceMs: SILENCE_MS,
      onLost(error) {
        if (current !== mine) return;
        isSuspect = isSidelightError(error, "CONNECTION_LOST") && error.details.reason !== "closed";
        leave();
        wake();
      },
    });
    const mine = { leader, client, channel, isOpen: false };
    current = mine;
    client.connected.then(
      () => {
        if (current !== mine) return;
        mine.isOpen = true;
        onLeader(client);
      },
      () => {}, // told by `onLost`
    );
  }

  /** Is the one that led last silent, and not just gone? Then nobody need ask for it again. */
  let isSuspect = false;
  const unlisten = rendezvous.listen((call) => {
    if (call.type !== "lead" || call.leader === current?.leader) return;
    if (call.to === null) rendezvous.seek(tab);
    else if (call.to === tab) {
      try {
        connect(call.leader);
      } catch (error) {
        onTrouble(error); // within an event, nobody else would hear of it
      }
    }
  });

  /** Until the leader is lost, or `ms` have passed. */
  async function rest(ms: number): Promise<void> {
    const resting = new AbortController();
    wake = () => resting.abort();
    signal.addEventListener("abort", wake, { once: true });
    await clock.sleep(ms, resting.signal).catch(() => {});
    signal.removeEventListener("abort", wake);
    wake = () => {};
    signal.throwIfAborted();
  }

  try {
    for (let attempts = 0; ; ) {
      signal.throwIfAborted();
      if (current !== null) {
        attempts = 0;
        await rest(Infinity);
      } else if (isSuspect) {
        isSuspect = false;
        const taken = await takeOver(options, () => current === null, ++attempts >= PATIENCE, signal);
        if (taken !== null) return taken;
      } else {
        rendezvous.seek(tab);
        const askedMs = clock.nowMs();
        await rest(SEEK_MS);
        // an answer may wait behind a timer that was held back
        isSuspect = current === null && clock.nowMs() - askedMs <= 2 * SEEK_MS;
      }
    }
  } finally {
    unlisten();
    leave();
  }
}

/** Takes the lock from whoever holds it and is silent; one tab at a time, so that they do not take it from each other. */
function takeOver(
  { locks, scope, rendezvous, tab, clock }: FollowerOptions,
  isNeeded: () => boolean,
  isOutOfPatience: boolean,
  signal: AbortSignal,
): Promise<Lease | null> {
  let [hasBegun, isTurnOver] = [false, false];

  async function attempt(turn: Lock | null): Promise<Lease | null> {
    hasBegun = true;
    signal.throwIfAborted();
    rendezvous.seek(tab);
    // without a turn somebody else is at it, and will say so
    await clock.sleep(turn === null ? SEEK_MS : LAST_CALL_MS, signal);
    if (turn === null || isTurnOver || !isNeeded()) return null;
    return lease(locks, scope, { steal: true });
  }

  return new Promise((resolve, reject) => {
    const options = isOutOfPatience ? { steal: true } : { ifAvailable: true };
    const request = locks.request(`${scope}/takeover`, options, (turn) => attempt(turn).then(resolve, reject));
    request.catch((error: unknown) => {
      // a tab out of patience has taken the turn: what was begun ends by itself
      isTurnOver = true;
      if (!hasBegun) reject(error);
    });
  });
}
