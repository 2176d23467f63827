/** What light mode takes and gives. Everything is JSON-safe. */
import type { EpochValues } from "./metrics.js";

/** A verified signature: the payload of a client's `participation` event has all of it. */
export interface SeenSignature {
  /** Slot of the block that carried it. */
  readonly slot: number;
  readonly attestedSlot: number;
  readonly attestedRoot: string;
  readonly period: number;
  /** `Bitvector[size]` as `0x` hex. */
  readonly bits: string;
  readonly size: number;
}

/** A verified header: `head` events. */
export interface SeenHead {
  readonly slot: number;
  readonly root: string;
  readonly parentRoot: string;
}

/** `reorg` events. */
export interface SeenReorg {
  readonly from: { readonly slot: number };
  readonly to: { readonly slot: number };
  readonly commonAncestor: { readonly slot: number } | null;
}

/** `committee` events: who the positions are. */
export interface SeenCommittee {
  readonly period: number;
  readonly pubkeys: readonly string[];
}

/**
 * How a member of the committee has behaved over the window:
 * - `new`: not seen for a whole window yet
 * - `active`: signed within the window
 * - `absent`: never signed in this period, and a whole window has passed
 * - `silent`: signed earlier in this period, but not within the window
 * - `back`: was `absent` or `silent`, signs again since less than a window
 */
export type MemberClass = "new" | "active" | "absent" | "silent" | "back";

/** A member's own record for the period. */
export interface MemberRecord {
  /** Position in the committee. A validator may hold several. */
  readonly index: number;
  /** `null` until the committee was told. */
  readonly pubkey: string | null;
  readonly class: MemberClass;
  /** Signatures of the committee that were seen in this period, and in how many of them this member took part. */
  readonly seen: number;
  readonly signed: number;
  /** `signed / seen` */
  readonly rate: number;
  /** Signatures in a row without this member, up to the last one seen; and the longest such run. */
  readonly silence: number;
  readonly longestSilence: number;
  /** Slot of the block that it signed last; `null` if none. */
  readonly lastSignedSlot: number | null;
}

export interface SlotHealth {
  /** Slot and root of the block that was signed. */
  readonly slot: number;
  readonly root: string;
  readonly count: number;
  readonly size: number;
  /** `count / size` */
  readonly participation: number;
  /** Members that are `absent` or `silent` once this signature is counted in. */
  readonly unresponsive: number;
  /**
   * `count / (size - unresponsive)`; 1 if nobody is left. `null` until a whole window of this committee's signatures was
   * seen: before that nobody can be told to be unresponsive, and it would be participation by another name.
   */
  readonly responsiveParticipation: number | null;
  /** Slots from the block to the one that carried its signature: 1 at best. */
  readonly distance: number;
}

/**
 * What is known of each slot of an epoch, one letter each:
 * `s` a block, and its signature was seen · `m` a block, but no signature of it · `e` proven to have no block ·
 * `o` only an orphaned block · `.` nothing is known.
 */
export type SlotLetters = string;

export interface EpochHealth extends EpochValues {
  readonly slots: SlotLetters;
  /** Blocks whose signature was seen. */
  readonly signatures: number;
  /** Of the epoch's own committee, as its last signature in the epoch left them. */
  readonly classes: Readonly<Record<MemberClass, number>>;
}

/** The committee's records as its period ends, or rather as another period's first signature is seen. */
export interface PeriodHealth {
  readonly period: number;
  readonly members: readonly MemberRecord[];
}

export type HealthReport =
  | { readonly kind: "slot"; readonly slot: SlotHealth }
  | { readonly kind: "epoch"; readonly epoch: EpochHealth }
  | { readonly kind: "period"; readonly period: PeriodHealth };
