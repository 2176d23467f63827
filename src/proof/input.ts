/** Bytes at the door: what the caller states, and what a server sent. `0x` hex or bytes both, hex on the way out. */
import { describeValue, optionInvalid, SidelightError } from "../errors.js";
import { fromHex, isHex } from "../ssz/bytes.js";

/** `0x` hex of either case, or bytes. */
export type BytesLike = string | Uint8Array;

/** Where a value is, for error messages: told only when there is an error, since there is a place for every field. */
export interface Place {
  readonly object: string;
  readonly encoding: "json-rpc" | "rlp";
  /** A field's name, an index of a list, or a whole path. */
  readonly part: string | number;
  readonly parent?: Place;
}

/** The place of an object itself. */
export function placeOf(object: string, encoding: Place["encoding"], path: string | number = ""): Place {
  return { object, encoding, part: path };
}

/** The place of a part of what is at `parent`. */
export function placeIn(parent: Place, part: string | number): Place {
  return { object: parent.object, encoding: parent.encoding, part, parent };
}

/** As in `a.b[3]`. */
export function pathOf({ part, parent }: Place): string {
  const before = parent === undefined ? "" : pathOf(parent);
  if (typeof part === "number") return `${before}[${part}]`;
  return before === "" ? part : `${before}.${part}`;
}

/** What was sent is not of its form. */
export function decodeFailure(place: Place, expected: string, value: unknown): SidelightError {
  const { object, encoding } = place;
  const path = pathOf(place);
  const actual = describeValue(value);
  const details = { object, fork: "execution", encoding, path, expected, actual };
  return new SidelightError(
    "DECODE_FAILED",
    `${whereOf(place)} (${encoding}): expected ${expected}, got ${actual}`,
    details,
  );
}

/**
 * Bytes that the caller vouches for: a root, a hash, an address.
 * @throws OPTION_INVALID
 */
export function optionBytes(option: string, value: unknown, length: number): Uint8Array {
  if (value instanceof Uint8Array && value.length === length) return value;
  if (isHex(value, length)) return fromHex(value);
  throw optionInvalid(option, `0x hex of ${length} bytes, or ${length} bytes`, value);
}

/**
 * Bytes that were sent, within their limits.
 * @throws DECODE_FAILED, INPUT_TOO_LARGE
 */
export function sentBytes(place: Place, value: unknown, maxBytes: number): Uint8Array {
  const length = value instanceof Uint8Array ? value.length : hexLength(value);
  if (length > maxBytes) throw tooLarge(place, "bytes", maxBytes, Math.ceil(length));
  if (value instanceof Uint8Array) return value;
  if (isHexOf(value, length)) return fromHex(value);
  throw decodeFailure(place, `0x hex of at most ${maxBytes} bytes, or bytes`, value);
}

/** Of the bytes that a string would stand for; -1 for anything else. */
export function hexLength(value: unknown): number {
  return typeof value === "string" ? (value.length - 2) / 2 : -1;
}

/** Is it hex of a length that was computed by {@link hexLength}? Half a byte is none. */
export function isHexOf(value: unknown, length: number): value is string {
  return Number.isInteger(length) && isHex(value, length);
}

/**
 * A list that was sent, within its limit.
 * @throws DECODE_FAILED, INPUT_TOO_LARGE
 */
export function sentList(place: Place, value: unknown, maxItems: number): readonly unknown[] {
  if (!Array.isArray(value)) throw decodeFailure(place, "array", value);
  if (value.length > maxItems) throw tooLarge(place, "items", maxItems, value.length);
  return value;
}

function whereOf(place: Place): string {
  const path = pathOf(place);
  return path === "" ? place.object : `${place.object} at ${path}`;
}

function tooLarge(place: Place, unit: string, limit: number, actual: number): SidelightError {
  const where = whereOf(place);
  const message = `${where}: expected at most ${limit} ${unit}, got ${actual}`;
  return new SidelightError("INPUT_TOO_LARGE", message, { object: where, limit, actual });
}
