/**
 * SSZ containers of the light-client objects, fork by fork, as they go over the wire.
 *
 * Made per preset by {@link createTypes}: presets are values, so minimal and mainnet live in one process.
 * Sources: consensus-specs `specs/{altair,capella,deneb,electra,gloas}/light-client/sync-protocol.md`. Bellatrix has
 * Altair's shapes, Fulu has Electra's.
 */
import type { LightClientFork, Preset } from "../networks/types.js";
import { bigUint, bitVector, byteList, byteVector, uint64 } from "./basic.js";
import { container, vector } from "./composite.js";
import type { BeaconBlockHeader, ExecutionPayloadHeader, SyncAggregate, SyncCommittee } from "./objects.js";
import type { ContainerType, SszType } from "./type.js";
import type { WireBootstrap, WireFinalityUpdate, WireHeader, WireOptimisticUpdate, WireUpdate } from "./wire.js";

const BYTES_PER_LOGS_BLOOM = 256;
const MAX_EXTRA_DATA_BYTES = 32;

/** The depths of a fork's branches: floorlog2 of its generalized indices. */
interface BranchDepths {
  readonly currentSyncCommittee: number;
  readonly nextSyncCommittee: number;
  readonly finality: number;
}

const ALTAIR_DEPTHS: BranchDepths = { currentSyncCommittee: 5, nextSyncCommittee: 5, finality: 6 };
const ELECTRA_DEPTHS: BranchDepths = { currentSyncCommittee: 6, nextSyncCommittee: 6, finality: 7 };

/** Depths of the newest fork: those of the library's own objects. */
export const NEWEST_DEPTHS = { currentSyncCommittee: 11, nextSyncCommittee: 11, finality: 9, execution: 11 } as const;

const EXECUTION_PAYLOAD_DEPTH = 4;

export type Types = ReturnType<typeof createTypes>;

/** All containers of a preset. Cheap, but made once per network. */
export function createTypes(preset: Preset) {
  const common = createCommonTypes(preset.syncCommitteeSize);
  const ExecutionPayloadHeaderCapella = container<CapellaExecution>("ExecutionPayloadHeader", capellaExecutionFields());
  const ExecutionPayloadHeaderDeneb = container<ExecutionPayloadHeader>(
    "ExecutionPayloadHeader",
    denebExecutionFields(),
  );
  const headers = {
    altair: headerType({ beacon: common.BeaconBlockHeader }),
    capella: executionHeaderType(common, ExecutionPayloadHeaderCapella),
    deneb: executionHeaderType(common, ExecutionPayloadHeaderDeneb),
    gloas: headerType({
      beacon: common.BeaconBlockHeader,
      executionBlockHash: common.Bytes32,
      executionBranch: vector(common.Bytes32, NEWEST_DEPTHS.execution),
    }),
  };
  const altairObjects = createObjectTypes(common, headers.altair, ALTAIR_DEPTHS);
  const electraObjects = createObjectTypes(common, headers.deneb, ELECTRA_DEPTHS);
  const forks = {
    altair: altairObjects,
    bellatrix: altairObjects,
    capella: createObjectTypes(common, headers.capella, ALTAIR_DEPTHS),
    deneb: createObjectTypes(common, headers.deneb, ALTAIR_DEPTHS),
    electra: electraObjects,
    fulu: electraObjects,
    gloas: createObjectTypes(common, headers.gloas, NEWEST_DEPTHS),
  } satisfies Record<LightClientFork, unknown>;
  return { preset, ...common, ExecutionPayloadHeaderCapella, ExecutionPayloadHeaderDeneb, forks };
}

type CapellaExecution = Omit<ExecutionPayloadHeader, "blobGasUsed" | "excessBlobGas">;

type HeaderFields = { readonly [K in keyof WireHeader]-?: SszType<WireHeader[K]> };

/** A fork's header has some of the fields of {@link WireHeader}; which, its container says. */
function headerType(fields: Partial<HeaderFields>): ContainerType<WireHeader> {
  return container<WireHeader>("LightClientHeader", fields as HeaderFields);
}

function createCommonTypes(syncCommitteeSize: number) {
  const Bytes32 = byteVector(32);
  const Bytes48 = byteVector(48);
  return {
    Bytes32,
    BeaconBlockHeader: container<BeaconBlockHeader>("BeaconBlockHeader", {
      slot: uint64,
      proposerIndex: uint64,
      parentRoot: Bytes32,
      stateRoot: Bytes32,
      bodyRoot: Bytes32,
    }),
    SyncCommittee: container<SyncCommittee>("SyncCommittee", {
      pubkeys: vector(Bytes48, syncCommitteeSize),
      aggregatePubkey: Bytes48,
    }),
    SyncAggregate: container<SyncAggregate>("SyncAggregate", {
      syncCommitteeBits: bitVector(syncCommitteeSize),
      syncCommitteeSignature: byteVector(96),
    }),
  };
}

type CommonTypes = ReturnType<typeof createCommonTypes>;

/** consensus-specs `specs/capella/beacon-chain.md#executionpayloadheader` */
function capellaExecutionFields() {
  const Bytes32 = byteVector(32);
  const Uint64 = bigUint(8);
  return {
    parentHash: Bytes32,
    feeRecipient: byteVector(20),
    stateRoot: Bytes32,
    receiptsRoot: Bytes32,
    logsBloom: byteVector(BYTES_PER_LOGS_BLOOM),
    prevRandao: Bytes32,
    blockNumber: Uint64,
    gasLimit: Uint64,
    gasUsed: Uint64,
    timestamp: Uint64,
    extraData: byteList(MAX_EXTRA_DATA_BYTES),
    baseFeePerGas: bigUint(32),
    blockHash: Bytes32,
    transactionsRoot: Bytes32,
    withdrawalsRoot: Bytes32,
  };
}

/** consensus-specs `specs/deneb/beacon-chain.md#executionpayloadheader` */
function denebExecutionFields() {
  return { ...capellaExecutionFields(), blobGasUsed: bigUint(8), excessBlobGas: bigUint(8) };
}

function executionHeaderType(
  common: CommonTypes,
  execution: ContainerType<CapellaExecution> | ContainerType<ExecutionPayloadHeader>,
): ContainerType<WireHeader> {
  return headerType({
    beacon: common.BeaconBlockHeader,
    execution: execution as unknown as HeaderFields["execution"],
    executionBranch: vector(common.Bytes32, EXECUTION_PAYLOAD_DEPTH),
  });
}

function createObjectTypes(common: CommonTypes, header: ContainerType<WireHeader>, depths: BranchDepths) {
  const { Bytes32, SyncCommittee, SyncAggregate } = common;
  const signed = { syncAggregate: SyncAggregate, signatureSlot: uint64 };
  const finality = { finalizedHeader: header, finalityBranch: vector(Bytes32, depths.finality) };
  return {
    LightClientHeader: header,
    LightClientBootstrap: container<WireBootstrap>("LightClientBootstrap", {
      header,
      currentSyncCommittee: SyncCommittee,
      currentSyncCommitteeBranch: vector(Bytes32, depths.currentSyncCommittee),
    }),
    LightClientUpdate: container<WireUpdate>("LightClientUpdate", {
      attestedHeader: header,
      nextSyncCommittee: SyncCommittee,
      nextSyncCommitteeBranch: vector(Bytes32, depths.nextSyncCommittee),
      ...finality,
      ...signed,
    }),
    LightClientFinalityUpdate: container<WireFinalityUpdate>("LightClientFinalityUpdate", {
      attestedHeader: header,
      ...finality,
      ...signed,
    }),
    LightClientOptimisticUpdate: container<WireOptimisticUpdate>("LightClientOptimisticUpdate", {
      attestedHeader: header,
      ...signed,
    }),
  };
}
