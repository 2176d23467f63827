/**
 * RLP, strictly: every value has one encoding, and any other is refused. Source: Ethereum Yellow Paper, appendix B.
 *
 * Decoding never copies: what it gives are views into what it was given.
 */
import { type RlpFault, SidelightError } from "../errors.js";

/** A byte string, or a list of values. */
export type RlpValue = Uint8Array | readonly RlpValue[];

/** One item of a list, not looked into. */
export interface RlpItem {
  readonly isList: boolean;
  /** What it holds, without its prefix. */
  readonly payload: Uint8Array;
  /** The whole encoding. */
  readonly raw: Uint8Array;
}

/** Bounds of {@link decodeRlp}: a few bytes can claim a lot. */
export interface RlpLimits {
  /** @default 16 MiB */
  readonly maxBytes?: number;
  /** Lists within lists; a string alone has depth 0. @default 16 */
  readonly maxDepth?: number;
  /** Strings and lists, all in all. @default 65536 */
  readonly maxItems?: number;
}

/** More than the largest block (EIP-7934) or receipt. */
export const MAX_RLP_BYTES = 16 * 1024 * 1024;
const MAX_DEPTH = 16;
const MAX_ITEMS = 65_536;

/** Longest payload whose length is in the prefix itself. */
const MAX_SHORT_LENGTH = 55;

/** Where an item lies: its prefix from `at`, what it holds from `start` to `end`. */
interface Span {
  readonly isList: boolean;
  readonly at: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Decodes exactly one value.
 * @throws INPUT_TOO_LARGE, RLP_INVALID
 */
export function decodeRlp(bytes: Uint8Array, limits: RlpLimits = {}): RlpValue {
  const { maxBytes = MAX_RLP_BYTES, maxDepth = MAX_DEPTH, maxItems = MAX_ITEMS } = limits;
  if (bytes.length > maxBytes) {
    const message = `RLP: expected at most ${maxBytes} bytes, got ${bytes.length}`;
    throw new SidelightError("INPUT_TOO_LARGE", message, { object: "RLP", limit: maxBytes, actual: bytes.length });
  }
  let left = maxItems;

  const decodeSpan = ({ isList, at, start, end }: Span, depth: number): RlpValue => {
    if (--left < 0) throw failure("too-many-items", at, `at most ${maxItems} items`);
    if (!isList) return bytes.subarray(start, end);
    if (depth >= maxDepth) throw failure("too-deep", at, `at most ${maxDepth} lists within each other`);
    const values: RlpValue[] = [];
    for (let next = start; next < end; ) {
      const span = readSpan(bytes, next, end);
      values.push(decodeSpan(span, depth + 1));
      next = span.end;
    }
    return values;
  };
  return decodeSpan(readWhole(bytes), 0);
}

/**
 * The items of exactly one list, not looked into.
 * @throws RLP_INVALID
 */
export function splitRlpList(bytes: Uint8Array): RlpItem[] {
  const { isList, start, end } = readWhole(bytes);
  if (!isList) throw failure("not-a-list", 0, "a list");
  const items: RlpItem[] = [];
  for (let next = start; next < end; ) {
    const span = readSpan(bytes, next, end);
    const payload = bytes.subarray(span.start, span.end);
    items.push({ isList: span.isList, payload, raw: bytes.subarray(span.at, span.end) });
    next = span.end;
  }
  return items;
}

function readWhole(bytes: Uint8Array): Span {
  const span = readSpan(bytes, 0, bytes.length);
  if (span.end !== bytes.length) throw failure("trailing-bytes", span.end, `nothing after ${span.end} bytes`);
  return span;
}

/** The item that begins at `at` of what ends at `limit`. Its prefix is checked; what a list holds is not. */
function readSpan(bytes: Uint8Array, at: number, limit: number): Span {
  if (at >= limit) throw failure("truncated", at, "an item");
  const prefix = bytes[at]!;
  if (prefix < 0x80) return { isList: false, at, start: at, end: at + 1 };
  const isList = prefix >= 0xc0;
  const short = prefix - (isList ? 0xc0 : 0x80);
  const lengthBytes = Math.max(0, short - MAX_SHORT_LENGTH);
  const start = at + 1 + lengthBytes;
  const length = lengthBytes === 0 ? short : readLength(bytes, at + 1, start, limit);
  // a length of 8 bytes may be beyond exact numbers, but then it is beyond any input too
  if (start + length > limit) throw failure("truncated", at, `${length} bytes from ${start} on`);
  if (!isList && length === 1 && bytes[start]! < 0x80) throw failure("non-canonical-byte", at, "a byte without prefix");
  return { isList, at, start, end: start + length };
}

function readLength(bytes: Uint8Array, from: number, to: number, limit: number): number {
  if (to > limit) throw failure("truncated", from, `a length of ${to - from} bytes`);
  let length = 0;
  for (let i = from; i < to; i++) length = length * 256 + bytes[i]!;
  if (bytes[from] === 0) throw failure("non-canonical-length", from, "a length without leading zeros");
  if (length <= MAX_SHORT_LENGTH) throw failure("non-canonical-length", from, `the short form for ${length} bytes`);
  return length;
}

function failure(fault: RlpFault, offset: number, expected: string): SidelightError {
  return new SidelightError("RLP_INVALID", `RLP at byte ${offset}: ${fault}, expected ${expected}`, { fault, offset });
}

/** Encodes a value. */
export function encodeRlp(value: RlpValue): Uint8Array {
  const bytes = new Uint8Array(encodedLength(value));
  writeValue(value, bytes, 0);
  return bytes;
}

const isString = (value: RlpValue): value is Uint8Array => value instanceof Uint8Array;

function payloadLength(value: RlpValue): number {
  if (isString(value)) return value.length;
  let length = 0;
  for (const item of value) length += encodedLength(item);
  return length;
}

function encodedLength(value: RlpValue): number {
  const length = payloadLength(value);
  if (isString(value) && length === 1 && value[0]! < 0x80) return 1;
  return 1 + (length > MAX_SHORT_LENGTH ? integerToBytes(length).length : 0) + length;
}

/** Gives where the next one goes. */
function writeValue(value: RlpValue, bytes: Uint8Array, at: number): number {
  if (isString(value) && value.length === 1 && value[0]! < 0x80) {
    bytes[at] = value[0]!;
    return at + 1;
  }
  const length = payloadLength(value);
  const offset = isString(value) ? 0x80 : 0xc0;
  let next = at + 1;
  if (length <= MAX_SHORT_LENGTH) {
    bytes[at] = offset + length;
  } else {
    const lengthBytes = integerToBytes(length);
    bytes[at] = offset + MAX_SHORT_LENGTH + lengthBytes.length;
    bytes.set(lengthBytes, next);
    next += lengthBytes.length;
  }
  if (isString(value)) {
    bytes.set(value, next);
    return next + length;
  }
  for (const item of value) next = writeValue(item, bytes, next);
  return next;
}

/** An integer as RLP has it: big-endian, no leading zeros, 0 is empty. Not negative. */
export function integerToBytes(value: bigint | number): Uint8Array {
  const digits = value.toString(16);
  if (digits === "0") return new Uint8Array(0);
  const bytes = new Uint8Array(Math.ceil(digits.length / 2));
  const padded = digits.padStart(2 * bytes.length, "0");
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(padded.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
