/** Synthetic snapshots: of the right form, with made-up proofs. The codec does not look at proofs. */
import { BitArray } from "@chainsafe/ssz";
import { mainnet } from "../../../src/networks/mainnet.js";
import { minimalPreset } from "../../../src/networks/presets.js";
import { forkAtSlot } from "../../../src/networks/schedule.js";
import { LIGHT_CLIENT_FORKS, type LightClientFork, type Network } from "../../../src/networks/types.js";
import { isDenebOrLater } from "../../../src/ssz/decode.js";
import type {
  BeaconBlockHeader,
  ExecutionPayloadHeader,
  LightClientHeader,
  SyncCommittee,
} from "../../../src/ssz/objects.js";
import { createTypes } from "../../../src/ssz/types.js";
import { upgradeHeader } from "../../../src/ssz/upgrade.js";
import type { Snapshot, SnapshotSchema } from "../../../src/store/snapshot.js";

/** Every fork has its epochs: Altair 10 to 19, Bellatrix 20 to 29, and so on. */
export const minimalNetwork: Network = withAllForks({ ...mainnet, name: "minimal-devnet", preset: minimalPreset });

export const mainnetWithGloas: Network = withAllForks(mainnet);

export function schemaOf(network: Network): SnapshotSchema {
  return { network, types: createTypes(network.preset) };
}

function withAllForks(network: Network): Network {
  const forks = { ...network.forks };
  LIGHT_CLIENT_FORKS.forEach((fork, i) => {
    forks[fork] = { version: network.forks[fork].version, epoch: 10 * (i + 1) };
  });
  return { ...network, forks };
}

/** A slot of the fork. */
export function slotOf(network: Network, fork: LightClientFork, offset = 3): number {
  return network.forks[fork].epoch * network.preset.slotsPerEpoch + offset;
}

/** Made-up bytes, different for each seed. */
export function bytes(length: number, seed: number): Uint8Array {
  let state = Math.imul(seed + 1, 2_654_435_761) >>> 0;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

function branch(depth: number, seed: number): Uint8Array[] {
  return Array.from({ length: depth }, (_, i) => bytes(32, 1_000 * seed + i));
}

export function beacon(slot: number, seed: number): BeaconBlockHeader {
  return {
    slot,
    proposerIndex: 1_000_000 + seed,
    parentRoot: bytes(32, seed),
    stateRoot: bytes(32, seed + 1),
    bodyRoot: bytes(32, seed + 2),
  };
}

export function execution(seed: number, denebOrLater: boolean): ExecutionPayloadHeader {
  return {
    parentHash: bytes(32, seed),
    feeRecipient: bytes(20, seed),
    stateRoot: bytes(32, seed + 1),
    receiptsRoot: bytes(32, seed + 2),
    logsBloom: bytes(256, seed),
    prevRandao: bytes(32, seed + 3),
    blockNumber: 20_000_000n + BigInt(seed),
    gasLimit: 36_000_000n,
    gasUsed: 2n ** 64n - 1n,
    timestamp: 1_700_000_000n,
    extraData: bytes(seed % 33, seed),
    baseFeePerGas: 2n ** 256n - 1n - BigInt(seed),
    blockHash: bytes(32, seed + 4),
    transactionsRoot: bytes(32, seed + 5),
    withdrawalsRoot: bytes(32, seed + 6),
    blobGasUsed: denebOrLater ? 131_072n : 0n,
    excessBlobGas: denebOrLater ? BigInt(seed) : 0n,
  };
}

/** A header as a source of that fork would send it, upgraded as decoding does. */
export function header({ network, types }: SnapshotSchema, slot: number, seed: number): LightClientHeader {
  const fork = forkAtSlot(network, slot);
  const denebOrLater = isDenebOrLater(fork);
  const block = beacon(slot, seed);
  if (fork === "gloas") {
    const wire = { beacon: block, executionBlockHash: bytes(32, seed + 9), executionBranch: branch(11, seed) };
    return upgradeHeader(types, wire, denebOrLater);
  }
  if (fork === "phase0" || fork === "altair" || fork === "bellatrix") {
    return upgradeHeader(types, { beacon: block }, denebOrLater);
  }
  const wire = { beacon: block, execution: execution(seed, denebOrLater), executionBranch: branch(4, seed) };
  return upgradeHeader(types, wire, denebOrLater);
}

export function committee({ network }: SnapshotSchema, seed: number): SyncCommittee {
  const { syncCommitteeSize } = network.preset;
  return {
    pubkeys: Array.from({ length: syncCommitteeSize }, (_, i) => bytes(48, 10_000 * seed + i)),
    aggregatePubkey: bytes(48, seed),
  };
}

/** A snapshot with everything in it; `slot` is that of its finalized header. */
export function fullSnapshot(schema: SnapshotSchema, slot: number): Snapshot {
  const { syncCommitteeSize, slotsPerEpoch } = schema.network.preset;
  const attestedSlot = slot + 2 * slotsPerEpoch;
  return {
    checkpoint: bytes(32, 1),
    checkpointSlot: slot - 5,
    savedAtMs: 1_767_225_600_123,
    forced: true,
    store: {
      finalizedHeader: header(schema, slot, 20),
      currentSyncCommittee: committee(schema, 1),
      nextSyncCommittee: committee(schema, 2),
      optimisticHeader: header(schema, attestedSlot + 1, 40),
      previousMaxActiveParticipants: syncCommitteeSize,
      currentMaxActiveParticipants: syncCommitteeSize - 1,
    },
    currentCommitteeProof: { header: beacon(slot - 1, 50), kind: "next", branch: branch(11, 3) },
    nextCommitteeProof: { header: beacon(slot, 60), kind: "next", branch: branch(11, 4) },
    finality: {
      attestedHeader: header(schema, attestedSlot, 70),
      finalizedHeader: header(schema, slot, 20),
      finalityBranch: branch(9, 5),
      syncAggregate: {
        syncCommitteeBits: new BitArray(bytes(syncCommitteeSize / 8, 6), syncCommitteeSize),
        syncCommitteeSignature: bytes(96, 7),
      },
      signatureSlot: attestedSlot + 1,
    },
  };
}

/** What a client has right after its bootstrap: everything absent that can be. */
export function bareSnapshot(schema: SnapshotSchema, slot: number): Snapshot {
  const full = fullSnapshot(schema, slot);
  return {
    ...full,
    checkpointSlot: slot,
    savedAtMs: 0,
    forced: false,
    store: {
      ...full.store,
      nextSyncCommittee: null,
      optimisticHeader: full.store.finalizedHeader,
      previousMaxActiveParticipants: 0,
      currentMaxActiveParticipants: 0,
    },
    currentCommitteeProof: { ...full.currentCommitteeProof, kind: "current" },
    nextCommitteeProof: null,
    finality: null,
  };
}
