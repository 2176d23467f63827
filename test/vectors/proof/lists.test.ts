/** Transactions, receipts, withdrawals and logs of real blocks, each list against the root in its header. */
import { expect } from "chai";
import { logsBloomOf } from "../../../src/proof/bloom.js";
import {
  decodeExecutionHeaderRlp,
  decodeReceipt,
  decodeRlp,
  decodeTransaction,
  type ExecutionHeader,
  encodeReceipt,
  encodeRlp,
  encodeTransaction,
  type HashedTransaction,
  type Log,
  type Receipt,
  type RlpValue,
  verifyBlockLogs,
  verifyExecutionBlock,
  verifyExecutionHeader,
  verifyReceiptProof,
  verifyReceipts,
  verifyTransactions,
  verifyWithdrawals,
} from "../../../src/proof/index.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { bytesOf } from "../../support/tries.js";
import { countChecked } from "../counts.js";
import { describeWithData, listFiles, readJson, readText } from "../data-folder.js";
import { BEACON_BLOCKS, EXECUTION_BLOCKS, headerOfPayload, type Payload, withdrawalsOf } from "./blocks.js";

const TYPES = ["legacy", "access list", "fee market", "blobs", "set code"];

function countTransactions(form: string, transactions: readonly HashedTransaction[]): void {
  for (const { type } of transactions)
    countChecked({ suite: "transactions", release: form, preset: "", fork: TYPES[type]! });
}

function countReceipts(form: string, receipts: readonly { readonly type: number }[]): void {
  for (const { type } of receipts) countChecked({ suite: "receipts", release: form, preset: "", fork: TYPES[type]! });
}

/** What nodes add to a log is where it is; the log itself must be this. */
const plainLogs = (logs: readonly Log[]) => logs.map(({ address, topics, data }) => ({ address, topics, data }));

describeWithData("real transactions and withdrawals", () => {
  it("in JSON are those of their header", () => {
    let withdrawn = 0;
    const withHashesOnly: string[] = [];
    for (const { file, json } of EXECUTION_BLOCKS) {
      const block = json(readJson(file)) as { hash: string; transactions: unknown[]; withdrawals?: unknown[] };
      if (typeof block.transactions[0] === "string") {
        withHashesOnly.push(file);
        continue;
      }
      const { transactions, withdrawals } = verifyExecutionBlock({ blockHash: block.hash, block });
      expect(transactions).to.have.length(block.transactions.length);
      expect(withdrawals?.length).to.equal(block.withdrawals?.length);
      withdrawn += withdrawals?.length ?? 0;
      countTransactions("JSON", transactions);
      // the same from the bytes that are hashed
      const { transactionsRoot } = verifyExecutionHeader({ blockHash: block.hash, header: block });
      const raw = transactions.map(encodeTransaction);
      expect(verifyTransactions({ transactionsRoot, transactions: raw })).to.deep.equal(transactions);
    }
    expect(withHashesOnly).to.deep.equal([
      "el-proofs/helios-rpc/rpc/block.json",
      "el-proofs/eth-avm/eth_data.json.gz",
      "mainnet/libnimbus_lc/executionBlockHeader.json",
    ]);
    countChecked({ suite: "withdrawals", release: "JSON", preset: "", fork: "" }, withdrawn);
  });

  it("without transactions are those of their header too", () => {
    for (const file of ["el-proofs/helios-rpc/rpc/block.json", "el-proofs/eth-avm/eth_data.json.gz"]) {
      const { json } = EXECUTION_BLOCKS.find((block) => block.file === file)!;
      const block = json(readJson(file)) as { hash: string; withdrawals: unknown[] };
      const { withdrawalsRoot } = verifyExecutionHeader({ blockHash: block.hash, header: block });
      const withdrawals = verifyWithdrawals({ withdrawalsRoot: withdrawalsRoot!, withdrawals: block.withdrawals });
      countChecked({ suite: "withdrawals", release: "JSON", preset: "", fork: "" }, withdrawals.length);
    }
  });

  it("in the bytes of a beacon block's payload make the header whose hash it names", () => {
    for (const { file, json } of BEACON_BLOCKS) {
      const { payload, parentRoot } = json(readJson(file));
      const header = headerOfPayload(payload, parentRoot);
      const { transactionsRoot, withdrawalsRoot } = verifyExecutionHeader({ blockHash: payload.block_hash, header });
      countTransactions("payload", verifyTransactions({ transactionsRoot, transactions: payload.transactions }));
      const withdrawals = withdrawalsOf(payload);
      verifyWithdrawals({ withdrawalsRoot: withdrawalsRoot!, withdrawals });
      countChecked({ suite: "withdrawals", release: "payload", preset: "", fork: "" }, withdrawals.length);
    }
  });

  it("say the same in JSON and in a payload", () => {
    for (const file of listFiles("el-proofs/lodestar-prover")) {
      const { execution, beacon } = readJson(file) as {
        execution: { block: { transactions: unknown[] } };
        beacon: { executionPayload: Payload };
      };
      const raw = beacon.executionPayload.transactions.map((bytes) => decodeTransaction(bytes));
      expect(execution.block.transactions.map((json) => decodeTransaction(json))).to.deep.equal(raw);
    }
  });

  it("whose blocks are not among the data have the hashes they claim", () => {
    const jsons = readJson("mainnet/libnimbus_lc/transactions.json") as unknown[];
    const transactions = [...jsons, readJson("el-proofs/helios-rpc/rpc/transaction.json")].map((json) =>
      decodeTransaction(json),
    );
    expect(transactions).to.have.length(7);
    countTransactions("JSON, by hash only", transactions);
  });
});

describeWithData("real receipts", () => {
  it("of helios are those of their header, and its logs all that there are", () => {
    const FOLDER = "el-proofs/helios-rpc";
    const block = readJson(`${FOLDER}/rpc/block.json`) as { hash: string };
    const header = verifyExecutionHeader({ blockHash: block.hash, header: block });
    const receipts = readJson(`${FOLDER}/rpc/receipts.json`) as Record<string, unknown>[];
    const proven = verifyReceipts({ receiptsRoot: header.receiptsRoot, receipts });
    expect(proven).to.have.length(202);
    receipts.forEach((json, i) => {
      expect(`0x${proven[i]!.gasUsed.toString(16)}`).to.equal(json["gasUsed"]);
      expect(proven[i]!.logs.map(({ logIndex }) => `0x${logIndex.toString(16)}`)).to.deep.equal(
        (json["logs"] as { logIndex: string }[]).map(({ logIndex }) => logIndex),
      );
    });
    countReceipts("JSON", proven);

    const [expected] = readJson(`${FOLDER}/rpc/logs.json`) as (Log & { logIndex: string; transactionIndex: string })[];
    const filters = [
      { address: expected!.address },
      { address: [expected!.address.toUpperCase().replace("0X", "0x")], topics: [expected!.topics[0]!] },
      { topics: [[`0x${"00".repeat(32)}`, expected!.topics[0]!]] },
    ];
    for (const filter of filters) {
      const logs = verifyBlockLogs({ header, receipts, filter });
      expect(plainLogs(logs)).to.deep.equal(plainLogs([expected!]));
      expect(logs[0]!.logIndex).to.equal(Number(expected!.logIndex));
      expect(logs[0]!.transactionIndex).to.equal(Number(expected!.transactionIndex));
    }

    // another API's proof of one of them
    const { receipt, receiptProof } = readJson(`${FOLDER}/verifiable_api/receipt.json`) as {
      receipt: { transactionIndex: string; logs: Log[] };
      receiptProof: string[];
    };
    const index = Number(receipt.transactionIndex);
    const one = verifyReceiptProof({ receiptsRoot: header.receiptsRoot, index, proof: receiptProof })!;
    expect(plainLogs(one.logs)).to.deep.equal(plainLogs(receipt.logs));
    const { receiptProofs } = readJson(`${FOLDER}/verifiable_api/logs.json`) as {
      receiptProofs: Record<string, { receipt: { transactionIndex: string }; receiptProof: string[] }>;
    };
    for (const entry of Object.values(receiptProofs)) {
      const { receiptsRoot } = header;
      const at = Number(entry.receipt.transactionIndex);
      expect(verifyReceiptProof({ receiptsRoot, index: at, proof: entry.receiptProof })).to.deep.equal(one);
    }
    countReceipts("proof", [one, ...Object.values(receiptProofs).map(() => one)]);
  });

  it("of eth-avm are those of their header, with a proof of one", () => {
    const data = readJson("el-proofs/eth-avm/eth_data.json.gz") as {
      block_header: { hash: string };
      block_receipts: unknown[];
      receipt_proof: { index: number; nodes: string[]; value_rlp: string };
    };
    const header = verifyExecutionHeader({ blockHash: data.block_header.hash, header: data.block_header });
    const receipts = verifyReceipts({ receiptsRoot: header.receiptsRoot, receipts: data.block_receipts });
    countReceipts("JSON", receipts);
    const { index, nodes, value_rlp: rlp } = data.receipt_proof;
    const one = verifyReceiptProof({
      receiptsRoot: header.receiptsRoot,
      index,
      proof: nodes.map((node) => `0x${node}`.replace("0x0x", "0x")),
    });
    expect(toHex(encodeReceipt(one!))).to.equal(`0x${rlp}`);
    expect(verifyBlockLogs({ header, receipts: data.block_receipts })).to.have.length(
      receipts.reduce((sum, { logs }) => sum + logs.length, 0),
    );
    countReceipts("proof", [one!]);
  });

  it("of synapse are those that a beacon block's payload commits to", () => {
    const { json } = BEACON_BLOCKS.find(({ file }) => file.includes("synapse"))!;
    const { payload } = json(readJson("blocks/mainnet-capella/synapse-slot-006632854.json"));
    const FILE = "mainnet/bellatrix-capella-synapse/execution/block_receipts/number-017451263.json";
    const { result } = readJson(FILE) as { result: unknown[] };
    const header = { receiptsRoot: payload.receipts_root, logsBloom: payload.logs_bloom };
    expect(payload.block_number).to.equal("17451263");
    const receipts = verifyReceipts({ receiptsRoot: header.receiptsRoot, receipts: result });
    expect(verifyBlockLogs({ header, receipts: result }).length).to.be.greaterThan(100);
    countReceipts("JSON", receipts);
  });

  it("of libnimbus_lc, from before Byzantium to London, have the bloom of their logs", () => {
    const jsons = readJson("mainnet/libnimbus_lc/receipts.json") as Record<string, unknown>[];
    // from several blocks: no root that commits to them all
    const [first] = jsons;
    expect(first!["status"]).to.equal(undefined);
    const receipts = jsons.map((json) => decodeReceipt(json));
    expect(receipts[0]).to.deep.include({ status: null, root: first!["root"] });
    countReceipts("JSON, bloom only", receipts);
  });
});

describeWithData("real blocks of portal", () => {
  for (const number of [17034870, 19426587, 22431083, 22431084, 22869878]) {
    it(`have the transactions, withdrawals and receipts of their header (${number})`, () => {
      const parts = portalBlock(number);
      const transactions = verifyTransactions({
        transactionsRoot: parts.header.transactionsRoot,
        transactions: parts.transactions,
      });
      countTransactions("RLP", transactions);
      const { receipts } = parts;
      const proven = verifyReceipts({ receiptsRoot: parts.header.receiptsRoot, receipts: receipts.map(encodeReceipt) });
      expect(proven.map(({ type }) => type)).to.deep.equal(transactions.map(({ type }) => type));
      expect(proven.at(-1)!.cumulativeGasUsed).to.equal(parts.header.gasUsed);
      expect(verifyBlockLogs({ header: parts.header, receipts: receipts.map(encodeReceipt) }).length).to.be.greaterThan(
        0,
      );
      countReceipts("RLP without bloom", proven);
    });
  }
});

interface PortalBlock {
  readonly header: ExecutionHeader;
  readonly transactions: Uint8Array[];
  readonly receipts: Receipt[];
}

/** RLP of each; receipts are as peers send them since EIP-7642: without their bloom. */
function portalBlock(number: number): PortalBlock {
  const text = readText(`blocks/portal-block-data/block-data-${number}.yaml.gz`);
  const field = (name: string) => bytesOf(new RegExp(`^${name}: (0x[0-9a-f]+)$`, "m").exec(text)![1]!);
  const [transactions] = decodeRlp(field("body")) as RlpValue[][];
  const receipts = decodeRlp(field("receipts")) as RlpValue[][];
  return {
    header: decodeExecutionHeaderRlp(field("header")),
    // legacy ones are lists
    transactions: transactions!.map((item) => (item instanceof Uint8Array ? item : encodeRlp(item))),
    receipts: receipts.map(receiptWithoutBloom),
  };
}

function receiptWithoutBloom([type, status, gas, logs]: RlpValue[]): Receipt {
  const hex = (value: RlpValue) => toHex(value as Uint8Array);
  const integer = (value: RlpValue) => (hex(value) === "0x" ? 0n : BigInt(hex(value)));
  const list = (logs as RlpValue[][]).map(([address, topics, data]) => ({
    address: hex(address!),
    topics: (topics as Uint8Array[]).map(toHex),
    data: hex(data!),
  }));
  return {
    type: Number(integer(type!)),
    status: Number(integer(status!)) as 0 | 1,
    root: null,
    cumulativeGasUsed: integer(gas!),
    logsBloom: logsBloomOf(list),
    logs: list,
  };
}
