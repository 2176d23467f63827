/**
 * What crosses a port. Every message has an envelope `{ sidelight, session, type }`: the version of the protocol, which
 * connection it belongs to (several can share a port), and what it is. Everything is JSON-safe, so a port may clone or
 * serialize it. What comes is checked here before anybody looks at it, and only the fields named here are passed on.
 *
 * The side that connects says `hello` until it is welcomed, with the state of that moment. From then on the other side
 * tells what changed (`state`), and the events that somebody listens to (`event`); both numbered, and acknowledged now and
 * then, so that no more are under way than a peer can take. Who is not heard of is asked (`ping`) and given up. A
 * connection that was given up while its side slept is told `gone`, and says `hello` again.
 */
import type { ChainInfo } from "../client/internals.js";
import type {
  Evidence,
  LightClientEvents,
  Participation,
  Status,
  TrustedCheckpoint,
  VerifiedHeader,
} from "../client/types.js";
import type { ErrorJson } from "../errors.js";
import type { SourceStatus } from "../transport/pool/types.js";
import type { Visibility, VisibilityChange } from "../visibility.js";
import {
  type Check,
  checkFields,
  isChainInfo,
  isCount,
  isCounts,
  isErrorJson,
  isEventName,
  isState,
  isText,
  listOf,
  messageInvalid,
  oneOf,
  orNull,
} from "./checks.js";

/** Rises when a message, or anything that is handed out, changes its shape. */
export const PROTOCOL_VERSION = 1;

/** Events or states under way to one connection before the next are dropped. */
export const WINDOW = 256;
/** They are acknowledged by so many. */
export const ACK_EVERY = 32;
/** Calls of one connection that can be under way. */
export const MAX_CALLS = 64;
/** Connections on one port. */
export const MAX_SESSIONS = 32;

export type EventName = keyof LightClientEvents;
const METHODS = ["start", "syncOnce", "stop", "forgetConflict"] as const;
export type Method = (typeof METHODS)[number];
type ViewerState = ReturnType<Visibility["state"]>;

/** What the getters of a client give. */
export interface ClientState {
  readonly status: Status;
  readonly head: VerifiedHeader | null;
  readonly finalized: VerifiedHeader | null;
  readonly participation: Participation | null;
  readonly evidence: readonly Evidence[];
  readonly checkpoint: TrustedCheckpoint | null;
  readonly sources: readonly SourceStatus[];
}

export type ToServer =
  | { readonly type: "hello"; readonly names: readonly EventName[]; readonly viewer: ViewerState }
  /** All the events that are listened to. */
  | { readonly type: "listen"; readonly names: readonly EventName[] }
  /** `id` is higher than any before it in the session. */
  | { readonly type: "call"; readonly id: number; readonly method: Method }
  | { readonly type: "abort"; readonly id: number }
  | { readonly type: "viewer"; readonly viewer: ViewerState; readonly change: VisibilityChange }
  | { readonly type: "ack"; readonly seq: number }
  | { readonly type: "ping" }
  | { readonly type: "pong" }
  | { readonly type: "bye" };

export type ToClient =
  | { readonly type: "welcome"; readonly chain: ChainInfo | null; readonly state: ClientState }
  /** No more connections; or, by the version in the envelope, not of this one. */
  | { readonly type: "refused" }
  /** No such session (any more). */
  | { readonly type: "gone" }
  | { readonly type: "state"; readonly seq: number; readonly state: Partial<ClientState> }
  | { readonly type: "event"; readonly seq: number; readonly name: EventName; readonly payload: unknown }
  | { readonly type: "dropped"; readonly counts: Readonly<Record<string, number>> }
  | { readonly type: "result"; readonly id: number; readonly value: unknown }
  | { readonly type: "failure"; readonly id: number; readonly error: ErrorJson }
  /** A message of yours was not understood. */
  | { readonly type: "invalid"; readonly message: string; readonly expected: string; readonly actual: string }
  | { readonly type: "ping" }
  | { readonly type: "pong" }
  | { readonly type: "bye" };

type Fields<M extends { readonly type: string }> = {
  readonly [T in M["type"]]: Readonly<Record<Exclude<keyof Extract<M, { type: T }>, "type">, Check>>;
};

const isViewerState = oneOf("visible", "hidden", "unknown");
const isNames = listOf(isEventName, 16);

const TO_SERVER: Fields<ToServer> = {
  hello: { names: isNames, viewer: isViewerState },
  listen: { names: isNames },
  call: { id: isCount, method: oneOf(...METHODS) },
  abort: { id: isCount },
  viewer: { viewer: isViewerState, change: oneOf("shown", "hidden", "frozen", "woken") },
  ack: { seq: isCount },
  ping: {},
  pong: {},
  bye: {},
};

/** Payloads and results are checked by whoever knows what was asked for. */
const isAnything: Check = { expected: "anything", holds: () => true };

const TO_CLIENT: Fields<ToClient> = {
  welcome: { chain: orNull(isChainInfo), state: isState("whole") },
  refused: {},
  gone: {},
  state: { seq: isCount, state: isState("part") },
  event: { seq: isCount, name: isEventName, payload: isAnything },
  dropped: { counts: isCounts },
  result: { id: isCount, value: isAnything },
  failure: { id: isCount, error: isErrorJson },
  invalid: { message: isText, expected: isText, actual: isText },
  ping: {},
  pong: {},
  bye: {},
};

export interface Envelope {
  readonly version: number;
  readonly session: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** `null`: not a message of this library, so none of its business (a port may carry others). */
export function readEnvelope(data: unknown): Envelope | null {
  if (typeof data !== "object" || data === null) return null;
  const { sidelight: version, session, type } = data as Record<string, unknown>;
  if (typeof version !== "number" || typeof session !== "string" || typeof type !== "string") return null;
  if (session.length === 0 || session.length > 64) return null;
  return { version, session, type, data: data as Record<string, unknown> };
}

/** @throws MESSAGE_INVALID */
export function readToServer(envelope: Envelope): ToServer {
  return read(TO_SERVER, envelope) as ToServer;
}

/** @throws MESSAGE_INVALID */
export function readToClient(envelope: Envelope): ToClient {
  return read(TO_CLIENT, envelope) as ToClient;
}

function read(messages: Readonly<Record<string, Readonly<Record<string, Check>>>>, { type, data }: Envelope): object {
  if (!Object.hasOwn(messages, type))
    throw messageInvalid("message", `one of ${Object.keys(messages).join(", ")}`, type);
  return { type, ...checkFields(type, messages[type]!, data) };
}

export function toWire(session: string, message: ToServer | ToClient): object {
  return { sidelight: PROTOCOL_VERSION, session, ...message };
}
