import type { Participation, RangePattern, SlotPattern } from "../api-types.ts";

/**
 * Which validators are offline, for a fraction: always the same ones, spread over the registry, and a larger fraction
 * contains a smaller one. The golden ratio keeps neighbours apart.
 */
export function isOffline(validator: number, fraction: number): boolean {
  if (fraction <= 0) return false;
  return ((validator + 1) * 0.6180339887498949) % 1 < fraction;
}

function assertFraction(value: number, name: string): void {
  if (!(value >= 0 && value <= 1)) throw new Error(`${name}: expected a fraction in 0..1, got ${value}`);
}

function firstOf(size: number, count: number): boolean[] {
  return Array.from({ length: size }, (_, i) => i < count);
}

function fromParticipation(size: number, participation: Participation): boolean[] {
  if (typeof participation !== "number") return Array.from({ length: size }, (_, i) => Boolean(participation[i]));
  assertFraction(participation, "syncParticipation");
  return firstOf(size, Math.round(size * participation));
}

/** Sync committee bits for a slot; `members` are validator indices in committee order. */
export function syncBits(members: readonly number[], pattern: SlotPattern): boolean[] {
  if (pattern.syncCount !== undefined) return firstOf(members.length, pattern.syncCount);
  if (pattern.syncParticipation !== undefined) return fromParticipation(members.length, pattern.syncParticipation);
  const offline = pattern.offline ?? 0;
  assertFraction(offline, "offline");
  return members.map((validator) => !isOffline(validator, offline));
}

/** Whether a validator attests. */
export function attests(validator: number, pattern: SlotPattern): boolean {
  const fraction = pattern.attestationParticipation;
  if (fraction === undefined) return !isOffline(validator, pattern.offline ?? 0);
  assertFraction(fraction, "attestationParticipation");
  return !isOffline(validator, 1 - fraction);
}

/** The pattern of a slot: the last range that contains it. A periodic miss is resolved against the range's start. */
export function patternAt(ranges: readonly RangePattern[], slot: number): SlotPattern {
  const range = ranges.findLast(({ from = 0, to }) => slot >= from && slot <= (to ?? Infinity));
  if (!range) return {};
  return { ...range, missed: isMissed(range.missed, slot - (range.from ?? 0)) };
}

export function isMissed(missed: SlotPattern["missed"], offset: number): boolean {
  return typeof missed === "number" ? (offset + 1) % missed === 0 : Boolean(missed);
}
