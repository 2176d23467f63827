/**
 * `ssz_snappy` by other packages than the library's own codec: snappystream for frames, the native snappy for gossip.
 */
import { createHash } from "node:crypto";
import snappy from "snappy";
import { SnappyStream, UnsnappyStream } from "snappystream";

function through(stream: SnappyStream | UnsnappyStream, data: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    stream.on("end", () => resolve(Buffer.concat(pieces)));
    stream.on("error", reject);
    stream.end(Buffer.from(data));
  });
}

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}

export async function encodePayload(ssz: Uint8Array): Promise<Buffer> {
  return Buffer.concat([varint(ssz.length), await through(new SnappyStream(), ssz)]);
}

/** A whole request. The length of each is known: one byte is enough to say it. */
export async function decodeRequest(bytes: Uint8Array): Promise<Buffer> {
  if (bytes.length === 0) return Buffer.alloc(0);
  const ssz = await through(new UnsnappyStream(true), bytes.subarray(1));
  if (ssz.length !== bytes[0]) throw new Error(`a request of ${ssz.length} bytes says it has ${bytes[0]}`);
  return ssz;
}

export async function encodeChunk(ssz: Uint8Array, context: Uint8Array | null): Promise<Buffer> {
  return Buffer.concat([Buffer.from([0]), context ?? Buffer.alloc(0), await encodePayload(ssz)]);
}

export async function encodeError(code: number, message: string): Promise<Buffer> {
  return Buffer.concat([Buffer.from([code]), await encodePayload(Buffer.from(message))]);
}

export type AnswerChunk = {
  code: number;
  /** Hex of the context bytes. */
  context: string;
  ssz: Buffer;
};

/** A whole answer; only a success has context bytes. */
export async function decodeAnswer(bytes: Buffer, contextBytes: number): Promise<AnswerChunk[]> {
  const chunks: AnswerChunk[] = [];
  for (let at = 0; at < bytes.length; ) {
    const code = bytes[at]!;
    const context = bytes.subarray(at + 1, at + 1 + (code === 0 ? contextBytes : 0));
    const { value: length, next } = readVarint(bytes, at + 1 + context.length);
    const end = endOfFrames(bytes, next, length);
    const ssz = await through(new UnsnappyStream(true), bytes.subarray(next, end));
    if (ssz.length !== length) throw new Error(`a chunk of ${ssz.length} bytes says it has ${length}`);
    chunks.push({ code, context: context.toString("hex"), ssz });
    at = end;
  }
  return chunks;
}

/** Frames say how long they are, and their data how long it becomes: what follows them is the next chunk. */
function endOfFrames(bytes: Buffer, from: number, length: number): number {
  let at = from;
  for (let filled = 0; at === from || filled < length; ) {
    const [type, body] = [bytes[at], at + 4];
    const size = bytes.readUIntLE(at + 1, 3);
    if (type === 0) filled += readVarint(bytes, body + 4).value;
    else if (type === 1) filled += size - 4;
    at = body + size;
  }
  return at;
}

function readVarint(bytes: Buffer, from: number): { value: number; next: number } {
  for (let at = from, value = 0, factor = 1; ; at++, factor *= 0x80) {
    value += (bytes.readUInt8(at) & 0x7f) * factor;
    if (bytes[at]! < 0x80) return { value, next: at + 1 };
  }
}

export const compress = (data: Uint8Array): Uint8Array => snappy.compressSync(Buffer.from(data));
export const uncompress = (data: Uint8Array): Uint8Array =>
  snappy.uncompressSync(Buffer.from(data), { asBuffer: true }) as Buffer;

/** specs/altair/p2p-interface.md, message-id of what is valid snappy. */
export function messageId(topic: string, data: Uint8Array): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(topic)));
  const hash = createHash("sha256").update(Buffer.from("01000000", "hex")).update(length).update(topic).update(data);
  return new Uint8Array(hash.digest()).subarray(0, 20);
}
