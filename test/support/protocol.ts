/**
 * The protocol's tables and formulas once more, written apart from `src`: a forge that shared them could not notice
 * when they are wrong. Sources: consensus-specs `specs/{altair,capella,deneb,electra,gloas}/light-client/`.
 */
import { digest } from "@chainsafe/as-sha256";
import { LIGHT_CLIENT_FORKS, type LightClientFork, type Network } from "../../src/networks/types.js";

export interface StateGindices {
  readonly finalizedRoot: number;
  readonly currentSyncCommittee: number;
  readonly nextSyncCommittee: number;
}

const BEFORE_ELECTRA: StateGindices = { finalizedRoot: 105, currentSyncCommittee: 54, nextSyncCommittee: 55 };
const ELECTRA: StateGindices = { finalizedRoot: 169, currentSyncCommittee: 86, nextSyncCommittee: 87 };
const GLOAS: StateGindices = { finalizedRoot: 735, currentSyncCommittee: 2945, nextSyncCommittee: 2946 };

/** `BeaconBlockBody.execution_payload`, Capella to Fulu. */
export const EXECUTION_PAYLOAD_GINDEX = 25;
/** `BeaconBlockBody.signed_execution_payload_bid.message.parent_block_hash` */
export const EXECUTION_BLOCK_HASH_GINDEX_GLOAS = 2856;
/** `ExecutionPayloadHeader.block_hash`: field 12 of 15, of 17 from Deneb on. */
export const BLOCK_HASH_GINDEX = { capella: 16 + 12, deneb: 32 + 12 } as const;

export function isAtLeast(fork: LightClientFork, other: LightClientFork): boolean {
  return LIGHT_CLIENT_FORKS.indexOf(fork) >= LIGHT_CLIENT_FORKS.indexOf(other);
}

export function stateGindices(fork: LightClientFork): StateGindices {
  if (isAtLeast(fork, "gloas")) return GLOAS;
  return isAtLeast(fork, "electra") ? ELECTRA : BEFORE_ELECTRA;
}

export function depthOf(gindex: number): number {
  return gindex.toString(2).length - 1;
}

/** Fork of a slot; slots before Altair count as Altair's. */
export function forkOf({ forks, preset }: Network, slot: number): LightClientFork {
  const epoch = Math.floor(slot / preset.slotsPerEpoch);
  let fork: LightClientFork = "altair";
  for (const name of LIGHT_CLIENT_FORKS) if (forks[name].epoch <= epoch) fork = name;
  return fork;
}

/** Version of the fork in force at a slot, Phase 0 included: 4 bytes. */
export function forkVersionOf({ forks, preset }: Network, slot: number): Uint8Array {
  const epoch = Math.floor(slot / preset.slotsPerEpoch);
  let version = forks.phase0.version;
  for (const name of LIGHT_CLIENT_FORKS) if (forks[name].epoch <= epoch) version = forks[name].version;
  return hexBytes(version);
}

/** SHA-256 of the parts, one after the other. */
export function hash(...parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return digest(bytes).slice();
}

/** Bytes of `0x` hex. */
export function hexBytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.slice(2).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** `0x` hex of bytes. */
export function bytesHex(bytes: Uint8Array): string {
  let hex = "0x";
  for (let i = 0; i < bytes.length; i++) hex += HEX[bytes[i]!];
  return hex;
}

/** `hash_tree_root(SigningData(object_root, compute_domain(DOMAIN_SYNC_COMMITTEE, fork_version, root)))` */
export function signingRoot(objectRoot: Uint8Array, forkVersion: Uint8Array, validatorsRoot: Uint8Array): Uint8Array {
  return hash(objectRoot, Uint8Array.of(7, 0, 0, 0), forkDataRoot(forkVersion, validatorsRoot).subarray(0, 28));
}

function forkDataRoot(forkVersion: Uint8Array, validatorsRoot: Uint8Array): Uint8Array {
  return hash(forkVersion, new Uint8Array(28), validatorsRoot);
}

/** `compute_fork_digest` at a slot, with the blob parameters from Fulu on (EIP-7892): `0x` hex. */
export function forkDigestOf(network: Network, slot: number): string {
  const epoch = Math.floor(slot / network.preset.slotsPerEpoch);
  const forkDigest = forkDataRoot(forkVersionOf(network, slot), hexBytes(network.genesisValidatorsRoot)).slice(0, 4);
  if (epoch >= network.forks.fulu.epoch) {
    const begun = network.blobSchedule.filter((entry) => entry.epoch <= epoch);
    const electra = { epoch: network.forks.electra.epoch, maxBlobsPerBlock: network.maxBlobsPerBlockElectra };
    const parameters = begun.sort((a, b) => b.epoch - a.epoch)[0] ?? electra;
    const bytes = new DataView(new ArrayBuffer(16));
    bytes.setBigUint64(0, BigInt(parameters.epoch), true);
    bytes.setBigUint64(8, BigInt(parameters.maxBlobsPerBlock), true);
    const mask = hash(new Uint8Array(bytes.buffer));
    for (let i = 0; i < 4; i++) forkDigest[i]! ^= mask[i]!;
  }
  return bytesHex(forkDigest);
}
