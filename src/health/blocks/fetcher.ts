/** Where blocks come from, as a port: this room asks nobody itself. */
import { optionInvalid } from "../../errors.js";

/** Fetches blocks from sources that are not trusted: `blockPool` of `sidelight/transport/rest-blocks`. */
export interface BlockFetcher {
  /**
   * The block with a root, from the first source whose answer `use` takes.
   *
   * @param root `0x` hex
   * @param use decodes and verifies SSZ of the block, signed or not; who sent what it refuses by throwing has done wrong
   * @throws NO_SOURCE_ANSWERED nobody sent it, with what each said; BYTE_BUDGET_SPENT; the reason of the caller who ends it
   */
  block<T>(root: string, use: (bytes: Uint8Array) => T): Promise<T>;
  /**
   * What somebody says is the block at a slot, of whichever branch; `null`: that there is none, as they say. Neither proves
   * anything, and both are the answer of an honest node at times.
   *
   * @param use decodes; refuses, by throwing, what no honest node sends
   * @throws as {@link block}
   */
  blockAt<T>(slot: number, use: (bytes: Uint8Array) => T): Promise<T | null>;
}

/** @throws OPTION_INVALID */
export function assertFetcher(blocks: BlockFetcher): void {
  if (typeof blocks?.block === "function" && typeof blocks.blockAt === "function") return;
  throw optionInvalid("blocks", "a fetcher of blocks, such as blockPool({ sources })", blocks);
}
