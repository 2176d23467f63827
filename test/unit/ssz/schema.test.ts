/** The library's SSZ against another implementation of it: same encodings, same roots, and no second encoding of anything. */
import {
  BitVectorType,
  BooleanType,
  ByteListType,
  ByteVectorType,
  ContainerType as PackageContainerType,
  type Type,
  UintBigintType,
  UintNumberType,
  VectorCompositeType,
} from "@chainsafe/ssz";
import { expect } from "chai";
import fc from "fast-check";
import { bigUint, bitVector, boolean, byteList, byteVector, uint64 } from "../../../src/ssz/basic.js";
import { container, isSame, vector } from "../../../src/ssz/composite.js";
import { type AnyType, SszError, type SszType } from "../../../src/ssz/type.js";
import { bitsOf } from "../../support/bits.js";
import { contentOf } from "../../support/frozen.js";
import { runsFrom } from "../../support/seed.js";

/** A type of both implementations, and arbitrary values of it. */
interface Pair {
  readonly own: SszType<unknown>;
  readonly other: Type<unknown>;
  readonly values: fc.Arbitrary<unknown>;
}

function pair<T>(own: SszType<T>, other: unknown, values: fc.Arbitrary<unknown>): Pair {
  return { own: own as unknown as SszType<unknown>, other: other as Type<unknown>, values };
}

const bytesOf = (min: number, max = min) => fc.uint8Array({ minLength: min, maxLength: max });

const LENGTHS = [1, 4, 20, 31, 32, 33, 48, 63, 64, 65, 96, 256];
const BASIC: Pair[] = [
  pair(uint64, new UintNumberType(8), fc.maxSafeNat()),
  pair(bigUint(8), new UintBigintType(8), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  pair(bigUint(32), new UintBigintType(32), fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })),
  pair(boolean, new BooleanType(), fc.boolean()),
  ...LENGTHS.map((length) => pair(byteVector(length), new ByteVectorType(length), bytesOf(length))),
  ...[1, 32, 33, 64, 1000].map((limit) => pair(byteList(limit), new ByteListType(limit), bytesOf(0, limit))),
  ...[1, 7, 8, 9, 32, 255, 256, 257, 512].map((length) =>
    pair(
      bitVector(length),
      new BitVectorType(length),
      fc.subarray(Array.from({ length }, (_, i) => i)).map((members) => bitsOf(length, members)),
    ),
  ),
];

/** Vectors and containers of others. */
function composite(parts: Pair[]): fc.Arbitrary<Pair> {
  const part = fc.constantFrom(...parts);
  const ofOneSize = part.filter(({ own }) => own.fixedSize !== null && isComposite(own));
  const vectors = fc.tuple(ofOneSize, fc.integer({ min: 1, max: 9 })).map(([{ own, other, values }, length]) =>
    pair(
      vector(own, length),
      new VectorCompositeType(other as never, length),
      fc.array(values, {
        minLength: length,
        maxLength: length,
      }),
    ),
  );
  const containers = fc.array(part, { minLength: 1, maxLength: 9 }).map((fields) => {
    const named = <V>(of: (field: Pair) => V) =>
      Object.fromEntries(fields.map((field, i) => [`fieldNumber${i}`, of(field)]));
    return pair(
      container<Record<string, unknown>>(
        "Some",
        named(({ own }) => own),
      ),
      new PackageContainerType(named(({ other }) => other) as never),
      fc.record(named(({ values }) => values)),
    );
  });
  return fc.oneof(vectors, containers);
}

/** The other implementation has vectors of basic elements under another name, for which the library has no use. */
function isComposite(type: SszType<unknown>): boolean {
  return !["uint", "big-uint", "boolean"].includes(type.kind);
}

const nested = composite(BASIC).chain((inner) =>
  fc.oneof(fc.constant(inner), composite([...BASIC.slice(0, 6), inner, inner, inner])),
);

function assertAgreement({ own, other }: Pair, value: unknown): void {
  const bytes = own.serialize(value);
  expect([...bytes]).to.deep.equal([...other.serialize(value)]);
  expect([...own.hashTreeRoot(value)]).to.deep.equal([...other.hashTreeRoot(value)]);
  const decoded = own.deserialize(bytes);
  expect(contentOf(decoded)).to.equal(contentOf(other.deserialize(bytes)));
  expect(isSame(own, decoded, value)).to.equal(true);
  expect(bytes.length).to.be.within(own.minSize, own.maxSize);
}

/** A Buffer's own `slice` shares memory: what is decoded from one must not. */
function assertOwnMemory({ own }: Pair, value: unknown): void {
  const buffer = Buffer.from(own.serialize(value));
  const decoded = own.deserialize(buffer);
  const before = contentOf(decoded);
  buffer.fill(0xff);
  expect(contentOf(decoded)).to.equal(before);
}

/** Whatever the bytes: a value that encodes to the same bytes, or an SszError. */
function assertStrict({ own }: Pair, bytes: Uint8Array): void {
  try {
    expect([...own.serialize(own.deserialize(bytes))]).to.deep.equal([...bytes]);
  } catch (error) {
    if (!(error instanceof SszError)) throw error;
  }
}

describe("SSZ", () => {
  for (const each of BASIC) {
    it(`${each.own.name}: agrees with another implementation`, () => {
      const { own, other } = each;
      expect([own.fixedSize, own.minSize, own.maxSize]).to.deep.equal([other.fixedSize, other.minSize, other.maxSize]);
      assertAgreement(each, own.defaultValue());
      expect(contentOf(own.defaultValue())).to.equal(contentOf(other.defaultValue()));
      fc.assert(
        fc.property(each.values, (value) => {
          assertAgreement(each, value);
          assertOwnMemory(each, value);
        }),
        { numRuns: runsFrom(30) },
      );
    });
  }

  it("agrees on vectors and containers of anything, nested", () => {
    const cases = nested.chain((made) => made.values.map((value) => ({ made, value })));
    fc.assert(
      fc.property(cases, ({ made, value }) => {
        const { own, other } = made;
        expect([own.fixedSize, own.minSize, own.maxSize]).to.deep.equal([
          other.fixedSize,
          other.minSize,
          other.maxSize,
        ]);
        assertAgreement(made, value);
        assertOwnMemory(made, value);
      }),
      { numRuns: runsFrom(300) },
    );
  });

  it("has one encoding of each value: of changed bytes nothing else is taken", () => {
    const cases = nested.chain((made) =>
      fc.tuple(made.values, fc.nat(), fc.nat(255), fc.integer({ min: -5, max: 5 })).map((rest) => ({ made, rest })),
    );
    fc.assert(
      fc.property(cases, ({ made, rest: [value, at, byte, longer] }) => {
        const bytes = made.own.serialize(value);
        const changed = bytes.slice();
        if (changed.length > 0) changed[at % changed.length] = byte;
        assertStrict(made, changed);
        assertStrict(made, resized(bytes, bytes.length + longer));
      }),
      { numRuns: runsFrom(600) },
    );
  });

  it("takes random bytes as what they encode, or not at all", () => {
    fc.assert(
      fc.property(nested, bytesOf(0, 300), (made, bytes) => assertStrict(made, bytes)),
      { numRuns: runsFrom(600) },
    );
  });

  it("says where, what it expected and what came", () => {
    const Inner = container<{ theValues: readonly Uint8Array[] }>("Inner", { theValues: vector(byteVector(4), 2) });
    const Outer = container<{ innerPart: { theValues: readonly Uint8Array[] }; bits: unknown }>("Outer", {
      innerPart: Inner,
      bits: bitVector(4) as unknown as SszType<unknown>,
    });
    const wrong = { innerPart: { theValues: [new Uint8Array(4), new Uint8Array(3)] }, bits: bitsOf(4, []) };
    expect(() => Outer.serialize(wrong)).to.throw(SszError, "inner_part.the_values[1]: expected 4 bytes, got 3 bytes");
    const bytes = new Uint8Array(9);
    bytes[8] = 0x10;
    expect(() => Outer.deserialize(bytes)).to.throw(SszError, "bits: expected zeroes after bit 4, got 1 bytes");
    expect(() => Outer.deserialize(bytes.subarray(1))).to.throw(SszError, "expected at least 9 bytes, got 8 bytes");
  });

  for (const [what, type, value] of [
    ["a fraction", uint64, 1.5],
    ["a negative number", uint64, -1],
    ["a number beyond 2^53 - 1", uint64, 2 ** 53],
    ["a number as text", uint64, "1"],
    ["a bigint that is too large", bigUint(8), 2n ** 64n],
    ["a negative bigint", bigUint(32), -1n],
    ["a number for a bigint", bigUint(8), 1],
    ["a number for a boolean", boolean, 1],
    ["short bytes", byteVector(48), new Uint8Array(47)],
    ["an array for bytes", byteVector(2), [1, 2]],
    ["too many bytes", byteList(3), new Uint8Array(4)],
    ["bits of another length", bitVector(9), bitsOf(8, [])],
    ["a short array", vector(byteVector(4), 2), [new Uint8Array(4)]],
    ["no array", vector(byteVector(4), 2), { length: 2 }],
    ["nothing", vector(byteVector(4), 2), undefined],
  ] as [string, AnyType, unknown][]) {
    it(`does not encode ${what} as ${type.name}`, () => {
      expect(() => (type as SszType<unknown>).serialize(value)).to.throw(SszError);
    });
  }

  it("makes no vector of elements that differ in size", () => {
    expect(() => vector(byteList(4) as unknown as SszType<unknown>, 2)).to.throw(SszError);
  });
});

function resized(bytes: Uint8Array, length: number): Uint8Array {
  const other = new Uint8Array(Math.max(0, length));
  other.set(bytes.subarray(0, other.length));
  return other;
}
