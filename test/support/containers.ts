/**
 * SSZ containers of the light-client objects, written apart from `src/ssz/types.ts`: what a server encodes with.
 * Sources: consensus-specs `specs/{altair,capella,deneb,electra,gloas}/light-client/sync-protocol.md`.
 */
import {
  BitVectorType,
  ByteListType,
  ByteVectorType,
  ContainerType,
  UintBigintType,
  UintNumberType,
  VectorCompositeType,
} from "@chainsafe/ssz";
import type { LightClientFork } from "../../src/networks/types.js";
import {
  depthOf,
  EXECUTION_BLOCK_HASH_GINDEX_GLOAS,
  EXECUTION_PAYLOAD_GINDEX,
  isAtLeast,
  stateGindices,
} from "./protocol.js";

const Bytes20 = new ByteVectorType(20);
const Bytes32 = new ByteVectorType(32);
const Bytes48 = new ByteVectorType(48);
const Bytes96 = new ByteVectorType(96);
const Bytes256 = new ByteVectorType(256);
const Uint64 = new UintNumberType(8);
const BigUint64 = new UintBigintType(8);
const Uint256 = new UintBigintType(32);
const ExtraData = new ByteListType(32);
const eth2 = { jsonCase: "eth2" } as const;

export const BeaconBlockHeader = new ContainerType(
  { slot: Uint64, proposerIndex: Uint64, parentRoot: Bytes32, stateRoot: Bytes32, bodyRoot: Bytes32 },
  eth2,
);

const capellaFields = {
  parentHash: Bytes32,
  feeRecipient: Bytes20,
  stateRoot: Bytes32,
  receiptsRoot: Bytes32,
  logsBloom: Bytes256,
  prevRandao: Bytes32,
  blockNumber: BigUint64,
  gasLimit: BigUint64,
  gasUsed: BigUint64,
  timestamp: BigUint64,
  extraData: ExtraData,
  baseFeePerGas: Uint256,
  blockHash: Bytes32,
  transactionsRoot: Bytes32,
  withdrawalsRoot: Bytes32,
};

export const ExecutionPayloadHeaders = {
  capella: new ContainerType(capellaFields, eth2),
  deneb: new ContainerType({ ...capellaFields, blobGasUsed: BigUint64, excessBlobGas: BigUint64 }, eth2),
};

const branch = (gindex: number) => new VectorCompositeType(Bytes32, depthOf(gindex));

function headerType(fork: LightClientFork) {
  if (isAtLeast(fork, "gloas")) {
    const executionBranch = branch(EXECUTION_BLOCK_HASH_GINDEX_GLOAS);
    return new ContainerType({ beacon: BeaconBlockHeader, executionBlockHash: Bytes32, executionBranch }, eth2);
  }
  const executionBranch = branch(EXECUTION_PAYLOAD_GINDEX);
  if (isAtLeast(fork, "deneb")) {
    return new ContainerType(
      { beacon: BeaconBlockHeader, execution: ExecutionPayloadHeaders.deneb, executionBranch },
      eth2,
    );
  }
  if (isAtLeast(fork, "capella")) {
    return new ContainerType(
      { beacon: BeaconBlockHeader, execution: ExecutionPayloadHeaders.capella, executionBranch },
      eth2,
    );
  }
  return new ContainerType({ beacon: BeaconBlockHeader }, eth2);
}

export type ObjectName =
  | "LightClientBootstrap"
  | "LightClientUpdate"
  | "LightClientFinalityUpdate"
  | "LightClientOptimisticUpdate";

export type Containers = ReturnType<typeof createContainers>;

/** The containers of a committee size. */
export function createContainers(committeeSize: number) {
  const SyncCommittee = new ContainerType(
    { pubkeys: new VectorCompositeType(Bytes48, committeeSize), aggregatePubkey: Bytes48 },
    eth2,
  );
  const SyncAggregate = new ContainerType(
    { syncCommitteeBits: new BitVectorType(committeeSize), syncCommitteeSignature: Bytes96 },
    eth2,
  );
  const made = new Map<string, ContainerType<never>>();

  /** The container of an object in a fork's shape. */
  function of(object: ObjectName, fork: LightClientFork): ContainerType<never> {
    const key = `${object}/${fork}`;
    const type = made.get(key) ?? (new ContainerType(fieldsOf(object, fork) as never, eth2) as ContainerType<never>);
    made.set(key, type);
    return type;
  }

  function fieldsOf(object: ObjectName, fork: LightClientFork) {
    const header = headerType(fork);
    const gindices = stateGindices(fork);
    const currentSyncCommitteeBranch = branch(gindices.currentSyncCommittee);
    if (object === "LightClientBootstrap") {
      return { header, currentSyncCommittee: SyncCommittee, currentSyncCommitteeBranch };
    }
    const signed = { syncAggregate: SyncAggregate, signatureSlot: Uint64 };
    const finality = { finalizedHeader: header, finalityBranch: branch(gindices.finalizedRoot) };
    const nextSyncCommitteeBranch = branch(gindices.nextSyncCommittee);
    const next = { nextSyncCommittee: SyncCommittee, nextSyncCommitteeBranch };
    if (object === "LightClientUpdate") return { attestedHeader: header, ...next, ...finality, ...signed };
    if (object === "LightClientFinalityUpdate") return { attestedHeader: header, ...finality, ...signed };
    return { attestedHeader: header, ...signed };
  }

  return { SyncCommittee, SyncAggregate, of };
}
