import { expect } from "chai";
import fc from "fast-check";
import { logsBloomOf, mayHold, unionOfBlooms } from "../../../src/proof/bloom.js";
import { decodeReceipt, encodeReceipt } from "../../../src/proof/receipt.js";
import { decodeRlp, encodeRlp, type RlpValue } from "../../../src/proof/rlp.js";
import { fromHex, toHex } from "../../../src/ssz/bytes.js";
import { codeOf, expectCode } from "../../support/expect-code.js";
import { logs, type ReceiptJson, receipts, rlpOfReceipt } from "../../support/receipts.js";
import { runsFrom, seedOf } from "../../support/seed.js";

const seed = seedOf();

describe("logsBloomOf", () => {
  it("sets the bits that the Yellow Paper says", () => {
    // keccak256 of twenty zeros begins with 5380c7b7ae81: bits 0x380, 0x7b7 and 0x681
    const bloom = fromHex(logsBloomOf([{ address: `0x${"00".repeat(20)}`, topics: [] }]));
    const set = [...bloom].flatMap((byte, i) =>
      [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => byte & (1 << bit)).map((bit) => (255 - i) * 8 + bit),
    );
    expect(set.sort((a, b) => a - b)).to.deep.equal([0x380, 0x681, 0x7b7]);
  });

  it("holds what is in the logs; two blooms together hold what either does", () => {
    fc.assert(
      fc.property(fc.array(logs, { maxLength: 6 }), fc.array(logs, { maxLength: 6 }), (a, b) => {
        const union = unionOfBlooms([logsBloomOf(a), logsBloomOf(b)]);
        expect(union).to.equal(logsBloomOf([...a, ...b]));
        for (const { address, topics } of a)
          for (const value of [address, ...topics]) expect(mayHold(union, value)).to.equal(true);
      }),
      { seed, numRuns: runsFrom(40) },
    );
    expect(mayHold(logsBloomOf([]), `0x${"00".repeat(20)}`)).to.equal(false);
    expect(unionOfBlooms([])).to.equal(`0x${"00".repeat(256)}`);
  });
});

describe("decodeReceipt and encodeReceipt", () => {
  it(`agree with another implementation, from JSON and from bytes (seed ${seed})`, () => {
    fc.assert(
      fc.property(receipts, (json) => {
        const bytes = rlpOfReceipt(json);
        const receipt = decodeReceipt(json);
        expect(toHex(encodeReceipt(receipt))).to.equal(toHex(bytes));
        expect(decodeReceipt(bytes)).to.deep.equal(receipt);
        expect(decodeReceipt(toHex(bytes))).to.deep.equal(receipt);
        expect(receipt.type).to.equal(Number(json.type));
        expect(receipt.status).to.equal(json.status === undefined ? null : Number(json.status));
        expect(receipt.root).to.equal(json.root ?? null);
        expect(receipt.cumulativeGasUsed).to.equal(BigInt(json.cumulativeGasUsed));
        expect(receipt.logs).to.deep.equal(json.logs);
      }),
      { seed, numRuns: runsFrom(100) },
    );
  });

  const json: ReceiptJson = {
    type: "0x2",
    status: "0x1",
    cumulativeGasUsed: "0x5208",
    logs: [{ address: `0x${"11".repeat(20)}`, topics: [`0x${"22".repeat(32)}`], data: "0x33" }],
    logsBloom: logsBloomOf([{ address: `0x${"11".repeat(20)}`, topics: [`0x${"22".repeat(32)}`] }]),
  };

  it("take a receipt of old, without a type; and null for what is not there", () => {
    const root = `0x${"44".repeat(32)}`;
    const { type: _, status: __, ...old } = json;
    expect(decodeReceipt({ ...old, root })).to.deep.include({ type: 0, status: null, root });
    expect(decodeReceipt({ ...json, status: null, root })).to.deep.include({ status: null, root });
    expect(decodeReceipt({ ...json, root: null })).to.deep.include({ status: 1, root: null });
    // a node that gives both means the status
    expect(decodeReceipt({ ...json, root })).to.deep.include({ status: 1, root: null });
  });

  it("refuse a bloom that is not the one of the logs, and say of which receipt", () => {
    const bloom = logsBloomOf([]);
    const details = expectCode("LOGS_BLOOM_MISMATCH", () => decodeReceipt({ ...json, logsBloom: bloom }, 4));
    expect(details).to.deep.equal({ of: "receipt 4", claimed: bloom, computed: json.logsBloom });
    expect(codeOf(() => decodeReceipt({ ...json, logs: [] }))).to.equal("LOGS_BLOOM_MISMATCH");
    const full = `0x${"ff".repeat(256)}`;
    expect(codeOf(() => decodeReceipt(rlpOfReceipt({ ...json, logsBloom: full })))).to.equal("LOGS_BLOOM_MISMATCH");
  });

  it("say which field is missing or malformed", () => {
    const [log] = json.logs;
    const withLog = (change: object) => ({ ...json, logs: [{ ...log, ...change }] });
    const WRONG: [unknown, string][] = [
      [{ ...json, type: "0x5" }, "type"],
      [{ ...json, type: "x" }, "type"],
      [{ ...json, status: "0x2" }, "status"],
      [{ ...json, status: undefined }, "status"],
      [{ ...json, status: undefined, root: "0x12" }, "root"],
      [{ ...json, cumulativeGasUsed: undefined }, "cumulativeGasUsed"],
      [{ ...json, cumulativeGasUsed: "0x10000000000000000" }, "cumulativeGasUsed"],
      [{ ...json, logsBloom: "0x" }, "logsBloom"],
      [{ ...json, logs: null }, "logs"],
      [{ ...json, logs: [null] }, "logs[0]"],
      [withLog({ address: "0x" }), "logs[0].address"],
      [withLog({ topics: [`0x${"22".repeat(31)}`] }), "logs[0].topics[0]"],
      [withLog({ data: "0x1" }), "logs[0].data"],
    ];
    for (const [value, path] of WRONG)
      expect(expectCode("DECODE_FAILED", () => decodeReceipt(value)).path).to.equal(path);
    expect(codeOf(() => decodeReceipt(withLog({ topics: new Array(5).fill(log!.topics[0]) })))).to.equal(
      "INPUT_TOO_LARGE",
    );
    for (const none of [null, undefined, 1, [], "", "0x0"])
      expect(codeOf(() => decodeReceipt(none))).to.equal("DECODE_FAILED");
  });

  it("refuse bytes that are no receipt", () => {
    const bytes = rlpOfReceipt(json);
    const items = decodeRlp(bytes.subarray(1)) as RlpValue[];
    const withItems = (list: RlpValue[]) => Uint8Array.of(2, ...encodeRlp(list));
    expect(decodeReceipt(withItems(items)).type).to.equal(2);
    for (const list of [
      items.slice(1),
      [...items, []],
      items.with(0, Uint8Array.of(2)),
      items.with(0, new Uint8Array(31)),
      items.with(0, []),
      items.with(1, Uint8Array.of(0, 1)),
      items.with(2, new Uint8Array(255)),
      items.with(3, Uint8Array.of(1)),
      items.with(3, [[]]),
    ]) {
      expect(codeOf(() => decodeReceipt(withItems(list)))).to.equal("DECODE_FAILED");
    }
    for (const hex of ["0x", "0x00c0", "0x05c0", "0x80"])
      expect(codeOf(() => decodeReceipt(hex))).to.equal("DECODE_FAILED");
    expect(codeOf(() => decodeReceipt(Uint8Array.of(...bytes, 0)))).to.equal("RLP_INVALID");
  });

  it("know one of a megabyte", () => {
    const big = { ...json, logs: [{ ...json.logs[0]!, data: `0x${"ab".repeat(1_000_000)}` }] };
    expect(encodeReceipt(decodeReceipt(big))).to.have.length.greaterThan(1_000_000);
  });
});
