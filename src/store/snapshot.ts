/**
 * What a client keeps between runs: its verified state together with the proofs that let a later run check it again.
 */
import type { Type } from "@chainsafe/ssz";
import { describeValue, messageOf } from "../errors.js";
import { forkAtSlot } from "../networks/schedule.js";
import type { Network } from "../networks/types.js";
import type { LightClientStore } from "../spec/store.js";
import { equalBytes, fromHex, toHex } from "../ssz/bytes.js";
import { type DecodeSchema, isDenebOrLater } from "../ssz/decode.js";
import type { BeaconBlockHeader, LightClientFinalityUpdate, LightClientHeader, SyncCommittee } from "../ssz/objects.js";
import { upgradeHeader, type WireHeader } from "../ssz/upgrade.js";
import { invalid, openEnvelope, sealEnvelope } from "./snapshot-envelope.js";
import {
  createSnapshotTypes,
  EXECUTION_PAYLOAD_DEPTH,
  type SnapshotTypes,
  type StoredBlockHash,
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
}

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
    const body = openEnvelope(bytes);
    const outer = decodeSsz<{ network: StoredNetwork; content: Uint8Array }>(types.Body, body);
    assertSameNetwork(network, outer.network);
    return fromStored(schema, types, decodeSsz<StoredContent>(types.Content, outer.content));
  }

  function encode(snapshot: Snapshot): Uint8Array {
    const content = encodeSsz(types.Content, toStored(types, snapshot));
    const bytes = sealEnvelope(encodeSsz(types.Body, { network, content }));
    // What would not come back (a byte string of the wrong length, a fraction, a payload header that does not lead to
    // the block hash beside it) is refused now, while the old snapshot is still there.
    assertSame("snapshot", snapshot, decode(bytes));
    return bytes;
  }

  return { encode, decode };
}

/** Strict: only what encodes to the very same bytes again. */
// biome-ignore lint/suspicious/noExplicitAny: the values are typed by the interfaces of snapshot-types.ts
function decodeSsz<T>(type: Type<any>, bytes: Uint8Array): T {
  let value: T;
  try {
    value = type.deserialize(bytes);
  } catch (cause) {
    throw invalid("encoding", "a valid SSZ encoding", messageOf(cause), cause);
  }
  assertIntegers("", value);
  if (!equalBytes(encodeSsz(type, value), bytes)) {
    throw invalid("encoding", "the canonical SSZ encoding", "another one of the same value");
  }
  return value;
}

// biome-ignore lint/suspicious/noExplicitAny: containers take mutable arrays but only read them
function encodeSsz<T>(type: Type<any>, value: T): Uint8Array {
  try {
    return type.serialize(value);
  } catch (cause) {
    throw invalid("encoding", "a value of the network's preset", messageOf(cause), cause);
  }
}

/** SSZ turns numbers that are no uint64, or beyond 2^53, into others without a word. */
function assertIntegers(path: string, value: unknown): void {
  if (typeof value === "number" && !(Number.isSafeInteger(value) && value >= 0)) {
    throw invalid("integer", `an integer from 0 to 2^53 - 1 at ${path}`, String(value));
  }
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  for (const [name, field] of Object.entries(value)) assertIntegers(path === "" ? name : `${path}.${name}`, field);
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
// biome-ignore lint/suspicious/noExplicitAny: see decodeSsz
function pack<T>(type: Type<any>, value: T | null): Uint8Array {
  return value === null ? new Uint8Array() : encodeSsz(type, value);
}

// biome-ignore lint/suspicious/noExplicitAny: see decodeSsz
function unpack<T>(type: Type<any>, bytes: Uint8Array): T | null {
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
    finality: pack(
      types.Finality,
      finality && {
        attestedHeader: toStoredHeader(types, finality.attestedHeader),
        finalizedHeader: toStoredHeader(types, finality.finalizedHeader),
        finalityBranch: finality.finalityBranch,
        syncAggregate: finality.syncAggregate,
        signatureSlot: finality.signatureSlot,
      },
    ),
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
    finality: finality && {
      attestedHeader: header(finality.attestedHeader),
      finalizedHeader: header(finality.finalizedHeader),
      finalityBranch: finality.finalityBranch,
      syncAggregate: finality.syncAggregate,
      signatureSlot: finality.signatureSlot,
    },
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

function toStoredProof({ header, kind, branch }: CommitteeProof): StoredCommitteeProof {
  return { header, isNext: kind === "next", branch };
}

function fromStoredProof({ header, isNext, branch }: StoredCommitteeProof): CommitteeProof {
  return { header, kind: isNext ? "next" : "current", branch };
}
