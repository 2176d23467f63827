/**
 * Lists, and what states and blocks have beside them (consensus-specs `ssz/simple-serialize.md`; progressive ones:
 * EIP-7916). In a module of its own: the light client's own objects have none.
 */
import { describeValue } from "../errors.js";
import { bigUint, uint64 } from "./basic.js";
import { BitArray } from "./bit-array.js";
import { at } from "./composite.js";
import { splitBits, splitList } from "./layout.js";
import { BYTES_PER_OFFSET, joinParts } from "./offsets.js";
import { treeOf } from "./tree.js";
import {
  assertBytes,
  assertLength,
  type BitListType,
  fixed,
  type ListType,
  SszError,
  type SszType,
  type UintType,
  type VectorType,
} from "./type.js";

/** `List[element, limit]`, or `ProgressiveList[element]` without a limit. */
export function list<E>(element: SszType<E>, limit: number | null): ListType<E> {
  const size = element.fixedSize;
  const name = limit === null ? `ProgressiveList[${element.name}]` : `List[${element.name}, ${limit}]`;
  const most = limit ?? Number.POSITIVE_INFINITY;
  const type: ListType<E> = {
    kind: "list",
    name,
    fixedSize: null,
    minSize: 0,
    maxSize: most * (element.maxSize + (size === null ? BYTES_PER_OFFSET : 0)),
    element,
    limit,
    defaultValue: () => [],
    deserialize: (bytes) => splitList(type, bytes).map((part, i) => at(`[${i}]`, () => element.deserialize(part))),
    serialize(values) {
      if (!Array.isArray(values) || values.length > most) {
        throw new SszError("", `an array of at most ${most}`, describeValue(values));
      }
      return joinParts(
        values.map(() => size !== null),
        values.map((value, i) => at(`[${i}]`, () => element.serialize(value))),
      );
    },
    hashTreeRoot: (values) => treeOf(type, type.serialize(values)).hash(),
  };
  return type;
}

/**
 * `Vector[element, length]` of a basic type, several of which share a chunk. (`vector` is for those that have chunks of
 * their own.)
 */
export function basicVector<E>(element: SszType<E>, length: number): VectorType<E> {
  const size = element.fixedSize!;
  const type: VectorType<E> = {
    kind: "vector",
    ...fixed(`Vector[${element.name}, ${length}]`, size * length),
    length,
    element,
    defaultValue: () => Array.from({ length }, () => element.defaultValue()),
    deserialize(bytes) {
      assertLength(bytes, size * length);
      return Array.from({ length }, (_, i) =>
        at(`[${i}]`, () => element.deserialize(bytes.subarray(i * size, (i + 1) * size))),
      );
    },
    serialize(values) {
      if (!Array.isArray(values) || values.length !== length) {
        throw new SszError("", `an array of ${length}`, describeValue(values));
      }
      return joinParts(
        values.map(() => true),
        values.map((value, i) => at(`[${i}]`, () => element.serialize(value))),
      );
    },
    hashTreeRoot: (values) => treeOf(type, type.serialize(values)).hash(),
  };
  return type;
}

/** `Bitlist[limit]`, or `ProgressiveBitlist` without a limit. */
export function bitList(limit: number | null): BitListType {
  const type: BitListType = {
    kind: "bit-list",
    name: limit === null ? "ProgressiveBitlist" : `Bitlist[${limit}]`,
    fixedSize: null,
    minSize: 1,
    maxSize: limit === null ? Number.POSITIVE_INFINITY : Math.floor(limit / 8) + 1,
    limit,
    defaultValue: () => new BitArray(new Uint8Array(), 0),
    deserialize: (bytes) => splitBits(type, bytes),
    serialize({ uint8Array, bitLen }) {
      const size = Math.ceil(bitLen / 8);
      assertBytes(uint8Array, size, size);
      const bytes = new Uint8Array(Math.floor(bitLen / 8) + 1);
      bytes.set(uint8Array);
      bytes[bytes.length - 1]! |= 1 << (bitLen % 8);
      splitBits(type, bytes);
      return bytes;
    },
    hashTreeRoot: (value) => treeOf(type, type.serialize(value)).hash(),
  };
  return type;
}

/** `uint8` */
export const uint8: UintType = {
  kind: "uint",
  .../*#__PURE__*/ fixed("uint8", 1),
  defaultValue: () => 0,
  deserialize(bytes) {
    assertLength(bytes, 1);
    return bytes[0]!;
  },
  serialize(value) {
    if (!(Number.isInteger(value) && value >= 0 && value < 256)) {
      throw new SszError("", "an integer from 0 to 255", describeValue(value));
    }
    return Uint8Array.of(value);
  },
  hashTreeRoot: (value) => treeOf(uint8, uint8.serialize(value)).hash(),
};

const uint64Exact = /*#__PURE__*/ bigUint(8);
const NEVER = 2n ** 64n - 1n;

/**
 * `uint64` as a number, in which the largest value, that the specification means "never" by (`FAR_FUTURE_EPOCH`,
 * `UNSET_DEPOSIT_REQUESTS_START_INDEX`), is `Infinity`: so that it compares as it should.
 */
export const uint64OrNever: UintType = {
  ...uint64,
  deserialize: (bytes) =>
    uint64Exact.deserialize(bytes) === NEVER ? Number.POSITIVE_INFINITY : uint64.deserialize(bytes),
  serialize: (value) => (value === Number.POSITIVE_INFINITY ? uint64Exact.serialize(NEVER) : uint64.serialize(value)),
  hashTreeRoot: (value) => treeOf(uint64OrNever, uint64OrNever.serialize(value)).hash(),
};
