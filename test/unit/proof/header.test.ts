import { createBlockHeader } from "@ethereumjs/block";
import { Common, Mainnet } from "@ethereumjs/common";
import { expect } from "chai";
import fc from "fast-check";
import {
  decodeExecutionHeaderJson,
  decodeExecutionHeaderRlp,
  encodeExecutionHeader,
  executionHeaderHash,
  verifyExecutionHeader,
} from "../../../src/proof/header.js";
import { decodeRlp, encodeRlp, type RlpValue } from "../../../src/proof/rlp.js";
import { fromHex, toHex } from "../../../src/ssz/bytes.js";
import {
  ADDED_BY_FORK,
  AMSTERDAM_HEADER,
  fieldsOfFork,
  GENESIS_HEADER,
  type HeaderJson,
  headersOfFork,
  isLaterField,
} from "../../support/execution-headers.js";
import { codeOf, expectCode } from "../../support/expect-code.js";
import { runsFrom, seedOf } from "../../support/seed.js";

const seed = seedOf();
const FACTS = { genesis: GENESIS_HEADER, Amsterdam: AMSTERDAM_HEADER };

const without = (json: HeaderJson, ...names: string[]) =>
  Object.fromEntries(Object.entries(json).filter(([name]) => !names.includes(name)));

function withDigitChanged(hex: string, at: number): string {
  const digit = ((Number.parseInt(hex[at]!, 16) + 1) % 16).toString(16);
  return hex.slice(0, at) + digit + hex.slice(at + 1);
}

describe("verifyExecutionHeader", () => {
  for (const [name, json] of Object.entries(FACTS)) {
    const blockHash = json["hash"]!;

    it(`gives the header of a real block, from JSON and from RLP (${name})`, () => {
      const header = verifyExecutionHeader({ blockHash, header: json });
      const rlp = encodeExecutionHeader(header);
      expect(header.stateRoot).to.equal(json["stateRoot"]);
      for (const form of [
        rlp,
        toHex(rlp),
        without(json, "hash"),
        { ...json, hash: null, size: "0x1", transactions: [] },
      ]) {
        expect(verifyExecutionHeader({ blockHash, header: form })).to.deep.equal(header);
      }
      expect(verifyExecutionHeader({ blockHash: fromHex(blockHash), header: rlp })).to.deep.equal(header);
    });

    it(`refuses it with any digit of any field changed (${name})`, () => {
      for (const [field, value] of Object.entries(json)) {
        for (let at = 2; at < value.length; at += value.length > 100 ? 31 : 1) {
          const header = { ...json, [field]: withDigitChanged(value, at) };
          expect(codeOf(() => verifyExecutionHeader({ blockHash, header }))).to.equal(
            field === "hash" ? "CLAIM_MISMATCH" : "BLOCK_HASH_MISMATCH",
          );
        }
      }
    });

    it(`refuses its RLP with any byte changed, cut or added (${name})`, () => {
      const rlp = encodeExecutionHeader(decodeExecutionHeaderJson(json));
      const codes = ["BLOCK_HASH_MISMATCH", "RLP_INVALID", "DECODE_FAILED"];
      const refuses = (header: Uint8Array) =>
        expect(codeOf(() => verifyExecutionHeader({ blockHash, header }))).to.be.oneOf(codes);
      for (let at = 0; at < rlp.length; at++) {
        for (const by of [1, 0x80, 0xff]) refuses(rlp.map((byte, i) => (i === at ? byte ^ by : byte)));
      }
      refuses(rlp.slice(1));
      refuses(rlp.slice(0, -1));
      refuses(Uint8Array.of(...rlp, 0));
    });

    it(`refuses it without any of its fields, and says which (${name})`, () => {
      const fields = Object.keys(without(json, "hash"));
      for (const field of fields) {
        const isAtEnd = field === fields.at(-1);
        const details = expectCode("DECODE_FAILED", () =>
          verifyExecutionHeader({ blockHash, header: without(json, field) }),
        );
        expect(details.path).to.equal(field);
        expect(details.object).to.equal("execution header");
        if (isAtEnd) expect(details.expected).to.be.a("string");
      }
    });
  }

  it("refuses another block's header", () => {
    const blockHash = GENESIS_HEADER["hash"]!;
    expect(
      expectCode("BLOCK_HASH_MISMATCH", () => verifyExecutionHeader({ blockHash, header: AMSTERDAM_HEADER })),
    ).to.deep.equal({
      expected: blockHash,
      actual: AMSTERDAM_HEADER["hash"],
    });
  });

  it("refuses what it is given instead of a hash", () => {
    for (const blockHash of [null, undefined, "0x", GENESIS_HEADER["hash"]!.slice(2), new Uint8Array(31)]) {
      const options = { blockHash: blockHash as string, header: GENESIS_HEADER };
      expect(expectCode("OPTION_INVALID", () => verifyExecutionHeader(options)).option).to.equal("blockHash");
    }
  });

  it("refuses what is no header", () => {
    const blockHash = GENESIS_HEADER["hash"]!;
    const NONE: [unknown, string][] = [
      [null, "DECODE_FAILED"],
      [undefined, "DECODE_FAILED"],
      [1, "DECODE_FAILED"],
      [[], "DECODE_FAILED"],
      [{}, "DECODE_FAILED"],
      [Object.create(GENESIS_HEADER), "DECODE_FAILED"],
      ["", "DECODE_FAILED"],
      ["0x0", "DECODE_FAILED"],
      ["0xc0", "DECODE_FAILED"],
      ["0x80", "DECODE_FAILED"],
      ["0x", "RLP_INVALID"],
      ["0xc2c1c0", "DECODE_FAILED"],
      [encodeRlp([[]]), "DECODE_FAILED"],
      [`0x${"c1".repeat(20)}c0`, "RLP_INVALID"],
      [new Uint8Array(8193), "INPUT_TOO_LARGE"],
    ];
    for (const [header, code] of NONE)
      expect(
        codeOf(() => verifyExecutionHeader({ blockHash, header })),
        String(header),
      ).to.equal(code);
  });
});

describe("execution headers", () => {
  for (const [fork] of ADDED_BY_FORK) {
    const common = new Common({ chain: Mainnet, hardfork: fork });

    it(`of ${fork} have the hash and the RLP that another implementation gives them (seed ${seed})`, () => {
      fc.assert(
        fc.property(headersOfFork(fork), (json) => {
          const header = decodeExecutionHeaderJson(json);
          const rlp = encodeExecutionHeader(header);
          const { sha3Uncles, miner, stateRoot, transactionsRoot, receiptsRoot, ...same } = json;
          const theirs = createBlockHeader(
            {
              ...same,
              uncleHash: sha3Uncles,
              coinbase: miner,
              stateRoot,
              transactionsTrie: transactionsRoot,
              receiptTrie: receiptsRoot,
            } as Parameters<typeof createBlockHeader>[0],
            { common, skipConsensusFormatValidation: true },
          );
          expect(toHex(rlp)).to.equal(toHex(theirs.serialize()));
          expect(executionHeaderHash(header)).to.equal(toHex(theirs.hash()));
          expect(decodeExecutionHeaderRlp(rlp)).to.deep.equal(header);
        }),
        { seed, numRuns: runsFrom(40) },
      );
    });

    it(`of ${fork} hold every field as it was, and null for what came later`, () => {
      fc.assert(
        fc.property(headersOfFork(fork), (json) => {
          const header = decodeExecutionHeaderJson(json) as unknown as Record<string, unknown>;
          for (const name of fieldsOfFork("amsterdam")) {
            const value = header[name];
            const text = typeof value === "string" || value === null ? value : `0x${(value as bigint).toString(16)}`;
            expect(text).to.equal(json[name] ?? null);
          }
        }),
        { seed, numRuns: runsFrom(5) },
      );
    });
  }

  it("have the fields of some fork: no gap, and no number of fields that no fork has", () => {
    const whole = without(AMSTERDAM_HEADER, "hash");
    const later = Object.keys(whole).filter(isLaterField);
    expect(later).to.have.length(8);
    const valid = new Set(ADDED_BY_FORK.map(([fork]) => fieldsOfFork(fork).length - 15));
    for (let subset = 0; subset < 256; subset++) {
      const left = later.filter((_, i) => subset & (1 << i));
      const json = without(whole, ...later.filter((name) => !left.includes(name)));
      const isFork = valid.has(left.length) && left.every((name, i) => name === later[i]);
      expect(codeOf(() => decodeExecutionHeaderJson(json))).to.equal(isFork ? null : "DECODE_FAILED");
      // null is what some servers say for what is not there
      const nulled = {
        ...whole,
        ...Object.fromEntries(later.filter((name) => !left.includes(name)).map((name) => [name, null])),
      };
      expect(codeOf(() => decodeExecutionHeaderJson(nulled))).to.equal(isFork ? null : "DECODE_FAILED");
    }
    const items = decodeRlp(encodeExecutionHeader(decodeExecutionHeaderJson(whole))) as RlpValue[];
    for (let count = 0; count <= 24; count++) {
      const cut = encodeRlp([...items, Uint8Array.of(1)].slice(0, count));
      expect(codeOf(() => decodeExecutionHeaderRlp(cut))).to.equal(valid.has(count - 15) ? null : "DECODE_FAILED");
    }
  });

  it("have fields of their own lengths and bounds", () => {
    const OUT_OF_BOUNDS: Record<string, unknown[]> = {
      parentHash: ["0x", `0x${"00".repeat(31)}`, `0x${"00".repeat(33)}`, "0x0", 1, null],
      miner: [`0x${"00".repeat(19)}`, `0x${"00".repeat(32)}`],
      logsBloom: [`0x${"00".repeat(255)}`, "0x"],
      difficulty: [`0x1${"00".repeat(32)}`, "0x", "1", -1, "-0x1", 1.5, 2 ** 53, "0xg", null, {}],
      number: ["0x20000000000000", 2 ** 53, "0x"],
      gasLimit: [`0x1${"00".repeat(8)}`, -1n],
      timestamp: ["0x20000000000000"],
      extraData: [`0x${"00".repeat(4097)}`, "0x0", "", null],
      nonce: ["0x42", "0x"],
      slotNumber: ["0x20000000000000"],
    };
    for (const [field, values] of Object.entries(OUT_OF_BOUNDS)) {
      for (const value of values) {
        const details = expectCode("DECODE_FAILED", () =>
          decodeExecutionHeaderJson({ ...AMSTERDAM_HEADER, [field]: value }),
        );
        expect(details.path).to.equal(field);
      }
    }
    const items = decodeRlp(encodeExecutionHeader(decodeExecutionHeaderJson(AMSTERDAM_HEADER))) as RlpValue[];
    items.forEach((item, i) => {
      for (const other of [[], new Uint8Array(4097), Uint8Array.of(0), Uint8Array.of(0, 1)]) {
        // extra data may be any bytes
        if (i === 12 && other instanceof Uint8Array && other.length < 4097) continue;
        const rlp = encodeRlp(items.with(i, other));
        const { path } = expectCode("DECODE_FAILED", () => decodeExecutionHeaderRlp(rlp));
        expect(path).to.equal(fieldsOfFork("amsterdam")[i]);
        expect(item).to.not.equal(undefined);
      }
    });
  });

  it("take quantities with leading zeros, and numbers, to the same hash", () => {
    const loose = {
      ...AMSTERDAM_HEADER,
      number: 192,
      gasLimit: 200_000_000n,
      baseFeePerGas: "0x0007",
      slotNumber: "0xC0",
    };
    expect(executionHeaderHash(decodeExecutionHeaderJson(loose))).to.equal(AMSTERDAM_HEADER["hash"]);
  });
});
