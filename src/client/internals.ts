/**
 * What is between a client and those who hand it on (a worker's port, the other tabs), and nobody else's business.
 */
import type { Visibility } from "../visibility.js";
import type { LightClient } from "./api.js";

/** Which chain a client follows, and from where. JSON-safe. */
export interface ChainInfo {
  /** Name of the network. */
  readonly network: string;
  readonly genesisValidatorsRoot: string;
  /** Unix time in seconds. */
  readonly genesisTime: number;
  readonly slotDurationMs: number;
  readonly checkpoint: string;
}

export interface Internals {
  /** `null` while it is not known: a connection that has not been answered yet. */
  chain(): ChainInfo | null;
  /** One more who looks at what the client says. @returns a function that removes it */
  addViewer(viewer: Visibility): () => void;
  /** Awaited before each request; what it rejects with keeps the request from being made. */
  guardRequests(mayAsk: () => Promise<void>): void;
}

/** The same one for every copy of this library in a program. */
const INTERNALS = Symbol.for("sidelight.internals");

export function withInternals<T extends LightClient>(client: T, internals: Internals): T {
  Object.defineProperty(client, INTERNALS, { value: internals });
  return client;
}

/** `null` for a client that somebody else has made. */
export function internalsOf(client: LightClient): Internals | null {
  return (client as { [INTERNALS]?: Internals })[INTERNALS] ?? null;
}
