/**
 * Paths into SSZ values, typed, and where they lead in the tree: the specification's `get_generalized_index`
 * (consensus-specs `ssz/merkle-proofs.md`), with progressive trees (EIP-7916).
 */

import { uint64 } from "./basic.js";
import type { BitArray } from "./bit-array.js";
import { isBasic, shapeOf } from "./layout.js";
import { BYTES_PER_CHUNK } from "./merkleize.js";
import type { AnyType } from "./type.js";

type Leaf = number | bigint | boolean | string | Uint8Array | BitArray;

/** The parts of a `T`, from itself down: names of fields, indices of elements, `"length"` of a list. */
export type Path<T> = T extends Leaf
  ? readonly []
  : T extends readonly (infer E)[]
    ? readonly [] | readonly ["length"] | readonly [number, ...Path<E>]
    : readonly [] | { readonly [K in keyof T & string]: readonly [K, ...Path<T[K]>] }[keyof T & string];

/** What is at a path of a `T`. */
export type ValueAt<T, P extends readonly unknown[]> = P extends readonly [infer K, ...infer Rest]
  ? T extends readonly (infer E)[]
    ? K extends "length"
      ? number
      : ValueAt<E, Rest>
    : K extends keyof T
      ? ValueAt<T[K], Rest>
      : never
  : T;

/** Where a path leads. */
export interface Location {
  readonly type: AnyType;
  readonly gindex: bigint;
  /** Bytes before it in its chunk: not 0 for some elements of basic types alone. */
  readonly offset: number;
  /**
   * The lists on the way: the index is there if the length, which is at `gindex`, is above it. `isBounded`: the chunk is
   * there in any case, zero beyond the end. (What would be below an element that is not there, is not; and a progressive
   * tree ends with its list.)
   */
  readonly lists: readonly { readonly gindex: bigint; readonly index: number; readonly isBounded: boolean }[];
}

const CONTENTS = 2n;
/** Of a list's length, and of which fields of a progressive container are active. */
const MIX_IN = 3n;

/** Where `path` leads in a `type`; a text that says what was expected where it leads nowhere. */
export function locate(
  type: AnyType,
  path: readonly unknown[],
): Location | { readonly at: number; readonly expected: string } {
  let here: Location = { type, gindex: 1n, offset: 0, lists: [] };
  for (const [at, key] of path.entries()) {
    const next = step(here, key);
    if (typeof next === "string") return { at, expected: next };
    here = next;
  }
  return here;
}

function step(from: Location, key: unknown): Location | string {
  const { type } = from;
  if (type.kind === "container") {
    const index = type.fields.findIndex(({ name }) => name === key);
    if (index === -1) return `a field of ${type.name}: ${type.fields.map(({ name }) => name).join(", ")}`;
    return { ...from, type: type.fields[index]!.type, gindex: below(from.gindex, chunkGindex(type, index)) };
  }
  if (type.kind !== "vector" && type.kind !== "list") return `no more: ${type.name} has no parts`;
  const length = lengthGindex(from.gindex);
  if (type.kind === "list" && key === "length") return { ...from, type: uint64, gindex: length };
  const count = type.kind === "vector" ? type.length : (type.limit ?? 2 ** 32);
  if (!(Number.isSafeInteger(key) && (key as number) >= 0 && (key as number) < count)) {
    return `${type.kind === "list" ? '"length" or ' : ""}an index from 0 to ${count - 1}`;
  }
  const index = key as number;
  const { perChunk } = shapeOf(type);
  const chunk = Math.floor(index / perChunk);
  return {
    type: type.element as AnyType,
    gindex: below(from.gindex, chunkGindex(type, chunk)),
    offset: ((index % perChunk) * BYTES_PER_CHUNK) / perChunk,
    lists:
      type.kind === "list"
        ? [...from.lists, { gindex: length, index, isBounded: type.limit !== null && isBasic(type.element) }]
        : from.lists,
  };
}

/** Of a list: where its length is. */
export function lengthGindex(gindex: bigint): bigint {
  return below(gindex, MIX_IN);
}

/** Where a chunk of a type's value is, in the type's own tree. */
export function chunkGindex(type: AnyType, chunk: number): bigint {
  const { depth, hasMixIn } = shapeOf(type);
  const inContents = depth === null ? progressiveGindex(chunk) : (1n << BigInt(depth)) + BigInt(chunk);
  return hasMixIn ? below(CONTENTS, inContents) : inContents;
}

/** EIP-7916: subtrees of 1, 4, 16, ... chunks, each to the left of all that follow. */
function progressiveGindex(chunk: number): bigint {
  let gindex = 1n;
  let first = 0;
  let size = 1;
  for (; chunk >= first + size; size *= 4) {
    first += size;
    gindex = 2n * gindex + 1n;
  }
  return 2n * gindex * BigInt(size) + BigInt(chunk - first);
}

/** `concat_generalized_indices` of two. */
export function below(outer: bigint, inner: bigint): bigint {
  const depth = BigInt(inner.toString(2).length - 1);
  return (outer << depth) | (inner ^ (1n << depth));
}
