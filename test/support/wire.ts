/** Light-client objects as they go over the wire, and their translation between the shapes of the forks. */

import { Tree } from "@chainsafe/persistent-merkle-tree";
import { BitArray } from "@chainsafe/ssz";
import type { LightClientFork } from "../../src/networks/types.js";
import { BitArray as LibraryBitArray } from "../../src/ssz/bit-array.js";
import { ExecutionPayloadHeaders } from "./containers.js";
import {
  BLOCK_HASH_GINDEX,
  depthOf,
  EXECUTION_BLOCK_HASH_GINDEX_GLOAS,
  EXECUTION_PAYLOAD_GINDEX,
  isAtLeast,
  stateGindices,
} from "./protocol.js";

export interface WireBeaconHeader {
  slot: number;
  proposerIndex: number;
  parentRoot: Uint8Array;
  stateRoot: Uint8Array;
  bodyRoot: Uint8Array;
}

/** With the blob fields from Deneb on. */
export interface WireExecution {
  parentHash: Uint8Array;
  feeRecipient: Uint8Array;
  stateRoot: Uint8Array;
  receiptsRoot: Uint8Array;
  logsBloom: Uint8Array;
  prevRandao: Uint8Array;
  blockNumber: bigint;
  gasLimit: bigint;
  gasUsed: bigint;
  timestamp: bigint;
  extraData: Uint8Array;
  baseFeePerGas: bigint;
  blockHash: Uint8Array;
  transactionsRoot: Uint8Array;
  withdrawalsRoot: Uint8Array;
  blobGasUsed?: bigint;
  excessBlobGas?: bigint;
}

/** A header in any fork's shape: `execution` from Capella to Fulu, `executionBlockHash` in Gloas. */
export interface WireHeader {
  beacon: WireBeaconHeader;
  execution?: WireExecution;
  executionBlockHash?: Uint8Array;
  executionBranch?: Uint8Array[];
}

export interface WireCommittee {
  pubkeys: Uint8Array[];
  aggregatePubkey: Uint8Array;
}

export interface WireBootstrap {
  header: WireHeader;
  currentSyncCommittee: WireCommittee;
  currentSyncCommitteeBranch: Uint8Array[];
}

export interface WireOptimisticUpdate {
  attestedHeader: WireHeader;
  syncAggregate: { syncCommitteeBits: BitArray; syncCommitteeSignature: Uint8Array };
  signatureSlot: number;
}

export interface WireFinalityUpdate extends WireOptimisticUpdate {
  finalizedHeader: WireHeader;
  finalityBranch: Uint8Array[];
}

export interface WireUpdate extends WireFinalityUpdate {
  nextSyncCommittee: WireCommittee;
  nextSyncCommitteeBranch: Uint8Array[];
}

export type WireObject = WireBootstrap | WireOptimisticUpdate | WireFinalityUpdate | WireUpdate;

export function zeroNodes(length: number): Uint8Array[] {
  return Array.from({ length }, () => new Uint8Array(32));
}

export function emptyBeaconHeader(): WireBeaconHeader {
  const [parentRoot, stateRoot, bodyRoot] = zeroNodes(3) as [Uint8Array, Uint8Array, Uint8Array];
  return { slot: 0, proposerIndex: 0, parentRoot, stateRoot, bodyRoot };
}

/** `LightClientHeader()` in a fork's shape. */
export function emptyHeaderOf(fork: LightClientFork): WireHeader {
  return { beacon: emptyBeaconHeader(), ...emptyExecutionOf(fork) };
}

function emptyExecutionOf(fork: LightClientFork): Omit<WireHeader, "beacon"> {
  if (isAtLeast(fork, "gloas")) {
    return {
      executionBlockHash: new Uint8Array(32),
      executionBranch: zeroNodes(depthOf(EXECUTION_BLOCK_HASH_GINDEX_GLOAS)),
    };
  }
  if (!isAtLeast(fork, "capella")) return {};
  const type = isAtLeast(fork, "deneb") ? ExecutionPayloadHeaders.deneb : ExecutionPayloadHeaders.capella;
  return {
    execution: type.defaultValue() as WireExecution,
    executionBranch: zeroNodes(depthOf(EXECUTION_PAYLOAD_GINDEX)),
  };
}

export function emptyCommittee(size: number): WireCommittee {
  return { pubkeys: Array.from({ length: size }, () => new Uint8Array(48)), aggregatePubkey: new Uint8Array(48) };
}

/** A branch of another depth: zero nodes in front, or nodes cut from the front (which loses them). */
export function branchOfDepth(branch: readonly Uint8Array[], depth: number): Uint8Array[] {
  if (branch.length > depth) return branch.slice(branch.length - depth);
  return [...zeroNodes(depth - branch.length), ...branch];
}

/**
 * A header in another fork's shape. Newer shapes by the specification's `upgrade_lc_header_to_*`, which go by
 * `slotFork`; older shapes lose what they have no room for.
 */
export function headerInShape(header: WireHeader, shape: LightClientFork, slotFork: LightClientFork): WireHeader {
  const { beacon, execution, executionBlockHash, executionBranch } = header;
  if (!isAtLeast(shape, "capella")) return { beacon };
  if (isAtLeast(shape, "gloas")) {
    if (executionBlockHash !== undefined) return { beacon, executionBlockHash, executionBranch: executionBranch! };
    if (execution === undefined || isEmptyExecution(execution)) return { beacon, ...emptyExecutionOf(shape) };
    const branch = [...blockHashBranch(execution, slotFork), ...executionBranch!];
    const depth = depthOf(EXECUTION_BLOCK_HASH_GINDEX_GLOAS);
    return { beacon, executionBlockHash: execution.blockHash, executionBranch: branchOfDepth(branch, depth) };
  }
  const empty = emptyExecutionOf(shape) as { execution: WireExecution; executionBranch: Uint8Array[] };
  if (executionBlockHash !== undefined) {
    const depth = depthOf(EXECUTION_PAYLOAD_GINDEX);
    const copied = { ...empty.execution, blockHash: executionBlockHash };
    return { beacon, execution: copied, executionBranch: branchOfDepth(executionBranch!, depth) };
  }
  if (execution === undefined) return { beacon, ...empty };
  const { blobGasUsed, excessBlobGas, ...common } = execution;
  if (!isAtLeast(shape, "deneb")) return { beacon, execution: common, executionBranch: executionBranch! };
  const blobs = { blobGasUsed: blobGasUsed ?? 0n, excessBlobGas: excessBlobGas ?? 0n };
  return { beacon, execution: { ...common, ...blobs }, executionBranch: executionBranch! };
}

function isEmptyExecution(execution: WireExecution): boolean {
  const type = ExecutionPayloadHeaders.deneb;
  return type.equals({ blobGasUsed: 0n, excessBlobGas: 0n, ...execution }, type.defaultValue());
}

/** Proof of the block hash in a payload header, as a Capella one before Deneb. */
function blockHashBranch(execution: WireExecution, slotFork: LightClientFork): Uint8Array[] {
  const [type, gindex] = isAtLeast(slotFork, "deneb")
    ? [ExecutionPayloadHeaders.deneb, BLOCK_HASH_GINDEX.deneb]
    : [ExecutionPayloadHeaders.capella, BLOCK_HASH_GINDEX.capella];
  const value = { blobGasUsed: 0n, excessBlobGas: 0n, ...execution };
  return new Tree(type.toView(value as never).node).getSingleProof(BigInt(gindex));
}

/** An object in another fork's shape. `forkOf` tells the fork of a slot. */
export function objectInShape<T extends WireObject>(
  object: T,
  shape: LightClientFork,
  forkOf: (slot: number) => LightClientFork,
): T {
  const { finalizedRoot, currentSyncCommittee, nextSyncCommittee } = stateGindices(shape);
  const shaped: Record<string, unknown> = { ...object };
  for (const key of ["header", "attestedHeader", "finalizedHeader"]) {
    const header = shaped[key] as WireHeader | undefined;
    if (header !== undefined) shaped[key] = headerInShape(header, shape, forkOf(header.beacon.slot));
  }
  for (const [key, gindex] of [
    ["currentSyncCommitteeBranch", currentSyncCommittee],
    ["nextSyncCommitteeBranch", nextSyncCommittee],
    ["finalityBranch", finalizedRoot],
  ] as const) {
    const branch = shaped[key] as Uint8Array[] | undefined;
    if (branch !== undefined) shaped[key] = branchOfDepth(branch, depthOf(gindex));
  }
  return shaped as unknown as T;
}

/** A deep copy that keeps bytes bytes and bits bits. */
export function copyOf<T>(value: T): T {
  if (value instanceof BitArray) return value.clone() as T;
  if (value instanceof LibraryBitArray) return new LibraryBitArray(value.uint8Array.slice(), value.bitLen) as T;
  if (value instanceof Uint8Array) return value.slice() as T;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOf(inner)])) as T;
}
