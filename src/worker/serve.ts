/** `serveLightClient`: the side of a port where the client is. */
import type { LightClient } from "../client/api.js";
import { internalsOf } from "../client/internals.js";
import { type Clock, systemClock } from "../clock.js";
import { isSidelightError } from "../errors.js";
import { takeSeats } from "./audience.js";
import { assertOption } from "./failures.js";
import { openWire, type PortLike } from "./port.js";
import {
  type Envelope,
  MAX_SESSIONS,
  PROTOCOL_VERSION,
  readEnvelope,
  readToServer,
  type ToClient,
  type ToServer,
  toWire,
} from "./protocol.js";
import { createSession, type Session } from "./session.js";

export interface ServeOptions {
  /**
   * What `stop()` of a connection ends: the client, for everybody, or only what this connection has of it (its calls
   * reject with `CLIENT_STOPPED`, it is told nothing more, until it calls `start` or `syncOnce` again). The client is the
   * one to stop where its connection is the only one: in a dedicated worker.
   * @default "connection"
   */
  readonly stop?: "client" | "connection";
  /** @default systemClock() */
  readonly clock?: Clock;
}

export interface Served {
  /** How many are connected through this port. */
  readonly connections: number;
  /** Ends all of them, and listens no more. The client goes on. */
  close(): void;
}

/**
 * Lets the other side of a port use a client: by `connectLightClient(port)` there. The client stays the caller's: it is
 * served on any number of ports, and can be used here as well. Nothing of it ends when connections end.
 *
 * ```ts
 * // in a dedicated worker
 * serveLightClient(self, createLightClient({ … }), { stop: "client" });
 * // in a shared one
 * self.onconnect = ({ ports: [port] }) => serveLightClient(port, client);
 * ```
 *
 * Call it before anything asynchronous happens in the worker: what is sent before somebody listens is lost. A connection
 * that has given no sign of life for 90 seconds is given up. Whether anybody looks at the pages that are connected decides
 * how closely the client follows (its option `whenHidden`).
 *
 * @throws OPTION_INVALID
 */
export function serveLightClient(port: PortLike, client: LightClient, options: ServeOptions = {}): Served {
  return servePort(port, client, options, () => {});
}

/** The same, and `onEmpty` is called when the last of the connections has ended. */
export function servePort(
  port: PortLike,
  client: LightClient,
  { stop = "connection", clock = systemClock() }: ServeOptions,
  onEmpty: () => void,
): Served {
  assertOption("stop", '"client" or "connection"', stop, stop === "client" || stop === "connection");
  const sessions = new Map<string, Session>();

  const wire = openWire(port, {
    onMessage(data) {
      const envelope = readEnvelope(data);
      if (envelope === null) return;
      if (envelope.version === PROTOCOL_VERSION) receive(envelope);
      // nothing is known of other versions but what they make of this one's envelope
      else if (envelope.type === "hello") send(envelope.session, { type: "refused" });
    },
    onClosed() {
      endAll();
      // nothing comes from there any more
      wire.release();
      seats.leave();
    },
    onTrouble: () => {},
  });
  const seats = takeSeats(client, sessions);

  function send(session: string, message: ToClient): void {
    wire.send(toWire(session, message));
  }

  function receive(envelope: Envelope): void {
    const id = envelope.session;
    try {
      const message = readToServer(envelope);
      if (message.type === "hello") welcome(id, message);
      else if (message.type === "bye") end(id);
      else if (sessions.has(id)) sessions.get(id)!.receive(message);
      else send(id, { type: "gone" });
    } catch (error) {
      if (!isSidelightError(error, "MESSAGE_INVALID")) throw error;
      // whoever sent it is told: here is nobody who could do something about it
      send(id, { type: "invalid", ...error.details });
    }
  }

  function welcome(id: string, hello: Extract<ToServer, { type: "hello" }>): void {
    // said again: its welcome has not arrived, or it was asleep
    sessions.get(id)?.end();
    if (!sessions.has(id) && sessions.size >= MAX_SESSIONS) {
      send(id, { type: "refused" });
      return;
    }
    const { status, head, finalized, participation, evidence, checkpoint, sources } = client;
    const chain = internalsOf(client)?.chain() ?? null;
    const state = { status, head, finalized, participation, evidence, checkpoint, sources };
    send(id, { type: "welcome", chain, state });
    const session = createSession(hello, {
      client,
      clock,
      stop,
      send: (message) => send(id, message),
      onViewer: seats.tell,
      onSilent: () => {
        if (sessions.get(id) === session) forget(id);
      },
    });
    sessions.set(id, session);
    seats.tell(session.viewer === "hidden" ? "hidden" : "shown");
  }

  function end(id: string): void {
    sessions.get(id)?.end();
    forget(id);
  }

  function forget(id: string): void {
    if (!sessions.delete(id)) return;
    seats.tell("hidden");
    if (sessions.size === 0) onEmpty();
  }

  function endAll(): void {
    for (const id of [...sessions.keys()]) end(id);
  }

  return {
    get connections() {
      return sessions.size;
    },
    close() {
      for (const id of [...sessions.keys()]) send(id, { type: "bye" });
      endAll();
      wire.release();
      seats.close();
    },
  };
}
