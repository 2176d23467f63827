/**
 * SSZ containers of the light-client objects, fork by fork, as they go over the wire.
 *
 * Made per preset by {@link createTypes}: presets are values, so minimal and mainnet live in one process.
 * Sources: consensus-specs `specs/{altair,capella,deneb,electra,gloas}/light-client/sync-protocol.md`. Bellatrix has
 * Altair's shapes, Fulu has Electra's.
 */
import {
  BitVectorType,
  ByteVectorType,
  ContainerType,
  UintBigintType,
  UintNumberType,
  VectorCompositeType,
} from "@chainsafe/ssz";
import type { LightClientFork, Preset } from "../networks/types.js";
import { PlainByteListType } from "./byte-list.js";
import { useFastHasher } from "./hash.js";

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

/** All containers of a preset. Costs a few milliseconds: make it once per network. */
export function createTypes(preset: Preset) {
  useFastHasher();
  const common = createCommonTypes(preset.syncCommitteeSize);
  const capella = createExecutionTypes(common, capellaExecutionFields());
  const deneb = createExecutionTypes(common, denebExecutionFields());
  const headers = {
    altair: new ContainerType({ beacon: common.BeaconBlockHeader }, eth2("LightClientHeader")),
    capella: capella.LightClientHeader,
    deneb: deneb.LightClientHeader,
    gloas: new ContainerType(
      {
        beacon: common.BeaconBlockHeader,
        executionBlockHash: common.Bytes32,
        executionBranch: branchType(common.Bytes32, NEWEST_DEPTHS.execution),
      },
      eth2("LightClientHeader"),
    ),
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
  return {
    preset,
    ...common,
    ExecutionPayloadHeaderCapella: capella.ExecutionPayloadHeader,
    ExecutionPayloadHeaderDeneb: deneb.ExecutionPayloadHeader,
    forks,
  };
}

function createCommonTypes(syncCommitteeSize: number) {
  const Bytes32 = new ByteVectorType(32);
  const Bytes48 = new ByteVectorType(48);
  const Slot = new UintNumberType(8);
  return {
    Bytes32,
    Slot,
    BeaconBlockHeader: new ContainerType(
      { slot: Slot, proposerIndex: Slot, parentRoot: Bytes32, stateRoot: Bytes32, bodyRoot: Bytes32 },
      eth2("BeaconBlockHeader"),
    ),
    SyncCommittee: new ContainerType(
      { pubkeys: new VectorCompositeType(Bytes48, syncCommitteeSize), aggregatePubkey: Bytes48 },
      eth2("SyncCommittee"),
    ),
    SyncAggregate: new ContainerType(
      { syncCommitteeBits: new BitVectorType(syncCommitteeSize), syncCommitteeSignature: new ByteVectorType(96) },
      eth2("SyncAggregate"),
    ),
  };
}

type CommonTypes = ReturnType<typeof createCommonTypes>;

/** consensus-specs `specs/capella/beacon-chain.md#executionpayloadheader` */
function capellaExecutionFields() {
  const Bytes32 = new ByteVectorType(32);
  const Uint64 = new UintBigintType(8);
  return {
    parentHash: Bytes32,
    feeRecipient: new ByteVectorType(20),
    stateRoot: Bytes32,
    receiptsRoot: Bytes32,
    logsBloom: new ByteVectorType(BYTES_PER_LOGS_BLOOM),
    prevRandao: Bytes32,
    blockNumber: Uint64,
    gasLimit: Uint64,
    gasUsed: Uint64,
    timestamp: Uint64,
    extraData: new PlainByteListType(MAX_EXTRA_DATA_BYTES),
    baseFeePerGas: new UintBigintType(32),
    blockHash: Bytes32,
    transactionsRoot: Bytes32,
    withdrawalsRoot: Bytes32,
  };
}

/** consensus-specs `specs/deneb/beacon-chain.md#executionpayloadheader` */
function denebExecutionFields() {
  const Uint64 = new UintBigintType(8);
  return { ...capellaExecutionFields(), blobGasUsed: Uint64, excessBlobGas: Uint64 };
}

// biome-ignore lint/suspicious/noExplicitAny: the field types differ per fork; ContainerType checks them
function createExecutionTypes<F extends Record<string, any>>(common: CommonTypes, fields: F) {
  const ExecutionPayloadHeader = new ContainerType(fields, eth2("ExecutionPayloadHeader"));
  const LightClientHeader = new ContainerType(
    {
      beacon: common.BeaconBlockHeader,
      execution: ExecutionPayloadHeader,
      executionBranch: branchType(common.Bytes32, EXECUTION_PAYLOAD_DEPTH),
    },
    eth2("LightClientHeader"),
  );
  return { ExecutionPayloadHeader, LightClientHeader };
}

// biome-ignore lint/suspicious/noExplicitAny: any fork's header container
function createObjectTypes<H extends ContainerType<any>>(common: CommonTypes, header: H, depths: BranchDepths) {
  const { Bytes32, SyncCommittee, SyncAggregate, Slot } = common;
  const finality = branchType(Bytes32, depths.finality);
  return {
    LightClientHeader: header,
    LightClientBootstrap: new ContainerType(
      {
        header,
        currentSyncCommittee: SyncCommittee,
        currentSyncCommitteeBranch: branchType(Bytes32, depths.currentSyncCommittee),
      },
      eth2("LightClientBootstrap"),
    ),
    LightClientUpdate: new ContainerType(
      {
        attestedHeader: header,
        nextSyncCommittee: SyncCommittee,
        nextSyncCommitteeBranch: branchType(Bytes32, depths.nextSyncCommittee),
        finalizedHeader: header,
        finalityBranch: finality,
        syncAggregate: SyncAggregate,
        signatureSlot: Slot,
      },
      eth2("LightClientUpdate"),
    ),
    LightClientFinalityUpdate: new ContainerType(
      {
        attestedHeader: header,
        finalizedHeader: header,
        finalityBranch: finality,
        syncAggregate: SyncAggregate,
        signatureSlot: Slot,
      },
      eth2("LightClientFinalityUpdate"),
    ),
    LightClientOptimisticUpdate: new ContainerType(
      { attestedHeader: header, syncAggregate: SyncAggregate, signatureSlot: Slot },
      eth2("LightClientOptimisticUpdate"),
    ),
  };
}

function branchType(node: ByteVectorType, depth: number) {
  return new VectorCompositeType(node, depth);
}

function eth2(typeName: string) {
  return { typeName, jsonCase: "eth2" } as const;
}
