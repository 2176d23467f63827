/**
 * SSZ containers of a stored snapshot. The layout belongs to format version 1: a change of any of these is a new version.
 *
 * What may be absent or of two kinds is a byte list that holds the encoding of the one or nothing, not a `List[X, 1]` or a
 * `Union`: those types of the SSZ package need Node's `Buffer` (see `ssz/byte-list.ts`).
 */
import { BooleanType, ContainerType, UintNumberType, VectorCompositeType } from "@chainsafe/ssz";
import { PlainByteListType } from "../ssz/byte-list.js";
import type { BeaconBlockHeader, ExecutionPayloadHeader, SyncAggregate, SyncCommittee } from "../ssz/objects.js";
import { NEWEST_DEPTHS, type Types } from "../ssz/types.js";

/** Every snapshot of every preset is below this; checked before anything else is done with the bytes. */
export const MAX_SNAPSHOT_BYTES = 262_144;

/** Nodes of the branch from the payload header's root to the body root (`EXECUTION_PAYLOAD_GINDEX` 25). */
export const EXECUTION_PAYLOAD_DEPTH = 4;

const MAX_NAME_BYTES = 64;

/**
 * A header. With a payload header, only that and its branch in the body are stored: what leads from it to the block
 * hash is derived when it is loaded, so that a stored payload header that does not belong there cannot pass.
 * Exactly one of `payload` and `blockHash` is not empty.
 */
export interface StoredHeader {
  readonly beacon: BeaconBlockHeader;
  /** Encoding of {@link StoredPayload}. */
  readonly payload: Uint8Array;
  /** Encoding of {@link StoredBlockHash}. */
  readonly blockHash: Uint8Array;
}

export interface StoredPayload {
  readonly header: ExecutionPayloadHeader;
  readonly branch: readonly Uint8Array[];
}

export interface StoredBlockHash {
  readonly hash: Uint8Array;
  readonly branch: readonly Uint8Array[];
}

export interface StoredCommitteeProof {
  readonly header: BeaconBlockHeader;
  /** Of the next committee, or else of the current one? */
  readonly isNext: boolean;
  readonly branch: readonly Uint8Array[];
}

export interface StoredFinality {
  readonly attestedHeader: StoredHeader;
  readonly finalizedHeader: StoredHeader;
  readonly finalityBranch: readonly Uint8Array[];
  readonly syncAggregate: SyncAggregate;
  readonly signatureSlot: number;
}

/** Byte lists hold the encoding of what their comment names, or nothing for `null`. */
export interface StoredContent {
  readonly checkpoint: Uint8Array;
  readonly checkpointSlot: number;
  readonly savedAtMs: number;
  readonly forced: boolean;
  readonly previousMaxActiveParticipants: number;
  readonly currentMaxActiveParticipants: number;
  readonly finalizedHeader: StoredHeader;
  readonly optimisticHeader: StoredHeader;
  /** {@link StoredFinality} */
  readonly finality: Uint8Array;
  readonly currentSyncCommittee: SyncCommittee;
  readonly currentCommitteeProof: StoredCommitteeProof;
  /** {@link SyncCommittee} */
  readonly nextSyncCommittee: Uint8Array;
  /** {@link StoredCommitteeProof} */
  readonly nextCommitteeProof: Uint8Array;
}

/** Whose snapshot it is. Texts are UTF-8. */
export interface StoredNetwork {
  readonly genesisValidatorsRoot: Uint8Array;
  readonly syncCommitteeSize: number;
  readonly presetName: Uint8Array;
  readonly configName: Uint8Array;
}

/** The containers for one preset. */
export function createSnapshotTypes(types: Types) {
  const { Bytes32, BeaconBlockHeader, SyncCommittee, SyncAggregate } = types;
  const Uint64 = new UintNumberType(8);
  const Bool = new BooleanType();
  const Name = new PlainByteListType(MAX_NAME_BYTES);
  const Nested = new PlainByteListType(MAX_SNAPSHOT_BYTES);
  const branchType = (depth: number) => new VectorCompositeType(Bytes32, depth);

  const Payload = new ContainerType({
    header: types.ExecutionPayloadHeaderDeneb,
    branch: branchType(EXECUTION_PAYLOAD_DEPTH),
  });
  const BlockHash = new ContainerType({ hash: Bytes32, branch: branchType(NEWEST_DEPTHS.execution) });
  const Header = new ContainerType({ beacon: BeaconBlockHeader, payload: Nested, blockHash: Nested });
  const CommitteeProof = new ContainerType({
    header: BeaconBlockHeader,
    isNext: Bool,
    branch: branchType(NEWEST_DEPTHS.nextSyncCommittee),
  });
  const Finality = new ContainerType({
    attestedHeader: Header,
    finalizedHeader: Header,
    finalityBranch: branchType(NEWEST_DEPTHS.finality),
    syncAggregate: SyncAggregate,
    signatureSlot: Uint64,
  });
  const Content = new ContainerType({
    checkpoint: Bytes32,
    checkpointSlot: Uint64,
    savedAtMs: Uint64,
    forced: Bool,
    previousMaxActiveParticipants: Uint64,
    currentMaxActiveParticipants: Uint64,
    finalizedHeader: Header,
    optimisticHeader: Header,
    finality: Nested,
    currentSyncCommittee: SyncCommittee,
    currentCommitteeProof: CommitteeProof,
    nextSyncCommittee: Nested,
    nextCommitteeProof: Nested,
  });
  const Network = new ContainerType({
    genesisValidatorsRoot: Bytes32,
    syncCommitteeSize: Uint64,
    presetName: Name,
    configName: Name,
  });
  // The same bytes as with `content: Content`, but readable whatever the preset: a foreign snapshot is called so.
  const Body = new ContainerType({ network: Network, content: Nested });
  return { Body, Network, Content, Finality, CommitteeProof, SyncCommittee, Payload, BlockHash };
}

export type SnapshotTypes = ReturnType<typeof createSnapshotTypes>;
