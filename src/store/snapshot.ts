/**
 * What a client keeps between runs: its verified state together with the proofs that let a later run check it again.
 */
import { describeValue } from "../errors.js";
import { forkAtSlot } from "../networks/schedule.js";
import type { Network } from "../networks/types.js";
import type { LightClientStore } from "../spec/store.js";
import { equalBytes, fromHex, toHex } from "../ssz/bytes.js";
import { type DecodeSchema, isDenebOrLater } from "../ssz/decode.js";
import type { BeaconBlockHeader, LightClientFinalityUpdate, LightClientHeader, SyncCommittee } from "../ssz/objects.js";
import { SszError, type SszType } from "../ssz/type.js";
import { upgradeHeader } from "../ssz/upgrade.js";
import type { WireHeader } from "../ssz/wire.js";
import { invalid, openEnvelope, type SnapshotVersion, sealEnvelope } from "./snapshot-envelope.js";
import {
  createSnapshotTypes,
  EXECUTION_PAYLOAD_DEPTH,
  type SnapshotTypes,
  type StoredBlockHash,
  type StoredBody,
  type StoredCommitteeProof,
  type StoredContent,
  type StoredFinality,
  type StoredHeader,
  type StoredNetwork,
  type StoredPayload,
} from "./snapshot-types.js";

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
  /**
   * The committees' keys as the BLS backend exported them, so that a later run need not decompress them; absent if it
   * exports none. A backend that takes them back checks each.
   */
  readonly keys?: CommitteeKeys;
}

/** What `Bls.exportKeys` gave for the current committee and the next. Not both are empty. */
export interface CommitteeKeys {
  readonly current: Uint8Array;
  readonly next: Uint8Array;
}

const NO_KEYS: CommitteeKeys = /*#__PURE__*/ { current: new Uint8Array(), next: new Uint8Array() };

/** What the codec needs to know of a chain. */
export type SnapshotSchema = Pick<DecodeSchema, "network" | "types">;

/** Snapshots to bytes and back, for one network. */
export interface SnapshotCodec {
  /**
   * The bytes of a snapshot. Refuses one that could not be loaded again exactly.
   * @throws SNAPSHOT_INVALID
   */
  encode(snapshot: Snapshot): Uint8Array;
  /**
   * The snapshot that was encoded. Only its form is checked, its proofs are not. Nothing of it shares memory with
   * `bytes`.
   * @throws SNAPSHOT_INVALID for any bytes that `encode` does not make, and nothing else
   */
  decode(bytes: Uint8Array): Snapshot;
}

/** The key under which a network's snapshot is stored: its name and the start of its genesis validators root. */
export function snapshotKey({ name, genesisValidatorsRoot }: Network): string {
  return `${name.replace(/[^A-Za-z0-9._-]/g, "_").slice(0, 64)}-${genesisValidatorsRoot.slice(2, 10).toLowerCase()}`;
}

/**
 * Makes the codec of a network.
 *
 * Format: an envelope (`snapshot-envelope.ts`) around SSZ (`snapshot-types.ts`).
 */
export function snapshotCodec(schema: SnapshotSchema): SnapshotCodec {
  const types = createSnapshotTypes(schema.types);
  const network = identityOf(schema.network);

  function decode(bytes: Uint8Array): Snapshot {
    const { version, body } = openEnvelope(bytes);
    const outer = decodeBody(types, version, body);
    assertSameNetwork(network, outer.network);
    const snapshot = fromStored(schema, types, decodeSsz<StoredContent>(types.Content, outer.content));
    const { currentKeys: current, nextKeys: next } = outer;
    return current.length + next.length === 0 ? snapshot : { ...snapshot, keys: { current, next } };
  }

  function encode(snapshot: Snapshot): Uint8Array {
    const content = encodeSsz(types.Content, toStored(types, snapshot));
    const { current, next } = snapshot.keys ?? NO_KEYS;
    const body: StoredBody = { network, content, currentKeys: current, nextKeys: next };
    const bytes = sealEnvelope(encodeSsz(types.bodyOfVersion[2], body));
    // What would not come back (a byte string of the wrong length, a fraction, a payload header that does not lead to
    // the block hash beside it) is refused now, while the old snapshot is still there.
    assertSame("snapshot", snapshot, decode(bytes));
    return bytes;
  }

  return { encode, decode };
}

/** Version 1 had no keys. */
function decodeBody({ bodyOfVersion }: SnapshotTypes, version: SnapshotVersion, bytes: Uint8Array): StoredBody {
  if (version === 2) return decodeSsz(bodyOfVersion[2], bytes);
  return { ...decodeSsz(bodyOfVersion[1], bytes), currentKeys: NO_KEYS.current, nextKeys: NO_KEYS.next };
}

function decodeSsz<T>(type: SszType<T>, bytes: Uint8Array): T {
  return orInvalid(() => type.deserialize(bytes));
}

function encodeSsz<T>(type: SszType<T>, value: T): Uint8Array {
  return orInvalid(() => type.serialize(value));
}

function orInvalid<R>(run: () => R): R {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof SszError)) throw cause;
    const { path, expected, actual } = cause;
    throw invalid("encoding", path === "" ? expected : `${expected} at ${path}`, actual, cause);
  }
}

/** Everything that was decoded is as it was. What a value has beyond its type is not stored. */
function assertSame(path: string, original: unknown, decoded: unknown): void {
  if (decoded instanceof Uint8Array && original instanceof Uint8Array) {
    if (equalBytes(original, decoded)) return;
  } else if (isRecord(decoded) && isRecord(original)) {
    if (Array.isArray(decoded)) assertSame(`${path}.length`, original["length"], decoded.length);
    for (const [name, value] of Object.entries(decoded)) assertSame(`${path}.${name}`, original[name], value);
    return;
  } else if (original === decoded) return;
  throw invalid("not encodable", `${describeValue(decoded)} at ${path}`, describeValue(original));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function identityOf({ name, preset, genesisValidatorsRoot }: Network): StoredNetwork {
  const text = new TextEncoder();
  return {
    genesisValidatorsRoot: fromHex(genesisValidatorsRoot),
    syncCommitteeSize: preset.syncCommitteeSize,
    presetName: text.encode(preset.name),
    configName: text.encode(name),
  };
}

function assertSameNetwork(expected: StoredNetwork, actual: StoredNetwork): void {
  if (
    equalBytes(expected.genesisValidatorsRoot, actual.genesisValidatorsRoot) &&
    equalBytes(expected.presetName, actual.presetName) &&
    equalBytes(expected.configName, actual.configName) &&
    expected.syncCommitteeSize === actual.syncCommitteeSize
  ) {
    return;
  }
  throw invalid("of another network", describeNetwork(expected), describeNetwork(actual));
}

function describeNetwork(network: StoredNetwork): string {
  const text = new TextDecoder();
  const name = JSON.stringify(text.decode(network.configName));
  const preset = JSON.stringify(text.decode(network.presetName));
  const root = toHex(network.genesisValidatorsRoot);
  return `${name} of preset ${preset}, committees of ${network.syncCommitteeSize}, genesis validators root ${root}`;
}

/** What may be absent: its encoding, or no bytes. */
export function pack<T>(type: SszType<T>, value: T | null): Uint8Array {
  return value === null ? new Uint8Array() : encodeSsz(type, value);
}

export function unpack<T>(type: SszType<T>, bytes: Uint8Array): T | null {
  return bytes.length === 0 ? null : decodeSsz<T>(type, bytes);
}

function toStored(types: SnapshotTypes, snapshot: Snapshot): StoredContent {
  const { store, finality, nextCommitteeProof } = snapshot;
  return {
    checkpoint: snapshot.checkpoint,
    checkpointSlot: snapshot.checkpointSlot,
    savedAtMs: snapshot.savedAtMs,
    forced: snapshot.forced,
    finalizedHeader: toStoredHeader(types, store.finalizedHeader),
    optimisticHeader: toStoredHeader(types, store.optimisticHeader),
    currentSyncCommittee: store.currentSyncCommittee,
    nextSyncCommittee: pack(types.SyncCommittee, store.nextSyncCommittee),
    previousMaxActiveParticipants: store.previousMaxActiveParticipants,
    currentMaxActiveParticipants: store.currentMaxActiveParticipants,
    currentCommitteeProof: toStoredProof(snapshot.currentCommitteeProof),
    nextCommitteeProof: pack(types.CommitteeProof, nextCommitteeProof && toStoredProof(nextCommitteeProof)),
    finality: pack(types.Finality, finality && toStoredFinality(types, finality)),
  };
}

function fromStored(schema: SnapshotSchema, types: SnapshotTypes, stored: StoredContent): Snapshot {
  const header = (value: StoredHeader) => fromStoredHeader(schema, types, value);
  const nextProof = unpack<StoredCommitteeProof>(types.CommitteeProof, stored.nextCommitteeProof);
  const finality = unpack<StoredFinality>(types.Finality, stored.finality);
  return {
    checkpoint: stored.checkpoint,
    checkpointSlot: stored.checkpointSlot,
    savedAtMs: stored.savedAtMs,
    forced: stored.forced,
    store: {
      finalizedHeader: header(stored.finalizedHeader),
      currentSyncCommittee: stored.currentSyncCommittee,
      nextSyncCommittee: unpack<SyncCommittee>(types.SyncCommittee, stored.nextSyncCommittee),
      optimisticHeader: header(stored.optimisticHeader),
      previousMaxActiveParticipants: stored.previousMaxActiveParticipants,
      currentMaxActiveParticipants: stored.currentMaxActiveParticipants,
    },
    currentCommitteeProof: fromStoredProof(stored.currentCommitteeProof),
    nextCommitteeProof: nextProof && fromStoredProof(nextProof),
    finality: finality && fromStoredFinality(schema, types, finality),
  };
}

/** A signed update, without a next committee. */
export function toStoredFinality(types: SnapshotTypes, finality: LightClientFinalityUpdate): StoredFinality {
  return {
    attestedHeader: toStoredHeader(types, finality.attestedHeader),
    finalizedHeader: toStoredHeader(types, finality.finalizedHeader),
    finalityBranch: finality.finalityBranch,
    syncAggregate: finality.syncAggregate,
    signatureSlot: finality.signatureSlot,
  };
}

export function fromStoredFinality(
  schema: SnapshotSchema,
  types: SnapshotTypes,
  finality: StoredFinality,
): LightClientFinalityUpdate {
  return {
    ...finality,
    attestedHeader: fromStoredHeader(schema, types, finality.attestedHeader),
    finalizedHeader: fromStoredHeader(schema, types, finality.finalizedHeader),
  };
}

function toStoredHeader(types: SnapshotTypes, header: LightClientHeader): StoredHeader {
  const { beacon, execution, executionBlockHash, executionBranch } = header;
  const payload = execution && { header: execution, branch: executionBranch.slice(-EXECUTION_PAYLOAD_DEPTH) };
  const blockHash = payload === null ? { hash: executionBlockHash, branch: executionBranch } : null;
  return { beacon, payload: pack(types.Payload, payload), blockHash: pack(types.BlockHash, blockHash) };
}

function fromStoredHeader(schema: SnapshotSchema, types: SnapshotTypes, stored: StoredHeader): LightClientHeader {
  const { beacon } = stored;
  const denebOrLater = isDenebOrLater(forkAtSlot(schema.network, beacon.slot));
  const payload = unpack<StoredPayload>(types.Payload, stored.payload);
  const blockHash = unpack<StoredBlockHash>(types.BlockHash, stored.blockHash);
  if ((payload === null) === (blockHash === null)) {
    throw invalid("encoding", "a payload header or a block hash", payload === null ? "neither" : "both");
  }
  const wire: WireHeader =
    payload === null
      ? { beacon, executionBlockHash: blockHash!.hash, executionBranch: blockHash!.branch }
      : { beacon, execution: payload.header, executionBranch: payload.branch };
  return upgradeHeader(schema.types, wire, denebOrLater);
}

export function toStoredProof({ header, kind, branch }: CommitteeProof): StoredCommitteeProof {
  return { header, isNext: kind === "next", branch };
}

export function fromStoredProof({ header, isNext, branch }: StoredCommitteeProof): CommitteeProof {
  return { header, kind: isNext ? "next" : "current", branch };
}
