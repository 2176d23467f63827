/** Blocks of the forged chain: a beacon header over a state and a body with chosen leaves. */
import type { LightClientFork, Network } from "../../src/networks/types.js";
import { BeaconBlockHeader, type Containers, ExecutionPayloadHeaders } from "./containers.js";
import { fill, fillBytes } from "./fill.js";
import type { TestCommittee } from "./keys.js";
import { periodOf } from "./networks.js";
import {
  EXECUTION_BLOCK_HASH_GINDEX_GLOAS,
  EXECUTION_PAYLOAD_GINDEX,
  forkOf,
  isAtLeast,
  type StateGindices,
  stateGindices,
} from "./protocol.js";
import { sparseTree } from "./trees.js";
import type { WireBeaconHeader, WireExecution, WireHeader } from "./wire.js";

/** What to do differently from an honest block. Everything is consistent with it: roots, branches, signatures. */
export interface BlockChanges {
  /** Fork by whose rules the block is made. @default that of its slot */
  readonly fork?: LightClientFork;
  /** Leaves of the state. */
  readonly finalizedRoot?: Uint8Array;
  readonly currentCommitteeRoot?: Uint8Array;
  readonly nextCommitteeRoot?: Uint8Array;
  readonly currentCommittee?: TestCommittee;
  readonly nextCommittee?: TestCommittee;
  /** Where the leaves are put. */
  readonly gindices?: Partial<StateGindices>;
  /** Changes the payload header before it is hashed into the body. */
  readonly execution?: (execution: WireExecution) => WireExecution;
  /** Hashed into the body in place of the payload header (Capella to Fulu) or the block hash (Gloas). */
  readonly executionLeaf?: Uint8Array;
  /** Where it is put. */
  readonly executionGindex?: number;
  /** Last change to the beacon header before its root is taken. */
  readonly beacon?: (beacon: WireBeaconHeader) => WireBeaconHeader;
}

export interface BlockOptions extends BlockChanges {
  readonly slot: number;
  /** Slot of the block that its state holds as finalized; `null`: the zero root of genesis. @default two epochs back */
  readonly finalizedSlot?: number | null;
  /** Epoch of the checkpoint that its state holds as finalized. @default the first that begins at that block or after it */
  readonly finalizedEpoch?: number;
}

export interface ForgedBlock {
  readonly slot: number;
  readonly fork: LightClientFork;
  /** In the shape of `fork`. */
  readonly header: WireHeader;
  readonly root: Uint8Array;
  /** `null`: genesis (or not told: of a finalized block). */
  readonly finalized: ForgedBlock | null;
  readonly currentCommittee: TestCommittee;
  readonly nextCommittee: TestCommittee;
  readonly finalityBranch: Uint8Array[];
  readonly currentCommitteeBranch: Uint8Array[];
  readonly nextCommitteeBranch: Uint8Array[];
}

export interface BlockForge {
  block(options: BlockOptions): ForgedBlock;
  /** Slot that an honest block's state holds as finalized. */
  defaultFinalizedSlot(slot: number): number | null;
}

export interface BlockForgeContext {
  readonly network: Network;
  readonly seed: string;
  readonly containers: Containers;
  committee(period: number): TestCommittee;
}

/** Of a long history only the newest blocks are needed again; any other is made again. */
const MOST_REMEMBERED = 256;

export function createBlockForge({ network, seed, containers, committee }: BlockForgeContext): BlockForge {
  const plain = new Map<number, ForgedBlock>();
  const roots = new WeakMap<TestCommittee, Uint8Array>();

  function committeeRoot(of: TestCommittee): Uint8Array {
    const root = roots.get(of) ?? containers.SyncCommittee.hashTreeRoot(of.value);
    roots.set(of, root);
    return root;
  }

  function defaultFinalizedSlot(slot: number): number | null {
    const { slotsPerEpoch } = network.preset;
    const epoch = Math.floor(slot / slotsPerEpoch) - 2;
    return epoch > 0 ? epoch * slotsPerEpoch : null;
  }

  function block(options: BlockOptions): ForgedBlock {
    const { slot } = options;
    const known = plain.get(slot);
    const isPlain = Object.values(options).filter((value) => value !== undefined).length === 1;
    if (isPlain && known !== undefined) return known;
    const finalizedSlot = options.finalizedSlot === undefined ? defaultFinalizedSlot(slot) : options.finalizedSlot;
    const finalized = finalizedSlot === null ? null : block({ slot: finalizedSlot });
    const made = makeBlock(options, finalized);
    if (isPlain) plain.set(slot, made);
    if (plain.size > MOST_REMEMBERED) plain.delete(plain.keys().next().value!);
    return made;
  }

  function makeBlock(options: BlockOptions, finalized: ForgedBlock | null): ForgedBlock {
    const { slot, fork = forkOf(network, slot) } = options;
    const period = periodOf(network, slot);
    const currentCommittee = options.currentCommittee ?? committee(period);
    const nextCommittee = options.nextCommittee ?? committee(period + 1);
    const gindices = { ...stateGindices(fork), ...options.gindices };
    const state = sparseTree(
      new Map([
        ...epochLeaf(gindices.finalizedRoot, options.finalizedEpoch, finalized),
        [gindices.finalizedRoot, options.finalizedRoot ?? finalized?.root ?? new Uint8Array(32)],
        [gindices.currentSyncCommittee, options.currentCommitteeRoot ?? committeeRoot(currentCommittee)],
        [gindices.nextSyncCommittee, options.nextCommitteeRoot ?? committeeRoot(nextCommittee)],
      ]),
      `${seed}/state/${slot}`,
    );
    const { bodyRoot, ...execution } = makeBody(options, fork);
    const beacon: WireBeaconHeader = {
      slot,
      proposerIndex: slot % 1000,
      parentRoot: fill(seed, "parent", slot),
      stateRoot: state.root,
      bodyRoot,
    };
    const header = { beacon: options.beacon?.(beacon) ?? beacon, ...execution };
    return {
      slot,
      fork,
      header,
      root: BeaconBlockHeader.hashTreeRoot(header.beacon),
      // without what was final before, or each block would hold all of history
      finalized: finalized && { ...finalized, finalized: null },
      currentCommittee,
      nextCommittee,
      finalityBranch: state.branch(gindices.finalizedRoot),
      currentCommitteeBranch: state.branch(gindices.currentSyncCommittee),
      nextCommitteeBranch: state.branch(gindices.nextSyncCommittee),
    };
  }

  /** `Checkpoint.epoch`, beside its root. At genesis it is zero like any other: filler, as elsewhere. */
  function epochLeaf(rootGindex: number, chosen: number | undefined, finalized: ForgedBlock | null) {
    const epoch = chosen ?? (finalized === null ? null : Math.ceil(finalized.slot / network.preset.slotsPerEpoch));
    if (epoch === null) return [];
    const leaf = new Uint8Array(32);
    new DataView(leaf.buffer).setBigUint64(0, BigInt(epoch), true);
    return [[rootGindex ^ 1, leaf]] as [number, Uint8Array][];
  }

  function makeBody(
    options: BlockOptions,
    fork: LightClientFork,
  ): Omit<WireHeader, "beacon"> & { bodyRoot: Uint8Array } {
    const { slot, executionLeaf } = options;
    const body = `${seed}/body/${slot}`;
    if (!isAtLeast(fork, "capella")) return { bodyRoot: fill(body) };
    if (isAtLeast(fork, "gloas")) {
      const gindex = options.executionGindex ?? EXECUTION_BLOCK_HASH_GINDEX_GLOAS;
      const executionBlockHash = fill(body, "block hash");
      const tree = sparseTree(new Map([[gindex, executionLeaf ?? executionBlockHash]]), body);
      return { executionBlockHash, executionBranch: tree.branch(gindex), bodyRoot: tree.root };
    }
    const gindex = options.executionGindex ?? EXECUTION_PAYLOAD_GINDEX;
    const honest = makeExecution(body, slot, isAtLeast(fork, "deneb"));
    const execution = options.execution?.(honest) ?? honest;
    const tree = sparseTree(new Map([[gindex, executionLeaf ?? executionRoot(execution)]]), body);
    return { execution, executionBranch: tree.branch(gindex), bodyRoot: tree.root };
  }

  return { block, defaultFinalizedSlot };
}

/** `hash_tree_root` of a payload header: Deneb's when it has the blob fields. */
export function executionRoot(execution: WireExecution): Uint8Array {
  return execution.blobGasUsed === undefined
    ? ExecutionPayloadHeaders.capella.hashTreeRoot(execution)
    : ExecutionPayloadHeaders.deneb.hashTreeRoot(execution as Required<WireExecution>);
}

function makeExecution(seed: string, slot: number, hasBlobs: boolean): WireExecution {
  const root = (name: string) => fill(seed, name);
  const blobs = { blobGasUsed: BigInt(131_072 * (1 + (slot % 6))), excessBlobGas: BigInt(1 + slot) };
  return {
    parentHash: root("parent hash"),
    feeRecipient: fillBytes(20, seed, "fee recipient"),
    stateRoot: root("state root"),
    receiptsRoot: root("receipts root"),
    logsBloom: fillBytes(256, seed, "logs bloom"),
    prevRandao: root("prev randao"),
    blockNumber: 1_000_000n + BigInt(slot),
    gasLimit: 30_000_000n,
    gasUsed: 1n + BigInt(slot),
    timestamp: 1_700_000_000n + 6n * BigInt(slot),
    extraData: fillBytes(slot % 33, seed, "extra data"),
    baseFeePerGas: 2n ** 100n + BigInt(slot),
    blockHash: root("block hash"),
    transactionsRoot: root("transactions root"),
    withdrawalsRoot: root("withdrawals root"),
    ...(hasBlobs ? blobs : {}),
  };
}
