/** Vectors and containers of SSZ (consensus-specs `ssz/simple-serialize.md`). */
import { describeValue } from "../errors.js";
import { equalBytes } from "./bytes.js";
import { hashBlocks } from "./hash.js";
import { BYTES_PER_CHUNK, depthOfCount, joinChunks, merkleize } from "./merkleize.js";
import { BYTES_PER_OFFSET, joinParts, splitFields } from "./offsets.js";
import {
  type AnyType,
  assertBytes,
  assertLength,
  type ContainerField,
  type ContainerType,
  fixed,
  SszError,
  type SszType,
  type VectorType,
} from "./type.js";

/** `Vector[element, length]` of elements of one size, each with chunks of its own: no basic types. */
export function vector<E>(element: SszType<E>, length: number): VectorType<E> {
  const size = element.fixedSize;
  if (size === null) throw new SszError("", "elements of one size", element.name);
  return {
    kind: "vector",
    ...fixed(`Vector[${element.name}, ${length}]`, size * length),
    length,
    element,
    defaultValue: () => Array.from({ length }, () => element.defaultValue()),
    deserialize(bytes) {
      assertLength(bytes, size * length);
      const values: E[] = [];
      for (let i = 0; i < length; i++) {
        values.push(at(`[${i}]`, () => element.deserialize(bytes.subarray(i * size, (i + 1) * size))));
      }
      return values;
    },
    serialize(values) {
      assertCount(values, length);
      const bytes = new Uint8Array(size * length);
      values.forEach((value, i) => {
        bytes.set(
          at(`[${i}]`, () => element.serialize(value)),
          i * size,
        );
      });
      return bytes;
    },
    hashTreeRoot(values) {
      assertCount(values, length);
      return merkleize(elementRoots(element, values), depthOfCount(length));
    },
  };
}

/**
 * Roots in a row. A committee's public keys are 48 bytes, a block each: hashed all at once, which is what a fast hasher is
 * fast at.
 */
function elementRoots<E>(element: SszType<E>, values: readonly E[]): Uint8Array {
  const size = element.fixedSize!;
  if (element.kind !== "byte-vector" || size <= BYTES_PER_CHUNK || size > 2 * BYTES_PER_CHUNK) {
    return joinChunks(values.map((value) => element.hashTreeRoot(value)));
  }
  const blocks = new Uint8Array(values.length * 2 * BYTES_PER_CHUNK);
  values.forEach((value, i) => {
    assertBytes(value, size, size);
    blocks.set(value, i * 2 * BYTES_PER_CHUNK);
  });
  return hashBlocks(blocks);
}

/**
 * A container, its fields in the specification's order. Field names are ours (`bodyRoot`); JSON has the specification's
 * (`body_root`).
 */
export function container<T extends object>(
  name: string,
  fieldTypes: { readonly [K in keyof T]-?: SszType<T[K]> },
): ContainerType<T> {
  const fields: ContainerField[] = Object.entries(fieldTypes).map(([field, type]) => ({
    name: field,
    jsonKey: snakeCase(field),
    // every type of values is one of the kinds: `SszType` is `AnyType` that knows its values
    type: type as AnyType,
  }));
  const sum = (sizeOf: (type: AnyType) => number) => fields.reduce((total, { type }) => total + sizeOf(type), 0);
  const fixedPart = sum(({ fixedSize }) => fixedSize ?? BYTES_PER_OFFSET);
  const isFixed = fields.every(({ type }) => type.fixedSize !== null);
  const depth = depthOfCount(fields.length);

  function fieldRoots(value: T): Uint8Array[] {
    return fields.map(({ name: field, jsonKey, type }) => at(jsonKey, () => rootOf(type, fieldOf(value, field))));
  }

  return {
    kind: "container",
    name,
    fields,
    fixedSize: isFixed ? fixedPart : null,
    minSize: sum((type) => type.minSize + (type.fixedSize === null ? BYTES_PER_OFFSET : 0)),
    maxSize: sum((type) => type.maxSize + (type.fixedSize === null ? BYTES_PER_OFFSET : 0)),
    fieldRoots,
    defaultValue: () => Object.fromEntries(fields.map((field) => [field.name, field.type.defaultValue()])) as T,
    deserialize(bytes) {
      const value: Record<string, unknown> = {};
      const parts = splitFields(fields, fixedPart, bytes);
      fields.forEach(({ name: field, jsonKey, type }, i) => {
        value[field] = at(jsonKey, () => type.deserialize(parts[i]!));
      });
      return value as T;
    },
    serialize(value) {
      const parts = fields.map(({ name: field, jsonKey, type }) =>
        at(jsonKey, () => (type as SszType<unknown>).serialize(fieldOf(value, field))),
      );
      return joinParts(
        fields.map(({ type }) => type.fixedSize !== null),
        parts,
      );
    },
    hashTreeRoot: (value) => merkleize(joinChunks(fieldRoots(value)), depth),
  };
}

/** Do two values have the same encoding? */
export function isSame<T>(type: SszType<T>, a: T, b: T): boolean {
  return equalBytes(type.serialize(a), type.serialize(b));
}

function rootOf(type: AnyType, value: unknown): Uint8Array {
  return (type as SszType<unknown>).hashTreeRoot(value);
}

function fieldOf(value: object, field: string): unknown {
  return (value as Record<string, unknown>)[field];
}

/** Runs one step below `key`: what goes wrong there is told with the whole path. */
export function at<R>(key: string, step: () => R): R {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof SszError)) throw error;
    const separator = error.path === "" || error.path.startsWith("[") ? "" : ".";
    throw new SszError(`${key}${separator}${error.path}`, error.expected, error.actual);
  }
}

function assertCount(values: readonly unknown[], count: number): void {
  if (!Array.isArray(values) || values.length !== count) {
    throw new SszError("", `an array of ${count}`, describeValue(values));
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
