/** SHA-256 of blocks of 64 bytes, many in a call: what Merkle trees are made of. The engine is the BLS backend's. */
import type { Engine } from "./engine.js";

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** What a call takes: `HASH_BLOCKS` of `c/exports.h`. */
const MAX_CALL_BYTES = 256 * BLOCK_BYTES;

/** A function of hashing for `useHasher` of `ssz/hash.ts`. */
export interface EngineHasher {
  readonly name: string;
  /** See {@link digest64s}. */
  digest64s(blocks: Uint8Array): Uint8Array;
}

/** The hasher of a started engine, whether or not that verifies signatures as well. */
export function engineHasher(engine: Engine, name: string): EngineHasher {
  // the memory never grows: one view of it serves for good
  const memory = new Uint8Array(engine.memory.buffer);
  return { name, digest64s: (blocks) => hash(engine, memory, blocks) };
}

/**
 * The SHA-256 of each 64 bytes, one after the other.
 *
 * @param blocks any number of them
 * @returns half as many bytes, the caller's own
 * @throws RangeError when the bytes are no whole blocks
 */
export function digest64s(engine: Engine, blocks: Uint8Array): Uint8Array {
  return hash(engine, new Uint8Array(engine.memory.buffer), blocks);
}

function hash(engine: Engine, memory: Uint8Array, blocks: Uint8Array): Uint8Array {
  const { length } = blocks;
  if (length % BLOCK_BYTES !== 0) throw new RangeError(`expected blocks of ${BLOCK_BYTES} bytes, got ${length} bytes`);
  const buffer = engine.hashes();
  if (length <= MAX_CALL_BYTES) {
    memory.set(blocks, buffer);
    engine.digest64s(length / BLOCK_BYTES);
    return memory.slice(buffer, buffer + length / 2);
  }
  const digests = new Uint8Array((length / BLOCK_BYTES) * DIGEST_BYTES);
  for (let offset = 0; offset < length; offset += MAX_CALL_BYTES) {
    const part = blocks.subarray(offset, offset + MAX_CALL_BYTES);
    memory.set(part, buffer);
    engine.digest64s(part.length / BLOCK_BYTES);
    digests.set(memory.subarray(buffer, buffer + part.length / 2), offset / 2);
  }
  return digests;
}
