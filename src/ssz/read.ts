/** Encoded values, put together from the chunks of their trees. */
import { uint64 } from "./basic.js";
import { isBasic, partsOf } from "./layout.js";
import { BYTES_PER_CHUNK } from "./merkleize.js";
import { joinParts } from "./offsets.js";
import { below, chunkGindex, lengthGindex } from "./path.js";
import { type AnyType, SszError } from "./type.js";

/** Gives the chunk at a generalized index. What is not there, it notes, and gives zeros. */
export type ReadChunk = (gindex: bigint) => Uint8Array;

/** More than any proof has. A longer list is not read as a whole. */
const MAX_ITEMS = 1 << 20;

/**
 * The bytes of the value of `type` whose root is at `gindex`, and which begins there `offset` bytes into its chunk.
 * @throws SszError for a list that is too long
 */
export function readBytes(type: AnyType, gindex: bigint, offset: number, read: ReadChunk): Uint8Array {
  const ofParts = (count: number, typeAt: (i: number) => AnyType): Uint8Array => {
    const parts: Uint8Array[] = [];
    for (let i = 0; i < count; i++) parts.push(readBytes(typeAt(i), below(gindex, chunkGindex(type, i)), 0, read));
    return joinParts(
      parts.map((_, i) => typeAt(i).fixedSize !== null),
      parts,
    );
  };
  const ofElements = (element: AnyType, count: number) =>
    isBasic(element) ? readChunks(type, gindex, count * element.fixedSize!, read) : ofParts(count, () => element);
  const length = () => readLength(read(lengthGindex(gindex)));
  switch (type.kind) {
    case "container":
      return ofParts(type.fields.length, (i) => type.fields[i]!.type);
    case "vector":
      return ofElements(type.element as AnyType, type.length);
    case "list":
      return ofElements(type.element as AnyType, length());
    case "byte-list":
      return readChunks(type, gindex, length(), read);
    case "bit-list": {
      const bitLen = length();
      const bytes = new Uint8Array(Math.floor(bitLen / 8) + 1);
      bytes.set(readChunks(type, gindex, Math.ceil(bitLen / 8), read));
      bytes[bytes.length - 1]! |= 1 << (bitLen % 8);
      return bytes;
    }
    case "byte-vector":
    case "bit-vector":
      return readChunks(type, gindex, type.fixedSize!, read);
    default:
      return read(gindex).slice(offset, offset + type.fixedSize!);
  }
}

function readChunks(type: AnyType, gindex: bigint, size: number, read: ReadChunk): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(size / BYTES_PER_CHUNK) * BYTES_PER_CHUNK);
  for (let at = 0; at < size; at += BYTES_PER_CHUNK) {
    bytes.set(read(below(gindex, chunkGindex(type, at / BYTES_PER_CHUNK))), at);
  }
  return bytes.subarray(0, size);
}

/** Of a list that is read as a whole. */
function readLength(chunk: Uint8Array): number {
  const length = readUint64(chunk);
  if (length <= MAX_ITEMS) return Number(length);
  throw new SszError("", `at most ${MAX_ITEMS} items at once`, String(length));
}

export function readUint64(chunk: Uint8Array): bigint {
  return new DataView(chunk.buffer, chunk.byteOffset).getBigUint64(0, true);
}

/**
 * The bytes of what is at a path that {@link locate} has found, cut out of those of the whole; `null` where an index is
 * beyond the end of its list.
 * @throws SszError
 */
export function bytesAt(
  type: AnyType,
  bytes: Uint8Array,
  path: readonly unknown[],
): { readonly type: AnyType; readonly bytes: Uint8Array } | null {
  let here = { type, bytes };
  for (const key of path) {
    const { parts, packed, mixIn } = partsOf(here.type, here.bytes);
    if (here.type.kind === "container") {
      const index = here.type.fields.findIndex(({ name }) => name === key);
      here = { type: parts.typeAt(index), bytes: parts.bytesAt(index) };
      continue;
    }
    if (key === "length") {
      here = { type: uint64, bytes: mixIn!.subarray(0, 8) };
      continue;
    }
    const { element } = here.type as { readonly element: AnyType };
    const size = element.fixedSize ?? 0;
    const index = key as number;
    if (index >= (packed === null ? parts.count : packed.length / size)) return null;
    const part = packed === null ? parts.bytesAt(index) : packed.subarray(index * size, (index + 1) * size);
    here = { type: element, bytes: part };
  }
  return here;
}
