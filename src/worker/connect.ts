/** `connectLightClient`: a client that runs on the other side of a port, with the API of one that runs here. */
import type { LightClient } from "../client/api.js";
import { type ChainInfo, withInternals } from "../client/internals.js";
import type { LightClientEvents, SyncResult, VerifiedHeader } from "../client/types.js";
import { createWarner } from "../client/warner.js";
import { type Clock, systemClock } from "../clock.js";
import { createDeferred } from "../deferred.js";
import { type ErrorJson, errorFromJson, isSidelightError, type SidelightError } from "../errors.js";
import { createEmitter } from "../events.js";
import { documentVisibility, stateOfAll, type Visibility, type VisibilityChange } from "../visibility.js";
import { createCalls } from "./calls.js";
import { assertPayload, EVENT_NAMES } from "./checks.js";
import { type Content, openConnection } from "./connection.js";
import { assertOption, connectionLost, eventsDropped, messageRefused } from "./failures.js";
import { createMirror } from "./mirror.js";
import type { PortLike } from "./port.js";
import { ACK_EVERY, type ClientState, type EventName } from "./protocol.js";

export interface ConnectOptions {
  /**
   * How long the other side may take to answer at first.
   * @default 10_000
   */
  readonly connectTimeoutMs?: number;
  /**
   * How long the other side may be quiet before it is asked for a sign of life, and how long it may take to give one: its
   * end is noticed within twice this. (Later while timers are held back, in a hidden page.) `Infinity` never asks.
   * @default 5_000
   */
  readonly heartbeatMs?: number;
  /**
   * Who knows whether this page is hidden: the client is told.
   * @default documentVisibility()
   */
  readonly visibility?: Visibility;
  /** @default systemClock() */
  readonly clock?: Clock;
}

export interface ConnectedLightClient extends LightClient {
  /**
   * Resolves once the other side has answered: from then on the getters give what it has.
   * @throws CONNECTION_LOST, PROTOCOL_MISMATCH
   */
  readonly connected: Promise<void>;
  /** Ends the connection, not the client. Calls under way reject with CONNECTION_LOST. Idempotent. */
  disconnect(): void;
}

/**
 * Connects to a client that `serveLightClient` serves on the other side of `port`. Does not wait: calls are passed on when
 * the other side has answered.
 *
 * It is used as a client that runs here, but for this:
 * - `head`, `finalized`, `participation`, `evidence` and `status` are what was told last, at most 100 ms ago; the ages in
 *   the labels of `head` and `finalized` are of now, by `clock`.
 * - What is known when the connection is made is told by events as well.
 * - Only events that somebody listens to cross. A listener that is slower than they come (256 behind) misses some, and is
 *   told so by an `EVENTS_DROPPED` error; the newest is not missed.
 * - A `signal` that aborts rejects the call at once, and aborts it on the other side.
 * - What `stop()` ends is for the other side to say, see {@link ServeOptions}; it also resolves when the connection is lost.
 * - When the other side is gone, calls reject with `CONNECTION_LOST`, the `error` event tells it, and the status is
 *   `stopped`, for good: connect anew.
 *
 * The port stays the caller's: it is not closed, no worker is started or terminated.
 *
 * @throws OPTION_INVALID
 */
export function connectLightClient(port: PortLike, options: ConnectOptions = {}): ConnectedLightClient {
  const { connectTimeoutMs = 10_000, heartbeatMs = 5_000, clock = systemClock() } = options;
  assertOption("connectTimeoutMs", "a number above 0", connectTimeoutMs, isAboveZero(connectTimeoutMs));
  assertOption("heartbeatMs", "a number above 0", heartbeatMs, isAboveZero(heartbeatMs));
  return connectPort(port, {
    clock,
    connectTimeoutMs,
    heartbeatMs: () => heartbeatMs,
    silenceMs: heartbeatMs,
    visibility: options.visibility ?? documentVisibility(),
  });
}

export interface ConnectPortOptions {
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
  readonly heartbeatMs: () => number;
  readonly silenceMs: number;
  readonly visibility: Visibility;
  /** Told of the end of the connection, which is then no `error` event. */
  readonly onLost?: (error: SidelightError) => void;
}

export function connectPort(port: PortLike, options: ConnectPortOptions): ConnectedLightClient {
  const { clock } = options;
  const warn = createWarner(clock);
  const emitter = createEmitter<LightClientEvents>(
    (error, event) => report(error, event === "error"),
    () => interestChanged(),
  );
  const mirror = createMirror(clock, () => chain);
  const calls = createCalls((message) => connection.isOpen() && connection.send(message));
  const viewers = new Map<Visibility, () => void>();
  const connected = createDeferred();
  let chain: ChainInfo | null = null;
  let lost: SidelightError | null = null;
  let [seq, acknowledged] = [0, 0];
  let isListenDue = false;
  /** What was said of this side in the last hello. */
  let said = hello();

  function hello() {
    return { type: "hello", names: wantedNames(), viewer: stateOfAll(viewers.keys()) } as const;
  }

  function report(error: SidelightError, isFromErrorListener = false): void {
    if (isFromErrorListener || emitter.listenerCount("error") === 0) warn(error);
    else emitter.emit("error", () => ({ error, source: null }));
  }

  const connection = openConnection(port, {
    ...options,
    hello: () => {
      said = hello();
      return said;
    },
    onWelcome(welcome, isNew) {
      [seq, acknowledged] = [0, 0];
      chain = welcome.chain;
      if (isNew) {
        tellMissed();
        // before anybody is told: what a listener calls then has a later number than what has waited
        calls.repeat();
      }
      if (lost !== null) return;
      takeState(welcome.state);
      connected.resolve();
    },
    onContent: receive,
    onTrouble: report,
    onLost: end,
  });

  function receive(message: Content): void {
    switch (message.type) {
      case "state":
        if (isNext(message.seq)) takeState(message.state);
        break;
      case "event":
        if (isNext(message.seq)) takeEvent(message.name, message.payload);
        break;
      case "dropped":
        for (const [event, dropped] of Object.entries(message.counts)) report(eventsDropped(event, dropped));
        break;
      case "invalid":
        report(messageRefused(message));
        break;
      default:
        calls.settle(message);
    }
  }

  /** Each is taken once, in order; what is missing is told. */
  function isNext(next: number): boolean {
    if (next <= seq) return false;
    if (next > seq + 1) report(eventsDropped("any", next - seq - 1));
    seq = next;
    if (seq - acknowledged >= ACK_EVERY) {
      acknowledged = seq;
      connection.send({ type: "ack", seq });
    }
    return true;
  }

  function takeState(state: Partial<ClientState>): void {
    const { finalized, head, participation, status, evidence, checkpoint, sources } = state;
    // all of them first: a listener may look at any
    if (evidence !== undefined) mirror.set("evidence", evidence);
    if (sources !== undefined) mirror.set("sources", sources);
    const hasCheckpoint = checkpoint !== undefined && mirror.set("checkpoint", checkpoint);
    const hasFinalized = finalized !== undefined && mirror.set("finalized", finalized);
    const hasHead = head !== undefined && mirror.set("head", head);
    const hasParticipation = participation !== undefined && mirror.set("participation", participation);
    const hasStatus = status !== undefined && mirror.set("status", status);
    if (hasStatus) emitter.emit("status", () => status);
    if (hasCheckpoint && checkpoint !== null) emitter.emit("checkpoint", () => checkpoint);
    if (hasFinalized && finalized !== null) emitter.emit("finality", () => finalized);
    if (hasHead && head !== null) emitter.emit("head", () => head);
    if (hasParticipation && participation !== null) emitter.emit("participation", () => participation);
  }

  function takeEvent(name: EventName, payload: unknown): void {
    assertPayload(name, payload);
    if (name === "status") takeState({ status: payload as LightClientEvents["status"] });
    else if (name === "head") takeState({ head: payload as LightClientEvents["head"] });
    else if (name === "finality") takeState({ finalized: payload as LightClientEvents["finality"] });
    else if (name === "participation") takeState({ participation: payload as LightClientEvents["participation"] });
    else if (name === "checkpoint") takeState({ checkpoint: payload as LightClientEvents["checkpoint"] });
    else if (name === "error") {
      const { error, source } = payload as { error: ErrorJson; source: string | null };
      emitter.emit("error", () => ({ error: errorFromJson(error), source }));
    } else emitter.emit(name, () => payload as never);
  }

  function end(error: SidelightError): void {
    lost = error;
    for (const unwatch of viewers.values()) unwatch();
    viewers.clear();
    calls.fail(error);
    connected.reject(error);
    const isWanted = isSidelightError(error, "CONNECTION_LOST") && error.details.reason === "disconnected";
    if (options.onLost !== undefined) options.onLost(error);
    else if (!isWanted) report(error);
    takeState({ status: { state: "stopped", reason: error.message } });
  }

  function wantedNames(): EventName[] {
    return EVENT_NAMES.filter((name) => emitter.listenerCount(name) > 0);
  }

  /** Several listeners that come at once are one message. */
  function interestChanged(): void {
    if (isListenDue || lost !== null) return;
    isListenDue = true;
    queueMicrotask(() => {
      isListenDue = false;
      if (connection.isOpen()) connection.send({ type: "listen", names: wantedNames() });
    });
  }

  /** What has changed while nobody had answered the hello yet. */
  function tellMissed(): void {
    const { names, viewer } = hello();
    if (names.join() !== said.names.join()) connection.send({ type: "listen", names });
    const change = viewer === "hidden" ? "hidden" : "shown";
    if (viewer !== said.viewer) connection.send({ type: "viewer", viewer, change });
  }

  function addViewer(viewer: Visibility): () => void {
    const onChange = (change: VisibilityChange) => {
      // a frozen page sees nothing, whatever it looks like
      const state = change === "frozen" ? "hidden" : stateOfAll(viewers.keys());
      if (connection.isOpen()) connection.send({ type: "viewer", viewer: state, change });
      // we may have been given up meanwhile, and the other side may be gone
      if (change === "shown" || change === "woken") connection.ask();
    };
    viewers.set(viewer, viewer.watch(onChange));
    onChange(viewer.state() === "hidden" ? "hidden" : "shown");
    return () => {
      viewers.get(viewer)?.();
      if (viewers.delete(viewer)) onChange("hidden");
    };
  }

  addViewer(options.visibility);
  const client: ConnectedLightClient = {
    connected: connected.promise,
    start: (callOptions = {}) => calls.make("start", callOptions) as Promise<VerifiedHeader>,
    syncOnce: (callOptions = {}) => calls.make("syncOnce", callOptions) as Promise<SyncResult>,
    forgetConflict: async (callOptions = {}) => void (await calls.make("forgetConflict", callOptions)),
    assertFresh: mirror.assertFresh,
    async stop() {
      try {
        await calls.make("stop", {});
      } catch (error) {
        if (lost === null) throw error; // else nothing goes on here any more
      }
    },
    disconnect() {
      connection.send({ type: "bye" });
      connection.lose(connectionLost("disconnected", "this side disconnected"));
    },
    get status() {
      return mirror.get("status");
    },
    get head() {
      return mirror.get("head");
    },
    get finalized() {
      return mirror.get("finalized");
    },
    get participation() {
      return mirror.get("participation");
    },
    get checkpoint() {
      return mirror.get("checkpoint");
    },
    get sources() {
      return [...mirror.get("sources")];
    },
    get evidence() {
      return [...mirror.get("evidence")];
    },
    on: emitter.on,
    once: emitter.once,
    events: emitter.events,
  };
  // requests are made on the other side, which cannot be held up from here
  return withInternals(client, { chain: () => chain, addViewer, guardRequests: () => {} });
}

function isAboveZero(value: unknown): boolean {
  return typeof value === "number" && value > 0;
}
