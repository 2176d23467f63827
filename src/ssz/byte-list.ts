/**
 * `ByteList[N]` without Node's `Buffer`, which the containers' own list types reach for as soon as they are made: with
 * them, a page whose bundler adds no polyfill stops at "Buffer is not defined".
 *
 * Source: consensus-specs `ssz/simple-serialize.md` (`mix_in_length(merkleize(pack(bytes), limit), length)`).
 */
import type { Node } from "@chainsafe/persistent-merkle-tree";
import { ByteArrayType } from "@chainsafe/ssz";
import { zeroBytes32 } from "./bytes.js";
import { hashPair } from "./hash.js";

const BYTES_PER_CHUNK = 32;

export class PlainByteListType extends ByteArrayType {
  readonly typeName: string;
  readonly depth: number;
  readonly chunkDepth: number;
  readonly fixedSize = null;
  readonly minSize = 0;
  readonly maxSize: number;
  readonly maxChunkCount: number;
  readonly isList = true;

  constructor(readonly limitBytes: number) {
    super();
    this.typeName = `ByteList[${limitBytes}]`;
    this.maxSize = limitBytes;
    this.maxChunkCount = Math.ceil(limitBytes / BYTES_PER_CHUNK);
    this.chunkDepth = Math.ceil(Math.log2(this.maxChunkCount));
    this.depth = 1 + this.chunkDepth;
  }

  value_serializedSize(value: Uint8Array): number {
    return value.length;
  }

  override hashTreeRoot(value: Uint8Array): Uint8Array {
    const lengthChunk = zeroBytes32();
    new DataView(lengthChunk.buffer).setUint32(0, value.length, true);
    return hashPair(merkleize(chunksOf(value), this.chunkDepth), lengthChunk);
  }

  override hashTreeRootInto(value: Uint8Array, output: Uint8Array, offset: number): void {
    output.set(this.hashTreeRoot(value), offset);
  }

  // The library hashes and serializes values; nothing here is ever backed by a tree.

  tree_serializedSize(): number {
    return this.valueOnly();
  }

  tree_serializeToBytes(): number {
    return this.valueOnly();
  }

  tree_deserializeFromBytes(): Node {
    return this.valueOnly();
  }

  tree_getByteLen(): number {
    return this.valueOnly();
  }

  private valueOnly(): never {
    throw new Error(`${this.typeName} is used as a value only`);
  }

  protected assertValidSize(size: number): void {
    if (size > this.limitBytes) throw new Error(`${this.typeName}: invalid size ${size}, limit ${this.limitBytes}`);
  }
}

function chunksOf(bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += BYTES_PER_CHUNK) {
    const chunk = zeroBytes32();
    chunk.set(bytes.subarray(start, start + BYTES_PER_CHUNK));
    chunks.push(chunk);
  }
  return chunks;
}

/** Root of a tree of `depth` over the chunks, the rest of its leaves zero. */
function merkleize(chunks: Uint8Array[], depth: number): Uint8Array {
  let nodes = chunks;
  let zero = zeroBytes32();
  for (let level = 0; level < depth; level++) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < nodes.length; i += 2) above.push(hashPair(nodes[i]!, nodes[i + 1] ?? zero));
    nodes = above;
    zero = hashPair(zero, zero);
  }
  return nodes[0] ?? zero;
}
