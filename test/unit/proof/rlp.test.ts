import { RLP } from "@ethereumjs/rlp";
import { expect } from "chai";
import fc from "fast-check";
import type { RlpFault } from "../../../src/errors.js";
import { decodeRlp, encodeRlp, integerToBytes, type RlpValue, splitRlpList } from "../../../src/proof/rlp.js";
import { equalBytes, fromHex, toHex } from "../../../src/ssz/bytes.js";
import { codeOf, expectCode } from "../../support/expect-code.js";
import { runsFrom, seedOf } from "../../support/seed.js";

const text = (value: string) => new TextEncoder().encode(value);
const seed = seedOf();

/** Values of any shape, with the lengths around which the form changes. */
const values: fc.Arbitrary<RlpValue> = fc.letrec<{ value: RlpValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(
      fc.uint8Array({ maxLength: 3 }),
      fc.uint8Array({ minLength: 53, maxLength: 58 }),
      fc.uint8Array({ minLength: 254, maxLength: 258 }),
    ),
    fc.array(tie("value"), { maxLength: 8 }),
  ),
})).value;

describe("encodeRlp and decodeRlp", () => {
  // tens of thousands of refusals: their stack traces take longer than all else
  const { stackTraceLimit } = Error;
  before(() => {
    Error.stackTraceLimit = 0;
  });
  after(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });

  const EXAMPLES: readonly [string, RlpValue, string][] = [
    ["a string", text("dog"), "0x83646f67"],
    ["a list", [text("cat"), text("dog")], "0xc88363617483646f67"],
    ["an empty string", new Uint8Array(0), "0x80"],
    ["an empty list", [], "0xc0"],
    ["a byte that stands for itself", Uint8Array.of(0x0f), "0x0f"],
    ["the byte 0", Uint8Array.of(0), "0x00"],
    ["a byte that does not", Uint8Array.of(0x80), "0x8180"],
    ["two bytes", Uint8Array.of(0x04, 0x00), "0x820400"],
    ["three, as sets", [[], [[]], [[], [[]]]], "0xc7c0c1c0c3c0c1c0"],
    ["55 bytes", new Uint8Array(55).fill(1), `0xb7${"01".repeat(55)}`],
    ["56 bytes", new Uint8Array(56).fill(1), `0xb838${"01".repeat(56)}`],
    ["a list of 56 bytes", Array.from({ length: 56 }, () => Uint8Array.of(1)), `0xf838${"01".repeat(56)}`],
    ["256 bytes", new Uint8Array(256), `0xb90100${"00".repeat(256)}`],
  ];
  for (const [name, value, hex] of EXAMPLES) {
    it(`know ${name}`, () => {
      expect(toHex(encodeRlp(value))).to.equal(hex);
      expect(decodeRlp(fromHex(hex))).to.deep.equal(value);
    });
  }

  it(`are each other's inverse, and agree with another implementation (seed ${seed})`, () => {
    fc.assert(
      fc.property(values, (value) => {
        const encoded = encodeRlp(value);
        expect(toHex(encoded)).to.equal(toHex(RLP.encode(value as Uint8Array)));
        expect(decodeRlp(encoded)).to.deep.equal(value);
      }),
      { seed, numRuns: runsFrom(500) },
    );
  });

  it("have one encoding for each value: all of up to two bytes", () => {
    let valid = 0;
    for (let i = -256; i < 65_536; i++) {
      const bytes = i < 0 ? Uint8Array.of(i + 256) : Uint8Array.of(i >> 8, i & 255);
      if (roundTrips(bytes)) valid++;
    }
    // alone: 128 that stand for themselves, an empty string, an empty list; 128 behind 0x81; 130 behind 0xc1
    expect(valid).to.equal(130 + 128 + 130);
  });

  it(`have one encoding for each value: changed and random bytes (seed ${seed})`, () => {
    const changed = fc
      .tuple(values, fc.nat(), fc.integer({ min: 0, max: 255 }))
      .map(([value, at, byte]) => withByte(encodeRlp(value), at, byte));
    fc.assert(fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 80 })), roundTripsOrFails), {
      seed,
      numRuns: runsFrom(5000),
    });
  });

  it("give views of what they are given", () => {
    const bytes = encodeRlp([text("cat"), text("dog")]);
    const [cat] = decodeRlp(bytes) as Uint8Array[];
    expect(cat!.buffer).to.equal(bytes.buffer);
  });
});

describe("decodeRlp", () => {
  const FAULTS: readonly [RlpFault, string, string, number][] = [
    ["truncated", "nothing at all", "0x", 0],
    ["truncated", "a string that ends early", "0x83646f", 0],
    ["truncated", "a list that ends early", "0xc88363617483646f", 0],
    ["truncated", "an item that ends after its list", "0xc28364", 1],
    ["truncated", "a length that ends early", "0xb9", 1],
    ["truncated", "a length of 8 bytes that is not there", "0xbfffffffffffffffff", 0],
    ["truncated", "a list of 2^64 - 1 bytes", "0xffffffffffffffffff", 0],
    ["truncated", "a length beyond its list", "0xc1b8", 2],
    ["trailing-bytes", "a byte too many", "0x83646f6700", 4],
    ["trailing-bytes", "two values", "0x0102", 1],
    ["trailing-bytes", "something after an empty list", "0xc0c0", 1],
    ["non-canonical-byte", "a small byte with a prefix", "0x8100", 0],
    ["non-canonical-byte", "a small byte with a prefix, in a list", "0xc5827b7b8101", 4],
    ["non-canonical-byte", "0x7f with a prefix", "0x817f", 0],
    ["non-canonical-length", "a long form for no bytes", "0xb800", 1],
    ["non-canonical-length", "a long form for 55 bytes", `0xb837${"01".repeat(55)}`, 1],
    ["non-canonical-length", "a long form for a short list", "0xf800", 1],
    ["non-canonical-length", "a length with a leading zero", `0xb90038${"01".repeat(56)}`, 1],
    ["non-canonical-length", "a list's length with a leading zero", `0xf90038${"01".repeat(56)}`, 1],
  ];
  for (const [fault, name, hex, offset] of FAULTS) {
    it(`refuses ${name}: ${fault}`, () => {
      const actual = expectCode("RLP_INVALID", () => decodeRlp(fromHex(hex)));
      expect(actual.fault).to.equal(fault);
      expect(actual.offset).to.equal(offset);
    });
  }

  /** Lists within each other. */
  const nested = (depth: number): Uint8Array => {
    let value: RlpValue = [];
    for (let i = 1; i < depth; i++) value = [value];
    return encodeRlp(value);
  };

  it("goes no deeper than it is told", () => {
    expect(decodeRlp(nested(16))).to.be.an("array");
    expect(expectCode("RLP_INVALID", () => decodeRlp(nested(17))).fault).to.equal("too-deep");
    expect(decodeRlp(nested(3), { maxDepth: 3 })).to.deep.equal([[[]]]);
    expect(expectCode("RLP_INVALID", () => decodeRlp(nested(3), { maxDepth: 2 })).fault).to.equal("too-deep");
    expect(decodeRlp(encodeRlp(text("dog")), { maxDepth: 0 })).to.deep.equal(text("dog"));
  });

  it("survives a hundred thousand lists within each other", () => {
    const prefixes: Uint8Array[] = [];
    let length = 0;
    for (let i = 0; i < 100_000; i++) {
      const lengthBytes = length > 55 ? Math.ceil((32 - Math.clz32(length)) / 8) : 0;
      prefixes.push(
        Uint8Array.of(lengthBytes === 0 ? 0xc0 + length : 0xf7 + lengthBytes, ...integerToBytes(lengthBytes && length)),
      );
      length += prefixes.at(-1)!.length;
    }
    const bytes = Uint8Array.from(prefixes.reverse().flatMap((prefix) => [...prefix]));
    expect(expectCode("RLP_INVALID", () => decodeRlp(bytes)).fault).to.equal("too-deep");
  });

  it("takes no more items than it is told", () => {
    const list = encodeRlp(Array.from({ length: 9 }, () => Uint8Array.of(1)));
    expect(decodeRlp(list, { maxItems: 10 })).to.have.length(9);
    expect(expectCode("RLP_INVALID", () => decodeRlp(list, { maxItems: 9 })).fault).to.equal("too-many-items");
    const many = encodeRlp(Array.from({ length: 65_536 }, () => Uint8Array.of(1)));
    expect(expectCode("RLP_INVALID", () => decodeRlp(many)).fault).to.equal("too-many-items");
  });

  it("takes no more bytes than it is told", () => {
    const bytes = encodeRlp(new Uint8Array(100));
    expect(decodeRlp(bytes, { maxBytes: 102 })).to.have.length(100);
    expect(expectCode("INPUT_TOO_LARGE", () => decodeRlp(bytes, { maxBytes: 101 }))).to.deep.equal({
      object: "RLP",
      limit: 101,
      actual: 102,
    });
    expect(codeOf(() => decodeRlp(encodeRlp(new Uint8Array(16 * 1024 * 1024))))).to.equal("INPUT_TOO_LARGE");
  });
});

describe("splitRlpList", () => {
  it("gives each item with its encoding, and looks no deeper", () => {
    const items = splitRlpList(fromHex("0xc5c0c2810001"));
    expect(items.map(({ isList, raw, payload }) => [isList, toHex(raw), toHex(payload)])).to.deep.equal([
      [true, "0xc0", "0x"],
      [true, "0xc28100", "0x8100"],
      [false, "0x01", "0x01"],
    ]);
  });

  it("refuses what is no list, or has something after it", () => {
    expect(expectCode("RLP_INVALID", () => splitRlpList(text("d"))).fault).to.equal("not-a-list");
    expect(expectCode("RLP_INVALID", () => splitRlpList(fromHex("0xc000"))).fault).to.equal("trailing-bytes");
    expect(expectCode("RLP_INVALID", () => splitRlpList(fromHex("0xc28101"))).fault).to.equal("non-canonical-byte");
  });
});

describe("integerToBytes", () => {
  it("is big-endian without leading zeros", () => {
    expect(toHex(integerToBytes(0))).to.equal("0x");
    expect(toHex(integerToBytes(0n))).to.equal("0x");
    expect(toHex(integerToBytes(1))).to.equal("0x01");
    expect(toHex(integerToBytes(256n))).to.equal("0x0100");
    expect(toHex(integerToBytes(2n ** 256n - 1n))).to.equal(`0x${"ff".repeat(32)}`);
  });
});

function withByte(bytes: Uint8Array, at: number, byte: number): Uint8Array {
  const copy = bytes.slice();
  copy[at % copy.length] = byte;
  return copy;
}

/** Whether they are RLP; if so, they must be the encoding of what they hold. */
function roundTrips(bytes: Uint8Array): boolean {
  const code = codeOf(() => decodeRlp(bytes));
  if (code === "RLP_INVALID") return false;
  if (code !== null || !equalBytes(encodeRlp(decodeRlp(bytes)), bytes)) throw new Error(`${code}: ${toHex(bytes)}`);
  return true;
}

function roundTripsOrFails(bytes: Uint8Array): void {
  roundTrips(bytes);
}
