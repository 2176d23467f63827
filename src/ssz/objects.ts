/**
 * The light-client objects as the rest of the library sees them: one shape for every fork, the newest (Gloas).
 *
 * What older forks have and Gloas has not is kept beside: the execution header of a Capella-to-Fulu block, since its
 * state root is what account proofs need. Branches have the newest depth, older ones with zero nodes in front
 * (consensus-specs `specs/electra/light-client/fork.md`, `normalize_merkle_branch`).
 *
 * Bytes are `Uint8Array`; slots and indices are safe integers; nothing here is ever changed after it was made.
 */
import type { BitArray } from "./bit-array.js";

/** consensus-specs `specs/phase0/beacon-chain.md`. */
export interface BeaconBlockHeader {
  readonly slot: number;
  readonly proposerIndex: number;
  /** `Bytes32` */
  readonly parentRoot: Uint8Array;
  /** `Bytes32` */
  readonly stateRoot: Uint8Array;
  /** `Bytes32` */
  readonly bodyRoot: Uint8Array;
}

/** `ExecutionPayloadHeader` of Deneb; before Deneb the blob fields are 0. */
export interface ExecutionPayloadHeader {
  readonly parentHash: Uint8Array;
  readonly feeRecipient: Uint8Array;
  readonly stateRoot: Uint8Array;
  readonly receiptsRoot: Uint8Array;
  readonly logsBloom: Uint8Array;
  readonly prevRandao: Uint8Array;
  readonly blockNumber: bigint;
  readonly gasLimit: bigint;
  readonly gasUsed: bigint;
  readonly timestamp: bigint;
  readonly extraData: Uint8Array;
  readonly baseFeePerGas: bigint;
  readonly blockHash: Uint8Array;
  readonly transactionsRoot: Uint8Array;
  readonly withdrawalsRoot: Uint8Array;
  readonly blobGasUsed: bigint;
  readonly excessBlobGas: bigint;
}

export interface LightClientHeader {
  readonly beacon: BeaconBlockHeader;
  /**
   * `Hash32`: up to Fulu the hash of the block's own payload; from Gloas on `parent_block_hash` of its bid, which is
   * the last payload the chain had executed when this block was made. Zero before Capella.
   */
  readonly executionBlockHash: Uint8Array;
  /** `Bytes32[11]`: proves `executionBlockHash` in `beacon.bodyRoot`. Zero before Capella. */
  readonly executionBranch: readonly Uint8Array[];
  /** The whole payload header, Capella to Fulu; proven by the same branch. `null` before and after. */
  readonly execution: ExecutionPayloadHeader | null;
}

/** consensus-specs `specs/altair/beacon-chain.md`. */
export interface SyncCommittee {
  /** `Bytes48[SYNC_COMMITTEE_SIZE]`, compressed G1 points. A validator may be a member more than once. */
  readonly pubkeys: readonly Uint8Array[];
  /** `Bytes48`: the sum of `pubkeys`. */
  readonly aggregatePubkey: Uint8Array;
}

export interface SyncAggregate {
  readonly syncCommitteeBits: BitArray;
  /** `Bytes96`, a compressed G2 point. */
  readonly syncCommitteeSignature: Uint8Array;
}

export interface LightClientBootstrap {
  readonly header: LightClientHeader;
  readonly currentSyncCommittee: SyncCommittee;
  /** `Bytes32[11]` */
  readonly currentSyncCommitteeBranch: readonly Uint8Array[];
}

export interface LightClientUpdate {
  readonly attestedHeader: LightClientHeader;
  /** `null` stands for the specification's empty committee. */
  readonly nextSyncCommittee: SyncCommittee | null;
  /** `Bytes32[11]`; zero when there is no next committee. */
  readonly nextSyncCommitteeBranch: readonly Uint8Array[];
  /** Empty (see {@link isEmptyHeader}) when there is no finality. */
  readonly finalizedHeader: LightClientHeader;
  /** `Bytes32[9]`; zero when there is no finality. */
  readonly finalityBranch: readonly Uint8Array[];
  readonly syncAggregate: SyncAggregate;
  readonly signatureSlot: number;
}

export type LightClientFinalityUpdate = Omit<LightClientUpdate, "nextSyncCommittee" | "nextSyncCommitteeBranch">;

export type LightClientOptimisticUpdate = Omit<LightClientFinalityUpdate, "finalizedHeader" | "finalityBranch">;
