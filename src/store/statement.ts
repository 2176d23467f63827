/**
 * What a sync committee signed, as SSZ, together with what proves that committee: for evidence, which has to be
 * verifiable long after the client that saw it is gone. The layout belongs to version 1 of `Evidence`.
 */
import { byteList } from "../ssz/basic.js";
import { container, vector } from "../ssz/composite.js";
import type { LightClientUpdate, SyncCommittee } from "../ssz/objects.js";
import { NEWEST_DEPTHS } from "../ssz/types.js";
import {
  type CommitteeProof,
  fromStoredFinality,
  fromStoredProof,
  pack,
  type SnapshotSchema,
  toStoredFinality,
  toStoredProof,
  unpack,
} from "./snapshot.js";
import { createSnapshotTypes, MAX_SNAPSHOT_BYTES, type StoredCommitteeProof } from "./snapshot-types.js";

/** What was signed, and by which committee. */
export interface Statement {
  /** `null`: nothing was signed; the statement is that the state of the proof's block holds the committee. */
  readonly update: LightClientUpdate | null;
  readonly committee: SyncCommittee;
  readonly proof: CommitteeProof;
}

interface StoredStatement {
  /** `StoredFinality`, or nothing. */
  readonly update: Uint8Array;
  /** `SyncCommittee`, or nothing. */
  readonly nextSyncCommittee: Uint8Array;
  readonly nextSyncCommitteeBranch: readonly Uint8Array[];
  readonly committee: SyncCommittee;
  readonly proof: StoredCommitteeProof;
}

function typesOf(schema: SnapshotSchema) {
  const types = createSnapshotTypes(schema.types);
  const nested = byteList(MAX_SNAPSHOT_BYTES);
  const Statement = container<StoredStatement>("StoredStatement", {
    update: nested,
    nextSyncCommittee: nested,
    nextSyncCommitteeBranch: vector(schema.types.Bytes32, NEWEST_DEPTHS.nextSyncCommittee),
    committee: types.SyncCommittee,
    proof: types.CommitteeProof,
  });
  return { types, Statement };
}

export function encodeStatement(schema: SnapshotSchema, { update, committee, proof }: Statement): Uint8Array {
  const { types, Statement } = typesOf(schema);
  return Statement.serialize({
    update: pack(types.Finality, update && toStoredFinality(types, update)),
    nextSyncCommittee: pack(types.SyncCommittee, update?.nextSyncCommittee ?? null),
    // a proof's branch is as deep
    nextSyncCommitteeBranch: update?.nextSyncCommitteeBranch ?? proof.branch,
    committee,
    proof: toStoredProof(proof),
  });
}

/** @throws SszError, SNAPSHOT_INVALID for bytes that {@link encodeStatement} does not make */
export function decodeStatement(schema: SnapshotSchema, bytes: Uint8Array): Statement {
  const { types, Statement } = typesOf(schema);
  const stored = Statement.deserialize(bytes);
  const finality = unpack(types.Finality, stored.update);
  return {
    update: finality && {
      ...fromStoredFinality(schema, types, finality),
      nextSyncCommittee: unpack<SyncCommittee>(types.SyncCommittee, stored.nextSyncCommittee),
      nextSyncCommitteeBranch: stored.nextSyncCommitteeBranch,
    },
    committee: stored.committee,
    proof: fromStoredProof(stored.proof),
  };
}
