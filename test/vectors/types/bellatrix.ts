/** What Bellatrix changes. Source: consensus-specs `specs/bellatrix/beacon-chain.md`. */
import { ByteListType, ByteVectorType, ContainerType, ListCompositeType } from "@chainsafe/ssz";
import { altairBodyFields, altairStateFields } from "./altair.js";
import { bytes20, bytes32, uint64, uint256 } from "./phase0.js";
import type { ConsensusPreset } from "./presets.js";

/** What a payload and its header have in common. */
export function bellatrixPayloadHead(preset: ConsensusPreset) {
  return {
    parentHash: bytes32,
    feeRecipient: bytes20,
    stateRoot: bytes32,
    receiptsRoot: bytes32,
    logsBloom: new ByteVectorType(preset.bytesPerLogsBloom),
    prevRandao: bytes32,
    blockNumber: uint64,
    gasLimit: uint64,
    gasUsed: uint64,
    timestamp: uint64,
    extraData: new ByteListType(preset.maxExtraDataBytes),
    baseFeePerGas: uint256,
    blockHash: bytes32,
  };
}

export function bellatrixPayloadFields(preset: ConsensusPreset) {
  const Transaction = new ByteListType(preset.maxBytesPerTransaction);
  return {
    ...bellatrixPayloadHead(preset),
    transactions: new ListCompositeType(Transaction, preset.maxTransactionsPerPayload),
  };
}

export function bellatrixPayloadHeaderFields(preset: ConsensusPreset) {
  return { ...bellatrixPayloadHead(preset), transactionsRoot: bytes32 };
}

export function bellatrixBodyFields(preset: ConsensusPreset) {
  return { ...altairBodyFields(preset), executionPayload: new ContainerType(bellatrixPayloadFields(preset)) };
}

export function bellatrixStateFields(preset: ConsensusPreset) {
  return {
    ...altairStateFields(preset),
    latestExecutionPayloadHeader: new ContainerType(bellatrixPayloadHeaderFields(preset)),
  };
}
