import { expect } from "chai";
import fc from "fast-check";
import { decodeRlp, encodeRlp, type RlpValue } from "../../../src/proof/rlp.js";
import { decodeTransaction, encodeTransaction } from "../../../src/proof/transaction.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { codeOf, expectCode } from "../../support/expect-code.js";
import { runsFrom, seedOf } from "../../support/seed.js";
import { othersForm, TRANSACTIONS, type TransactionJson } from "../../support/transactions.js";

const seed = seedOf();
const TYPES = ["legacy", "access list", "fee market", "blobs", "set code"];

const sampleOf = (type: number): TransactionJson => {
  const [json] = fc.sample(TRANSACTIONS[type]!, { seed, numRuns: 1 });
  return { ...json, hash: othersForm(json!).hash };
};

describe("decodeTransaction and encodeTransaction", () => {
  TRANSACTIONS.forEach((arbitrary, type) => {
    it(`agree with another implementation, from JSON and from bytes: ${TYPES[type]} (seed ${seed})`, () => {
      fc.assert(
        fc.property(arbitrary, (json) => {
          const { bytes, hash } = othersForm(json);
          const fromJson = decodeTransaction({ ...json, hash });
          expect(fromJson.hash).to.equal(hash);
          expect(fromJson.type).to.equal(type);
          expect(toHex(encodeTransaction(fromJson))).to.equal(toHex(bytes));
          expect(decodeTransaction(bytes)).to.deep.equal(fromJson);
          expect(decodeTransaction(toHex(bytes))).to.deep.equal(fromJson);
        }),
        { seed, numRuns: runsFrom(60) },
      );
    });

    it(`hold every field as it was: ${TYPES[type]}`, () => {
      const json = sampleOf(type);
      const decoded = decodeTransaction(json) as unknown as Record<string, unknown>;
      expect(Object.keys(decoded).sort()).to.deep.equal(Object.keys(json).sort());
      for (const [name, value] of Object.entries(json)) {
        const held = decoded[name];
        if (typeof held === "bigint" || typeof held === "number")
          expect(BigInt(held)).to.equal(BigInt(value as string));
        else if (name === "authorizationList") expect(held).to.have.length((value as unknown[]).length);
        else expect(held).to.deep.equal(value);
      }
    });

    it(`refuse JSON that claims another hash, or is changed anywhere: ${TYPES[type]}`, () => {
      const json = sampleOf(type);
      const details = expectCode("CLAIM_MISMATCH", () =>
        decodeTransaction({ ...json, hash: `0x${"11".repeat(32)}` }, 7),
      );
      expect(details).to.deep.equal({
        object: "transaction",
        field: "[7].hash",
        claimed: `0x${"11".repeat(32)}`,
        proven: json["hash"],
      });
      for (const [name, value] of Object.entries(json)) {
        if (typeof value !== "string" || name === "type") continue;
        const changed = { ...json, [name]: value.length > 2 ? withLastDigitChanged(value) : `${value}00` };
        expect(
          codeOf(() => decodeTransaction(changed)),
          name,
        ).to.equal("CLAIM_MISMATCH");
      }
    });

    it(`say which field is missing or malformed: ${TYPES[type]}`, () => {
      const json = sampleOf(type);
      for (const name of Object.keys(json)) {
        if (name === "type") continue;
        const { [name]: _, ...rest } = json;
        const { path } = expectCode("DECODE_FAILED", () => decodeTransaction(rest, 3));
        expect(path).to.equal(`[3].${name}`);
        for (const wrong of [
          {},
          true,
          "0xzz",
          "",
          "0x0000000000000000000000000000000000000000000000000000000000000000000001",
        ]) {
          // any bytes are input
          if (name === "input" && String(wrong).length > 10) continue;
          const thrown = expectCode("DECODE_FAILED", () => decodeTransaction({ ...json, [name]: wrong }));
          expect(thrown.path.split(/[.[]/)[0]).to.equal(name);
        }
      }
    });

    it(`refuse bytes with a field too many, too few, or of another form: ${TYPES[type]}`, () => {
      const bytes = encodeTransaction(decodeTransaction(sampleOf(type)));
      const offset = type === 0 ? 0 : 1;
      const items = decodeRlp(bytes.subarray(offset)) as RlpValue[];
      const withItems = (list: RlpValue[]) => Uint8Array.of(...bytes.subarray(0, offset), ...encodeRlp(list));
      expect(decodeTransaction(withItems(items)).type).to.equal(type);
      expect(codeOf(() => decodeTransaction(withItems([...items, Uint8Array.of(1)])))).to.equal("DECODE_FAILED");
      expect(codeOf(() => decodeTransaction(withItems(items.slice(0, -1))))).to.equal("DECODE_FAILED");
      items.forEach((item, i) => {
        const other = item instanceof Uint8Array ? [] : Uint8Array.of(1);
        expect(codeOf(() => decodeTransaction(withItems(items.with(i, other))))).to.equal("DECODE_FAILED");
      });
      for (const at of [0, items.length - 1]) {
        expect(codeOf(() => decodeTransaction(withItems(items.with(at, Uint8Array.of(0, 1)))))).to.equal(
          "DECODE_FAILED",
        );
        expect(codeOf(() => decodeTransaction(withItems(items.with(at, new Uint8Array(33).fill(1)))))).to.equal(
          "DECODE_FAILED",
        );
      }
      expect(codeOf(() => decodeTransaction(Uint8Array.of(...bytes, 0)))).to.equal("RLP_INVALID");
      expect(codeOf(() => decodeTransaction(bytes.slice(0, -1)))).to.equal("RLP_INVALID");
    });
  });

  it("take `v` for the parity where a node gives no other, and no type for legacy", () => {
    const { yParity, ...rest } = sampleOf(2);
    expect(decodeTransaction({ ...rest, v: yParity }).hash).to.equal(rest["hash"]);
    const { type: _, ...legacy } = sampleOf(0);
    expect(decodeTransaction(legacy).hash).to.equal(legacy["hash"]);
  });

  it("refuse types that are none of these", () => {
    const json = sampleOf(2);
    for (const type of ["0x5", "0x7e", "0xff", 5]) {
      expect(expectCode("DECODE_FAILED", () => decodeTransaction({ ...json, type })).path).to.equal("type");
    }
    for (const bytes of ["0x", "0x00c0", "0x05c0", "0x7ec0", "0x80", "0x8101", "0xbf"]) {
      expect(expectCode("DECODE_FAILED", () => decodeTransaction(bytes)).path).to.equal("type");
    }
    // one of another type in this one's clothes
    const bytes = encodeTransaction(decodeTransaction(json));
    expect(codeOf(() => decodeTransaction(Uint8Array.of(1, ...bytes.subarray(1))))).to.equal("DECODE_FAILED");
  });

  it("refuse what is no transaction", () => {
    for (const none of [null, undefined, 1, true, [], "", "0x0", "hello"]) {
      expect(codeOf(() => decodeTransaction(none))).to.equal("DECODE_FAILED");
    }
    expect(codeOf(() => decodeTransaction({}))).to.equal("DECODE_FAILED");
    expect(codeOf(() => decodeTransaction(new Uint8Array(16 * 1024 * 1024 + 1)))).to.equal("INPUT_TOO_LARGE");
  });

  it("know one of a megabyte", () => {
    const json = { ...sampleOf(2), input: `0x${"ab".repeat(1_000_000)}` };
    const { bytes, hash } = othersForm(Object.fromEntries(Object.entries(json).filter(([name]) => name !== "hash")));
    const decoded = decodeTransaction({ ...json, hash });
    expect(encodeTransaction(decoded)).to.have.length(bytes.length);
  });
});

function withLastDigitChanged(hex: string): string {
  const digit = ((Number.parseInt(hex.at(-1)!, 16) + 1) % 16).toString(16);
  return hex.slice(0, -1) + digit;
}
