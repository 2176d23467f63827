/** Where the parts of an encoded value are: one layout for each value (consensus-specs `ssz/simple-serialize.md`). */
import { type ContainerField, SszError } from "./type.js";

export const BYTES_PER_OFFSET = 4;

/** The bytes of each field. Offsets must be those that encoding would write: no gaps, no overlaps, nothing left over. */
export function splitFields(fields: readonly ContainerField[], fixedPart: number, bytes: Uint8Array): Uint8Array[] {
  if (bytes.length < fixedPart) throw new SszError("", `at least ${fixedPart} bytes`, `${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const bounds: number[] = [];
  let position = 0;
  for (const { jsonKey, type } of fields) {
    if (type.fixedSize === null) {
      const offset = view.getUint32(position, true);
      const least = bounds.at(-1) ?? fixedPart;
      const isRight = bounds.length === 0 ? offset === fixedPart : offset >= least && offset <= bytes.length;
      if (!isRight) throw new SszError(jsonKey, offsetRule(bounds.length === 0, least, bytes.length), String(offset));
      bounds.push(offset);
    }
    position += type.fixedSize ?? BYTES_PER_OFFSET;
  }
  if (bounds.length === 0 && bytes.length !== fixedPart) {
    throw new SszError("", `${fixedPart} bytes`, `${bytes.length} bytes`);
  }
  bounds.push(bytes.length);
  position = 0;
  let variable = 0;
  return fields.map(({ type }) => {
    const start = position;
    position += type.fixedSize ?? BYTES_PER_OFFSET;
    if (type.fixedSize !== null) return bytes.subarray(start, position);
    return bytes.subarray(bounds[variable]!, bounds[++variable]!);
  });
}

function offsetRule(isFirst: boolean, least: number, most: number): string {
  return isFirst ? `an offset of ${least}` : `an offset from ${least} to ${most}`;
}

/** Parts in a row: those of a fixed size, and the offsets of the others, which follow. */
export function joinParts(isFixed: readonly boolean[], parts: readonly Uint8Array[]): Uint8Array {
  const sizeAt = (i: number) => (isFixed[i] ? parts[i]!.length : BYTES_PER_OFFSET);
  let offset = parts.reduce((size, _, i) => size + sizeAt(i), 0);
  const bytes = new Uint8Array(parts.reduce((size, part, i) => (isFixed[i] ? size : size + part.length), offset));
  const view = new DataView(bytes.buffer);
  let position = 0;
  parts.forEach((part, i) => {
    if (isFixed[i]) {
      bytes.set(part, position);
    } else {
      view.setUint32(position, offset, true);
      bytes.set(part, offset);
      offset += part.length;
    }
    position += sizeAt(i);
  });
  return bytes;
}

/** @throws SszError */
export function readOffset(bytes: Uint8Array, at: number): number {
  if (bytes.length < at + BYTES_PER_OFFSET) throw new SszError("", "an offset", `${bytes.length - at} bytes`);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}

/** `count` parts after nothing but their offsets: no gap, no overlap, nothing left over. @throws SszError */
export function splitByOffsets(bytes: Uint8Array, count: number): Uint8Array[] {
  const bounds = Array.from({ length: count }, (_, i) => readOffset(bytes, BYTES_PER_OFFSET * i));
  bounds.push(bytes.length);
  return bounds.slice(0, count).map((start, i) => {
    const end = bounds[i + 1]!;
    if (end < start) throw new SszError("", `an offset from ${start}`, String(end));
    return bytes.subarray(start, end);
  });
}
