/** A connection, on the side that connects: found, kept alive, found again, and lost once. */
import type { Clock } from "../clock.js";
import { asSidelightError, type SidelightError } from "../errors.js";
import { connectionLost, protocolMismatch } from "./failures.js";
import { openWire, type PortLike } from "./port.js";
import { PROTOCOL_VERSION, readEnvelope, readToClient, type ToClient, type ToServer, toWire } from "./protocol.js";
import { type Pulse, takePulse } from "./pulse.js";

/** Hello is said again so often: a worker may not listen yet. */
const HELLO_EVERY_MS = 500;

type Welcome = Extract<ToClient, { type: "welcome" }>;
/** What is no affair of the connection itself. */
export type Content = Extract<ToClient, { type: "state" | "event" | "dropped" | "result" | "failure" | "invalid" }>;

export interface ConnectionOptions {
  readonly connectTimeoutMs: number;
  /** By when the other side is asked for a sign of life, and how long it may take to give one. */
  readonly heartbeatMs: () => number;
  readonly silenceMs: number;
  readonly clock: Clock;
  readonly hello: () => ToServer;
  /** `isNew`: the other side knows nothing of what it was asked before. */
  readonly onWelcome: (welcome: Welcome, isNew: boolean) => void;
  readonly onContent: (content: Content) => void;
  /** Something that the connection survives. */
  readonly onTrouble: (error: SidelightError) => void;
  readonly onLost: (error: SidelightError) => void;
}

export interface Connection {
  /** Has the other side answered, and not forgotten us? */
  isOpen(): boolean;
  send(message: ToServer): void;
  /** There is reason to doubt that the other side is there. */
  ask(): void;
  /** Ends it. */
  lose(error: SidelightError): void;
}

export function openConnection(port: PortLike, options: ConnectionOptions): Connection {
  const { clock, connectTimeoutMs, heartbeatMs, silenceMs } = options;
  const session = randomId();
  const over = new AbortController();
  let wasFound = false;
  let isOpen = false;
  let pulse: Pulse | null = null;

  const wire = openWire(port, {
    onMessage(data) {
      const envelope = readEnvelope(data);
      if (envelope === null || envelope.session !== session || over.signal.aborted) return;
      if (envelope.version !== PROTOCOL_VERSION) return lose(protocolMismatch(envelope.version));
      pulse?.heard();
      try {
        receive(readToClient(envelope));
      } catch (error) {
        options.onTrouble(asSidelightError(error, "a message of the other side"));
      }
    },
    onClosed: (message) => lose(connectionLost("closed", message)),
    onTrouble(message) {
      // before anything came, this is why nothing does
      if (!wasFound) lose(connectionLost("failed", message));
      else options.onTrouble(asSidelightError(new Error(message), "the other side"));
    },
  });

  function send(message: ToServer): void {
    if (!over.signal.aborted) wire.send(toWire(session, message));
  }

  function receive(message: ToClient): void {
    switch (message.type) {
      case "welcome":
        welcome(message);
        break;
      case "refused":
        lose(connectionLost("refused", "the other side has no room for more connections"));
        break;
      case "bye":
        lose(connectionLost("closed", "the other side ended the connection"));
        break;
      case "gone":
        // we slept, and were given up
        if (isOpen) find();
        break;
      case "ping":
        send({ type: "pong" });
        break;
      case "pong":
        break;
      default:
        options.onContent(message);
    }
  }

  function welcome(message: Welcome): void {
    const isNew = !isOpen;
    wasFound = true;
    isOpen = true;
    if (isNew) {
      pulse?.stop();
      pulse = startPulse();
    }
    options.onWelcome(message, isNew);
  }

  /** Says hello until it is answered. */
  function find(): void {
    isOpen = false;
    greet().catch((error: unknown) => {
      if (!over.signal.aborted) throw error;
    });
  }

  async function greet(): Promise<void> {
    for (let waitedMs = 0; waitedMs < connectTimeoutMs; waitedMs += HELLO_EVERY_MS) {
      send(options.hello());
      await clock.sleep(Math.min(HELLO_EVERY_MS, connectTimeoutMs - waitedMs), over.signal);
      if (isOpen) return;
    }
    lose(connectionLost("unanswered", `no answer within ${connectTimeoutMs} ms`));
  }

  function startPulse(): Pulse | null {
    if (silenceMs === Infinity) return null;
    return takePulse({
      clock,
      intervalMs: heartbeatMs,
      timeoutMs: silenceMs,
      ping: () => send({ type: "ping" }),
      onSilent: () => lose(connectionLost("silent", `no sign of life within ${silenceMs} ms`)),
    });
  }

  function lose(error: SidelightError): void {
    if (over.signal.aborted) return;
    isOpen = false;
    over.abort(error);
    pulse?.stop();
    wire.release();
    options.onLost(error);
  }

  // not before whoever opens it has it in hands: a port may be dead already
  queueMicrotask(() => !over.signal.aborted && find());
  return { isOpen: () => isOpen, send, ask: () => pulse?.ask(), lose };
}

/** Not `crypto.randomUUID`, which only pages of HTTPS have. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
