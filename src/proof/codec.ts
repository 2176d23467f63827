/**
 * Objects of the execution layer, which have two faces: JSON-RPC's and RLP's. A codec knows both, and the value between
 * them: bytes are lower-case `0x` hex, integers `bigint` (or `number` where they are small by their nature).
 *
 * Forms (execution-apis `src/schemas/base-types.yaml`): quantities are `0x` hex; leading zeros are tolerated, since
 * servers differ and the value is the same, and so are the numbers that a client library has made of them. In RLP there
 * is one form only.
 */
import { fromHex, toHex } from "../ssz/bytes.js";
import { decodeFailure, hexLength, isHexOf, type Place, placeIn, sentList } from "./input.js";
import { integerToBytes, type RlpValue } from "./rlp.js";

export interface Codec<T> {
  /** @throws DECODE_FAILED, INPUT_TOO_LARGE */
  readonly fromJson: (json: unknown, place: Place) => T;
  /** @throws DECODE_FAILED */
  readonly fromRlp: (value: RlpValue, place: Place) => T;
  readonly toRlp: (value: T) => RlpValue;
  /** Where a field of this codec is in its JSON object, first found first; by default under its own name. */
  readonly jsonKeys?: readonly string[];
}

export type ValueOf<C> = C extends Codec<infer T> ? T : never;

/** The same, under other names in JSON. */
export function under<T>(codec: Codec<T>, ...jsonKeys: string[]): Codec<T> {
  return { ...codec, jsonKeys };
}

/** Bytes of a length within bounds, as `0x` hex. */
export function hexBytes(min: number, max = min): Codec<string> {
  const expected = min === max ? `0x hex of ${max} bytes` : `0x hex of ${min} to ${max} bytes`;
  const isWithin = (length: number) => length >= min && length <= max;
  return {
    fromJson(json, place) {
      const length = hexLength(json);
      if (!isWithin(length) || !isHexOf(json, length)) throw decodeFailure(place, expected, json);
      return json.toLowerCase();
    },
    fromRlp(value, place) {
      if (!(value instanceof Uint8Array) || !isWithin(value.length)) throw decodeFailure(place, expected, value);
      return toHex(value);
    },
    toRlp: fromHex,
  };
}

export const bytes32: Codec<string> = /*#__PURE__*/ hexBytes(32);
export const address: Codec<string> = /*#__PURE__*/ hexBytes(20);

/** An integer of at most `byteLength` bytes. */
export function quantity(byteLength: number): Codec<bigint> {
  const expected = `an integer of at most ${byteLength} bytes`;
  const assertFits = (value: bigint, place: Place): bigint => {
    if (value < 0n || value >= 1n << BigInt(8 * byteLength)) throw decodeFailure(place, expected, value);
    return value;
  };
  return {
    fromJson: (json, place) => assertFits(parseQuantity(json, place, expected), place),
    fromRlp(value, place) {
      if (!(value instanceof Uint8Array) || value.length > byteLength) throw decodeFailure(place, expected, value);
      if (value[0] === 0) throw decodeFailure(place, `${expected} without leading zeros`, value);
      return value.length === 0 ? 0n : BigInt(toHex(value));
    },
    toRlp: integerToBytes,
  };
}

function parseQuantity(json: unknown, place: Place, expected: string): bigint {
  if (typeof json === "bigint") return json;
  if (typeof json === "number" && Number.isSafeInteger(json)) return BigInt(json);
  // 66: a quantity padded to 32 bytes
  if (typeof json === "string" && json.length <= 66 && /^0x[0-9a-fA-F]+$/.test(json)) return BigInt(json);
  throw decodeFailure(place, `0x hex of ${expected}`, json);
}

const uint64: Codec<bigint> = /*#__PURE__*/ quantity(8);

/** An integer that is small by its nature, as a number: up to 2^53 - 1. */
export const smallInteger: Codec<number> = {
  fromJson: (json, place) => toSafeNumber(uint64.fromJson(json, place), place),
  fromRlp: (value, place) => toSafeNumber(uint64.fromRlp(value, place), place),
  toRlp: integerToBytes,
};

function toSafeNumber(value: bigint, place: Place): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw decodeFailure(place, "an integer up to 2^53 - 1", value);
  return number;
}

/** `null` in JSON, empty in RLP. */
export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    fromJson: (json, place) => (json === null ? null : codec.fromJson(json, place)),
    fromRlp: (value, place) => (value instanceof Uint8Array && value.length === 0 ? null : codec.fromRlp(value, place)),
    toRlp: (value) => (value === null ? new Uint8Array(0) : codec.toRlp(value)),
  };
}

export function listOf<T>(codec: Codec<T>, maxItems: number): Codec<readonly T[]> {
  return {
    fromJson: (json, place) =>
      // Array.from, since map passes over holes
      Array.from(sentList(place, json, maxItems), (item, i) => codec.fromJson(item, placeIn(place, i))),
    fromRlp(value, place) {
      if (value instanceof Uint8Array) throw decodeFailure(place, "list", value);
      return sentList(place, value, maxItems).map((item, i) => codec.fromRlp(item as RlpValue, placeIn(place, i)));
    },
    toRlp: (values) => values.map(codec.toRlp),
  };
}

/** Fields by name, in the order that RLP has them. */
// biome-ignore lint/suspicious/noExplicitAny: each field has a type of its own
export type Fields = Readonly<Record<string, Codec<any>>>;
export type RecordOf<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** An object in JSON, a list in RLP. */
export function record<F extends Fields>(fields: F): Codec<RecordOf<F>> {
  const entries = Object.entries(fields);
  return {
    fromJson(json, place) {
      const value: Record<string, unknown> = {};
      for (const [name, codec] of entries) value[name] = fieldFromJson(json, name, codec, place);
      return value as RecordOf<F>;
    },
    fromRlp(value, place) {
      const items = rlpListOf(value, [entries.length], place);
      const read: Record<string, unknown> = {};
      entries.forEach(([name, codec], i) => {
        read[name] = codec.fromRlp(items[i]!, placeIn(place, name));
      });
      return read as RecordOf<F>;
    },
    toRlp: (value) => entries.map(([name, codec]) => codec.toRlp(value[name])),
  };
}

export function fieldFromJson<T>(json: unknown, name: string, codec: Codec<T>, place: Place): T {
  const { jsonKeys = [name] } = codec;
  const key = jsonKeys.find((candidate) => hasField(json, candidate, place)) ?? jsonKeys[0]!;
  return codec.fromJson(fieldOf(json, key, place), placeIn(place, key));
}

/** Own properties only: a key named like something of `Object.prototype` is absent. `undefined` is absent too. */
export function hasField(json: unknown, key: string, place: Place): boolean {
  return fieldOf(json, key, place) !== undefined;
}

export function fieldOf(json: unknown, key: string, place: Place): unknown {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw decodeFailure(place, "object", json);
  return Object.hasOwn(json, key) ? (json as Record<string, unknown>)[key] : undefined;
}

/** A list of one of these lengths. */
export function rlpListOf(value: RlpValue, lengths: readonly number[], place: Place): readonly RlpValue[] {
  if (!(value instanceof Uint8Array) && lengths.includes(value.length)) return value;
  throw decodeFailure(place, `list of ${lengths.join(" or ")}`, value);
}
