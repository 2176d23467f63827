/**
 * Block mode: an epoch's values from its blocks, which must be proven to be of one chain. A pure state machine: blocks go in
 * one after the other, forwards (following a head) or backwards (from a verified header into the past, where each block
 * proves the one before it), and epochs come out when everything that can say something of them was seen. Either way the
 * values are the same, and about three epochs of blocks are remembered.
 */
import { SidelightError } from "../../errors.js";
import type { Network } from "../../networks/types.js";
import { fromHex } from "../../ssz/bytes.js";
import type { EpochValues, MetricValues } from "../metrics.js";
import type { CommitteeLimits } from "./committees.js";
import type { BlockFacts } from "./decode-block.js";
import { type LinkedBlock, tallyVotes, voteOf } from "./votes.js";

export interface BlockEpoch extends EpochValues {
  /** Canonical blocks of the epoch. */
  readonly blocks: number;
  readonly seats: number;
  readonly voted: number;
  /**
   * Are the sizes of all committees certain? If not, more than one number of validators fits what was seen, and a
   * committee may be one seat larger or smaller. `null`: no vote was seen.
   */
  readonly isExact: boolean | null;
}

export interface BlockHealth {
  /**
   * Takes the next block: a child of the newest, the parent of the oldest, or one that replaces the newest ones (a
   * reorganisation).
   *
   * @returns epochs that are complete now: an epoch, once a block at or before its first slot and one of two epochs later
   *   were seen
   * @throws BLOCK_NOT_LINKED
   */
  add(block: BlockFacts): BlockEpoch[];
}

/** `TARGET_COMMITTEE_SIZE` and `MAX_COMMITTEES_PER_SLOT` of the presets. */
const COMMITTEES = {
  mainnet: { targetCommitteeSize: 128, maxCommitteesPerSlot: 64 },
  minimal: { targetCommitteeSize: 4, maxCommitteesPerSlot: 4 },
  gnosis: { targetCommitteeSize: 128, maxCommitteesPerSlot: 64 },
};

interface Entry extends LinkedBlock {
  readonly parentRoot: string;
  readonly signers: number;
  readonly committeeSize: number;
  readonly proposerSlashings: number;
  readonly attesterSlashings: number;
}

export function createBlockHealth({ network }: { readonly network: Network }): BlockHealth {
  const { slotsPerEpoch } = network.preset;
  const limits: CommitteeLimits = { slotsPerEpoch, ...COMMITTEES[network.preset.name] };
  /** Canonical, ascending. */
  let chain: Entry[] = [];
  let direction: "forwards" | "backwards" | null = null;
  let nextEpoch = 0;
  /** Blocks that were replaced, by root: their epochs. */
  const orphaned = new Map<string, number>();

  function link(entry: Entry): void {
    const [oldest, newest] = [chain[0], chain[chain.length - 1]];
    if (oldest === undefined || newest === undefined) {
      chain = [entry];
      return;
    }
    if (oldest.parentRoot === entry.root && entry.slot < oldest.slot && direction !== "forwards") {
      if (direction === null) nextEpoch = Math.floor(newest.slot / slotsPerEpoch) - 2;
      direction = "backwards";
      chain.unshift(entry);
      return;
    }
    const parent = chain.findIndex(({ root }) => root === entry.parentRoot);
    if (parent < 0 || entry.slot <= chain[parent]!.slot || direction === "backwards")
      throw notLinked(entry, oldest, newest);
    if (direction === null) nextEpoch = Math.ceil(oldest.slot / slotsPerEpoch);
    direction = "forwards";
    for (const { slot, root } of chain.slice(parent + 1)) orphaned.set(root, Math.floor(slot / slotsPerEpoch));
    orphaned.delete(entry.root);
    chain = [...chain.slice(0, parent + 1), entry];
  }

  function isComplete(epoch: number): boolean {
    const start = epoch * slotsPerEpoch;
    return epoch >= 0 && chain[0]!.slot <= start && chain[chain.length - 1]!.slot >= start + 2 * slotsPerEpoch;
  }

  function evaluate(epoch: number): BlockEpoch {
    const start = epoch * slotsPerEpoch;
    const inEpoch = chain.filter(({ slot }) => slot >= start && slot < start + slotsPerEpoch);
    const view = {
      rootAt: (slot: number) => chain[lastUpTo(chain, slot)]!.root,
      nextBlockAfter: (slot: number) => chain[lastUpTo(chain, slot) + 1]!.slot,
    };
    const { values, ...votes } = tallyVotes(epoch, chain, view, limits);
    const sum = (pick: (entry: Entry) => number) => inEpoch.reduce((total, entry) => total + pick(entry), 0);
    return {
      epoch,
      blocks: inEpoch.length,
      ...votes,
      values: {
        ...signatureValues(chain, inEpoch),
        ...values,
        emptySlots: slotsPerEpoch - inEpoch.length,
        // who walks a finished chain meets no orphans
        ...(direction === "forwards" ? { orphanedBlocks: countOrphaned(epoch) } : {}),
        proposerSlashings: sum(({ proposerSlashings }) => proposerSlashings),
        attesterSlashings: sum(({ attesterSlashings }) => attesterSlashings),
      },
    };
  }

  function countOrphaned(epoch: number): number {
    return [...orphaned.values()].filter((of) => of === epoch).length;
  }

  /** Keeps what the next epoch needs. */
  function prune(done: number): void {
    for (const [root, epoch] of orphaned) if (epoch <= done) orphaned.delete(root);
    const border = (done + 1) * slotsPerEpoch;
    if (direction === "forwards") chain = chain.slice(lastUpTo(chain, border));
    else chain = chain.slice(0, lastUpTo(chain, border - 1) + 2);
  }

  return {
    add(block) {
      link(entryOf(block));
      const complete: BlockEpoch[] = [];
      while (direction !== null && isComplete(nextEpoch)) {
        complete.push(evaluate(nextEpoch));
        prune(nextEpoch);
        nextEpoch += direction === "forwards" ? 1 : -1;
      }
      return complete;
    },
  };
}

function entryOf(block: BlockFacts): Entry {
  let signers = 0;
  for (let byte of fromHex(block.syncCommitteeBits)) for (; byte !== 0; byte &= byte - 1) signers++;
  const { slot, root, parentRoot, proposerSlashings, attesterSlashings } = block;
  return {
    slot,
    root,
    parentRoot,
    votes: block.attestations.map(voteOf),
    signers,
    committeeSize: block.syncCommitteeSize,
    proposerSlashings,
    attesterSlashings,
  };
}

/** As light mode has them: a block's signature is in its child. */
function signatureValues(chain: readonly Entry[], inEpoch: readonly Entry[]): MetricValues {
  if (inEpoch.length === 0) return {};
  let [rates, distances, late] = [0, 0, 0];
  for (const { slot } of inEpoch) {
    const child = chain[lastUpTo(chain, slot) + 1]!;
    rates += child.signers / child.committeeSize;
    distances += child.slot - slot;
    if (child.slot - slot > 1) late++;
  }
  const count = inEpoch.length;
  return { syncParticipation: rates / count, signatureDistance: distances / count, lateHeads: late };
}

/** Index of the last block at or before a slot. */
function lastUpTo(chain: readonly LinkedBlock[], slot: number): number {
  let [low, high] = [0, chain.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (chain[middle]!.slot <= slot) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function notLinked({ slot, root }: Entry, oldest: Entry, newest: Entry): SidelightError<"BLOCK_NOT_LINKED"> {
  const message = `block of slot ${slot}: expected the parent of the block of slot ${oldest.slot}, or a child of one up to ${newest.slot}`;
  return new SidelightError("BLOCK_NOT_LINKED", message, {
    slot,
    root,
    oldestSlot: oldest.slot,
    newestSlot: newest.slot,
  });
}
