/**
 * SSZ containers of a stored snapshot. The layout belongs to format versions 1 and 2, which differ in {@link StoredBody}
 * alone: a change of any of these is a new version.
 *
 * What may be absent or of two kinds is a byte list that holds the encoding of the one, or nothing.
 */
import { boolean, byteList, uint64 } from "../ssz/basic.js";
import { container, vector } from "../ssz/composite.js";
import type { BeaconBlockHeader, ExecutionPayloadHeader, SyncAggregate, SyncCommittee } from "../ssz/objects.js";
import { NEWEST_DEPTHS, type Types } from "../ssz/types.js";

/** Every snapshot of every preset is below this; checked before anything else is done with the bytes. */
export const MAX_SNAPSHOT_BYTES = 262_144;

/**
 * What the keys of one committee may take, of those bytes: enough for 512 and their aggregate, 98 each. The rest of a
 * snapshot takes less than half.
 */
export const MAX_COMMITTEE_KEYS_BYTES = 65_536;

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

/** What is in the envelope, format version 1. */
export interface StoredBodyV1 {
  readonly network: StoredNetwork;
  /** {@link StoredContent} */
  readonly content: Uint8Array;
}

/** What is in the envelope. */
export interface StoredBody extends StoredBodyV1 {
  /** Keys of the current committee as the BLS backend exported them; nothing if it did not. */
  readonly currentKeys: Uint8Array;
  /** Those of the next one. */
  readonly nextKeys: Uint8Array;
}

/** The containers for one preset. */
export function createSnapshotTypes(types: Types) {
  const { Bytes32, BeaconBlockHeader, SyncCommittee, SyncAggregate } = types;
  const Name = byteList(MAX_NAME_BYTES);
  const Nested = byteList(MAX_SNAPSHOT_BYTES);
  const Keys = byteList(MAX_COMMITTEE_KEYS_BYTES);

  const Payload = container<StoredPayload>("StoredPayload", {
    header: types.ExecutionPayloadHeaderDeneb,
    branch: vector(Bytes32, EXECUTION_PAYLOAD_DEPTH),
  });
  const BlockHash = container<StoredBlockHash>("StoredBlockHash", {
    hash: Bytes32,
    branch: vector(Bytes32, NEWEST_DEPTHS.execution),
  });
  const Header = container<StoredHeader>("StoredHeader", {
    beacon: BeaconBlockHeader,
    payload: Nested,
    blockHash: Nested,
  });
  const CommitteeProof = container<StoredCommitteeProof>("StoredCommitteeProof", {
    header: BeaconBlockHeader,
    isNext: boolean,
    branch: vector(Bytes32, NEWEST_DEPTHS.nextSyncCommittee),
  });
  const Finality = container<StoredFinality>("StoredFinality", {
    attestedHeader: Header,
    finalizedHeader: Header,
    finalityBranch: vector(Bytes32, NEWEST_DEPTHS.finality),
    syncAggregate: SyncAggregate,
    signatureSlot: uint64,
  });
  const Content = container<StoredContent>("StoredContent", {
    checkpoint: Bytes32,
    checkpointSlot: uint64,
    savedAtMs: uint64,
    forced: boolean,
    previousMaxActiveParticipants: uint64,
    currentMaxActiveParticipants: uint64,
    finalizedHeader: Header,
    optimisticHeader: Header,
    finality: Nested,
    currentSyncCommittee: SyncCommittee,
    currentCommitteeProof: CommitteeProof,
    nextSyncCommittee: Nested,
    nextCommitteeProof: Nested,
  });
  const Network = container<StoredNetwork>("StoredNetwork", {
    genesisValidatorsRoot: Bytes32,
    syncCommitteeSize: uint64,
    presetName: Name,
    configName: Name,
  });
  // The same bytes as with `content: Content`, but readable whatever the preset: a foreign snapshot is called so.
  const bodyOfVersion = {
    1: container<StoredBodyV1>("StoredBodyV1", { network: Network, content: Nested }),
    2: container<StoredBody>("StoredBody", { network: Network, content: Nested, currentKeys: Keys, nextKeys: Keys }),
  };
  return { bodyOfVersion, Network, Content, Finality, CommitteeProof, SyncCommittee, Payload, BlockHash };
}

export type SnapshotTypes = ReturnType<typeof createSnapshotTypes>;
