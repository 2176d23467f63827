/**
 * What crosses the border between a test and the reference's process: a JSON object a line, requests on its standard
 * input, answers on its standard output. No imports on purpose: tests live in another dependency world.
 */

export type PresetName = "minimal" | "mainnet";

/** The kinds that are signed. */
export type SignedKind = "update" | "finality" | "optimistic";

/** An object as a server sends it. JSON as text, so that parsing it is the reader's work (and in the reader's time). */
export type SentObject =
  | { readonly encoding: "json"; readonly fork: string; readonly text: string }
  | { readonly encoding: "ssz"; readonly fork: string; readonly hex: string };

export interface Item {
  readonly kind: SignedKind;
  readonly object: SentObject;
  readonly currentSlot: number;
  /** Whether the session goes on from here if it is accepted; else it is tried on a copy of the store. */
  readonly keep: boolean;
}

export interface Verdict {
  readonly accepted: boolean;
  /** Why not: whatever was thrown. */
  readonly reason?: string;
  /** Slots of the store's headers afterwards (of the copy, if it was tried on one). */
  readonly finalizedSlot: number;
  readonly optimisticSlot: number;
}

export interface OpenParams {
  /** Answer of `/eth/v1/config/spec`; unknown keys are ignored. */
  readonly spec: Readonly<Record<string, unknown>>;
  /** `0x` hex, 32 bytes. */
  readonly genesisValidatorsRoot: string;
  /** Trusted block root, `0x` hex. */
  readonly root: string;
  readonly bootstrap: SentObject;
}

export interface Opened {
  readonly accepted: boolean;
  readonly reason?: string;
  /** To go on from; `null` if the bootstrap was refused. */
  readonly session: number | null;
}

/** Milliseconds inside the process: the way here and back is not in it. */
export interface Timing {
  /** Text or bytes to objects. */
  readonly decodeMs: number;
  /** All checks and the change of the store. */
  readonly verifyMs: number;
  /** User and system time of both. */
  readonly cpuMs: number;
}

export interface Methods {
  open: { readonly params: OpenParams; readonly result: Opened };
  verify: {
    readonly params: { readonly session: number; readonly items: readonly Item[] };
    readonly result: { readonly verdicts: readonly Verdict[]; readonly timing: Timing };
  };
  /** A second session that goes on from the same store. */
  copy: { readonly params: { readonly session: number }; readonly result: { readonly session: number } };
  close: { readonly params: { readonly session: number }; readonly result: null };
}
export type Method = keyof Methods;

export interface Request {
  readonly id: number;
  readonly method: Method;
  readonly params: unknown;
}

export type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string };

/** The first line. */
export interface ReadyLine {
  readonly ready: true;
  /** Name and version of what verifies. */
  readonly verifier: string;
  /** BLS implementation that it runs on. */
  readonly bls: string;
  readonly preset: PresetName;
}
