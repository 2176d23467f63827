/**
 * The transport port: what the client asks of anyone who might have light-client data.
 *
 * A source hands over what a server sent together with what the server *claims* about it. It decodes nothing and
 * trusts nothing; it only bounds sizes and times. Every method rejects with a `SidelightError` of the transport codes,
 * or with `signal.reason` when aborted.
 */
import type { SidelightError } from "../errors.js";
import type { RawObject } from "../ssz/raw-object.js";

export type { RawObject };

export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** Told of bytes as they come, uncompressed, whatever becomes of the answer. Must not throw. */
  readonly onBytes?: (bytes: number) => void;
  /** Told what time it is by the server (Unix time in milliseconds), where it says so. Must not throw. */
  readonly onDate?: (serverMs: number) => void;
}

/** What a subscription delivers. */
export interface SourceEvent {
  readonly type: "optimistic" | "finality";
  readonly object: RawObject;
  /** Who sent it, where that is not the one subscribed to: gossip comes from any peer. */
  readonly from?: Source;
  /** Told once what became of it, by whoever verifies: gossip is passed on if it held. */
  readonly settle?: (verdict: EventVerdict) => void;
}

/** What became of a pushed object: which parts of the state it advanced (none: it was known, or overtaken), or why not. */
export interface EventVerdict {
  readonly advanced: readonly SourceEvent["type"][];
  readonly error: SidelightError | null;
}

/** An object that the client has verified, as it came. */
export type VerifiedObject =
  | { readonly kind: "bootstrap"; readonly root: string; readonly raw: RawObject }
  | { readonly kind: "update"; readonly period: number; readonly raw: RawObject }
  | { readonly kind: "finality" | "optimistic"; readonly raw: RawObject };

export interface SubscribeOptions extends RequestOptions {
  /** Called for each object. Must not throw. */
  readonly onEvent: (event: SourceEvent) => void;
  /** Called once when the server has accepted the subscription. */
  readonly onOpen?: () => void;
}

/** Someone who may have light-client data: a beacon node's REST API, a peer, a file. */
export interface Source {
  /** Short and free of credentials: it appears in events and errors. */
  readonly name: string;
  /** `LightClientBootstrap` of a block root (`0x` hex). */
  bootstrap(root: string, options?: RequestOptions): Promise<RawObject>;
  /**
   * Best `LightClientUpdate` of each period from `startPeriod` on, in order, at most `count` (1 to 128:
   * `MAX_REQUEST_LIGHT_CLIENT_UPDATES`). May be shorter than asked for; rejects with `NOT_AVAILABLE` rather than give
   * an empty list.
   */
  updates(startPeriod: number, count: number, options?: RequestOptions): Promise<RawObject[]>;
  finalityUpdate(options?: RequestOptions): Promise<RawObject>;
  optimisticUpdate(options?: RequestOptions): Promise<RawObject>;
  /**
   * The client could not make sense of this source's SSZ answers (a fork digest that no fork has): ask for JSON from now
   * on. Absent if the source has no choice.
   */
  preferJson?(): void;
  /**
   * Follows the source's stream until `signal` aborts (then resolves) or the stream ends or breaks (then rejects with
   * `SUBSCRIPTION_FAILED`). Absent if the source has no stream.
   */
  subscribe?(options: SubscribeOptions): Promise<void>;
  /** The client has verified something that this source sent. For sources that give it to others. Must not throw. */
  verified?(object: VerifiedObject): void;
}

/** consensus-specs `specs/altair/light-client/p2p-interface.md`. */
export const MAX_REQUEST_LIGHT_CLIENT_UPDATES = 128;
