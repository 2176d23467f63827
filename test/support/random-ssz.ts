/** Seeded values of any SSZ type, and the paths that lead into them. */
import { BitArray } from "../../src/ssz/bit-array.js";
import type { AnyType } from "../../src/ssz/type.js";
import { fill, fillBytes } from "./fill.js";

/** Lengths of lists: empty, within a chunk, and beyond the first subtrees of a progressive one. */
const LENGTHS = [0, 1, 2, 6, 23, 90];

/** A value of `type`; `seed` and what it is called decide all of it. */
export function randomValue(type: AnyType, seed: string): unknown {
  const [first, second] = fill(seed) as unknown as [number, number];
  switch (type.kind) {
    case "boolean":
      return first % 2 === 1;
    case "uint":
      return type.fixedSize === 1 ? first : first % 5 === 0 ? 0 : first * 2 ** 40 + second;
    case "big-uint":
      return fillBytes(type.fixedSize!, seed, "big").reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
    case "byte-vector":
      return fillBytes(type.length, seed);
    case "byte-list":
      return fillBytes(Math.min(type.limit, 7 * LENGTHS[first % LENGTHS.length]!), seed);
    case "bit-vector":
      return bits(type.length, seed);
    case "bit-list":
      return bits(Math.min(type.limit ?? 4096, 31 * LENGTHS[first % LENGTHS.length]!), seed);
    case "vector": {
      const some = Array.from({ length: 50 }, (_, i) => randomValue(type.element as AnyType, `${seed}/${i}`));
      return Array.from({ length: type.length }, (_, i) => some[i % 50]);
    }
    case "list": {
      const most = type.element.fixedSize === null ? 3 : 90;
      const length = Math.min(type.limit ?? most, most, LENGTHS[first % LENGTHS.length]!);
      return Array.from({ length }, (_, i) => randomValue(type.element as AnyType, `${seed}/${i}`));
    }
    case "container":
      return Object.fromEntries(
        type.fields.map((field) => [field.name, randomValue(field.type, `${seed}/${field.name}`)]),
      );
  }
}

function bits(bitLen: number, seed: string): BitArray {
  const bytes = fillBytes(Math.ceil(bitLen / 8), seed);
  if (bitLen % 8 !== 0) bytes[bytes.length - 1]! &= (1 << (bitLen % 8)) - 1;
  return new BitArray(bytes, bitLen);
}

/** Paths to every part of a type: of lists and vectors the first, and some far one; of lists the length too. */
export function pathsInto(type: AnyType, far = 77): (string | number)[][] {
  const under = (key: string | number, inner: AnyType) => pathsInto(inner, far).map((path) => [key, ...path]);
  switch (type.kind) {
    case "container":
      return [[], ...type.fields.flatMap((field) => under(field.name, field.type))];
    case "vector":
    case "list": {
      const element = type.element as AnyType;
      const limit = type.kind === "vector" ? type.length : (type.limit ?? far + 1);
      const last = Math.min(far, limit - 1);
      return [[], ...(type.kind === "list" ? [["length"]] : []), ...under(0, element), ...under(last, element)];
    }
    default:
      return [[]];
  }
}

/** What is at a path of a value. */
export function valueAtPath(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string | number, unknown> | undefined)?.[key], value);
}
