/**
 * Raw snappy (google/snappy `format_description.txt`): what gossip messages are, and what is inside a compressed frame.
 *
 * Our own, since the one small package for browsers (`snappyjs` 0.7.0) is not made for hostile input: a literal with a
 * length near 2^32 sends it backwards for ever, and it takes output that is shorter than announced. Here every byte of
 * the input is used once, and the output is as long as announced, or it is refused.
 */
import type { Fail } from "./reader.js";

/** A length in more bytes than 32 bits need is refused. */
const MAX_LENGTH_BYTES = 5;

/**
 * @param maxBytes nothing larger is allocated, whatever the data announces
 * @throws by `fail`
 */
export function decompress(data: Uint8Array, maxBytes: number, fail: Fail): Uint8Array {
  const { value: length, next } = readLength(data, fail);
  if (length > maxBytes)
    throw fail(`at most ${maxBytes} bytes when decompressed`, `an announcement of ${length}`, length);
  const out = new Uint8Array(length);
  let at = next;
  let filled = 0;

  function byte(): number {
    if (at >= data.length) throw fail("a whole snappy element", "its beginning");
    return data[at++]!;
  }
  /** Little-endian, up to four bytes; unsigned. */
  function number(bytes: number): number {
    let value = 0;
    for (let i = 0; i < bytes; i++) value += byte() * 2 ** (8 * i);
    return value;
  }
  function literal(tag: number): void {
    const short = tag >> 2;
    const size = 1 + (short < 60 ? short : number(short - 59));
    if (size > data.length - at) throw fail(`a literal of ${size} bytes`, `${data.length - at}`);
    if (size > length - filled) throw fail(`${length} bytes when decompressed`, "more");
    out.set(data.subarray(at, at + size), filled);
    at += size;
    filled += size;
  }
  function copy(size: number, offset: number): void {
    if (offset === 0 || offset > filled) throw fail(`a copy from the last ${filled} bytes`, `an offset of ${offset}`);
    if (size > length - filled) throw fail(`${length} bytes when decompressed`, "more");
    // byte by byte: what is copied may be what was copied just now
    for (let i = 0; i < size; i++, filled++) out[filled] = out[filled - offset]!;
  }

  while (at < data.length) {
    const tag = byte();
    const kind = tag & 3;
    if (kind === 0) literal(tag);
    else if (kind === 1) copy(4 + ((tag >> 2) & 7), ((tag >> 5) << 8) + byte());
    else copy(1 + (tag >> 2), number(kind === 2 ? 2 : 4));
  }
  if (filled !== length) throw fail(`${length} bytes when decompressed`, `${filled}`);
  return out;
}

/**
 * Valid snappy that compresses nothing: one literal. What light clients send are hashes, keys and signatures, of which
 * compression saves next to nothing.
 */
export function wrapAsLiteral(data: Uint8Array): Uint8Array {
  const prefix: number[] = [];
  for (let rest = data.length; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) {
      prefix.push(rest);
      break;
    }
    prefix.push((rest % 128) | 128);
  }
  const last = data.length - 1;
  // tag 63: the length, less one, in the next four bytes
  if (last >= 0) prefix.push(63 << 2, last & 255, (last >> 8) & 255, (last >> 16) & 255, (last >> 24) & 255);
  const out = new Uint8Array(prefix.length + data.length);
  out.set(prefix);
  out.set(data, prefix.length);
  return out;
}

function readLength(data: Uint8Array, fail: Fail): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let i = 0; i < MAX_LENGTH_BYTES; i++) {
    const byte = data[i];
    if (byte === undefined) break;
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) {
      if (value > 0xffffffff) break;
      return { value, next: i + 1 };
    }
  }
  throw fail("a length of 32 bits", "none");
}
