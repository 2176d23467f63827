/**
 * What a verified root proves: bytes in, proven value out, no client needed. Nothing here fetches, waits or logs.
 */

export type { Path, ValueAt } from "../ssz/path.js";
export {
  type Account,
  type AccountProofOptions,
  type CodeOptions,
  type Slot,
  type StorageProofOptions,
  verifyAccountProof,
  verifyCode,
  verifyStorageProof,
} from "./account.js";
export {
  type BeaconBlockOptions,
  type BeaconHeaderOptions,
  type ProvenBeaconHeader,
  verifyBeaconBlock,
  verifyBeaconHeader,
  verifyBeaconHeaderChain,
} from "./beacon/block.js";
export {
  type BlockRootPlace,
  blockRootPlace,
  type HistoricalBlockRootOptions,
  verifyHistoricalBlockRoot,
} from "./beacon/history.js";
export {
  finalizedCheckpoint,
  forkVersions,
  type PendingDeposit,
  type PendingWithdrawal,
  type ProvenCheckpoint,
  type ProvenCommittee,
  type ProvenFork,
  type ProvenValidator,
  pendingDeposits,
  pendingWithdrawals,
  randaoMix,
  type StateQuery,
  syncCommittee,
  type ValidatorStatus,
  validatorAt,
} from "./beacon/queries.js";
export {
  type BeaconBlock,
  type BeaconBlockBody,
  type BeaconState,
  type BeaconTypes,
  beaconTypesAtSlot,
  createBeaconTypes,
  type ForkTypes,
  type ValueOf,
} from "./beacon/types.js";
export { type ExecutionBlockOptions, type ProvenBlock, verifyExecutionBlock } from "./block.js";
export {
  type ProvenLog,
  type ProvenReceipt,
  type ReceiptProofOptions,
  type ReceiptsOptions,
  type TransactionProofOptions,
  type TransactionsOptions,
  verifyReceiptProof,
  verifyReceipts,
  verifyTransactionProof,
  verifyTransactions,
  verifyWithdrawals,
  type Withdrawal,
  type WithdrawalsOptions,
} from "./block-lists.js";
export {
  type CompactMultiproof,
  type CompactMultiproofOptions,
  computeCompactDescriptor,
  decodeCompactDescriptor,
  decodeCompactMultiproofSsz,
  verifyCompactMultiproof,
} from "./compact-multiproof.js";
export { type GetProofOptions, type ProvenState, type ProvenStorage, verifyGetProof } from "./get-proof.js";
export { concatGindices, type Gindex, getHelperIndices } from "./gindex.js";
export {
  decodeExecutionHeaderJson,
  decodeExecutionHeaderRlp,
  type ExecutionHeader,
  type ExecutionHeaderOptions,
  encodeExecutionHeader,
  executionHeaderHash,
  verifyExecutionHeader,
} from "./header.js";
export type { BytesLike } from "./input.js";
export { EMPTY_CODE_HASH, EMPTY_TRIE_ROOT, keccak256 } from "./keccak.js";
export { type BlockLogsOptions, type LogFilter, mayHaveLogs, verifyBlockLogs } from "./logs.js";
export {
  type MerkleBranchOptions,
  type MultiproofOptions,
  verifyMerkleBranch,
  verifyMultiproof,
} from "./merkle-proof.js";
export { buildOrderedTrie, type OrderedTrie } from "./ordered-trie.js";
export { decodeReceipt, encodeReceipt, type Log, type Receipt } from "./receipt.js";
export { decodeRlp, encodeRlp, type RlpLimits, type RlpValue } from "./rlp.js";
export {
  createSszProof,
  getGeneralizedIndex,
  gindicesOfPaths,
  type Multiproof,
  type Proven,
  type ProvenSsz,
  type SszBytesOptions,
  type SszLocation,
  type SszProofOptions,
  verifySszBytes,
  verifySszProof,
} from "./ssz-proof.js";
export {
  BEACON_ROOTS_ADDRESS,
  type BeaconRootOptions,
  beaconRootSlots,
  HISTORY_STORAGE_ADDRESS,
  type HistoricalBlockHashOptions,
  historyStorageSlot,
  verifyBeaconRoot,
  verifyExecutionHeaderChain,
  verifyHistoricalBlockHash,
} from "./system-contracts.js";
export { decodeTransaction, encodeTransaction, type HashedTransaction, type Transaction } from "./transaction.js";
export { type TrieProofOptions, verifyTrieProof } from "./trie-proof.js";
