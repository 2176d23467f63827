/**
 * What a header's roots prove: the block's transactions, receipts and withdrawals, all of them from the whole list, one of
 * them by its own proof.
 */
import { type ErrorDetails, optionInvalid, SidelightError } from "../errors.js";
import { toHex } from "../ssz/bytes.js";
import { address, quantity, type RecordOf, record, smallInteger, under } from "./codec.js";
import { type BytesLike, optionBytes, placeIn, placeOf, sentList } from "./input.js";
import { buildOrderedTrie, indexKey } from "./ordered-trie.js";
import { decodeReceipt, encodeReceipt, type Log, type Receipt } from "./receipt.js";
import { encodeRlp, MAX_RLP_BYTES } from "./rlp.js";
import { decodeTransaction, type HashedTransaction, readTransaction } from "./transaction.js";
import { verifyTrieProof } from "./trie-proof.js";

/** More than any block has. */
const MAX_ITEMS = 1 << 17;

type RootMismatch = "TRANSACTIONS_ROOT_MISMATCH" | "RECEIPTS_ROOT_MISMATCH" | "WITHDRAWALS_ROOT_MISMATCH";

function assertRoot(code: RootMismatch, list: string, expected: string, items: readonly Uint8Array[]): void {
  const actual = toHex(buildOrderedTrie(items).root);
  if (actual === expected) return;
  const details: ErrorDetails[RootMismatch] = { items: items.length, expected, actual };
  throw new SidelightError(code, `${items.length} ${list}: expected the root ${expected}, got ${actual}`, details);
}

const hexRoot = (option: string, root: BytesLike) => toHex(optionBytes(option, root, 32));

/** Decodes each item of a list. */
function decodeEach<T>(object: string, list: unknown, decode: (item: unknown, index: number) => T): T[] {
  const items = sentList(placeOf(object, "json-rpc"), list, MAX_ITEMS);
  // Array.from, since map passes over holes
  return Array.from(items, (item, i) => decode(item, i));
}

export interface TransactionsOptions {
  /** `Bytes32`, of a proven header. */
  readonly transactionsRoot: BytesLike;
  /**
   * All of the block's: objects as `eth_getBlockByHash(hash, true)` has them, or bytes as the block itself has them
   * (`0x` hex or not).
   */
  readonly transactions: readonly unknown[];
}

/**
 * All transactions of a block, in their order, with their hashes.
 *
 * @throws OPTION_INVALID a root that is none
 * @throws DECODE_FAILED, INPUT_TOO_LARGE, RLP_INVALID transactions that are none
 * @throws CLAIM_MISMATCH one that says it had another hash
 * @throws TRANSACTIONS_ROOT_MISMATCH not these, or not all of them, or in another order
 */
export function verifyTransactions(options: TransactionsOptions): HashedTransaction[] {
  const root = hexRoot("transactionsRoot", options.transactionsRoot);
  const read = decodeEach("transactions", options.transactions, readTransaction);
  assertRoot(
    "TRANSACTIONS_ROOT_MISMATCH",
    "transactions",
    root,
    read.map(({ raw }) => raw),
  );
  return read.map(({ transaction }) => transaction);
}

export interface ReceiptsOptions {
  /** `Bytes32`, of a proven header. */
  readonly receiptsRoot: BytesLike;
  /** All of the block's: objects as `eth_getBlockReceipts` has them, or bytes as the trie has them. */
  readonly receipts: readonly unknown[];
}

/** A log with its place in the block. */
export type ProvenLog = Log & { readonly logIndex: number; readonly transactionIndex: number };

/** A receipt with what follows from its place among the others. */
export type ProvenReceipt = Omit<Receipt, "logs"> & {
  readonly transactionIndex: number;
  /** Of its own transaction. */
  readonly gasUsed: bigint;
  readonly logs: readonly ProvenLog[];
};

/**
 * All receipts of a block, in the order of its transactions.
 *
 * @throws OPTION_INVALID a root that is none
 * @throws DECODE_FAILED, INPUT_TOO_LARGE, RLP_INVALID receipts that are none
 * @throws LOGS_BLOOM_MISMATCH one whose bloom is not of its logs
 * @throws RECEIPTS_ROOT_MISMATCH not these, or not all of them, or in another order
 */
export function verifyReceipts(options: ReceiptsOptions): ProvenReceipt[] {
  const root = hexRoot("receiptsRoot", options.receiptsRoot);
  const receipts = decodeEach("receipts", options.receipts, decodeReceipt);
  assertRoot("RECEIPTS_ROOT_MISMATCH", "receipts", root, receipts.map(encodeReceipt));
  let logIndex = 0;
  return receipts.map((receipt, transactionIndex) => ({
    ...receipt,
    transactionIndex,
    gasUsed: receipt.cumulativeGasUsed - (receipts[transactionIndex - 1]?.cumulativeGasUsed ?? 0n),
    logs: receipt.logs.map((log) => ({ ...log, logIndex: logIndex++, transactionIndex })),
  }));
}

const withdrawalFields = {
  index: smallInteger,
  validatorIndex: smallInteger,
  address,
  amountGwei: /*#__PURE__*/ under(/*#__PURE__*/ quantity(8), "amount"),
};

const withdrawalCodec = /*#__PURE__*/ record(withdrawalFields);

/** EIP-4895: `index`, `validatorIndex`, `address` and `amountGwei`. */
export type Withdrawal = RecordOf<typeof withdrawalFields>;

export interface WithdrawalsOptions {
  /** `Bytes32`, of a proven header. */
  readonly withdrawalsRoot: BytesLike;
  /** All of the block's, as JSON-RPC has them. */
  readonly withdrawals: readonly unknown[];
}

/**
 * All withdrawals of a block.
 *
 * @throws OPTION_INVALID a root that is none
 * @throws DECODE_FAILED, INPUT_TOO_LARGE withdrawals that are none
 * @throws WITHDRAWALS_ROOT_MISMATCH not these, or not all of them, or in another order
 */
export function verifyWithdrawals(options: WithdrawalsOptions): Withdrawal[] {
  const root = hexRoot("withdrawalsRoot", options.withdrawalsRoot);
  const place = placeOf("withdrawals", "json-rpc");
  const withdrawals = decodeEach("withdrawals", options.withdrawals, (item, index) =>
    withdrawalCodec.fromJson(item, placeIn(place, index)),
  );
  const encoded = withdrawals.map((withdrawal) => encodeRlp(withdrawalCodec.toRlp(withdrawal)));
  assertRoot("WITHDRAWALS_ROOT_MISMATCH", "withdrawals", root, encoded);
  return withdrawals;
}

interface IndexProofOptions {
  /** Position in the block. */
  readonly index: number;
  /** The nodes from the root to it. */
  readonly proof: readonly BytesLike[];
}

export interface TransactionProofOptions extends IndexProofOptions {
  readonly transactionsRoot: BytesLike;
}

export interface ReceiptProofOptions extends IndexProofOptions {
  readonly receiptsRoot: BytesLike;
}

/**
 * The block's transaction at `index`; `null` if it is proven that it has fewer.
 * @throws what {@link verifyTransactions} and {@link verifyTrieProof} do
 */
export function verifyTransactionProof(options: TransactionProofOptions): HashedTransaction | null {
  const root = optionBytes("transactionsRoot", options.transactionsRoot, 32);
  const value = valueAt(root, options, "transaction proof");
  return value && decodeTransaction(value);
}

/**
 * The block's receipt at `index`; `null` if it is proven that it has fewer.
 * @throws what {@link verifyReceipts} and {@link verifyTrieProof} do
 */
export function verifyReceiptProof(options: ReceiptProofOptions): Receipt | null {
  const root = optionBytes("receiptsRoot", options.receiptsRoot, 32);
  const value = valueAt(root, options, "receipt proof");
  return value && decodeReceipt(value);
}

function valueAt(root: Uint8Array, { index, proof }: IndexProofOptions, name: string): Uint8Array | null {
  if (!Number.isSafeInteger(index) || index < 0) throw optionInvalid("index", "an integer from 0 on", index);
  return verifyTrieProof({ root, key: indexKey(index), proof, name, maxNodeBytes: MAX_RLP_BYTES });
}
