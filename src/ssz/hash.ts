/**
 * SHA-256 for SSZ, from one place.
 *
 * It starts in plain JavaScript, so that importing this library runs no WebAssembly. A faster one takes its place when a
 * backend that has one has started (`useHasher`): the only thing in the library that is set for the whole process, and it
 * decides how fast a hash is, never what it is.
 */
import { plainSha256 } from "./sha256.js";

/** What computes the nodes of Merkle trees. */
export interface Hasher {
  readonly name: string;
  /**
   * SHA-256 of each block of 64 bytes.
   * @param blocks `Bytes64[n]` in a row, any n
   * @returns `Bytes32[n]` in a row, in memory of its own
   */
  digest64s(blocks: Uint8Array): Uint8Array;
}

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;

/** The one to start with. */
export const plainHasher: Hasher = {
  name: "plain",
  digest64s(blocks) {
    const digests = new Uint8Array(blocks.length / 2);
    for (let start = 0; start < blocks.length; start += BLOCK_BYTES) {
      digests.set(plainSha256(blocks.subarray(start, start + BLOCK_BYTES)), start / 2);
    }
    return digests;
  },
};

let hasher = plainHasher;

/** Hashes with `next` from now on. @returns the one that did until now */
export function useHasher(next: Hasher): Hasher {
  const before = hasher;
  hasher = next;
  return before;
}

/** SHA-256 of each block of 64 bytes in a row: one level of a Merkle tree. */
export function hashBlocks(blocks: Uint8Array): Uint8Array {
  return hasher.digest64s(blocks);
}

/** SHA-256 of two 32-byte nodes: the parent of a Merkle tree. */
export function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(left);
  block.set(right, DIGEST_BYTES);
  return hasher.digest64s(block);
}

/** SHA-256 of any bytes. */
export function sha256(data: Uint8Array): Uint8Array {
  return plainSha256(data);
}
