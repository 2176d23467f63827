/** Sets of committee members: of the library's own kind, or of the SSZ package that the tests' containers are made with. */
import { BitArray as PackageBitArray } from "@chainsafe/ssz";
import { BitArray } from "../../src/ssz/bit-array.js";
import { fillBytes } from "./fill.js";

export function isBits(value: unknown): value is BitArray {
  return value instanceof BitArray || value instanceof PackageBitArray;
}

/** The same bits, but for one of them. */
export function flipBit<B extends BitArray>(bits: B, index: number): B {
  const bytes = bits.uint8Array.slice();
  bytes[index >> 3]! ^= 1 << (index & 7);
  return new (bits.constructor as typeof BitArray)(bytes, bits.bitLen) as B;
}

/** Bits of `length` with those at `members` set. */
export function bitsOf(length: number, members: readonly number[]): PackageBitArray {
  const bits = PackageBitArray.fromBitLen(length);
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
