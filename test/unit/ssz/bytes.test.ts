import { expect } from "chai";
import fc from "fast-check";
import { equalBytes, fromHex, isHex, isZero, toHex, zeroBytes32 } from "../../../src/ssz/bytes.js";
import { hexContract } from "../../contract/hex.js";
import { bytesHex } from "../../support/protocol.js";

describe("toHex and fromHex", () => {
  it("are each other's inverse, in lower case", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(toHex(bytes)).to.equal(bytesHex(bytes));
        expect(fromHex(toHex(bytes))).to.deep.equal(bytes);
        expect(fromHex(toHex(bytes).toUpperCase().replace("0X", "0x"))).to.deep.equal(bytes);
      }),
    );
  });
});

describe("isHex", () => {
  it("accepts either case of the exact length", () => {
    expect(isHex("0x", 0)).to.equal(true);
    expect(isHex("0xaB", 1)).to.equal(true);
    expect(isHex(`0x${"0".repeat(64)}`, 32)).to.equal(true);
  });

  for (const value of [
    "",
    "0",
    "ab",
    "0X00",
    "0x0",
    "0x000",
    "0x0g",
    "0x0000",
    " 0x00",
    "0x00\n",
    "0x0 ",
    "00x0",
    null,
    0,
  ]) {
    it(`refuses ${JSON.stringify(value)} as one byte`, () => expect(isHex(value, 1)).to.equal(false));
  }

  it("refuses digits that only look like hex", () => {
    expect(isHex(`0x${"０".repeat(2)}`, 1)).to.equal(false);
    expect(isHex(["0x00"], 1)).to.equal(false);
  });
});

hexContract();

describe("equalBytes", () => {
  it("compares content and length", () => {
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).to.equal(true);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).to.equal(false);
    expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1))).to.equal(false);
    expect(equalBytes(new Uint8Array(0), new Uint8Array(0))).to.equal(true);
  });
});

describe("isZero", () => {
  it("is true of zeroes only, wherever the bit is", () => {
    expect(isZero(zeroBytes32())).to.equal(true);
    for (let bit = 0; bit < 256; bit++) {
      const bytes = zeroBytes32();
      bytes[bit >> 3] = 1 << (bit & 7);
      expect(isZero(bytes)).to.equal(false);
    }
  });
});

describe("zeroBytes32", () => {
  it("is a new one each time", () => {
    zeroBytes32().fill(1);
    expect(isZero(zeroBytes32())).to.equal(true);
  });
});
