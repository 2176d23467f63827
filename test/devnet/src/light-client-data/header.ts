import type { ChainForkConfig } from "@lodestar/config";
import {
  BLOCK_BODY_EXECUTION_PAYLOAD_GINDEX,
  EXECUTION_BLOCK_HASH_GINDEX_GLOAS,
  type ForkName,
  ForkSeq,
} from "@lodestar/params";
import { executionPayloadToPayloadHeader } from "@lodestar/state-transition";
import { upgradeLightClientHeader } from "@lodestar/state-transition/light-client";
import type {
  BeaconBlock,
  ExecutionPayload,
  ExecutionPayloadHeader,
  gloas,
  LightClientHeader,
  phase0,
} from "@lodestar/types";
import { blockTypes, branchOf, lightClientTypes } from "../chain/ssz-types.ts";

type AnyHeader = {
  beacon: phase0.BeaconBlockHeader;
  execution?: ExecutionPayloadHeader;
  executionBlockHash?: Uint8Array;
  executionBranch?: Uint8Array[];
};

/**
 * `block_to_light_client_header`, in the shape of the block's own fork: specs/altair/light-client/full-node.md,
 * modified in specs/capella, specs/deneb and specs/gloas.
 */
export function blockToLightClientHeader(
  fork: ForkName,
  block: BeaconBlock,
  beacon: phase0.BeaconBlockHeader,
): LightClientHeader {
  const seq = ForkSeq[fork];
  const header: AnyHeader = { beacon };
  if (seq < ForkSeq.capella) return header as LightClientHeader;
  const { node } = blockTypes(fork).BeaconBlockBody.toView(block.body);
  if (seq >= ForkSeq.gloas) {
    const { message } = (block.body as gloas.BeaconBlockBody).signedExecutionPayloadBid;
    header.executionBlockHash = message.parentBlockHash;
    header.executionBranch = branchOf(node, EXECUTION_BLOCK_HASH_GINDEX_GLOAS);
  } else {
    const { executionPayload } = block.body as unknown as { executionPayload: ExecutionPayload };
    header.execution = executionPayloadToPayloadHeader(seq, executionPayload);
    header.executionBranch = branchOf(node, BLOCK_BODY_EXECUTION_PAYLOAD_GINDEX);
  }
  return header as LightClientHeader;
}

/** A copy of the header in the shape of a later fork, by the specification's `upgrade_lc_header_to_*`. */
export function headerInFork(
  config: ChainForkConfig,
  header: LightClientHeader,
  from: ForkName,
  to: ForkName,
): LightClientHeader {
  // A copy: the upgrade changes its argument, and a cached root must not survive it.
  const copy = lightClientTypes(from).LightClientHeader.clone(header);
  return ForkSeq[from] < ForkSeq[to] ? upgradeLightClientHeader(config, to, copy) : copy;
}
