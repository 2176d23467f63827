import { EPOCHS_PER_SYNC_COMMITTEE_PERIOD, SLOTS_PER_EPOCH, SYNC_COMMITTEE_SIZE } from "@lodestar/params";
import { ssz } from "@lodestar/types";
import type {
  BeaconHeaderJson,
  BlockRef,
  DevnetFork,
  DevnetInfo,
  HeadInfo,
  ReorgInfo,
  SlotPattern,
  SlotTruth,
} from "./api-types.ts";
import { FORK_NAMES } from "./api-types.ts";
import { type Chain, checkpointBlock } from "./chain/chain.ts";
import { ancestorAt, type ChainEntry } from "./chain/entry.ts";
import { patternAt } from "./chain/participation.ts";
import { toHex } from "./chain/ssz-types.ts";
import { specJson } from "./server/chain-routes.ts";

/** Slots between two turns of the event loop: servers stay responsive while many slots are produced. */
const BATCH = 16;

export type Controller = {
  /** Lets time pass up to and including `slot`. Calls queue up. */
  advanceTo(slot: number, pattern?: SlotPattern): Promise<void>;
  reorg(depth: number): Promise<ReorgInfo>;
};

export function createController(chain: Chain): Controller {
  let queue: Promise<unknown> = Promise.resolve();

  function enqueue<T>(task: () => Promise<T>): Promise<T> {
    const run = queue.then(task);
    queue = run.catch(() => undefined);
    return run;
  }

  async function passSlots(to: number): Promise<void> {
    let count = 0;
    for (let slot = chain.clockSlot + 1; slot <= to; slot++) {
      const pattern = patternAt(chain.ranges, slot);
      // a slashed validator may not propose: its slots stay empty until it has left
      if (pattern.missed || chain.isProposerSlashed(slot)) chain.clockSlot = slot;
      else chain.produce(slot);
      if (++count % BATCH === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  return {
    advanceTo(slot, pattern) {
      return enqueue(async () => {
        if (pattern && slot > chain.clockSlot) {
          // As a range, because later blocks carry the votes of these slots.
          chain.ranges = [...chain.ranges, { ...pattern, from: chain.clockSlot + 1, to: slot }];
        }
        await passSlots(slot);
      });
    },
    reorg: (depth) => enqueue(async () => reorg(chain, depth)),
  };
}

export function blockRef(entry: ChainEntry): BlockRef {
  return {
    slot: entry.slot,
    root: entry.root,
    stateRoot: toHex(entry.header.stateRoot),
    parentRoot: toHex(entry.header.parentRoot),
  };
}

let reorgs = 0;

/** A competing branch of full slots, from `depth` blocks below the head up to the present slot. */
function reorg(chain: Chain, depth: number): ReorgInfo {
  if (!(Number.isSafeInteger(depth) && depth > 0)) throw new Error(`depth: expected a positive number, got ${depth}`);
  const oldHead = chain.head;
  let ancestor = oldHead;
  for (let i = 0; i < depth; i++) {
    if (!ancestor.parent) throw new Error(`depth ${depth} reaches below genesis`);
    ancestor = ancestor.parent;
  }
  const finalized = chain.finalizedEntry(oldHead);
  if (ancestor.slot < finalized.slot) {
    throw new Error(`depth ${depth} reaches slot ${ancestor.slot}, below the finalized slot ${finalized.slot}`);
  }
  reorgs++;
  let tip = ancestor;
  for (let slot = ancestor.slot + 1; slot <= chain.clockSlot; slot++) {
    if (chain.isProposerSlashed(slot, tip)) continue;
    tip = chain.produce(slot, { parent: tip, graffiti: `reorg ${reorgs}`, setHead: false });
  }
  chain.chooseHead(tip);
  return { depth, ancestor: blockRef(ancestor), oldHead: blockRef(oldHead), newHead: blockRef(tip) };
}

export function describeHead(chain: Chain): HeadInfo {
  const { head } = chain;
  return {
    ...blockRef(head),
    fork: head.fork as DevnetFork,
    finalized: head.finalized,
    justified: head.justified,
  };
}

export function describeFinalized(chain: Chain): BlockRef & { epoch: number } {
  return { ...blockRef(chain.finalizedEntry(chain.head)), epoch: chain.head.finalized.epoch };
}

/** A root to bootstrap from: the finalized checkpoint, or that of the named epoch (or the epoch that `slot` is in). */
export function describeCheckpoint(chain: Chain, at: { epoch?: number; slot?: number }): BlockRef & { epoch: number } {
  const epoch = at.epoch ?? (at.slot === undefined ? undefined : Math.floor(at.slot / SLOTS_PER_EPOCH));
  if (epoch === undefined) return describeFinalized(chain);
  const entry = checkpointBlock(chain.head, epoch);
  if (!entry) throw new Error(`epoch ${epoch} has not begun: the head is at slot ${chain.head.slot}`);
  return { ...blockRef(entry), epoch };
}

export function describeSlot(chain: Chain, slot: number): SlotTruth | null {
  const entry = slot > chain.head.slot ? null : ancestorAt(chain.head, slot);
  if (!entry || entry.slot !== slot) return null;
  const bits = entry.syncAggregate?.syncCommitteeBits.toBoolArray() ?? [];
  const hash = entry.executionHash && toHex(entry.executionHash);
  return {
    ...blockRef(entry),
    fork: entry.fork as DevnetFork,
    header: ssz.phase0.BeaconBlockHeader.toJson(entry.header) as BeaconHeaderJson,
    syncBits: bits.map((bit) => (bit ? 1 : 0)),
    participants: entry.participants,
    executionBlockHash: hash,
    executionBlockNumber: hash ? (chain.executionBlock(hash)?.header.blockNumber ?? null) : null,
    finalized: entry.finalized,
    justified: entry.justified,
  };
}

export function describeChain(chain: Chain): DevnetInfo {
  const { config, options, genesis } = chain;
  const forks = FORK_NAMES.map((name) => {
    const { version, epoch } = config.forks[name];
    return { name, version: toHex(version), epoch: epoch === Infinity ? null : epoch };
  });
  return {
    preset: options.preset,
    genesisTime: options.genesisTime,
    genesisValidatorsRoot: toHex(config.genesisValidatorsRoot),
    genesisBlockRoot: genesis.root,
    secondsPerSlot: options.secondsPerSlot,
    slotsPerEpoch: SLOTS_PER_EPOCH,
    epochsPerSyncCommitteePeriod: EPOCHS_PER_SYNC_COMMITTEE_PERIOD,
    syncCommitteeSize: SYNC_COMMITTEE_SIZE,
    validators: options.validators,
    forks,
    blobSchedule: [...options.blobSchedule],
    spec: specJson(chain),
  };
}
