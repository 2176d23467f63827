/** Sets of committee members. */
import { BitArray } from "@chainsafe/ssz";
import { fillBytes } from "./fill.js";

/** Bits of `length` with those at `members` set. */
export function bitsOf(length: number, members: readonly number[]): BitArray {
  const bits = BitArray.fromBitLen(length);
  for (const member of members) bits.set(member, true);
  return bits;
}

export function firstMembers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** `count` of `size` members, chosen by `seed`. */
export function someMembers(size: number, count: number, seed: string): number[] {
  const order = fillBytes(4 * size, seed);
  const view = new DataView(order.buffer);
  const ranked = firstMembers(size).sort((a, b) => view.getUint32(4 * a) - view.getUint32(4 * b) || a - b);
  return ranked.slice(0, count);
}
