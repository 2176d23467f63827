/**
 * Requests and response chunks in the encoding `ssz_snappy`: consensus-specs `specs/phase0/p2p-interface.md`, "Encoding
 * strategies", and the context bytes of `specs/altair/p2p-interface.md`. Everything is bounded before it is read.
 */
import { toHex } from "../../../ssz/bytes.js";
import { readFrames, writeFrames } from "./frames.js";
import type { ByteReader, Fail } from "./reader.js";

/** `specs/phase0/p2p-interface.md`, response codes; 139 and 140 are Lighthouse's, for more than its quota and blocked. */
export const RESPONSE_CODES = {
  success: 0,
  invalidRequest: 1,
  serverError: 2,
  resourceUnavailable: 3,
  rateLimited: 139,
} as const;

/** `ErrorMessage`: `List[byte, 256]`. */
const MAX_ERROR_MESSAGE_BYTES = 256;
/** Longer ones could hold no length that a payload may have. */
const MAX_VARINT_BYTES = 5;
const CONTEXT_BYTES = 4;

export interface ResponseChunk {
  readonly code: number;
  /** `0x` hex of the context bytes, where the protocol has them and the code is success. */
  readonly digest?: string;
  readonly payload: Uint8Array;
}

export interface ResponseShape {
  /** Is there a fork digest in front of each payload? */
  readonly hasContext: boolean;
  readonly maxPayloadBytes: number;
  readonly maxChunks: number;
}

/** The payload of a request, or what a chunk holds after its code and context. */
export async function readPayload(reader: ByteReader, maxBytes: number, fail: Fail): Promise<Uint8Array> {
  const length = await readVarint(reader, fail);
  if (length > maxBytes) throw fail(`at most ${maxBytes} bytes`, `an announcement of ${length}`, length);
  return readFrames(reader, length, fail);
}

/**
 * All chunks up to the end of the stream, or up to one that is an error: nothing may follow that.
 *
 * @param onChunk told before each chunk is waited for, and of the end
 * @throws by `fail`
 */
export async function readResponse(
  reader: ByteReader,
  { hasContext, maxPayloadBytes, maxChunks }: ResponseShape,
  fail: Fail,
  onChunk?: () => void,
): Promise<ResponseChunk[]> {
  const chunks: ResponseChunk[] = [];
  while (!(await reader.isAtEnd())) {
    if (chunks.length === maxChunks)
      throw fail(`at most ${maxChunks} response chunks`, "more", maxChunks * maxPayloadBytes + 1);
    const code = (await reader.read(1))[0]!;
    if (code !== RESPONSE_CODES.success) {
      // Nodes that are in a hurry send the code alone.
      const payload = (await reader.isAtEnd())
        ? new Uint8Array(0)
        : await readPayload(reader, MAX_ERROR_MESSAGE_BYTES, fail);
      return [...chunks, { code, payload }];
    }
    const digest = hasContext ? { digest: toHex(await reader.read(CONTEXT_BYTES)) } : {};
    chunks.push({ code, ...digest, payload: await readPayload(reader, maxPayloadBytes, fail) });
    onChunk?.();
  }
  return chunks;
}

/** @throws by `fail` if there is anything left */
export async function assertEnd(reader: ByteReader, fail: Fail): Promise<void> {
  if (!(await reader.isAtEnd())) throw fail("the end of the stream", "more bytes");
}

export function writePayload(payload: Uint8Array): Uint8Array {
  return concat([writeVarint(payload.length), writeFrames(payload)]);
}

/** @param digest the four context bytes, where the protocol has them */
export function writeChunk(payload: Uint8Array, digest?: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(RESPONSE_CODES.success), digest ?? new Uint8Array(0), writePayload(payload)]);
}

export function writeError(code: number, message: string): Uint8Array {
  const text = new TextEncoder().encode(message).subarray(0, MAX_ERROR_MESSAGE_BYTES);
  return concat([Uint8Array.of(code), writePayload(text)]);
}

/** An unsigned protobuf varint in its one shortest form. */
async function readVarint(reader: ByteReader, fail: Fail): Promise<number> {
  let value = 0;
  for (let i = 0; i < MAX_VARINT_BYTES; i++) {
    const byte = (await reader.read(1))[0]!;
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) {
      if (byte === 0 && i > 0) throw fail("a varint in its shortest form", "a longer one");
      return value;
    }
  }
  throw fail(`a length in at most ${MAX_VARINT_BYTES} bytes`, "a longer one");
}

export function writeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Uint8Array.from([...bytes, rest]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
