/**
 * Basic types of SSZ, bytes and bits (consensus-specs `ssz/simple-serialize.md`).
 *
 * Bytes are copied by `new Uint8Array`: the `slice` of a Node `Buffer`, which callers may hand in, is a view of the same
 * memory.
 */
import { describeValue } from "../errors.js";
import { BitArray } from "./bit-array.js";
import { BYTES_PER_CHUNK, depthOfCount, merkleize, mixInLength, packBytes } from "./merkleize.js";
import {
  assertBytes,
  assertLength,
  type BigUintType,
  type BitVectorType,
  type BooleanType,
  type ByteListType,
  type ByteVectorType,
  fixed,
  SszError,
  type UintType,
} from "./type.js";

/** An unsigned integer of 8 bytes as a number. What is beyond 2^53 - 1 is refused, not rounded. */
export const uint64: UintType = {
  kind: "uint",
  ...fixed("uint64", 8),
  defaultValue: () => 0,
  deserialize(bytes) {
    assertLength(bytes, 8);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const value = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true);
    if (!Number.isSafeInteger(value)) throw new SszError("", "an integer up to 2^53 - 1", String(value));
    return value;
  },
  serialize(value) {
    if (!(Number.isSafeInteger(value) && value >= 0)) {
      throw new SszError("", "an integer from 0 to 2^53 - 1", describeValue(value));
    }
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, value % 2 ** 32, true);
    view.setUint32(4, Math.floor(value / 2 ** 32), true);
    return bytes;
  },
  hashTreeRoot: (value) => packBytes(uint64.serialize(value)),
};

/** An unsigned integer of `length` bytes as a bigint. */
export function bigUint(length: 8 | 32): BigUintType {
  const type: BigUintType = {
    kind: "big-uint",
    ...fixed(`uint${8 * length}`, length),
    defaultValue: () => 0n,
    deserialize(bytes) {
      assertLength(bytes, length);
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      let value = 0n;
      for (let offset = length - 8; offset >= 0; offset -= 8) value = (value << 64n) | view.getBigUint64(offset, true);
      return value;
    },
    serialize(value) {
      if (typeof value !== "bigint" || value < 0n || value >= 1n << BigInt(8 * length)) {
        throw new SszError("", `a bigint of ${length} bytes`, describeValue(value));
      }
      const bytes = new Uint8Array(length);
      const view = new DataView(bytes.buffer);
      for (let offset = 0; offset < length; offset += 8) {
        view.setBigUint64(offset, BigInt.asUintN(64, value >> BigInt(8 * offset)), true);
      }
      return bytes;
    },
    hashTreeRoot: (value) => packBytes(type.serialize(value)),
  };
  return type;
}

export const boolean: BooleanType = {
  kind: "boolean",
  ...fixed("boolean", 1),
  defaultValue: () => false,
  deserialize(bytes) {
    assertLength(bytes, 1);
    if (bytes[0]! > 1) throw new SszError("", "a boolean (0 or 1)", String(bytes[0]));
    return bytes[0] === 1;
  },
  serialize(value) {
    if (typeof value !== "boolean") throw new SszError("", "a boolean", describeValue(value));
    return Uint8Array.of(value ? 1 : 0);
  },
  hashTreeRoot: (value) => packBytes(boolean.serialize(value)),
};

/** `Bytes{length}` */
export function byteVector(length: number): ByteVectorType {
  const depth = depthOfCount(Math.ceil(length / BYTES_PER_CHUNK));
  return {
    kind: "byte-vector",
    ...fixed(`Bytes${length}`, length),
    length,
    defaultValue: () => new Uint8Array(length),
    deserialize(bytes) {
      assertLength(bytes, length);
      return new Uint8Array(bytes);
    },
    serialize(value) {
      assertBytes(value, length, length);
      return new Uint8Array(value);
    },
    hashTreeRoot(value) {
      assertBytes(value, length, length);
      return merkleize(packBytes(value), depth);
    },
  };
}

/** `ByteList[limit]` */
export function byteList(limit: number): ByteListType {
  const depth = depthOfCount(Math.ceil(limit / BYTES_PER_CHUNK));
  return {
    kind: "byte-list",
    name: `ByteList[${limit}]`,
    fixedSize: null,
    minSize: 0,
    maxSize: limit,
    limit,
    defaultValue: () => new Uint8Array(),
    deserialize(bytes) {
      if (bytes.length > limit) throw new SszError("", `at most ${limit} bytes`, `${bytes.length} bytes`);
      return new Uint8Array(bytes);
    },
    serialize(value) {
      assertBytes(value, 0, limit);
      return new Uint8Array(value);
    },
    hashTreeRoot(value) {
      assertBytes(value, 0, limit);
      return mixInLength(merkleize(packBytes(value), depth), value.length);
    },
  };
}

/** `Bitvector[length]` */
export function bitVector(length: number): BitVectorType {
  const size = Math.ceil(length / 8);
  const depth = depthOfCount(Math.ceil(size / BYTES_PER_CHUNK));
  return {
    kind: "bit-vector",
    ...fixed(`Bitvector[${length}]`, size),
    length,
    defaultValue: () => new BitArray(new Uint8Array(size), length),
    deserialize(bytes) {
      assertLength(bytes, size);
      assertNoPadding(bytes, length);
      return new BitArray(new Uint8Array(bytes), length);
    },
    serialize({ uint8Array, bitLen }) {
      if (bitLen !== length) throw new SszError("", `${length} bits`, `${bitLen} bits`);
      assertBytes(uint8Array, size, size);
      assertNoPadding(uint8Array, length);
      return new Uint8Array(uint8Array);
    },
    hashTreeRoot: ({ uint8Array }) => merkleize(packBytes(uint8Array), depth),
  };
}

/** Bits beyond the vector's length are zero. */
function assertNoPadding(bytes: Uint8Array, bitLen: number): void {
  if (bitLen % 8 === 0 || bytes[bytes.length - 1]! >> (bitLen % 8) === 0) return;
  throw new SszError("", `zeroes after bit ${bitLen}`, describeValue(bytes));
}
