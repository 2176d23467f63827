/**
 * The snappy framing format (google/snappy `framing_format.txt`), in which requests and responses travel. Strict: a
 * wrong checksum, an unknown frame, one that is too large or anything beyond the announced length is refused.
 */
import { maskedCrc32c } from "./crc32c.js";
import type { ByteReader, Fail } from "./reader.js";
import { decompress } from "./snappy.js";

const STREAM_IDENTIFIER = /*#__PURE__*/ Uint8Array.of(0xff, 6, 0, 0, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59);
const COMPRESSED = 0x00;
const UNCOMPRESSED = 0x01;
/** From here on types can be skipped, `0xfe` (padding) included; `0x02` to `0x7f` must not be. */
const FIRST_SKIPPABLE = 0x80;
const IDENTIFIER = 0xff;

/** Of a frame's data when decompressed. */
const MAX_FRAME_BYTES = 65_536;
const FRAME_HEADER_BYTES = 4;
const CHECKSUM_BYTES = 4;

/** The largest that raw snappy may be: consensus-specs `specs/phase0/p2p-interface.md`, `max_compressed_len`. */
export function maxCompressedBytes(bytes: number): number {
  return 32 + bytes + Math.floor(bytes / 6);
}

/** The most bytes that are read for a payload: every frame at its worst, and a little for frames to be skipped. */
function maxFramedBytes(payloadBytes: number): number {
  const frames = Math.ceil(payloadBytes / MAX_FRAME_BYTES) + 1;
  return maxCompressedBytes(payloadBytes) + STREAM_IDENTIFIER.length + frames * (FRAME_HEADER_BYTES + CHECKSUM_BYTES);
}

/** Frames until exactly `length` bytes have come out of them; what follows is not touched. The caller bounds `length`. */
export async function readFrames(reader: ByteReader, length: number, fail: Fail): Promise<Uint8Array> {
  const out = new Uint8Array(length);
  let filled = 0;
  let isIdentified = false;
  const limit = maxFramedBytes(length);
  let budget = limit;
  // nothing in it needs no frame, but what others write for it begins with the identifier
  while (filled < length || !isIdentified) {
    if (length === 0 && (await reader.isAtEnd())) return out;
    const header = await reader.read(FRAME_HEADER_BYTES);
    const [type] = header;
    const size = header[1]! + header[2]! * 2 ** 8 + header[3]! * 2 ** 16;
    budget -= FRAME_HEADER_BYTES + size;
    if (budget < 0) throw fail(`at most ${limit} bytes of frames for ${length}`, "more", limit + 1);
    if (!isIdentified && type !== IDENTIFIER) throw fail("a snappy stream identifier", `a frame of type ${type}`);
    const body = await reader.read(size);
    if (type === IDENTIFIER) {
      if (!isSame(body, STREAM_IDENTIFIER.subarray(FRAME_HEADER_BYTES))) throw fail("sNaPpY", "another identifier");
      isIdentified = true;
    } else if (type === COMPRESSED || type === UNCOMPRESSED) {
      const data = openFrame(type, body, Math.min(MAX_FRAME_BYTES, length - filled), fail);
      out.set(data, filled);
      filled += data.byteLength;
    } else if (type! < FIRST_SKIPPABLE) throw fail("a snappy frame", `one of the reserved type ${type}`);
  }
  return out;
}

function openFrame(type: number, body: Uint8Array, maxBytes: number, fail: Fail): Uint8Array {
  if (body.length < CHECKSUM_BYTES) throw fail("a frame with a checksum", `${body.length} bytes`);
  const content = body.subarray(CHECKSUM_BYTES);
  if (type === UNCOMPRESSED && content.length > maxBytes) {
    throw fail(`a frame of at most ${maxBytes} bytes`, `${content.length}`);
  }
  const data = type === COMPRESSED ? decompress(content, maxBytes, fail) : content;
  const checksum = new DataView(body.buffer, body.byteOffset).getUint32(0, true);
  if (checksum !== maskedCrc32c(data)) throw fail("a frame that fits its checksum", "another");
  return data;
}

/** Frames that compress nothing: see {@link wrapAsLiteral} for why. */
export function writeFrames(payload: Uint8Array): Uint8Array {
  const frames = Math.ceil(payload.length / MAX_FRAME_BYTES);
  const overhead = FRAME_HEADER_BYTES + CHECKSUM_BYTES;
  const out = new Uint8Array(STREAM_IDENTIFIER.length + payload.length + frames * overhead);
  const view = new DataView(out.buffer);
  out.set(STREAM_IDENTIFIER);
  let at = STREAM_IDENTIFIER.length;
  for (let from = 0; from < payload.length; from += MAX_FRAME_BYTES) {
    const data = payload.subarray(from, from + MAX_FRAME_BYTES);
    // the type in the low byte, the size in the other three
    view.setUint32(at, UNCOMPRESSED + (CHECKSUM_BYTES + data.length) * 256, true);
    view.setUint32(at + FRAME_HEADER_BYTES, maskedCrc32c(data), true);
    out.set(data, at + overhead);
    at += overhead + data.length;
  }
  return out;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
