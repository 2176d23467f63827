/**
 * SSZ types as values: how each is laid out, decoded, encoded and hashed (consensus-specs `ssz/simple-serialize.md`).
 *
 * Only what the light client's containers need, and strict: of any value there is one encoding, and all others are
 * refused with where they went wrong. Values are plain (numbers, bigints, bytes, arrays, objects); nothing is backed by a
 * tree, and nothing that is decoded shares memory with the bytes it came from.
 */
import { describeValue } from "../errors.js";
import type { BitArray } from "./bit-array.js";

/** Bytes, or a value, that are not what a type asks for. Callers make it an error with a code of its own. */
export class SszError extends Error {
  constructor(
    /** Where, in the names of the specification: `attested_header.beacon.slot`; empty for the object itself. */
    readonly path: string,
    readonly expected: string,
    readonly actual: string,
  ) {
    super(`${path === "" ? "" : `${path}: `}expected ${expected}, got ${actual}`);
    this.name = "SszError";
  }
}

interface TypeBase<T> {
  /** The specification's name of the type. */
  readonly name: string;
  /** Bytes of every value's encoding; `null` where values differ. */
  readonly fixedSize: number | null;
  readonly minSize: number;
  readonly maxSize: number;
  /** The specification's default value. A new one each time. */
  defaultValue(): T;
  /** @throws SszError for anything but the one encoding of a value */
  deserialize(bytes: Uint8Array): T;
  /** @throws SszError for what is no value of the type */
  serialize(value: T): Uint8Array;
  /** `hash_tree_root`: `Bytes32` */
  hashTreeRoot(value: T): Uint8Array;
}

export interface UintType extends TypeBase<number> {
  readonly kind: "uint";
}
export interface BigUintType extends TypeBase<bigint> {
  readonly kind: "big-uint";
}
export interface BooleanType extends TypeBase<boolean> {
  readonly kind: "boolean";
}
export interface ByteVectorType extends TypeBase<Uint8Array> {
  readonly kind: "byte-vector";
  readonly length: number;
}
export interface ByteListType extends TypeBase<Uint8Array> {
  readonly kind: "byte-list";
  /** Bytes at most. */
  readonly limit: number;
}
export interface BitVectorType extends TypeBase<BitArray> {
  readonly kind: "bit-vector";
  readonly length: number;
}
export interface VectorType<E = unknown> extends TypeBase<readonly E[]> {
  readonly kind: "vector";
  readonly length: number;
  readonly element: SszType<E>;
}
export interface ListType<E = unknown> extends TypeBase<readonly E[]> {
  readonly kind: "list";
  readonly element: SszType<E>;
  /** Elements at most; `null` for a progressive list, which has no limit (EIP-7916). */
  readonly limit: number | null;
}
export interface BitListType extends TypeBase<BitArray> {
  readonly kind: "bit-list";
  /** Bits at most; `null` for a progressive one (EIP-7916). */
  readonly limit: number | null;
}
export interface ContainerType<T = unknown> extends TypeBase<T> {
  readonly kind: "container";
  /** Its tree grows to the right, and every field is active (EIP-7495). */
  readonly isProgressive?: true;
  readonly fields: readonly ContainerField[];
  /** Roots of the fields, in their order: `Bytes32[fields.length]`. */
  fieldRoots(value: T): Uint8Array[];
}
export interface ContainerField {
  /** In objects of this library: `bodyRoot`. */
  readonly name: string;
  /** In JSON and in the specification: `body_root`. */
  readonly jsonKey: string;
  readonly type: AnyType;
}

/** A type without its value's type: for walking through one. */
export type AnyType =
  | UintType
  | BigUintType
  | BooleanType
  | ByteVectorType
  | ByteListType
  | BitVectorType
  // biome-ignore lint/suspicious/noExplicitAny: of elements of any type
  | VectorType<any>
  // biome-ignore lint/suspicious/noExplicitAny: of elements of any type
  | ListType<any>
  | BitListType
  // biome-ignore lint/suspicious/noExplicitAny: of values of any type
  | ContainerType<any>;

/** A type of values `T`. */
export type SszType<T> = TypeBase<T> & { readonly kind: AnyType["kind"] };

/** Name and sizes of a type whose encodings have one size. */
export function fixed(name: string, size: number) {
  return { name, fixedSize: size, minSize: size, maxSize: size };
}

/** @throws SszError */
export function assertLength(bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw new SszError("", `${length} bytes`, `${bytes.length} bytes`);
}

/** @throws SszError */
export function assertBytes(value: unknown, min: number, max: number): asserts value is Uint8Array {
  if (value instanceof Uint8Array && value.length >= min && value.length <= max) return;
  const expected = min === max ? `${max} bytes` : `at most ${max} bytes`;
  throw new SszError("", expected, describeValue(value));
}
