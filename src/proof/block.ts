/** A whole block, as `eth_getBlockByHash(hash, true)` answers it. */
import { verifyTransactions, verifyWithdrawals, type Withdrawal } from "./block-lists.js";
import { fieldOf } from "./codec.js";
import { type ExecutionHeader, verifyExecutionHeader } from "./header.js";
import { type BytesLike, placeIn, placeOf, sentList } from "./input.js";
import type { HashedTransaction } from "./transaction.js";

export interface ExecutionBlockOptions {
  /** `Bytes32`, that you trust. */
  readonly blockHash: BytesLike;
  /** The block's JSON, with whole transactions. */
  readonly block: unknown;
}

export interface ProvenBlock {
  readonly header: ExecutionHeader;
  readonly transactions: readonly HashedTransaction[];
  /** `null` before Shanghai. */
  readonly withdrawals: readonly Withdrawal[] | null;
}

/**
 * The block whose hash is `blockHash`: its header, all of its transactions and withdrawals. Its uncles (before Paris) are
 * not looked at.
 *
 * @throws what {@link verifyExecutionHeader}, {@link verifyTransactions} and {@link verifyWithdrawals} do
 */
export function verifyExecutionBlock({ blockHash, block }: ExecutionBlockOptions): ProvenBlock {
  const header = verifyExecutionHeader({ blockHash, header: block });
  const { transactionsRoot, withdrawalsRoot } = header;
  const place = placeOf("block", "json-rpc");
  const list = (name: string) => sentList(placeIn(place, name), fieldOf(block, name, place), Number.POSITIVE_INFINITY);
  return {
    header,
    transactions: verifyTransactions({ transactionsRoot, transactions: list("transactions") }),
    withdrawals:
      withdrawalsRoot === null ? null : verifyWithdrawals({ withdrawalsRoot, withdrawals: list("withdrawals") }),
  };
}
