/** Random single changes of bytes, JSON and decoded objects: small, seeded, and each can be told in a line. */

import fc from "fast-check";
import { flipBit, isBits } from "./bits.js";
import { jsonLeaves, type Keys, valueAt, withValueAt } from "./json-paths.js";

/** A change: which of those there are, where, and by how much. All three are taken modulo what there is to choose from. */
export interface Mutation {
  readonly kind: number;
  readonly at: number;
  readonly by: number;
}

export const mutations: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.nat(1000),
  at: fc.nat(0x7fffffff),
  by: fc.nat(0x7fffffff),
});

type Change<T> = (value: T, at: number, by: number) => T;

function pick<T>(list: readonly T[], index: number): T {
  return list[index % list.length]!;
}

function overwritten(bytes: Uint8Array, at: number, part: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy.set(part.subarray(0, copy.length - at), at);
  return copy;
}

const BYTE_CHANGES: Record<string, Change<Uint8Array>> = {
  flipsBit: (bytes, at, by) => overwritten(bytes, at, Uint8Array.of(bytes[at]! ^ (1 << (by % 8)))),
  flipsBitAgain: (bytes, at, by) => overwritten(bytes, at, Uint8Array.of(bytes[at]! ^ (1 << (by % 8)))),
  setsByte: (bytes, at, by) => overwritten(bytes, at, Uint8Array.of(by % 256)),
  zeroes32: (bytes, at) => overwritten(bytes, at, new Uint8Array(32)),
  copies32: (bytes, at, by) => overwritten(bytes, at, bytes.slice(by % bytes.length, (by % bytes.length) + 32)),
  swaps48: (bytes, at, by) => {
    const other = by % bytes.length;
    const [low, high] = [Math.min(at, other), Math.max(at, other)];
    const length = Math.min(48, high - low, bytes.length - high);
    const swapped = overwritten(bytes, low, bytes.slice(high, high + length));
    return overwritten(swapped, high, bytes.slice(low, low + length));
  },
  inserts: (bytes, at, by) => Uint8Array.of(...bytes.slice(0, at), by % 256, ...bytes.slice(at)),
  deletes: (bytes, at) => Uint8Array.of(...bytes.slice(0, at), ...bytes.slice(at + 1)),
  truncates: (bytes, at) => bytes.slice(0, at),
  increments64: (bytes, at) => {
    const copy = bytes.slice();
    for (let i = at; i < Math.min(at + 8, copy.length); i++) if (++copy[i]! !== 0) break;
    return copy;
  },
};

export function mutateBytes(bytes: Uint8Array, { kind, at, by }: Mutation): Uint8Array {
  return pick(Object.values(BYTE_CHANGES), kind)(bytes, at % bytes.length, by);
}

const HEX_CHANGES: Record<string, Change<string>> = {
  changesDigit: (hex, at, by) => replaceDigit(hex, at, (by % 15) + 1),
  changesDigitAgain: (hex, at, by) => replaceDigit(hex, at, (by % 15) + 1),
  changesCase: (hex) => `0x${hex.slice(2).toUpperCase()}`,
  zeroes: (hex) => `0x${"0".repeat(hex.length - 2)}`,
  reverses: (hex) => `0x${[...hex.slice(2)].reverse().join("")}`,
  cuts: (hex) => hex.slice(0, -2),
  extends: (hex) => `${hex}00`,
};

function replaceDigit(hex: string, at: number, by: number): string {
  if (hex.length === 2) return "0x01";
  const position = 2 + (at % (hex.length - 2));
  const digit = (Number.parseInt(hex[position]!, 16) + by) % 16;
  return hex.slice(0, position) + digit.toString(16) + hex.slice(position + 1);
}

const INTEGER_CHANGES: Record<string, Change<bigint>> = {
  adds: (value, _, by) => value + 1n + BigInt(by % 3),
  subtracts: (value, _, by) => value - 1n - BigInt(by % 3),
  zeroes: () => 0n,
  shifts: (value) => value * 10n,
  jumps: (value, _, by) => value + BigInt(by),
  flipsBit: (value, _, by) => value ^ (1n << BigInt(by % 53)),
};

/** Changes one leaf, or puts another leaf's value in its place. */
export function mutateJson(json: unknown, { kind, at, by }: Mutation): unknown {
  const leaves = jsonLeaves(json);
  // every public key is a leaf: without this, they would get most of the attention
  const isKey = ({ path }: { path: string }) => /pubkeys\[/.test(path);
  const chosen = kind % 5 === 0 ? leaves.filter(isKey) : leaves.filter((leaf) => !isKey(leaf));
  const { keys, value } = pick(chosen.length > 0 ? chosen : leaves, at);
  if (kind % 7 === 0) return withValueAt(json, keys, pick(leaves, by).value);
  const text = value as string;
  const changed = text.startsWith("0x")
    ? pick(Object.values(HEX_CHANGES), kind)(text, by, at)
    : `${pick(Object.values(INTEGER_CHANGES), kind)(BigInt(text), at, by)}`;
  return withValueAt(json, keys, changed);
}

/** Changes one field of a decoded object: bytes, bits, an integer, or the order and number of a list's items. */
export function mutateValue(value: unknown, { kind, at, by }: Mutation): unknown {
  const fields = fieldsOf(value);
  const isKey = (keys: Keys) => keys.includes("pubkeys") && keys.length > 2;
  const chosen = kind % 5 === 0 ? fields : fields.filter((keys) => !isKey(keys));
  const keys = pick(chosen, at);
  return withValueAt(value, keys, changedField(valueAt(value, keys), fields, value, { kind, at, by }));
}

function changedField(old: unknown, fields: readonly Keys[], whole: unknown, { kind, at, by }: Mutation): unknown {
  if (isBits(old)) return flipBit(old, by % old.bitLen);
  if (old instanceof Uint8Array) {
    const sameLength = fields
      .map((keys) => valueAt(whole, keys))
      .filter((other) => other instanceof Uint8Array && other.length === old.length);
    if (kind % 4 === 0) return pick(sameLength, by);
    if (kind % 4 === 1) return new Uint8Array(old.length);
    return old.length === 0 ? Uint8Array.of(1) : BYTE_CHANGES["flipsBit"]!(old, at % old.length, by);
  }
  if (typeof old === "bigint") return clampBigint(pick(Object.values(INTEGER_CHANGES), kind)(old, at, by));
  if (typeof old === "number")
    return Number(clampBigint(pick(Object.values(INTEGER_CHANGES), kind)(BigInt(old), at, by), 53n));
  const list = old as unknown[];
  // decoding has counted the keys; how many nodes a branch has is for the protocol to check
  if ((list[0] as Uint8Array).length === 48) return [...list].reverse();
  return [list.slice(1), list.slice(0, -1), [...list, new Uint8Array(32)], [...list].reverse()][kind % 4];
}

function clampBigint(value: bigint, bits = 64n): bigint {
  return value < 0n ? 0n : value % (1n << bits);
}

/** Keys of everything that {@link changedField} can change. */
function fieldsOf(value: unknown, keys: Keys = []): Keys[] {
  if (isBits(value) || value instanceof Uint8Array) return [keys];
  if (typeof value === "bigint" || typeof value === "number") return [keys];
  if (typeof value !== "object" || value === null) return [];
  const inner = Array.isArray(value)
    ? value.flatMap((item, i) => fieldsOf(item, [...keys, i]))
    : Object.entries(value).flatMap(([key, item]) => fieldsOf(item, [...keys, key]));
  return Array.isArray(value) && keys.length > 0 ? [keys, ...inner] : inner;
}
