/**
 * How encoded values lie in their bytes, and chunks in their trees: kind by kind, for what walks through types
 * (consensus-specs `ssz/simple-serialize.md`, `ssz/merkle-proofs.md`).
 */
import { describeValue } from "../errors.js";
import { BitArray } from "./bit-array.js";
import { zeroBytes32 } from "./bytes.js";
import { BYTES_PER_CHUNK, depthOfCount } from "./merkleize.js";
import { BYTES_PER_OFFSET, readOffset, splitByOffsets, splitFields } from "./offsets.js";
import { type AnyType, assertLength, type BitListType, type ListType, SszError } from "./type.js";

/** Where the chunks of a type's tree are. */
export interface Shape {
  /** Of the tree of its chunks; `null` for a progressive one. */
  readonly depth: number | null;
  /** Is the root of its chunks hashed with something: a length, or which fields are active? */
  readonly hasMixIn: boolean;
  /** Elements in one chunk, for lists and vectors of basic types; else 1. */
  readonly perChunk: number;
}

/** Does a chunk hold several of these? */
export function isBasic(type: { readonly kind: AnyType["kind"] }): boolean {
  return type.kind === "uint" || type.kind === "big-uint" || type.kind === "boolean";
}

export function shapeOf(type: AnyType): Shape {
  const shape = (chunks: number | null, hasMixIn = false, perChunk = 1): Shape => ({
    depth: chunks === null ? null : depthOfCount(Math.ceil(chunks)),
    hasMixIn,
    perChunk,
  });
  switch (type.kind) {
    case "byte-vector":
      return shape(type.length / BYTES_PER_CHUNK);
    case "bit-vector":
      return shape(type.length / (8 * BYTES_PER_CHUNK));
    case "byte-list":
      return shape(type.limit / BYTES_PER_CHUNK, true);
    case "bit-list":
      return shape(type.limit && type.limit / (8 * BYTES_PER_CHUNK), true);
    case "vector":
    case "list": {
      const perChunk = isBasic(type.element) ? BYTES_PER_CHUNK / type.element.fixedSize! : 1;
      if (type.kind === "vector") return shape(type.length / perChunk, false, perChunk);
      return shape(type.limit && type.limit / perChunk, true, perChunk);
    }
    case "container":
      return type.isProgressive ? shape(null, true) : shape(type.fields.length);
    default:
      return shape(1);
  }
}

/** What an encoded value consists of: parts with a tree each, or bytes that fill chunks. */
export interface Parts {
  readonly parts: {
    readonly count: number;
    readonly typeAt: (index: number) => AnyType;
    readonly bytesAt: (index: number) => Uint8Array;
  };
  readonly packed: Uint8Array | null;
  /** `Bytes32` */
  readonly mixIn: Uint8Array | null;
}

/** @throws SszError */
export function partsOf(type: AnyType, bytes: Uint8Array): Parts {
  switch (type.kind) {
    case "container": {
      const fields = splitFields(type.fields, fixedPartOf(type.fields), bytes);
      const parts = partsWith(
        fields.length,
        (i) => type.fields[i]!.type,
        (i) => fields[i]!,
      );
      return { parts, packed: null, mixIn: type.isProgressive ? activeFields(fields.length) : null };
    }
    case "list": {
      const count = countOf(type, bytes);
      return ofElements(type.element as AnyType, bytes, count, numberChunk(count));
    }
    case "vector":
      assertLength(bytes, type.fixedSize!);
      return ofElements(type.element as AnyType, bytes, type.length, null);
    case "bit-list": {
      const { uint8Array, bitLen } = splitBits(type, bytes);
      return ofBytes(uint8Array, numberChunk(bitLen));
    }
    case "byte-list":
      return ofBytes(type.deserialize(bytes), numberChunk(bytes.length));
    default:
      assertLength(bytes, type.fixedSize!);
      return ofBytes(bytes, null);
  }
}

function ofElements(element: AnyType, bytes: Uint8Array, count: number, mixIn: Uint8Array | null): Parts {
  if (isBasic(element)) return ofBytes(bytes, mixIn);
  const size = element.fixedSize;
  const split = size === null ? splitByOffsets(bytes, count) : null;
  const bytesAt = (i: number) => (split === null ? bytes.subarray(i * size!, (i + 1) * size!) : split[i]!);
  return { parts: partsWith(count, () => element, bytesAt), packed: null, mixIn };
}

function ofBytes(packed: Uint8Array, mixIn: Uint8Array | null): Parts {
  return { parts: NO_PARTS, packed, mixIn };
}

function partsWith(
  count: number,
  typeAt: (index: number) => AnyType,
  bytesAt: (index: number) => Uint8Array,
): Parts["parts"] {
  return { count, typeAt, bytesAt };
}

const NO_PARTS: Parts["parts"] = {
  count: 0,
  typeAt: () => {
    throw new SszError("", "parts", "packed bytes");
  },
  bytesAt: () => new Uint8Array(),
};

/** `active_fields`, as a chunk: all of the first `count`. */
function activeFields(count: number): Uint8Array {
  const chunk = zeroBytes32();
  for (let i = 0; i < count; i++) chunk[i >> 3]! |= 1 << (i & 7);
  return chunk;
}

function numberChunk(value: number): Uint8Array {
  const chunk = zeroBytes32();
  new DataView(chunk.buffer).setBigUint64(0, BigInt(value), true);
  return chunk;
}

/** Bytes of a container before those of its variable fields. */
function fixedPartOf(fields: readonly { readonly type: AnyType }[]): number {
  return fields.reduce((total, { type }) => total + (type.fixedSize ?? BYTES_PER_OFFSET), 0);
}

/** The bytes of each element. @throws SszError */
export function splitList(type: ListType, bytes: Uint8Array): Uint8Array[] {
  const size = type.element.fixedSize;
  const count = countOf(type, bytes);
  if (size === null) return splitByOffsets(bytes, count);
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

/** How many elements a list has. @throws SszError */
function countOf({ element, limit }: ListType, bytes: Uint8Array): number {
  const unit = element.fixedSize ?? BYTES_PER_OFFSET;
  const total = element.fixedSize === null && bytes.length > 0 ? readOffset(bytes, 0) : bytes.length;
  const count = total / unit;
  if (!Number.isInteger(count) || total > bytes.length || (count === 0 && bytes.length > 0)) {
    throw new SszError("", `whole elements of ${element.name}`, `${bytes.length} bytes`);
  }
  if (limit !== null && count > limit) throw new SszError("", `at most ${limit} elements`, String(count));
  return count;
}

/** The bits before the last one that is set, which tells where they end. @throws SszError */
export function splitBits({ limit }: BitListType, bytes: Uint8Array): BitArray {
  const last = bytes[bytes.length - 1] ?? 0;
  if (last === 0) throw new SszError("", "a bit that ends the list", describeValue(bytes));
  const ending = 31 - Math.clz32(last);
  const bitLen = 8 * (bytes.length - 1) + ending;
  if (limit !== null && bitLen > limit) throw new SszError("", `at most ${limit} bits`, String(bitLen));
  const bits = new Uint8Array(bytes.subarray(0, Math.ceil(bitLen / 8)));
  if (ending > 0) bits[bits.length - 1]! ^= 1 << ending;
  return new BitArray(bits, bitLen);
}
