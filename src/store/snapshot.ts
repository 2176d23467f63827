/**
 * What a client keeps between runs: its verified state together with the proofs that let a later run check it again.
 */
import type { LightClientStore } from "../spec/store.js";
import type { BeaconBlockHeader, LightClientFinalityUpdate } from "../ssz/objects.js";

/** Proves a sync committee in the state of a beacon block. */
export interface CommitteeProof {
  readonly header: BeaconBlockHeader;
  /** `current_sync_committee` (from a bootstrap) or `next_sync_committee` (from an update) of that state. */
  readonly kind: "current" | "next";
  /** `Bytes32[11]`, normalized. */
  readonly branch: readonly Uint8Array[];
}

export interface Snapshot {
  /** Root of the checkpoint that all of this was derived from: `Bytes32`. */
  readonly checkpoint: Uint8Array;
  /** Slot of that checkpoint's block. */
  readonly checkpointSlot: number;
  /** Unix time in milliseconds. */
  readonly savedAtMs: number;
  /** Was the protocol's safety traded for liveness on the way here? */
  readonly forced: boolean;
  /** Without `bestValidUpdate`, which is asked for again. */
  readonly store: Omit<LightClientStore, "bestValidUpdate">;
  readonly currentCommitteeProof: CommitteeProof;
  /** `null` while the next committee is not known. */
  readonly nextCommitteeProof: CommitteeProof | null;
  /** The signed update that finalized `store.finalizedHeader`; `null` while that is the checkpoint's own. */
  readonly finality: LightClientFinalityUpdate | null;
}
