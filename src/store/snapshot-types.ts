/**
 * SSZ containers of a stored snapshot. The layout belongs to format version 1: a change of any of these is a new version.
 */
import {
  BooleanType,
  ByteListType,
  ContainerType,
  ListCompositeType,
  UintNumberType,
  UnionType,
  VectorCompositeType,
} from "@chainsafe/ssz";
import type { BeaconBlockHeader, ExecutionPayloadHeader, SyncAggregate, SyncCommittee } from "../ssz/objects.js";
import { NEWEST_DEPTHS, type Types } from "../ssz/types.js";

/** Every snapshot of every preset is below this; checked before anything else is done with the bytes. */
export const MAX_SNAPSHOT_BYTES = 262_144;

/** Nodes of the branch from the payload header's root to the body root (`EXECUTION_PAYLOAD_GINDEX` 25). */
export const EXECUTION_PAYLOAD_DEPTH = 4;

const MAX_NAME_BYTES = 64;

/** Selectors of the union in {@link StoredHeader}. */
export const PAYLOAD_HEADER = 0;
export const BLOCK_HASH = 1;

/**
 * A header. With a payload header, only that and its branch in the body are stored: what leads from it to the block
 * hash is derived when it is loaded, so that a stored payload header that does not belong there cannot pass.
 */
export interface StoredHeader {
  readonly beacon: BeaconBlockHeader;
  readonly execution:
    | {
        readonly selector: typeof PAYLOAD_HEADER;
        readonly value: { readonly header: ExecutionPayloadHeader; readonly branch: readonly Uint8Array[] };
      }
    | {
        readonly selector: typeof BLOCK_HASH;
        readonly value: { readonly blockHash: Uint8Array; readonly branch: readonly Uint8Array[] };
      };
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

/** Lists hold one item, or none for `null`. */
export interface StoredContent {
  readonly checkpoint: Uint8Array;
  readonly checkpointSlot: number;
  readonly savedAtMs: number;
  readonly forced: boolean;
  readonly previousMaxActiveParticipants: number;
  readonly currentMaxActiveParticipants: number;
  readonly finalizedHeader: StoredHeader;
  readonly optimisticHeader: StoredHeader;
  readonly finality: readonly StoredFinality[];
  readonly currentSyncCommittee: SyncCommittee;
  readonly currentCommitteeProof: StoredCommitteeProof;
  readonly nextSyncCommittee: readonly SyncCommittee[];
  readonly nextCommitteeProof: readonly StoredCommitteeProof[];
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
  const Name = new ByteListType(MAX_NAME_BYTES);
  const branchType = (depth: number) => new VectorCompositeType(Bytes32, depth);

  const Header = new ContainerType({
    beacon: BeaconBlockHeader,
    execution: new UnionType([
      new ContainerType({ header: types.ExecutionPayloadHeaderDeneb, branch: branchType(EXECUTION_PAYLOAD_DEPTH) }),
      new ContainerType({ blockHash: Bytes32, branch: branchType(NEWEST_DEPTHS.execution) }),
    ]),
  });
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
    finality: new ListCompositeType(Finality, 1),
    currentSyncCommittee: SyncCommittee,
    currentCommitteeProof: CommitteeProof,
    nextSyncCommittee: new ListCompositeType(SyncCommittee, 1),
    // Last what has one length only: SSZ would take bytes after a header for more of its `extra_data`.
    nextCommitteeProof: new ListCompositeType(CommitteeProof, 1),
  });
  const Network = new ContainerType({
    genesisValidatorsRoot: Bytes32,
    syncCommitteeSize: Uint64,
    presetName: Name,
    configName: Name,
  });
  // The same bytes as with `content: Content`, but readable whatever the preset: a foreign snapshot is called so.
  const Body = new ContainerType({ network: Network, content: new ByteListType(MAX_SNAPSHOT_BYTES) });
  return { Content, Network, Body };
}
