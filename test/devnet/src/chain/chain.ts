import type { BeaconConfig } from "@lodestar/config";
import { SLOTS_PER_EPOCH } from "@lodestar/params";
import {
  type CachedBeaconStateAllForks,
  computeEpochAtSlot,
  computeSyncPeriodAtSlot,
  processSlots,
} from "@lodestar/state-transition";
import { type SignedBeaconBlock, ssz } from "@lodestar/types";
import type { RangePattern, SlotPattern } from "../api-types.ts";
import { isBetterUpdate } from "../light-client-data/better-update.ts";
import { blockToLightClientHeader } from "../light-client-data/header.ts";
import { type CommitteeCache, proveState } from "../light-client-data/proofs.ts";
import { attestedBy, rankOf } from "../light-client-data/updates.ts";
import { produceBlock } from "./block.ts";
import { type ChainOptions, createDevnetConfig } from "./config.ts";
import { ancestorAt, type ChainEntry, type Checkpoint, commonAncestor } from "./entry.ts";
import { EMPTY_TRIE_ROOT, type ExecutionBlock } from "./execution.ts";
import { createGenesis } from "./genesis.ts";
import { createKeyRing, type KeyRing } from "./keys.ts";
import { patternAt } from "./participation.ts";
import { blockTypes, ForkName, fromHex, toHex } from "./ssz-types.ts";
import { createStateStore, type StateStore } from "./states.ts";

export type HeadChange = { head: ChainEntry; previous: ChainEntry; ancestor: ChainEntry };

export type ProduceOptions = {
  /** @default the head */
  parent?: ChainEntry;
  /** Replaces the range patterns for this slot. */
  pattern?: SlotPattern;
  /** Another text makes another block. */
  graffiti?: string;
  /** @default true */
  setHead?: boolean;
};

export type Chain = {
  readonly options: ChainOptions;
  readonly config: BeaconConfig;
  readonly keys: KeyRing;
  readonly genesis: ChainEntry;
  readonly states: StateStore;
  readonly head: ChainEntry;
  /** Newest slot that has passed, with or without a block. */
  clockSlot: number;
  ranges: RangePattern[];
  executionStateRoot: Uint8Array;
  get(root: string): ChainEntry | undefined;
  getByStateRoot(stateRoot: string): ChainEntry | undefined;
  executionBlock(hash: string): ExecutionBlock | undefined;
  produce(slot: number, options?: ProduceOptions): ChainEntry;
  /** Would the proposer of a slot, on top of `parent` (default: the head), be a slashed validator? */
  isProposerSlashed(slot: number, parent?: ChainEntry): boolean;
  chooseHead(entry: ChainEntry): void;
  onHead(listener: (change: HeadChange) => void): () => void;
  finalizedEntry(head: ChainEntry): ChainEntry;
  justifiedEntry(head: ChainEntry): ChainEntry;
};

export function createChain(options: ChainOptions): Chain {
  const keys = createKeyRing(options.validators, options.seed);
  const { config, state: genesisState, execution } = createGenesis(createDevnetConfig(options), options, keys);
  const states = createStateStore(options.stateWindow);
  const committees: CommitteeCache = new Map();
  const entries = new Map<string, ChainEntry>();
  const byStateRoot = new Map<string, ChainEntry>();
  const executionBlocks = new Map<string, ExecutionBlock>();
  const listeners = new Set<(change: HeadChange) => void>();

  const get = (root: string): ChainEntry | undefined => entries.get(root);
  // The zero hash stands for "before the merge": the first payload builds on the execution genesis too.
  executionBlocks.set(toHex(execution.hash), execution);
  executionBlocks.set(toHex(new Uint8Array(32)), execution);

  function addEntry(block: SignedBeaconBlock, state: CachedBeaconStateAllForks, parent: ChainEntry | null): ChainEntry {
    const entry = toEntry(config, block, state, parent, committees);
    linkBestUpdate(entry, get);
    entries.set(entry.root, entry);
    byStateRoot.set(toHex(entry.header.stateRoot), entry);
    states.add(entry, state);
    return entry;
  }

  const genesis = addEntry(genesisBlock(config.getForkName(0), genesisState.hashTreeRoot()), genesisState, null);
  let head = genesis;
  let hasSlashings = false;

  function chooseHead(entry: ChainEntry): void {
    if (entry === head) return;
    const previous = head;
    head = entry;
    const change = { head, previous, ancestor: commonAncestor(previous, entry) };
    for (const listener of listeners) listener(change);
  }

  function checkpointEntry({ epoch, root }: Checkpoint): ChainEntry {
    return (epoch === 0 ? undefined : entries.get(root)) ?? genesis;
  }

  const chain: Chain = {
    options,
    config,
    keys,
    genesis,
    states,
    get head() {
      return head;
    },
    clockSlot: 0,
    ranges: [...options.patterns],
    executionStateRoot: options.executionStateRoot ? fromHex(options.executionStateRoot) : EMPTY_TRIE_ROOT,
    get,
    getByStateRoot: (stateRoot) => byStateRoot.get(stateRoot),
    executionBlock: (hash) => executionBlocks.get(hash),
    chooseHead,
    finalizedEntry: (entry) => checkpointEntry(entry.finalized),
    justifiedEntry: (entry) => checkpointEntry(entry.justified),
    isProposerSlashed(slot, parent = head) {
      // states are advanced once more when the block is made; only chains with slashings pay for it
      if (!hasSlashings) return false;
      const state = processSlots(states.get(parent), slot);
      return state.validators.getReadonly(state.epochCtx.getBeaconProposer(slot)).slashed;
    },
    onHead(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    produce(slot, { parent = head, pattern, graffiti = "sidelight devnet", setHead = true } = {}) {
      if (slot <= parent.slot) throw new Error(`slot ${slot} is not after its parent's slot ${parent.slot}`);
      const produced = produceBlock({
        state: processSlots(states.get(parent), slot),
        parentSlot: parent.slot,
        parentRoot: parent.rootBytes,
        pattern: pattern ?? patternAt(chain.ranges, slot),
        patternAt: (voteSlot) => patternAt(chain.ranges, voteSlot),
        graffiti,
        keys,
        executionStateRoot: chain.executionStateRoot,
        executionBlock: (hash) => {
          const known = executionBlocks.get(toHex(hash));
          if (!known) throw new Error(`unknown execution block ${toHex(hash)}`);
          return known;
        },
        strict: options.strict,
      });
      if ((pattern ?? patternAt(chain.ranges, slot)).slashing !== undefined) hasSlashings = true;
      if (produced.execution) executionBlocks.set(toHex(produced.execution.hash), produced.execution);
      const entry = addEntry(produced.signedBlock, produced.postState, parent);
      chain.clockSlot = Math.max(chain.clockSlot, slot);
      if (setHead) chooseHead(entry);
      return entry;
    },
  };
  return chain;
}

function genesisBlock(fork: ForkName, stateRoot: Uint8Array): SignedBeaconBlock {
  const types = blockTypes(fork);
  const block = types.SignedBeaconBlock.defaultValue();
  block.message.stateRoot = stateRoot;
  return block;
}

function toEntry(
  config: BeaconConfig,
  signedBlock: SignedBeaconBlock,
  state: CachedBeaconStateAllForks,
  parent: ChainEntry | null,
  committees: CommitteeCache,
): ChainEntry {
  const block = signedBlock.message;
  const { slot } = block;
  const fork = config.getForkName(slot);
  const types = blockTypes(fork);
  const header = {
    slot,
    proposerIndex: block.proposerIndex,
    parentRoot: block.parentRoot,
    stateRoot: block.stateRoot,
    bodyRoot: types.BeaconBlockBody.hashTreeRoot(block.body),
  };
  const rootBytes = ssz.phase0.BeaconBlockHeader.hashTreeRoot(header);
  const hasLightClientData = fork !== ForkName.phase0;
  const epoch = computeEpochAtSlot(slot);
  const period = computeSyncPeriodAtSlot(slot);
  const lightClientHeader = hasLightClientData ? blockToLightClientHeader(fork, block, header) : null;
  const syncAggregate = "syncAggregate" in block.body ? block.body.syncAggregate : null;
  return {
    root: toHex(rootBytes),
    rootBytes,
    slot,
    epoch,
    period,
    fork,
    parent,
    previousEpoch: parent && parent.epoch === epoch ? parent.previousEpoch : parent,
    previousPeriod: parent && parent.period === period ? parent.previousPeriod : parent,
    header,
    signature: signedBlock.signature,
    blockBytes: types.SignedBeaconBlock.serialize(signedBlock),
    syncAggregate,
    participants: syncAggregate ? syncAggregate.syncCommitteeBits.getTrueBitIndexes().length : 0,
    executionHash: executionHashOf(lightClientHeader),
    finalized: checkpointOf(state.finalizedCheckpoint),
    justified: checkpointOf(state.currentJustifiedCheckpoint),
    previousJustified: checkpointOf(state.previousJustifiedCheckpoint),
    lightClientHeader,
    proofs: hasLightClientData ? proveState(fork, state, committees) : null,
    best: null,
    newestSigned: null,
  };
}

function executionHashOf(header: ChainEntry["lightClientHeader"]): Uint8Array | null {
  if (header && "executionBlockHash" in header) return header.executionBlockHash;
  return header && "execution" in header ? header.execution.blockHash : null;
}

function checkpointOf(checkpoint: { epoch: number; root: Uint8Array }): Checkpoint {
  return { epoch: checkpoint.epoch, root: toHex(checkpoint.root) };
}

/**
 * The best update of a period is one whose attested header and signature lie in it (full-node.md). Kept along each
 * branch, so that no reorganisation and no look at an older head has to search for it.
 */
function linkBestUpdate(entry: ChainEntry, lookup: (root: string) => ChainEntry | undefined): void {
  const { parent } = entry;
  if (!parent) return;
  const inherited = parent.period === entry.period ? parent.best : null;
  const attested = attestedBy(entry);
  entry.newestSigned = attested ? entry : parent.newestSigned;
  entry.best = inherited;
  if (!attested || attested.period !== entry.period) return;
  const inheritedAttested = inherited && attestedBy(inherited);
  const isBetter =
    !inherited ||
    !inheritedAttested ||
    isBetterUpdate(rankOf(entry, attested, lookup), rankOf(inherited, inheritedAttested, lookup));
  if (isBetter) entry.best = entry;
}

/** The block that signs the best update of a period, on the chain that ends in `head`. */
export function bestSignedBlock(head: ChainEntry, period: number): ChainEntry | null {
  let entry: ChainEntry | null = head;
  while (entry && entry.period > period) entry = entry.previousPeriod;
  return entry?.period === period ? entry.best : null;
}

/** The checkpoint block of an epoch on the chain that ends in `head`: its last block up to the epoch's first slot. */
export function checkpointBlock(head: ChainEntry, epoch: number): ChainEntry | null {
  const slot = epoch * SLOTS_PER_EPOCH;
  return slot > head.slot ? null : ancestorAt(head, slot);
}
