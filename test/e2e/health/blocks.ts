/** Blocks of a devnet, as block mode takes them. */

import type { BlockFacts } from "../../../src/health/blocks/decode-block.js";
import { createBlockDecoder } from "../../../src/health/blocks/decode-block.js";
import type { Network } from "../../../src/networks/types.js";

export async function fetchBlockBytes(url: string, root: string): Promise<Uint8Array> {
  const answer = await fetch(`${url}/eth/v2/beacon/blocks/${root}`, {
    headers: { accept: "application/octet-stream" },
  });
  if (!answer.ok) throw new Error(`block ${root}: HTTP ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** From a root back to a slot, newest first: each block proves the root of the one before. */
export async function walkBack(url: string, network: Network, root: string, toSlot: number): Promise<BlockFacts[]> {
  const decoder = createBlockDecoder(network);
  const blocks: BlockFacts[] = [];
  for (let next = root; ; ) {
    const block = decoder.decode(await fetchBlockBytes(url, next), next);
    blocks.push(block);
    if (block.slot <= toSlot) return blocks;
    next = block.parentRoot;
  }
}
