/** A whole block that another implementation would accept: its lists, and the header that commits to them. */
import { unionOfBlooms } from "../../src/proof/bloom.js";
import { decodeExecutionHeaderJson, executionHeaderHash } from "../../src/proof/header.js";
import { buildOrderedTrie } from "../../src/proof/ordered-trie.js";
import { encodeRlp, integerToBytes } from "../../src/proof/rlp.js";
import { toHex } from "../../src/ssz/bytes.js";
import { AMSTERDAM_HEADER } from "./execution-headers.js";
import { type ReceiptJson, rlpOfReceipt } from "./receipts.js";
import { othersForm, type TransactionJson } from "./transactions.js";
import { bytesOf } from "./tries.js";

export interface WithdrawalJson {
  readonly index: string;
  readonly validatorIndex: string;
  readonly address: string;
  readonly amount: string;
}

export const WITHDRAWALS: readonly WithdrawalJson[] = Array.from({ length: 16 }, (_, i) => ({
  index: `0x${(1000 + i).toString(16)}`,
  validatorIndex: `0x${(77 * i).toString(16)}`,
  address: `0x${i.toString(16).padStart(40, "0")}`,
  amount: `0x${(10 ** 9 + i).toString(16)}`,
}));

export function rlpOfWithdrawal({ index, validatorIndex, address, amount }: WithdrawalJson): Uint8Array {
  const [first, second, last] = [index, validatorIndex, amount].map((hex) => integerToBytes(BigInt(hex))) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  return encodeRlp([first, second, bytesOf(address), last]);
}

export interface BlockParts {
  /** Without their hashes. */
  readonly transactions: readonly TransactionJson[];
  readonly receipts: readonly ReceiptJson[];
  readonly withdrawals: readonly WithdrawalJson[];
}

/** The JSON of `eth_getBlockByHash`, with whole transactions. */
export function blockOf({ transactions, receipts, withdrawals }: BlockParts) {
  const forms = transactions.map(othersForm);
  const rootOf = (items: readonly Uint8Array[]) => toHex(buildOrderedTrie(items).root);
  const fields = {
    ...AMSTERDAM_HEADER,
    transactionsRoot: rootOf(forms.map(({ bytes }) => bytes)),
    receiptsRoot: rootOf(receipts.map(rlpOfReceipt)),
    withdrawalsRoot: rootOf(withdrawals.map(rlpOfWithdrawal)),
    logsBloom: unionOfBlooms(receipts.map(({ logsBloom }) => logsBloom)),
  };
  return {
    ...fields,
    hash: executionHeaderHash(decodeExecutionHeaderJson(fields)),
    transactions: transactions.map((json, i) => ({ ...json, hash: forms[i]!.hash }) as Record<string, unknown>),
    withdrawals,
  };
}
