/**
 * Upgrades decoded objects of any fork to the library's one shape, the newest.
 *
 * Sources: consensus-specs `specs/electra/light-client/fork.md` (`normalize_merkle_branch`) and
 * `specs/gloas/light-client/fork.md` (`upgrade_lc_header_to_gloas`). Going from Altair straight to the newest shape is
 * the composition of the specification's single steps.
 */

import { isZero, zeroBytes32 } from "./bytes.js";
import { isSame } from "./composite.js";
import { hashPair } from "./hash.js";
import type { ExecutionPayloadHeader, LightClientHeader } from "./objects.js";
import type { ContainerType } from "./type.js";
import { NEWEST_DEPTHS, type Types } from "./types.js";
import type { WireHeader } from "./wire.js";

/** `normalize_merkle_branch`: zero nodes in front until the branch has `depth` nodes. Never shortens. */
export function normalizeMerkleBranch(branch: readonly Uint8Array[], depth: number): readonly Uint8Array[] {
  if (branch.length >= depth) return branch;
  return [...Array.from({ length: depth - branch.length }, zeroBytes32), ...branch];
}

/** The specification's `LightClientHeader()`. */
export function emptyHeader(): LightClientHeader {
  return {
    beacon: {
      slot: 0,
      proposerIndex: 0,
      parentRoot: zeroBytes32(),
      stateRoot: zeroBytes32(),
      bodyRoot: zeroBytes32(),
    },
    executionBlockHash: zeroBytes32(),
    executionBranch: Array.from({ length: NEWEST_DEPTHS.execution }, zeroBytes32),
    execution: null,
  };
}

/** Is it the specification's `LightClientHeader()`? */
export function isEmptyHeader(header: LightClientHeader): boolean {
  const { beacon } = header;
  return (
    beacon.slot === 0 &&
    beacon.proposerIndex === 0 &&
    isZero(beacon.parentRoot) &&
    isZero(beacon.stateRoot) &&
    isZero(beacon.bodyRoot) &&
    header.execution === null &&
    isZero(header.executionBlockHash) &&
    header.executionBranch.every(isZero)
  );
}

/** The branch of an update without finality or without a next committee. */
export function emptyBranch(depth: number): readonly Uint8Array[] {
  return Array.from({ length: depth }, zeroBytes32);
}

/**
 * Upgrades a header. Which container the payload header is hashed as follows from the fork of its *slot*
 * (`denebOrLater`): Capella's data may come in Deneb's shape.
 *
 * An execution header that is all zero in a fork that has none stands for its absence; any other is kept, for the
 * validity check to refuse.
 */
export function upgradeHeader(types: Types, wire: WireHeader, denebOrLater: boolean): LightClientHeader {
  if (wire.executionBlockHash !== undefined) {
    const executionBranch = normalizeMerkleBranch(wire.executionBranch ?? [], NEWEST_DEPTHS.execution);
    return { beacon: wire.beacon, executionBlockHash: wire.executionBlockHash, executionBranch, execution: null };
  }
  if (wire.execution === undefined || (isEmptyExecution(types, wire) && wire.executionBranch?.every(isZero))) {
    return { ...emptyHeader(), beacon: wire.beacon };
  }
  const execution: ExecutionPayloadHeader = { blobGasUsed: 0n, excessBlobGas: 0n, ...wire.execution };
  const inner = computeBlockHashProof(types, execution, denebOrLater);
  return {
    beacon: wire.beacon,
    executionBlockHash: execution.blockHash,
    executionBranch: normalizeMerkleBranch([...inner, ...(wire.executionBranch ?? [])], NEWEST_DEPTHS.execution),
    execution,
  };
}

function isEmptyExecution(types: Types, wire: WireHeader): boolean {
  const type = types.ExecutionPayloadHeaderDeneb;
  return isSame(type, { blobGasUsed: 0n, excessBlobGas: 0n, ...wire.execution! }, type.defaultValue());
}

/** Position of `block_hash` among the fields of `ExecutionPayloadHeader`, the same from Capella to Fulu. */
const BLOCK_HASH_INDEX = 12;

/** `compute_merkle_proof(execution, BLOCK_HASH_GINDEX)`: sibling nodes from the leaf up. */
function computeBlockHashProof(types: Types, execution: ExecutionPayloadHeader, denebOrLater: boolean): Uint8Array[] {
  let nodes = executionFieldRoots(types, execution, denebOrLater);
  const branch: Uint8Array[] = [];
  for (let index = BLOCK_HASH_INDEX; nodes.length > 1; index >>= 1) {
    branch.push(nodes[index ^ 1]!);
    nodes = Array.from({ length: nodes.length / 2 }, (_, i) => hashPair(nodes[2 * i]!, nodes[2 * i + 1]!));
  }
  return branch;
}

/** `hash_tree_root` of every field, padded to a power of two: 16 leaves in Capella, 32 from Deneb on. */
function executionFieldRoots(types: Types, execution: ExecutionPayloadHeader, denebOrLater: boolean): Uint8Array[] {
  const type = denebOrLater ? types.ExecutionPayloadHeaderDeneb : types.ExecutionPayloadHeaderCapella;
  const roots = (type as ContainerType<ExecutionPayloadHeader>).fieldRoots(execution);
  const width = denebOrLater ? 32 : 16;
  while (roots.length < width) roots.push(zeroBytes32());
  return roots;
}
