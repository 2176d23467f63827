/** Each member's own record for a period, and which of them are unresponsive. */
import type { MemberClass, MemberRecord } from "./light-types.js";

export interface Committee {
  readonly period: number;
  readonly size: number;
  /** Takes the next signature into account; they come in the order of the blocks. */
  sign(slot: number, isSet: (index: number) => boolean): void;
  /** Has a whole window been seen? Before that nobody can be told to be unresponsive. */
  isKnown(): boolean;
  /** Members that are `absent` or `silent`. */
  unresponsive(): number;
  classes(): Record<MemberClass, number>;
  records(pubkeys: readonly string[] | null): MemberRecord[];
}

/** @param window signatures seen without a member before it counts as unresponsive */
export function createCommittee(period: number, size: number, window: number): Committee {
  const signed = new Uint32Array(size);
  const silence = new Uint32Array(size);
  const longestSilence = new Uint32Array(size);
  const lastSignedSlot = new Float64Array(size).fill(-1);
  /** How many signatures had been seen when it came back; 0 if it never was away. */
  const cameBackAt = new Uint32Array(size);
  let seen = 0;

  function classOf(index: number): MemberClass {
    // away since the first signature, or since its own last one: the window counts what was seen without it
    if (silence[index]! >= window) return signed[index] === 0 ? "absent" : "silent";
    if (cameBackAt[index]! > 0 && seen - cameBackAt[index]! < window) return "back";
    return signed[index] === 0 ? "new" : "active";
  }

  return {
    period,
    size,
    sign(slot, isSet) {
      seen++;
      for (let index = 0; index < size; index++) {
        if (!isSet(index)) {
          silence[index]!++;
          if (silence[index]! > longestSilence[index]!) longestSilence[index] = silence[index]!;
          continue;
        }
        if (silence[index]! >= window) cameBackAt[index] = seen;
        signed[index]!++;
        silence[index] = 0;
        lastSignedSlot[index] = slot;
      }
    },
    isKnown: () => seen >= window,
    unresponsive() {
      let count = 0;
      for (let index = 0; index < size; index++) if (silence[index]! >= window) count++;
      return count;
    },
    classes() {
      const counts = { new: 0, active: 0, absent: 0, silent: 0, back: 0 };
      for (let index = 0; index < size; index++) counts[classOf(index)]++;
      return counts;
    },
    records(pubkeys) {
      return Array.from({ length: size }, (_, index) => ({
        index,
        pubkey: pubkeys?.[index] ?? null,
        class: classOf(index),
        seen,
        signed: signed[index]!,
        rate: seen === 0 ? 0 : signed[index]! / seen,
        silence: silence[index]!,
        longestSilence: longestSilence[index]!,
        lastSignedSlot: lastSignedSlot[index]! < 0 ? null : lastSignedSlot[index]!,
      }));
    },
  };
}
