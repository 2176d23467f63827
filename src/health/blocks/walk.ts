/**
 * Block mode over a range: from a verified header into the past, each block proving the root of the one before it. Nothing
 * is computed from a block that was not proven, every slot is accounted for, and about three epochs are in memory.
 */
import { optionInvalid } from "../../errors.js";
import type { Network } from "../../networks/types.js";
import { positiveInteger, wholeNumber } from "../options.js";
import { type BlockEpoch, createBlockHealth } from "./block-health.js";
import { type BlockFacts, createBlockDecoder } from "./decode-block.js";
import { assertFetcher, type BlockFetcher } from "./fetcher.js";

export interface MeasureOptions {
  readonly network: Network;
  /** A header that was verified, two epochs beyond `toEpoch` or later: best a finalized one. */
  readonly from: { readonly root: string; readonly slot: number };
  /** First and last epoch to measure. Every block from `from` down to the first of them is fetched. */
  readonly fromEpoch: number;
  readonly toEpoch: number;
  readonly blocks: BlockFetcher;
  /**
   * Slots that are asked for ahead, each once. What comes is only used if its root is the one that is due; a block that is
   * due and was not among it is asked for by its root, once. So `blocks` is asked at most one question for each slot and one
   * for each block of the walk, at most `ahead` + 1 at a time; and one for each slot, and one more, where it answers well.
   * @default 16
   */
  readonly ahead?: number;
  /** For the estimate of the time left. */
  readonly nowMs: () => number;
  readonly onProgress?: (progress: BlockProgress) => void;
  /**
   * Told of each epoch as soon as it is known, the latest first: what was told is measured, whatever becomes of the rest.
   * What it throws ends the walk.
   */
  readonly onEpoch?: (epoch: BlockEpoch) => void;
}

export interface BlockProgress {
  /** Epochs walked so far, those beyond the range included, of how many. */
  readonly done: number;
  readonly total: number;
  readonly elapsedMs: number;
  /** By the pace so far; `null` before there is one. */
  readonly remainingMs: number | null;
}

/**
 * @returns the epochs, ascending
 * @throws OPTION_INVALID; what `blocks` rejects with (see {@link BlockFetcher})
 */
export async function measureBlocks(options: MeasureOptions): Promise<BlockEpoch[]> {
  const { network, from, fromEpoch, toEpoch, nowMs, onProgress, onEpoch } = options;
  const { slotsPerEpoch } = network.preset;
  assertRange(options);
  const health = createBlockHealth({ network });
  const begunMs = nowMs();
  const total = Math.max(1, Math.ceil(from.slot / slotsPerEpoch) - fromEpoch);
  const epochs: BlockEpoch[] = [];
  let told = 0;
  for await (const block of walkBack(options, fromEpoch * slotsPerEpoch)) {
    for (const epoch of health.add(block)) {
      if (epoch.epoch < fromEpoch || epoch.epoch > toEpoch) continue;
      epochs.push(epoch);
      onEpoch?.(epoch);
    }
    const done = Math.min(total, Math.floor((from.slot - block.slot) / slotsPerEpoch));
    if (done === told && block.slot > fromEpoch * slotsPerEpoch) continue;
    told = done;
    const elapsedMs = nowMs() - begunMs;
    onProgress?.({ done, total, elapsedMs, remainingMs: done === 0 ? null : (elapsedMs / done) * (total - done) });
  }
  return epochs.reverse();
}

/** @throws OPTION_INVALID */
function assertRange({ network, from, fromEpoch, toEpoch, blocks, ahead = 16 }: MeasureOptions): void {
  wholeNumber("fromEpoch", fromEpoch);
  if (!(wholeNumber("toEpoch", toEpoch) >= fromEpoch)) throw optionInvalid("toEpoch", `${fromEpoch} or more`, toEpoch);
  const needed = (toEpoch + 2) * network.preset.slotsPerEpoch;
  if (!(from.slot >= needed)) throw optionInvalid("from.slot", `${needed} or more: votes may still come`, from.slot);
  // the block before an empty first slot is fetched too
  const { epoch: altair } = network.forks.altair;
  if (altair > 0 && fromEpoch <= altair)
    throw optionInvalid("fromEpoch", `an epoch after ${altair} (Altair)`, fromEpoch);
  assertFetcher(blocks);
  positiveInteger("ahead", ahead);
}

/** Proven blocks from a root down to the first one at or before `toSlot`. The genesis block ends it: it was never signed. */
async function* walkBack(
  { network, from, blocks, ahead = 16 }: MeasureOptions,
  toSlot: number,
): AsyncGenerator<BlockFacts, void> {
  const decoder = createBlockDecoder(network);
  /** What was asked for by its slot, by slot, until the walk is past it: nothing is proven before its root is due. */
  const coming = new Map<number, Promise<BlockFacts | null>>();
  const isAhead = (slot: number, below: number) => slot > below - ahead && slot >= toSlot;

  function prefetch(below: number): void {
    for (const slot of coming.keys()) if (slot > below) coming.delete(slot);
    for (let slot = below; isAhead(slot, below); slot--) {
      if (coming.has(slot)) continue;
      // what fails is asked for again by its root, and so is what somebody says is not there
      const work = blocks.blockAt(slot, (bytes) => decoder.decodeAt(bytes, slot)).catch(() => null);
      coming.set(slot, work);
    }
  }

  async function fetch(root: string, below: number): Promise<BlockFacts> {
    for (let slot = below; isAhead(slot, below); slot--) {
      const block = await coming.get(slot);
      if (block?.root === root) return block;
      // of another branch, or somebody said that the one that is due is not there: no use to wait for what is further down
      if (block) break;
    }
    return blocks.block(root, (bytes) => decoder.decode(bytes, root));
  }

  let block = await fetch(from.root, from.slot);
  while (true) {
    yield block;
    if (block.slot <= toSlot || /^0x0*$/.test(block.parentRoot)) return;
    prefetch(block.slot - 1);
    block = await fetch(block.parentRoot, block.slot - 1);
  }
}
