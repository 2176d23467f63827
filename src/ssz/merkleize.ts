/** Merkle trees over 32-byte chunks. Source: consensus-specs `ssz/simple-serialize.md#merkleization`. */
import { zeroBytes32 } from "./bytes.js";
import { hashBlocks, hashPair } from "./hash.js";

export const BYTES_PER_CHUNK = 32;

/** Depth of the smallest tree with room for `count` leaves. */
export function depthOfCount(count: number): number {
  let depth = 0;
  while (2 ** depth < count) depth++;
  return depth;
}

/**
 * Root of a tree of `depth` over chunks, the rest of its leaves zero.
 * @param chunks `Bytes32[n]` in a row, n at most 2^depth
 */
export function merkleize(chunks: Uint8Array, depth: number): Uint8Array {
  let nodes = chunks;
  for (let level = 0; level < depth; level++) {
    if (nodes.length === 0) return zeroHash(depth).slice();
    nodes = hashBlocks(nodes.length % (2 * BYTES_PER_CHUNK) === 0 ? nodes : withSibling(nodes, zeroHash(level)));
  }
  return nodes.length === 0 ? zeroBytes32() : nodes;
}

/** `mix_in_length` */
export function mixInLength(root: Uint8Array, length: number): Uint8Array {
  const lengthChunk = zeroBytes32();
  new DataView(lengthChunk.buffer).setUint32(0, length, true);
  return hashPair(root, lengthChunk);
}

/** Bytes padded with zeroes to whole chunks. */
export function packBytes(bytes: Uint8Array): Uint8Array {
  const chunks = new Uint8Array(Math.ceil(bytes.length / BYTES_PER_CHUNK) * BYTES_PER_CHUNK);
  chunks.set(bytes);
  return chunks;
}

/** Chunks in a row, from one array each. */
export function joinChunks(chunks: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(chunks.length * BYTES_PER_CHUNK);
  chunks.forEach((chunk, i) => {
    joined.set(chunk, i * BYTES_PER_CHUNK);
  });
  return joined;
}

/** Roots of trees whose leaves are all zero, by depth: constants, computed when they are first needed. */
const ZERO_HASHES: Uint8Array[] = [/*#__PURE__*/ zeroBytes32()];

function zeroHash(depth: number): Uint8Array {
  for (let level = ZERO_HASHES.length; level <= depth; level++) {
    ZERO_HASHES.push(hashPair(ZERO_HASHES[level - 1]!, ZERO_HASHES[level - 1]!));
  }
  return ZERO_HASHES[depth]!;
}

function withSibling(nodes: Uint8Array, sibling: Uint8Array): Uint8Array {
  const even = new Uint8Array(nodes.length + sibling.length);
  even.set(nodes);
  even.set(sibling, nodes.length);
  return even;
}
