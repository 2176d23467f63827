import { expect } from "chai";
import fc from "fast-check";
import { verifyExecutionBlock } from "../../../src/proof/block.js";
import {
  verifyReceiptProof,
  verifyReceipts,
  verifyTransactionProof,
  verifyTransactions,
  verifyWithdrawals,
} from "../../../src/proof/block-lists.js";
import { decodeExecutionHeaderJson, executionHeaderHash } from "../../../src/proof/header.js";
import { EMPTY_TRIE_ROOT } from "../../../src/proof/keccak.js";
import { mayHaveLogs, verifyBlockLogs } from "../../../src/proof/logs.js";
import { buildOrderedTrie } from "../../../src/proof/ordered-trie.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { codeOf, expectCode } from "../../support/expect-code.js";
import { type ReceiptJson, receipts, rlpOfReceipt } from "../../support/receipts.js";
import { runsFrom, seedOf } from "../../support/seed.js";
import { blockOf, WITHDRAWALS } from "../../support/small-block.js";
import { othersForm, TRANSACTIONS } from "../../support/transactions.js";

const seed = seedOf();
const WRONG_ROOT = `0x${"77".repeat(32)}`;

/** Gas adds up, as it does in a block. */
const receiptJsons: ReceiptJson[] = fc
  .sample(receipts, { seed, numRuns: 30 })
  .map((json, i) => ({ ...json, cumulativeGasUsed: `0x${(21_000 * (i + 1)).toString(16)}` }));
const sampled = fc.sample(fc.oneof(...TRANSACTIONS), { seed, numRuns: 140 });
const withdrawals = WITHDRAWALS;
const block = blockOf({ transactions: sampled, receipts: receiptJsons, withdrawals });
const { transactions, transactionsRoot, receiptsRoot, withdrawalsRoot } = block;
const rawTransactions = sampled.map((json) => othersForm(json).bytes);
const transactionTrie = buildOrderedTrie(rawTransactions);
const receiptTrie = buildOrderedTrie(receiptJsons.map(rlpOfReceipt));

/** Lists that are not the right one: one item less, more, twice, in another's place. */
function wrongLists<T>(list: readonly T[]): T[][] {
  const [first, second] = list as [T, T];
  return [
    [],
    list.slice(1),
    list.slice(0, -1),
    [...list, first],
    list.with(0, second),
    list.with(0, second).with(1, first),
    list.toReversed(),
  ];
}

describe("verifyTransactions", () => {
  it("gives all of them, from JSON and from bytes, mixed too", () => {
    const proven = verifyTransactions({ transactionsRoot, transactions });
    expect(proven.map(({ hash }) => hash)).to.deep.equal(transactions.map(({ hash }) => hash));
    expect(verifyTransactions({ transactionsRoot, transactions: rawTransactions })).to.deep.equal(proven);
    const mixed = transactions.map((json, i) => (i % 2 === 0 ? json : toHex(rawTransactions[i]!)));
    expect(verifyTransactions({ transactionsRoot, transactions: mixed })).to.deep.equal(proven);
    expect(verifyTransactions({ transactionsRoot: EMPTY_TRIE_ROOT, transactions: [] })).to.deep.equal([]);
  });

  it("refuses any other list", () => {
    for (const list of wrongLists(transactions)) {
      const details = expectCode("TRANSACTIONS_ROOT_MISMATCH", () =>
        verifyTransactions({ transactionsRoot, transactions: list }),
      );
      expect(details.items).to.equal(list.length);
      expect(details.expected).to.equal(transactionsRoot);
    }
    expect(codeOf(() => verifyTransactions({ transactionsRoot: WRONG_ROOT, transactions }))).to.equal(
      "TRANSACTIONS_ROOT_MISMATCH",
    );
  });

  it("refuses a list of hashes, with a hole, or that is none, and says where", () => {
    const hashes = transactions.map(({ hash }) => hash);
    expect(codeOf(() => verifyTransactions({ transactionsRoot, transactions: hashes }))).to.be.oneOf([
      "DECODE_FAILED",
      "RLP_INVALID",
    ]);
    const { path, object } = expectCode("DECODE_FAILED", () =>
      verifyTransactions({ transactionsRoot, transactions: transactions.with(3, null as never) }),
    );
    expect([object, path]).to.deep.equal(["transaction", "[3]"]);
    const holes = [...transactions];
    delete holes[5];
    expect(
      expectCode("DECODE_FAILED", () => verifyTransactions({ transactionsRoot, transactions: holes })).path,
    ).to.equal("[5]");
    for (const none of [null, undefined, {}, "0x"]) {
      expect(codeOf(() => verifyTransactions({ transactionsRoot, transactions: none as never }))).to.equal(
        "DECODE_FAILED",
      );
    }
    expect(codeOf(() => verifyTransactions({ transactionsRoot, transactions: new Array(200_000) }))).to.equal(
      "INPUT_TOO_LARGE",
    );
    expect(
      expectCode("OPTION_INVALID", () => verifyTransactions({ transactionsRoot: "0x", transactions })).option,
    ).to.equal("transactionsRoot");
  });
});

describe("verifyTransactionProof", () => {
  it("gives each of them, and null for those that are not there", () => {
    const proven = verifyTransactions({ transactionsRoot, transactions });
    for (const index of [0, 1, 16, 127, 128, 139]) {
      expect(verifyTransactionProof({ transactionsRoot, index, proof: transactionTrie.prove(index) })).to.deep.equal(
        proven[index],
      );
    }
    for (const index of [140, 200, 255, 256, 70_000]) {
      expect(verifyTransactionProof({ transactionsRoot, index, proof: transactionTrie.prove(index) })).to.equal(null);
    }
  });

  it("refuses the proof of another, another root, and what is no index", () => {
    const proof = transactionTrie.prove(5);
    expect(codeOf(() => verifyTransactionProof({ transactionsRoot, index: 6, proof }))).to.equal(
      "TRIE_NODE_HASH_MISMATCH",
    );
    expect(codeOf(() => verifyTransactionProof({ transactionsRoot: WRONG_ROOT, index: 5, proof }))).to.equal(
      "TRIE_NODE_HASH_MISMATCH",
    );
    for (const index of [-1, 1.5, 2 ** 53, Number.NaN, "5", null]) {
      const options = { transactionsRoot, index: index as number, proof };
      expect(expectCode("OPTION_INVALID", () => verifyTransactionProof(options)).option).to.equal("index");
    }
  });
});

describe("verifyReceipts", () => {
  it("gives all of them, with what follows from their order", () => {
    const proven = verifyReceipts({ receiptsRoot, receipts: receiptJsons });
    expect(verifyReceipts({ receiptsRoot, receipts: receiptJsons.map(rlpOfReceipt) })).to.deep.equal(proven);
    expect(proven.map(({ gasUsed }) => gasUsed)).to.deep.equal(receiptJsons.map(() => 21_000n));
    expect(proven.map(({ transactionIndex }) => transactionIndex)).to.deep.equal(receiptJsons.map((_, i) => i));
    const logs = proven.flatMap((receipt) => receipt.logs);
    expect(logs.length).to.be.greaterThan(20);
    expect(logs.map(({ logIndex }) => logIndex)).to.deep.equal(logs.map((_, i) => i));
    for (const { transactionIndex, address } of logs) {
      expect(receiptJsons[transactionIndex]!.logs.some((log) => log.address === address)).to.equal(true);
    }
  });

  it("refuses any other list, and one with a field changed", () => {
    for (const list of wrongLists(receiptJsons)) {
      expect(codeOf(() => verifyReceipts({ receiptsRoot, receipts: list }))).to.equal("RECEIPTS_ROOT_MISMATCH");
    }
    const at = receiptJsons.findIndex(({ status, logs }) => status !== undefined && logs.length > 0);
    const json = receiptJsons[at]!;
    const changes: [Partial<ReceiptJson>, string][] = [
      [{ status: json.status === "0x1" ? "0x0" : "0x1" }, "RECEIPTS_ROOT_MISMATCH"],
      [{ cumulativeGasUsed: "0x1" }, "RECEIPTS_ROOT_MISMATCH"],
      [{ type: json.type === "0x1" ? "0x2" : "0x1" }, "RECEIPTS_ROOT_MISMATCH"],
      [{ logs: json.logs.map((log) => ({ ...log, data: `${log.data}00` })) }, "RECEIPTS_ROOT_MISMATCH"],
      [{ logs: [] }, "LOGS_BLOOM_MISMATCH"],
      [{ logsBloom: `0x${"ff".repeat(256)}` }, "LOGS_BLOOM_MISMATCH"],
    ];
    for (const [change, code] of changes) {
      expect(
        codeOf(() => verifyReceipts({ receiptsRoot, receipts: receiptJsons.with(at, { ...json, ...change }) })),
      ).to.equal(code);
    }
    expect(expectCode("OPTION_INVALID", () => verifyReceipts({ receiptsRoot: "0x", receipts: [] })).option).to.equal(
      "receiptsRoot",
    );
  });

  it("gives one by its own proof, or null", () => {
    for (const index of [0, 7, 29]) {
      const receipt = verifyReceiptProof({ receiptsRoot, index, proof: receiptTrie.prove(index) })!;
      expect(receipt.logs).to.deep.equal(receiptJsons[index]!.logs);
    }
    expect(verifyReceiptProof({ receiptsRoot, index: 30, proof: receiptTrie.prove(30) })).to.equal(null);
    expect(codeOf(() => verifyReceiptProof({ receiptsRoot, index: 8, proof: receiptTrie.prove(7) }))).to.equal(
      "TRIE_NODE_HASH_MISMATCH",
    );
    expect(
      expectCode("OPTION_INVALID", () => verifyReceiptProof({ receiptsRoot: "0x", index: 0, proof: [] })).option,
    ).to.equal("receiptsRoot");
  });
});

describe("verifyWithdrawals", () => {
  it("gives all of them", () => {
    const [first] = verifyWithdrawals({ withdrawalsRoot, withdrawals });
    expect(first).to.deep.equal({
      index: 1000,
      validatorIndex: 0,
      address: `0x${"00".repeat(20)}`,
      amountGwei: 10n ** 9n,
    });
  });

  it("refuses any other list, and withdrawals that are none", () => {
    for (const list of wrongLists(withdrawals)) {
      expect(codeOf(() => verifyWithdrawals({ withdrawalsRoot, withdrawals: list }))).to.equal(
        "WITHDRAWALS_ROOT_MISMATCH",
      );
    }
    for (const [name, value] of Object.entries({
      index: "0x1",
      validatorIndex: "0x1",
      address: `0x${"01".repeat(20)}`,
      amount: "0x1",
    })) {
      const changed = withdrawals.with(2, { ...withdrawals[2]!, [name]: value });
      expect(codeOf(() => verifyWithdrawals({ withdrawalsRoot, withdrawals: changed }))).to.equal(
        "WITHDRAWALS_ROOT_MISMATCH",
      );
      const { [name as "index"]: _, ...missing } = withdrawals[2]!;
      const { path } = expectCode("DECODE_FAILED", () =>
        verifyWithdrawals({ withdrawalsRoot, withdrawals: withdrawals.with(2, missing as never) }),
      );
      expect(path).to.equal(`[2].${name}`);
    }
    expect(
      expectCode("OPTION_INVALID", () => verifyWithdrawals({ withdrawalsRoot: "0x", withdrawals })).option,
    ).to.equal("withdrawalsRoot");
  });
});

describe("verifyBlockLogs", () => {
  const header = { receiptsRoot, logsBloom: block.logsBloom };
  const all = receiptJsons.flatMap(({ logs }) => logs);
  const address = (i: number) => `0x${i.toString(16).padStart(40, "0")}`;
  const topic = (i: number) => `0x${i.toString(16).padStart(64, "a")}`;
  const plain = (logs: readonly (typeof all)[number][]) =>
    logs.map((log) => ({ address: log.address, topics: log.topics, data: log.data }));

  it("gives all logs without a filter", () => {
    const logs = verifyBlockLogs({ header, receipts: receiptJsons });
    expect(plain(logs)).to.deep.equal(all);
  });

  it(`gives the logs that a filter asks for, and no other (seed ${seed})`, () => {
    const choice = fc.oneof(
      fc.constant(null),
      fc.integer({ min: 1, max: 9 }).map(topic),
      fc.array(fc.integer({ min: 1, max: 9 }).map(topic), { maxLength: 3 }),
    );
    const filters = fc.record(
      {
        address: fc.oneof(
          fc.integer({ min: 1, max: 7 }).map(address),
          fc.array(fc.integer({ min: 1, max: 7 }).map(address), { maxLength: 3 }),
        ),
        topics: fc.array(choice, { maxLength: 5 }),
      },
      { requiredKeys: [] },
    );
    let found = 0;
    fc.assert(
      fc.property(filters, (filter) => {
        const isOf = (wanted: string | readonly string[] | null | undefined, value: string | undefined) =>
          value !== undefined &&
          (wanted === null || wanted === undefined || wanted.length === 0 || [wanted].flat().includes(value));
        const expected = all.filter(
          (log) =>
            isOf(filter.address, log.address) &&
            (filter.topics ?? []).every((wanted, i) => isOf(wanted, log.topics[i])),
        );
        found += expected.length;
        expect(plain(verifyBlockLogs({ header, receipts: receiptJsons, filter }))).to.deep.equal(expected);
        if (expected.length > 0) expect(mayHaveLogs(header.logsBloom, filter)).to.equal(true);
      }),
      { seed, numRuns: runsFrom(100) },
    );
    expect(found).to.be.greaterThan(50);
  });

  it("needs no receipts where the bloom excludes such logs, and asks for them where it does not", () => {
    const absent = { address: `0x${"ee".repeat(20)}` };
    expect(mayHaveLogs(header.logsBloom, absent)).to.equal(false);
    expect(verifyBlockLogs({ header, filter: absent })).to.deep.equal([]);
    // two of three topics are there
    expect(mayHaveLogs(header.logsBloom, { topics: [topic(1), null, `0x${"ee".repeat(32)}`] })).to.equal(false);
    expect(
      expectCode("OPTION_INVALID", () => verifyBlockLogs({ header, filter: { address: address(1) } })).option,
    ).to.equal("receipts");
    expect(codeOf(() => verifyBlockLogs({ header }))).to.equal("OPTION_INVALID");
  });

  it("refuses receipts that leave something out, and a bloom that does", () => {
    const filter = { address: address(1) };
    for (const list of wrongLists(receiptJsons)) {
      expect(codeOf(() => verifyBlockLogs({ header, receipts: list, filter }))).to.equal("RECEIPTS_ROOT_MISMATCH");
    }
    const more = { ...header, logsBloom: `0x${"ff".repeat(256)}` };
    expect(
      expectCode("LOGS_BLOOM_MISMATCH", () => verifyBlockLogs({ header: more, receipts: receiptJsons, filter })).of,
    ).to.equal("block");
  });

  it("refuses a bloom that is none: a short one holds nothing, and would exclude everything", () => {
    const filter = { address: address(1) };
    for (const logsBloom of ["0x", "0x00", `0x${"ff".repeat(255)}`, null as never, undefined as never]) {
      expect(expectCode("OPTION_INVALID", () => mayHaveLogs(logsBloom, filter)).option).to.equal("logsBloom");
      expectCode("OPTION_INVALID", () => verifyBlockLogs({ header: { ...header, logsBloom }, filter }));
      expectCode("OPTION_INVALID", () => verifyBlockLogs({ header: { ...header, logsBloom } }));
    }
  });

  it("refuses a filter that is none", () => {
    for (const [filter, option] of [
      [{ address: "0x12" }, "filter.address"],
      [{ address: 5 as never }, "filter.address"],
      [{ topics: topic(1) as never }, "filter.topics"],
      [{ topics: [undefined as never] }, "filter.topics[0]"],
      [{ address: [address(1), "x"] }, "filter.address"],
      [{ topics: ["0x12"] }, "filter.topics[0]"],
      [{ topics: [null, [topic(1), address(1)]] }, "filter.topics[1]"],
    ] as const) {
      expect(
        expectCode("OPTION_INVALID", () => verifyBlockLogs({ header, receipts: receiptJsons, filter })).option,
      ).to.equal(option);
    }
  });
});

describe("verifyExecutionBlock", () => {
  const { hash } = block;

  it("gives header, transactions and withdrawals", () => {
    const proven = verifyExecutionBlock({ blockHash: hash, block });
    expect(proven.header.number).to.equal(192);
    expect(proven.transactions).to.have.length(140);
    expect(proven.withdrawals).to.have.length(16);
  });

  it("gives null for withdrawals before Shanghai", () => {
    const old = Object.fromEntries(Object.entries(block).slice(0, 17)) as Record<string, string>;
    const oldHash = executionHeaderHash(decodeExecutionHeaderJson(old));
    const proven = verifyExecutionBlock({ blockHash: oldHash, block: { ...old, hash: oldHash, transactions } });
    expect(proven.header.baseFeePerGas).to.equal(7n);
    expect(proven.withdrawals).to.equal(null);
  });

  it("refuses a block with another header, other transactions or other withdrawals", () => {
    const codeWith = (change: object) =>
      codeOf(() => verifyExecutionBlock({ blockHash: hash, block: { ...block, ...change } }));
    expect(codeWith({ gasUsed: "0x1" })).to.equal("BLOCK_HASH_MISMATCH");
    expect(codeWith({ transactions: transactions.slice(1) })).to.equal("TRANSACTIONS_ROOT_MISMATCH");
    expect(codeWith({ withdrawals: withdrawals.slice(1) })).to.equal("WITHDRAWALS_ROOT_MISMATCH");
    expect(codeWith({ transactions: undefined })).to.equal("DECODE_FAILED");
    expect(codeWith({ withdrawals: null })).to.equal("DECODE_FAILED");
    expect(codeWith({ hash: WRONG_ROOT })).to.equal("CLAIM_MISMATCH");
  });
});
