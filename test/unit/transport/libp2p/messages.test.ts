import { expect } from "chai";
import { fromHex, toHex } from "../../../../src/ssz/bytes.js";
import {
  decodeStatus,
  decodeUint64,
  decodeUpdatesRange,
  describeGoodbye,
  encodeMetadata,
  encodeStatus,
  encodeUint64,
  encodeUpdatesRange,
  GOODBYE_REASONS,
  type Status,
} from "../../../../src/transport/libp2p/codec/messages.js";
import { fail } from "./pieces.js";

const STATUS: Status = {
  forkDigest: "0xfedcba98",
  finalizedRoot: new Uint8Array(32).fill(1),
  finalizedEpoch: 2n ** 64n - 1n,
  headRoot: new Uint8Array(32).fill(2),
  headSlot: 258n,
};

describe("Status", () => {
  const v1 = `0xfedcba98${"01".repeat(32)}${"ff".repeat(8)}${"02".repeat(32)}0201000000000000`;

  it("is laid out as in phase0, and in Fulu with the earliest slot behind it", () => {
    expect(toHex(encodeStatus(STATUS, 1))).to.equal(v1);
    expect(toHex(encodeStatus(STATUS, 2))).to.equal(`${v1}0201000000000000`);
  });

  it("is read again", () => {
    for (const version of [1, 2] as const) {
      expect(decodeStatus(encodeStatus(STATUS, version), version, fail)).to.deep.equal(STATUS);
    }
  });

  it("of another length is refused", () => {
    expect(() => decodeStatus(fromHex(v1), 2, fail)).to.throw("expected 92 bytes, got 84");
    expect(() => decodeStatus(new Uint8Array(0), 1, fail)).to.throw("expected 84 bytes, got 0");
  });
});

describe("MetaData", () => {
  it("claims no subnet and no custody, in the length of each version", () => {
    expect(([1, 2, 3] as const).map((version) => encodeMetadata(version).length)).to.deep.equal([16, 17, 25]);
    for (const version of [1, 2, 3] as const)
      expect(encodeMetadata(version).every((byte) => byte === 0)).to.equal(true);
  });
});

describe("uint64", () => {
  it("is little-endian", () => {
    expect(toHex(encodeUint64(258))).to.equal("0x0201000000000000");
    expect(decodeUint64(fromHex("0xffffffffffffffff"), fail)).to.equal(2n ** 64n - 1n);
    expect(() => decodeUint64(new Uint8Array(7), fail)).to.throw("expected 8 bytes, got 7");
  });
});

describe("LightClientUpdatesByRange", () => {
  it("is two numbers", () => {
    expect(toHex(encodeUpdatesRange(1_000, 128))).to.equal("0xe8030000000000008000000000000000");
    expect(decodeUpdatesRange(encodeUpdatesRange(1_000, 128), fail)).to.deep.equal({
      startPeriod: 1_000n,
      count: 128n,
    });
    expect(() => decodeUpdatesRange(new Uint8Array(15), fail)).to.throw("expected 16 bytes, got 15");
  });
});

describe("Goodbye", () => {
  it("has a text for each reason, and for those that nobody knows", () => {
    const texts = Object.values(GOODBYE_REASONS).map((reason) => describeGoodbye(BigInt(reason)));
    expect(new Set(texts).size).to.equal(texts.length);
    expect(describeGoodbye(2n ** 64n - 1n)).to.equal("reason 18446744073709551615");
  });
});
