import { fastAggregateVerify, PublicKey, Signature } from "@chainsafe/blst";
import type { BitArray } from "@chainsafe/ssz";
import { DOMAIN_SYNC_COMMITTEE, type ForkName, ForkSeq, isForkPostAltair } from "@lodestar/params";
import { computeDomain, computeSigningRoot } from "@lodestar/state-transition";
import { type phase0, ssz, sszTypesFor } from "@lodestar/types";
import { verifyMerkleBranch } from "@lodestar/utils";
import type { DevnetInfo } from "../src/client.ts";

/** What a light client checks of an object by itself, without any memory. */
export type Check =
  | "execution"
  | "finalized execution"
  | "finality"
  | "next committee"
  | "current committee"
  | "signature";

type Gindices = { finality: number; current: number; next: number };

/** Written out, not imported: specs/{altair,electra,gloas}/light-client/sync-protocol.md. */
const GINDICES: { from: ForkSeq; gindices: Gindices }[] = [
  { from: ForkSeq.gloas, gindices: { finality: 735, current: 2945, next: 2946 } },
  { from: ForkSeq.electra, gindices: { finality: 169, current: 86, next: 87 } },
  { from: ForkSeq.altair, gindices: { finality: 105, current: 54, next: 55 } },
];
const EXECUTION_PAYLOAD_GINDEX = 25;
const BLOCK_HASH_GINDEX_GLOAS = 2856;

export type Header = {
  beacon: phase0.BeaconBlockHeader;
  execution?: unknown;
  executionBlockHash?: Uint8Array;
  executionBranch?: Uint8Array[];
};
type Committee = { pubkeys: Uint8Array[]; aggregatePubkey: Uint8Array };

/** A decoded light-client object of any type and fork. */
export type LightClientObject = {
  header?: Header;
  attestedHeader?: Header;
  finalizedHeader?: Header;
  finalityBranch?: Uint8Array[];
  currentSyncCommittee?: Committee;
  currentSyncCommitteeBranch?: Uint8Array[];
  nextSyncCommittee?: Committee;
  nextSyncCommitteeBranch?: Uint8Array[];
  syncAggregate?: { syncCommitteeBits: BitArray; syncCommitteeSignature: Uint8Array };
  signatureSlot?: number;
};

export type TypeName =
  | "LightClientBootstrap"
  | "LightClientUpdate"
  | "LightClientFinalityUpdate"
  | "LightClientOptimisticUpdate";

type Codec = {
  fromJson(json: unknown): LightClientObject;
  toJson(value: LightClientObject): unknown;
  deserialize(bytes: Uint8Array): LightClientObject;
};

export function codec(fork: string, type: TypeName): Codec {
  if (!isForkPostAltair(fork as ForkName)) throw new Error(`no light client types in ${fork}`);
  return sszTypesFor(fork as ForkName.gloas)[type] as unknown as Codec;
}

function gindicesOf(fork: string): Gindices {
  const seq = ForkSeq[fork as ForkName];
  return (GINDICES.find(({ from }) => seq >= from) as (typeof GINDICES)[number]).gindices;
}

function isBranch(leaf: Uint8Array, branch: Uint8Array[], gindex: number, root: Uint8Array): boolean {
  const depth = Math.floor(Math.log2(gindex));
  return branch.length === depth && verifyMerkleBranch(leaf, branch, depth, gindex - 2 ** depth, root);
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function isZeroHeader({ beacon }: Header): boolean {
  return ssz.phase0.BeaconBlockHeader.equals(beacon, ssz.phase0.BeaconBlockHeader.defaultValue());
}

function headerRoot(header: Header): Uint8Array {
  return ssz.phase0.BeaconBlockHeader.hashTreeRoot(header.beacon);
}

export function forkAt(info: DevnetInfo, slot: number): DevnetInfo["forks"][number] {
  const epoch = Math.floor(slot / info.slotsPerEpoch);
  return info.forks.findLast((fork) => fork.epoch !== null && fork.epoch <= epoch) as DevnetInfo["forks"][number];
}

/** `shape` is the fork that the object is encoded as; the header's own fork decides what its execution is. */
function hasExecution(info: DevnetInfo, header: Header, shape: string): boolean {
  if (ForkSeq[shape as ForkName] < ForkSeq.capella || isZeroHeader(header)) return true;
  const fork = forkAt(info, header.beacon.slot).name as ForkName;
  const seq = ForkSeq[fork];
  const branch = header.executionBranch as Uint8Array[];
  if (seq < ForkSeq.capella) return branch.every(isZero);
  if (ForkSeq[shape as ForkName] >= ForkSeq.gloas) {
    const hash = header.executionBlockHash as Uint8Array;
    const gindex = seq >= ForkSeq.gloas ? BLOCK_HASH_GINDEX_GLOAS : seq >= ForkSeq.deneb ? 812 : 412;
    const extra = branch.length - Math.floor(Math.log2(gindex));
    return branch.slice(0, extra).every(isZero) && isBranch(hash, branch.slice(extra), gindex, header.beacon.bodyRoot);
  }
  const type = sszTypesFor(fork as ForkName.deneb).ExecutionPayloadHeader;
  const leaf = type.hashTreeRoot(header.execution as never);
  return isBranch(leaf, branch, EXECUTION_PAYLOAD_GINDEX, header.beacon.bodyRoot);
}

function hasSignature(info: DevnetInfo, object: LightClientObject, committee: Uint8Array[]): boolean {
  const { attestedHeader, syncAggregate, signatureSlot } = object;
  if (!attestedHeader || !syncAggregate || signatureSlot === undefined) return true;
  const version = Buffer.from(forkAt(info, Math.max(signatureSlot, 1) - 1).version.slice(2), "hex");
  const root = Buffer.from(info.genesisValidatorsRoot.slice(2), "hex");
  const domain = computeDomain(DOMAIN_SYNC_COMMITTEE, version, root);
  const keys = syncAggregate.syncCommitteeBits.intersectValues(committee).map((key) => PublicKey.fromBytes(key, true));
  try {
    const signature = Signature.fromBytes(syncAggregate.syncCommitteeSignature, true);
    const message = computeSigningRoot(ssz.Root, headerRoot(attestedHeader), domain);
    return keys.length > 0 && fastAggregateVerify(message, keys, signature);
  } catch {
    return false;
  }
}

/** Which checks the object fails; an honest one fails none. `committee`: public keys of who signs at its slot. */
export function failedChecks(
  info: DevnetInfo,
  shape: string,
  object: LightClientObject,
  committee: Uint8Array[] = [],
): Check[] {
  const own = (object.header ?? object.attestedHeader) as Header;
  const stateRoot = own.beacon.stateRoot;
  const gindices = gindicesOf(shape);
  const committeeRoot = (value: Committee): Uint8Array => ssz.altair.SyncCommittee.hashTreeRoot(value);
  const { finalizedHeader, finalityBranch, currentSyncCommittee, nextSyncCommittee, nextSyncCommitteeBranch } = object;

  const results: [Check, boolean][] = [["execution", hasExecution(info, own, shape)]];
  if (currentSyncCommittee) {
    const branch = object.currentSyncCommitteeBranch as Uint8Array[];
    results.push([
      "current committee",
      isBranch(committeeRoot(currentSyncCommittee), branch, gindices.current, stateRoot),
    ]);
  }
  if (nextSyncCommittee && nextSyncCommitteeBranch && !nextSyncCommitteeBranch.every(isZero)) {
    const leaf = committeeRoot(nextSyncCommittee);
    results.push(["next committee", isBranch(leaf, nextSyncCommitteeBranch, gindices.next, stateRoot)]);
  }
  if (finalizedHeader && finalityBranch && !finalityBranch.every(isZero)) {
    const leaf = isZeroHeader(finalizedHeader) ? new Uint8Array(32) : headerRoot(finalizedHeader);
    results.push(["finality", isBranch(leaf, finalityBranch, gindices.finality, stateRoot)]);
    results.push(["finalized execution", hasExecution(info, finalizedHeader, shape)]);
  }
  results.push(["signature", hasSignature(info, object, committee)]);
  return results.filter(([, isRight]) => !isRight).map(([check]) => check);
}
