/**
 * Validity of a light-client header: its execution data belongs to its beacon block.
 * Sources: consensus-specs `specs/{capella,deneb,gloas}/light-client/sync-protocol.md`
 * (`is_valid_light_client_header`, `get_lc_execution_root`).
 */
import { SidelightError } from "../errors.js";
import { forkAtSlot } from "../networks/schedule.js";
import { equalBytes, isZero, toHex, zeroBytes32 } from "../ssz/bytes.js";
import { isDenebOrLater } from "../ssz/decode.js";
import type { ExecutionPayloadHeader, LightClientHeader } from "../ssz/objects.js";
import { executionHeaderRoot } from "../ssz/roots.js";
import type { Chain } from "./chain.js";
import { EXECUTION_PAYLOAD_GINDEX, executionBlockHashGindexAtSlot } from "./gindices.js";
import {
  computeMerkleBranchRoot,
  floorlog2,
  getSubtreeIndex,
  isValidMerkleBranch,
  isValidNormalizedMerkleBranch,
} from "./merkle.js";

/**
 * `is_valid_light_client_header`
 * @param name which header, for the error
 * @throws EXECUTION_BRANCH_INVALID, EXECUTION_UNEXPECTED, BRANCH_LENGTH_INVALID
 */
export function assertValidLightClientHeader(chain: Chain, name: string, header: LightClientHeader): void {
  const { network } = chain;
  const { slot, bodyRoot } = header.beacon;
  const fork = forkAtSlot(network, slot);
  const unexpected = (field: string) => {
    const message = `${name} at slot ${slot}: a ${fork} header has no ${field}, got one that is not empty`;
    return new SidelightError("EXECUTION_UNEXPECTED", message, { header: name, slot, fork, field });
  };
  const gindex = executionBlockHashGindexAtSlot(network, slot);
  if (gindex === null) {
    if (header.execution !== null) throw unexpected("execution");
    if (!isZero(header.executionBlockHash)) throw unexpected("execution_block_hash");
    if (!header.executionBranch.every(isZero)) throw unexpected("execution_branch");
    return;
  }
  if (fork === "gloas" && header.execution !== null) throw unexpected("execution");
  if (!isDenebOrLater(fork)) {
    if (header.execution !== null && header.execution.blobGasUsed !== 0n) throw unexpected("blob_gas_used");
    if (header.execution !== null && header.execution.excessBlobGas !== 0n) throw unexpected("excess_blob_gas");
  }
  const branchName = `execution branch of the ${name}`;
  const isProven =
    isValidNormalizedMerkleBranch(branchName, header.executionBlockHash, header.executionBranch, gindex, bodyRoot) &&
    (header.execution === null || isPayloadProven(chain, header, header.execution));
  if (isProven) return;
  const message = `${name} at slot ${slot}: its execution branch does not lead to the body root ${toHex(bodyRoot)}`;
  const details = { header: name, slot, gindex, bodyRoot: toHex(bodyRoot) };
  throw new SidelightError("EXECUTION_BRANCH_INVALID", message, details);
}

/**
 * The payload header beside the block hash is the one in the body, with that hash. Decoding makes the lower part of the
 * branch from it, but a caller of this room may bring an object of its own.
 */
function isPayloadProven(
  { network, types }: Chain,
  header: LightClientHeader,
  execution: ExecutionPayloadHeader,
): boolean {
  if (!equalBytes(execution.blockHash, header.executionBlockHash)) return false;
  const depth = floorlog2(EXECUTION_PAYLOAD_GINDEX);
  const root = executionHeaderRoot(types, execution, isDenebOrLater(forkAtSlot(network, header.beacon.slot)));
  const branch = header.executionBranch.slice(-depth);
  return isValidMerkleBranch(root, branch, depth, getSubtreeIndex(EXECUTION_PAYLOAD_GINDEX), header.beacon.bodyRoot);
}

/**
 * `get_lc_execution_root`: root of the payload header, Capella to Fulu (of a header in Gloas' shape, by folding its branch);
 * the execution block hash from Gloas on; zero before Capella.
 */
export function getLcExecutionRoot({ network, types }: Chain, header: LightClientHeader): Uint8Array {
  const fork = forkAtSlot(network, header.beacon.slot);
  if (fork === "gloas") return header.executionBlockHash;
  const gindex = executionBlockHashGindexAtSlot(network, header.beacon.slot);
  if (gindex === null) return zeroBytes32();
  if (header.execution !== null) return executionHeaderRoot(types, header.execution, isDenebOrLater(fork));
  const payloadDepth = floorlog2(EXECUTION_PAYLOAD_GINDEX);
  const depth = floorlog2(gindex) - payloadDepth;
  const inner = header.executionBranch.slice(-(payloadDepth + depth), -payloadDepth);
  return computeMerkleBranchRoot(header.executionBlockHash, inner, depth, gindex % 2 ** depth);
}
