/** `hash_tree_root` of the objects whose roots the protocol compares. */
import type { BeaconBlockHeader, ExecutionPayloadHeader, SyncCommittee } from "./objects.js";
import type { Types } from "./types.js";

/** Root of a block: `Bytes32`. */
export function beaconHeaderRoot(types: Types, header: BeaconBlockHeader): Uint8Array {
  return types.BeaconBlockHeader.hashTreeRoot(header);
}

/** Root of a committee: `Bytes32`. `null` is the specification's empty committee. */
export function syncCommitteeRoot(types: Types, committee: SyncCommittee | null): Uint8Array {
  if (committee === null) return types.SyncCommittee.hashTreeRoot(types.SyncCommittee.defaultValue());
  return types.SyncCommittee.hashTreeRoot(committee);
}

/** `hash_tree_root(execution)` in the fork of its slot. */
export function executionHeaderRoot(
  types: Types,
  execution: ExecutionPayloadHeader,
  denebOrLater: boolean,
): Uint8Array {
  const type = denebOrLater ? types.ExecutionPayloadHeaderDeneb : types.ExecutionPayloadHeaderCapella;
  return type.hashTreeRoot(execution);
}
