/** One connection, on the side where the client is. */
import type { LightClient } from "../client/api.js";
import type { LightClientEvents, Status } from "../client/types.js";
import type { Clock } from "../clock.js";
import { asSidelightError, SidelightError } from "../errors.js";
import type { VisibilityChange } from "../visibility.js";
import { messageInvalid } from "./checks.js";
import {
  type ClientState,
  type EventName,
  MAX_CALLS,
  type Method,
  type ToClient,
  type ToServer,
  WINDOW,
} from "./protocol.js";
import { type Pulse, takePulse } from "./pulse.js";

/** What nobody listens to only moves the getters, and is told so often at most. */
const STATE_PAUSE_MS = 100;
/** A side that is frozen is given up after this; it may come back and say hello again. */
const QUIET_MS = 30_000;
const SILENCE_MS = 60_000;

/** The events that move a getter, and which. */
const MIRRORED = {
  head: "head",
  finality: "finalized",
  participation: "participation",
  status: "status",
  checkpoint: "checkpoint",
} as const;

const TOLD_WITH_ALL: readonly EventName[] = ["head", "finality", "status", "equivocation"];

export interface SessionOptions {
  readonly client: LightClient;
  readonly clock: Clock;
  readonly stop: "client" | "connection";
  readonly send: (message: ToClient) => void;
  /** The other side says whether it is looked at. */
  readonly onViewer: (change: VisibilityChange) => void;
  /** It is silent: the session has ended. */
  readonly onSilent: () => void;
}

export interface Session {
  readonly viewer: "visible" | "hidden" | "unknown";
  /** @throws MESSAGE_INVALID for what makes no sense here */
  receive(message: Exclude<ToServer, { type: "hello" | "bye" }>): void;
  /** Gives up its calls and listens no more. */
  end(): void;
}

export function createSession(hello: Extract<ToServer, { type: "hello" }>, options: SessionOptions): Session {
  const { client, clock, send } = options;
  const ended = new AbortController();
  const calls = new Map<number, AbortController>();
  const subscriptions = new Map<EventName, () => void>();
  const dirty = new Set<keyof ClientState>();
  const dropped = new Map<EventName, number>();
  let names: ReadonlySet<EventName> = new Set(hello.names);
  let viewer = hello.viewer;
  let lastCall = 0;
  let [seq, acknowledged] = [0, 0];
  let newestEvidence: unknown;
  let isFlushing = false;
  /** By its own `stop`: as if the client had stopped, while it goes on for others. */
  let isDetached = false;

  // --- what the client tells ---

  function isOpen(): boolean {
    return seq - acknowledged < WINDOW;
  }

  function stateOf(field: keyof ClientState): ClientState[keyof ClientState] {
    return field === "status" && isDetached ? { state: "stopped", reason: "stopped" } : client[field];
  }

  function subscribe(): void {
    for (const name of [...subscriptions.keys()]) if (isDetached || !isWanted(name)) unsubscribe(name);
    if (isDetached || ended.signal.aborted) return;
    for (const name of [...(Object.keys(MIRRORED) as EventName[]), ...names]) {
      if (!subscriptions.has(name))
        subscriptions.set(
          name,
          client.on(name, (payload) => onEvent(name, payload)),
        );
    }
  }

  function isWanted(name: EventName): boolean {
    return name in MIRRORED || names.has(name);
  }

  function unsubscribe(name: EventName): void {
    subscriptions.get(name)?.();
    subscriptions.delete(name);
  }

  function onEvent(name: EventName, payload: LightClientEvents[EventName]): void {
    const field = name in MIRRORED ? MIRRORED[name as keyof typeof MIRRORED] : null;
    noteEvidence();
    // what sources did changes all the time: told with each head
    if (name === "head" || name === "peer") dirty.add("sources");
    // they are taken back when finality is contradicted
    if (name === "equivocation" || (payload as Partial<Status>).state === "stopped") {
      dirty.add("head").add("finalized").add("participation");
    }
    if (names.has(name) && isOpen()) {
      // what the getters give must not be older than what a listener is told
      if (TOLD_WITH_ALL.includes(name)) flush(field);
      if (field !== null) dirty.delete(field);
      send({ type: "event", seq: ++seq, name, payload: encode(name, payload) });
      return;
    }
    if (names.has(name)) dropped.set(name, (dropped.get(name) ?? 0) + 1);
    if (field === null) return;
    dirty.add(field);
    flushSoon();
  }

  function noteEvidence(): void {
    const newest = client.evidence.at(-1);
    if (newest === newestEvidence) return;
    newestEvidence = newest;
    dirty.add("evidence");
  }

  function flush(except: keyof ClientState | null = null): void {
    if (!isOpen()) return;
    if (dropped.size > 0) send({ type: "dropped", counts: Object.fromEntries(dropped) });
    dropped.clear();
    const fields = [...dirty].filter((field) => field !== except);
    if (fields.length === 0) return;
    dirty.clear();
    const state = Object.fromEntries(fields.map((field) => [field, stateOf(field)]));
    send({ type: "state", seq: ++seq, state });
  }

  function flushSoon(): void {
    if (isFlushing) return;
    isFlushing = true;
    clock.sleep(STATE_PAUSE_MS, ended.signal).then(
      () => {
        isFlushing = false;
        flush();
      },
      () => {}, // ended
    );
  }

  // --- what the other side asks for ---

  async function run(id: number, method: Method): Promise<void> {
    const abort = new AbortController();
    calls.set(id, abort);
    try {
      const value = await perform(method, abort.signal);
      finish(id, { type: "result", id, value });
    } catch (thrown) {
      finish(id, { type: "failure", id, error: asSidelightError(thrown, method).toJSON() });
    }
  }

  function finish(id: number, answer: ToClient): void {
    if (!calls.delete(id) || ended.signal.aborted) return;
    noteEvidence();
    flush();
    send(answer);
  }

  async function perform(method: Method, signal: AbortSignal): Promise<unknown> {
    if (method === "forgetConflict") {
      await client.forgetConflict({ signal });
      return null;
    }
    if (method !== "stop") {
      if (isDetached) detach(false);
      return client[method]({ signal });
    }
    if (options.stop === "client") await client.stop();
    else detach(true);
    return null;
  }

  function detach(nowDetached: boolean): void {
    isDetached = nowDetached;
    subscribe();
    for (const field of ["status", "head", "finalized", "participation"] as const) dirty.add(field);
    flush();
    if (!isDetached) return;
    const reason = new SidelightError("CLIENT_STOPPED", "the connection was stopped", { during: client.status.state });
    for (const abort of calls.values()) abort.abort(reason);
  }

  function call(id: number, method: Method): void {
    if (id <= lastCall) throw messageInvalid("call.id", `more than ${lastCall}`, id);
    lastCall = id;
    if (calls.size < MAX_CALLS) void run(id, method);
    else send({ type: "failure", id, error: messageInvalid("call", `at most ${MAX_CALLS} under way`, id).toJSON() });
  }

  const pulse: Pulse = takePulse({
    clock,
    intervalMs: () => QUIET_MS,
    timeoutMs: SILENCE_MS,
    ping: () => send({ type: "ping" }),
    onSilent() {
      end();
      options.onSilent();
    },
  });

  function end(): void {
    if (ended.signal.aborted) return;
    const reason = new SidelightError("CLIENT_STOPPED", "the connection ended", { during: client.status.state });
    ended.abort(reason);
    pulse.stop();
    for (const name of [...subscriptions.keys()]) unsubscribe(name);
    for (const abort of calls.values()) abort.abort(reason);
  }

  newestEvidence = client.evidence.at(-1);
  subscribe();
  return {
    get viewer() {
      return viewer;
    },
    receive(message) {
      pulse.heard();
      switch (message.type) {
        case "listen":
          names = new Set(message.names);
          subscribe();
          break;
        case "call":
          call(message.id, message.method);
          break;
        case "abort":
          calls.get(message.id)?.abort();
          break;
        case "viewer":
          viewer = message.viewer;
          options.onViewer(message.change);
          break;
        case "ack":
          if (message.seq > seq || message.seq < acknowledged)
            throw messageInvalid("ack.seq", `at most ${seq}`, message.seq);
          acknowledged = message.seq;
          flush();
          break;
        case "ping":
          send({ type: "pong" });
          break;
        case "pong":
          break;
      }
    },
    end,
  };
}

/** As it crosses: an error is no plain object. */
function encode(name: EventName, payload: LightClientEvents[EventName]): unknown {
  if (name !== "error") return payload;
  const { error, source } = payload as LightClientEvents["error"];
  return { error: error.toJSON(), source };
}
