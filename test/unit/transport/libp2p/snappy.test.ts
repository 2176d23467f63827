import { expect } from "chai";
import fc from "fast-check";
import { decompress, wrapAsLiteral } from "../../../../src/transport/libp2p/codec/snappy.js";
import { FUZZ } from "../../../support/fuzz.js";
import { rawCompress, rawDecompress } from "../../../support/snappy-reference.js";

const fail = (expected: string, actual: string) => new Error(`expected ${expected}, got ${actual}`);
const open = (data: Uint8Array, maxBytes = 1_000_000) => decompress(data, maxBytes, fail);
const bytes = (...values: number[]) => Uint8Array.from(values);

/** Repeats itself, so that there is something to compress. */
const compressible = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 400 }), fc.uint8Array())
  .map(([unit, times, tail]) => {
    const out = new Uint8Array(unit.length * times + tail.length);
    for (let i = 0; i < times; i++) out.set(unit, i * unit.length);
    out.set(tail, unit.length * times);
    return out;
  });

describe("decompress", () => {
  it("opens what the native library compressed", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 5_000 }), compressible), (data) => {
        expect(open(rawCompress(data))).to.deep.equal(data);
      }),
      { numRuns: 200 * FUZZ },
    );
  });

  it("takes every kind of element", () => {
    // "abcd"; then copies with offsets of one byte and a bit, of two bytes, of four
    const data = bytes(16, 3 << 2, 97, 98, 99, 100, 1, 4, (3 << 2) | 2, 4, 0, (3 << 2) | 3, 8, 0, 0, 0);
    expect(new TextDecoder().decode(open(data))).to.equal("abcd".repeat(4));
    expect(rawDecompress(data)).to.deep.equal(open(data));
  });

  it("takes literals with lengths of one to four bytes", () => {
    for (let size = 1; size <= 4; size++) {
      const length = [0, 0, 0, 0].map((_, i) => (i === 0 ? 2 : 0)).slice(0, size);
      expect(open(bytes(3, (59 + size) << 2, ...length, 7, 8, 9))).to.deep.equal(bytes(7, 8, 9));
    }
  });

  it("allocates nothing for an announcement beyond the limit", () => {
    expect(() => open(bytes(0xff, 0xff, 0xff, 0xff, 0x0f), 1_024)).to.throw("at most 1024 bytes when decompressed");
    expect(() => open(rawCompress(new Uint8Array(1_025)), 1_024)).to.throw("an announcement of 1025");
    expect(open(rawCompress(new Uint8Array(1_024)), 1_024)).to.have.length(1_024);
  });

  const malformed: Record<string, Uint8Array> = {
    "nothing at all": bytes(),
    "a length that does not end": bytes(0x80, 0x80),
    "a length of six bytes": bytes(0x80, 0x80, 0x80, 0x80, 0x80, 0x00),
    "a length of more than 32 bits": bytes(0xff, 0xff, 0xff, 0xff, 0x1f),
    "less than announced": bytes(2, 0, 7),
    "more than announced by a literal": bytes(1, 1 << 2, 7, 8),
    "more than announced by a copy": bytes(4, 0, 7, 1, 1),
    "a byte after the end": bytes(1, 0, 7, 0),
    "a literal that is cut off": bytes(4, 3 << 2, 1, 2),
    "a literal whose length is cut off": bytes(4, 61 << 2, 1),
    "a literal of 4 GiB": bytes(10, 63 << 2, 0xff, 0xff, 0xff, 0xff, 1),
    // sends a decoder that counts in signed 32 bits backwards, for ever
    "a literal of -5 bytes": bytes(10, 63 << 2, 0xfa, 0xff, 0xff, 0xff, 0, 0, 0, 0),
    "a copy from nowhere": bytes(4, 1, 0),
    "a copy from before the beginning": bytes(5, 0, 7, 1, 2),
    "a copy of offset zero": bytes(5, 0, 7, 1, 0),
    "a copy that is cut off": bytes(5, 0, 7, 1),
    "a copy of two bytes that is cut off": bytes(5, 0, 7, 2 | (3 << 2), 1),
    "a copy of four bytes that is cut off": bytes(5, 0, 7, 3 | (3 << 2), 1, 0, 0),
    "a copy from 2 GiB ago": bytes(5, 0, 7, 3 | (3 << 2), 1, 0, 0, 0x80),
  };
  for (const [what, data] of Object.entries(malformed)) {
    it(`refuses ${what}`, () => {
      expect(() => open(data)).to.throw(/^expected .*, got/);
    });
  }

  it("takes nothing that the native library refuses, and agrees with it on the rest", () => {
    const damaged = fc.tuple(compressible, fc.nat(), fc.nat(255)).map(([data, at, byte]) => {
      const packed = rawCompress(data);
      packed[at % packed.length] = byte;
      return packed;
    });
    const outcome = (decode: () => Uint8Array) => {
      try {
        return decode();
      } catch {
        return null;
      }
    };
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 60 })), (data) => {
        const [ours, theirs] = [outcome(() => open(data)), outcome(() => rawDecompress(data))];
        if (ours !== null) expect(theirs).to.deep.equal(ours);
      }),
      { numRuns: 500 * FUZZ },
    );
  });

  it("does not touch what it is given", () => {
    const packed = rawCompress(new Uint8Array(500).fill(7));
    const before = packed.slice();
    open(packed);
    expect(packed).to.deep.equal(before);
  });
});

describe("wrapAsLiteral", () => {
  it("is opened by the native library, and by us", () => {
    for (const length of [0, 1, 59, 60, 127, 128, 255, 256, 65_535, 65_536, 70_000]) {
      const data = Uint8Array.from({ length }, (_, i) => (i * 31) & 255);
      expect(rawDecompress(wrapAsLiteral(data))).to.deep.equal(data);
      expect(open(wrapAsLiteral(data))).to.deep.equal(data);
    }
  });
});
