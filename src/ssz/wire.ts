/** The light-client objects as the containers of the forks decode them, before the upgrade to the one internal shape. */
import type {
  BeaconBlockHeader,
  ExecutionPayloadHeader,
  LightClientBootstrap,
  LightClientFinalityUpdate,
  LightClientOptimisticUpdate,
  LightClientUpdate,
  SyncCommittee,
} from "./objects.js";

export interface WireHeader {
  readonly beacon: BeaconBlockHeader;
  /** Capella to Fulu; Capella's has no blob fields. */
  readonly execution?: Omit<ExecutionPayloadHeader, "blobGasUsed" | "excessBlobGas"> & Partial<ExecutionPayloadHeader>;
  /** From Capella on. */
  readonly executionBranch?: readonly Uint8Array[];
  /** Gloas */
  readonly executionBlockHash?: Uint8Array;
}

export type WireBootstrap = Omit<LightClientBootstrap, "header"> & { readonly header: WireHeader };

export type WireOptimisticUpdate = Omit<LightClientOptimisticUpdate, "attestedHeader"> & {
  readonly attestedHeader: WireHeader;
};

export type WireFinalityUpdate = WireOptimisticUpdate &
  Pick<LightClientFinalityUpdate, "finalityBranch"> & { readonly finalizedHeader: WireHeader };

export type WireUpdate = WireFinalityUpdate &
  Pick<LightClientUpdate, "nextSyncCommitteeBranch"> & { readonly nextSyncCommittee: SyncCommittee };
