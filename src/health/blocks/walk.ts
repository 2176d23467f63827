/**
 * Block mode over a range: from a verified header into the past, each block proving the root of the one before it. Nothing
 * is computed from a block that was not proven, every slot is accounted for, and about three epochs are in memory.
 */
import type { Network } from "../../networks/types.js";
import { optionInvalid, positiveInteger, wholeNumber } from "../options.js";
import { type BlockEpoch, createBlockHealth } from "./block-health.js";
import { type BlockFacts, createBlockDecoder } from "./decode-block.js";
import { type BlockFault, type BlockSource, fetchBlock } from "./fetch-block.js";

export interface MeasureOptions {
  readonly network: Network;
  /** A header that was verified, two epochs beyond `toEpoch` or later: best a finalized one. */
  readonly from: { readonly root: string; readonly slot: number };
  /** First and last epoch to measure. Every block from `from` down to the first of them is fetched. */
  readonly fromEpoch: number;
  readonly toEpoch: number;
  readonly sources: readonly BlockSource[];
  /**
   * Blocks that are asked for ahead, by their slots. What comes is only used if its root is the one that is due.
   * @default 16
   */
  readonly ahead?: number;
  /** For the estimate of the time left. */
  readonly nowMs: () => number;
  readonly onProgress?: (progress: BlockProgress) => void;
  readonly onFault?: (fault: BlockFault) => void;
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
 * @throws OPTION_INVALID, NO_SOURCE_ANSWERED; what a source throws when it is aborted
 */
export async function measureBlocks(options: MeasureOptions): Promise<BlockEpoch[]> {
  const { network, from, fromEpoch, toEpoch, nowMs, onProgress } = options;
  const { slotsPerEpoch } = network.preset;
  assertRange(options);
  const health = createBlockHealth({ network });
  const begunMs = nowMs();
  const total = Math.max(1, Math.ceil(from.slot / slotsPerEpoch) - fromEpoch);
  const epochs: BlockEpoch[] = [];
  let told = 0;
  for await (const block of walkBack(options, fromEpoch * slotsPerEpoch)) {
    for (const epoch of health.add(block)) if (epoch.epoch >= fromEpoch && epoch.epoch <= toEpoch) epochs.push(epoch);
    const done = Math.min(total, Math.floor((from.slot - block.slot) / slotsPerEpoch));
    if (done === told && block.slot > fromEpoch * slotsPerEpoch) continue;
    told = done;
    const elapsedMs = nowMs() - begunMs;
    onProgress?.({ done, total, elapsedMs, remainingMs: done === 0 ? null : (elapsedMs / done) * (total - done) });
  }
  return epochs.reverse();
}

/** @throws OPTION_INVALID */
function assertRange({ network, from, fromEpoch, toEpoch, sources }: MeasureOptions): void {
  wholeNumber("fromEpoch", fromEpoch);
  if (!(wholeNumber("toEpoch", toEpoch) >= fromEpoch)) throw optionInvalid("toEpoch", `${fromEpoch} or more`, toEpoch);
  const needed = (toEpoch + 2) * network.preset.slotsPerEpoch;
  if (!(from.slot >= needed)) throw optionInvalid("from.slot", `${needed} or more: votes may still come`, from.slot);
  if (sources.length === 0) throw optionInvalid("sources", "at least one", sources);
}

/** Proven blocks from a root down to the first one at or before `toSlot`. The genesis block ends it: it was never signed. */
export async function* walkBack(
  { network, from, sources, ahead = 16, onFault }: MeasureOptions,
  toSlot: number,
): AsyncGenerator<BlockFacts, void> {
  positiveInteger("ahead", ahead);
  const decoder = createBlockDecoder(network);
  /** Asked for by slot: the first source's claim, which costs a second request if it is wrong. */
  const coming = new Map<number, Promise<Uint8Array | null>>();
  const prefetch = (below: number) => {
    for (let slot = below; slot > below - ahead && slot >= toSlot; slot--) {
      if (coming.has(slot)) continue;
      const work = sources[0]!.block(slot);
      // looked at when it is due; by then it may have failed long since
      work.catch(() => {});
      coming.set(slot, work);
    }
  };
  const proven = async (root: string, below: number): Promise<BlockFacts> => {
    for (let slot = below; slot > below - ahead && slot >= toSlot; slot--) {
      const bytes = await coming.get(slot)?.catch(() => null);
      coming.delete(slot);
      if (bytes === null || bytes === undefined) continue;
      try {
        return decoder.decode(bytes, root);
      } catch {
        // of another branch, or nonsense: by its root it is asked for again, and whoever errs then is blamed
        break;
      }
    }
    return fetchBlock(root, { sources, decoder, onFault });
  };
  let block = await fetchBlock(from.root, { sources, decoder, onFault });
  while (true) {
    yield block;
    if (block.slot <= toSlot || /^0x0*$/.test(block.parentRoot)) return;
    prefetch(block.slot - 1);
    block = await proven(block.parentRoot, block.slot - 1);
  }
}
