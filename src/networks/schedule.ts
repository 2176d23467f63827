/**
 * Slots, epochs, periods, forks and fork digests of a network. Pure: time and the hash function are arguments.
 *
 * The rule for what lies before genesis: slots, epochs and periods count on below zero (slot -1 ends where slot 0
 * starts), and whatever is in force at epoch 0 is in force before it. Nothing is clamped, so that a caller can still
 * tell "two slots before genesis" from "slot 0".
 */
import { fromHex, toHex } from "../ssz/bytes.js";
import { type BlobParameters, type ForkName, LIGHT_CLIENT_FORKS, type Network } from "./types.js";

/** One fork digest of a network: which data carries it, and since when. */
export interface ForkDigest {
  /** `Bytes4` as `0x` hex. */
  readonly digest: string;
  /** The fork that data with this digest has the shape of. */
  readonly fork: ForkName;
  /** First epoch in which the digest is in force. */
  readonly epoch: number;
}

/** Epoch of a slot. consensus-specs `specs/phase0/beacon-chain.md`, `compute_epoch_at_slot`. */
export function computeEpochAtSlot(network: Network, slot: number): number {
  return Math.floor(slot / network.preset.slotsPerEpoch);
}

/** Period of an epoch. `specs/altair/light-client/sync-protocol.md`, `compute_sync_committee_period`. */
export function computeSyncCommitteePeriodAtEpoch(network: Network, epoch: number): number {
  return Math.floor(epoch / network.preset.epochsPerSyncCommitteePeriod);
}

/** Period of a slot. `specs/altair/light-client/sync-protocol.md`, `compute_sync_committee_period_at_slot`. */
export function computeSyncCommitteePeriodAtSlot(network: Network, slot: number): number {
  return computeSyncCommitteePeriodAtEpoch(network, computeEpochAtSlot(network, slot));
}

/** The slot that a moment lies in; negative before genesis. `unixMs` is Unix time in milliseconds. */
export function slotAtTime(network: Network, unixMs: number): number {
  return Math.floor((unixMs - network.genesisTime * 1000) / network.slotDurationMs);
}

/** When a slot starts: Unix time in milliseconds. */
export function timeOfSlotMs(network: Network, slot: number): number {
  return network.genesisTime * 1000 + slot * network.slotDurationMs;
}

/** The fork in force at an epoch. Of several forks that start at the same epoch, only the newest ever is. */
export function forkAtEpoch(network: Network, epoch: number): ForkName {
  const since = Math.max(epoch, 0);
  for (let i = LIGHT_CLIENT_FORKS.length - 1; i >= 0; i--) {
    const fork = LIGHT_CLIENT_FORKS[i]!;
    const start = network.forks[fork].epoch;
    // `start <= since` alone would call every unscheduled fork active at epoch Infinity.
    if (start !== Infinity && start <= since) return fork;
  }
  return "phase0";
}

/** The fork in force at a slot. */
export function forkAtSlot(network: Network, slot: number): ForkName {
  return forkAtEpoch(network, computeEpochAtSlot(network, slot));
}

/** `Bytes4` as `0x` hex. consensus-specs `specs/altair/fork.md` and later forks', `compute_fork_version`. */
export function forkVersionAtEpoch(network: Network, epoch: number): string {
  return network.forks[forkAtEpoch(network, epoch)].version;
}

/**
 * The blob limit in force: the latest entry of the schedule that has begun, else Electra's. Means something from
 * Electra on. consensus-specs `specs/fulu/beacon-chain.md`, `get_blob_parameters` (EIP-7892).
 */
export function blobParametersAtEpoch(network: Network, epoch: number): BlobParameters {
  let latest: BlobParameters | undefined;
  for (const entry of network.blobSchedule) {
    if (entry.epoch <= epoch && (latest === undefined || entry.epoch > latest.epoch)) latest = entry;
  }
  return latest ?? { epoch: network.forks.electra.epoch, maxBlobsPerBlock: network.maxBlobsPerBlockElectra };
}

/**
 * Every fork digest that data of this network can carry, oldest first. A fork that is not scheduled has none, nor has
 * one that is replaced at the very epoch it starts.
 *
 * @param sha256 the hash function, so that this room needs none of its own
 */
export function forkDigests(network: Network, sha256: (data: Uint8Array) => Uint8Array): ForkDigest[] {
  const epochs = new Set<number>();
  for (const { epoch } of Object.values(network.forks)) epochs.add(epoch);
  // Before Fulu the digest does not depend on the schedule, so an entry there would repeat its fork's digest.
  for (const { epoch } of network.blobSchedule) if (epoch >= network.forks.fulu.epoch) epochs.add(epoch);
  epochs.delete(Infinity);
  return [...epochs]
    .sort((a, b) => a - b)
    .map((epoch) => ({
      digest: computeForkDigest(network, epoch, sha256),
      fork: forkAtEpoch(network, epoch),
      epoch,
    }));
}

/**
 * consensus-specs `specs/fulu/beacon-chain.md`, `compute_fork_digest`: from Fulu on the blob parameters are mixed in,
 * so that nodes which disagree on them part ways.
 */
function computeForkDigest(network: Network, epoch: number, sha256: (data: Uint8Array) => Uint8Array): string {
  // hash_tree_root(ForkData{current_version, genesis_validators_root}): two chunks, the version padded with zeroes.
  const forkData = new Uint8Array(64);
  forkData.set(fromHex(forkVersionAtEpoch(network, epoch)), 0);
  forkData.set(fromHex(network.genesisValidatorsRoot), 32);
  // A copy: a hash function may hand out a buffer that it uses again.
  const digest = new Uint8Array(sha256(forkData).subarray(0, 4));
  if (epoch >= network.forks.fulu.epoch) {
    const parameters = blobParametersAtEpoch(network, epoch);
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(parameters.epoch), true);
    view.setBigUint64(8, BigInt(parameters.maxBlobsPerBlock), true);
    const mask = sha256(bytes);
    for (let i = 0; i < 4; i++) digest[i]! ^= mask[i]!;
  }
  return toHex(digest);
}
