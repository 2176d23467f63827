/**
 * JSON of the Beacon API to SSZ values, strictly: every field present and of its exact form, or a `DECODE_FAILED` that
 * says where, what was expected and what came. (The containers' own `fromJson` takes shortcuts and names no path.)
 *
 * Forms (beacon-APIs `types/primitive.yaml`): integers are decimal strings, bytes and bitvectors are `0x` hex of either
 * case. Unknown extra keys are ignored: nodes add some, and data of an older fork may come in a newer one's shape.
 */
import { describeValue, SidelightError } from "../errors.js";
import { BitArray } from "./bit-array.js";
import { hexToBytes } from "./bytes.js";
import type { AnyType, ContainerType, SszType } from "./type.js";

/** What is being decoded, for error messages. */
export interface DecodeContext {
  readonly object: string;
  readonly fork: string;
}

/**
 * Decodes a parsed JSON value as `type`.
 * @throws DECODE_FAILED
 */
export function decodeJson<T>(type: SszType<T>, json: unknown, context: DecodeContext): T {
  return decode(type as unknown as AnyType, json, "", context) as T;
}

function decode(type: AnyType, json: unknown, path: string, context: DecodeContext): unknown {
  switch (type.kind) {
    case "container":
      return decodeContainer(type, json, path, context);
    case "vector":
      if (!Array.isArray(json) || json.length !== type.length) {
        throw failure(path, `array of ${type.length}`, json, context);
      }
      // Array.from, since map passes over holes
      return Array.from(json, (item, i) => decode(type.element as AnyType, item, `${path}[${i}]`, context));
    case "byte-vector":
      return decodeBytes(json, type.length, type.length, path, context);
    case "byte-list":
      return decodeBytes(json, 0, type.limit, path, context);
    case "bit-vector":
      return decodeBits(json, type.length, path, context);
    case "uint":
      return decodeSafeInteger(json, path, context);
    case "big-uint":
      return decodeBigint(json, type.maxSize, path, context);
    case "boolean":
      if (typeof json !== "boolean") throw failure(path, "boolean", json, context);
      return json;
    default:
      // light-client objects have no lists: what has some is decoded from SSZ
      throw failure(path, type.name, json, context);
  }
}

function decodeContainer(type: ContainerType<unknown>, json: unknown, path: string, context: DecodeContext) {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw failure(path, `object ${type.name}`, json, context);
  }
  const value: Record<string, unknown> = {};
  for (const { name, type: fieldType, jsonKey } of type.fields) {
    const fieldPath = path === "" ? jsonKey : `${path}.${jsonKey}`;
    // own properties only: a key named like something of Object.prototype is absent
    const field = Object.hasOwn(json, jsonKey) ? (json as Record<string, unknown>)[jsonKey] : undefined;
    value[name] = decode(fieldType, field, fieldPath, context);
  }
  return value;
}

function decodeBytes(json: unknown, min: number, max: number, path: string, context: DecodeContext): Uint8Array {
  const bytes = typeof json === "string" ? hexToBytes(json, min, max) : null;
  if (bytes !== null) return bytes;
  throw failure(path, min === max ? `0x hex of ${max} bytes` : `0x hex of at most ${max} bytes`, json, context);
}

function decodeBits(json: unknown, bitLen: number, path: string, context: DecodeContext): BitArray {
  const size = Math.ceil(bitLen / 8);
  const bytes = decodeBytes(json, size, size, path, context);
  if (bitLen % 8 !== 0 && bytes[size - 1]! >> (bitLen % 8) !== 0) {
    throw failure(path, `${bitLen} bits and zeroes after them`, json, context);
  }
  return new BitArray(bytes, bitLen);
}

function decodeSafeInteger(json: unknown, path: string, context: DecodeContext): number {
  const expected = "decimal string of an integer up to 2^53 - 1";
  if (typeof json !== "string" || !/^(0|[1-9][0-9]{0,15})$/.test(json)) throw failure(path, expected, json, context);
  const value = Number(json);
  if (!Number.isSafeInteger(value)) throw failure(path, expected, json, context);
  return value;
}

function decodeBigint(json: unknown, byteLength: number, path: string, context: DecodeContext): bigint {
  const expected = `decimal string of an integer of ${byteLength} bytes`;
  if (typeof json !== "string" || !/^(0|[1-9][0-9]{0,77})$/.test(json)) throw failure(path, expected, json, context);
  const value = BigInt(json);
  if (value >= 1n << BigInt(8 * byteLength)) throw failure(path, expected, json, context);
  return value;
}

function failure(path: string, expected: string, json: unknown, { object, fork }: DecodeContext) {
  const actual = describeValue(json);
  const where = path === "" ? object : `${object} at ${path}`;
  return new SidelightError("DECODE_FAILED", `${where} (${fork}, JSON): expected ${expected}, got ${actual}`, {
    object,
    fork,
    encoding: "json",
    path,
    expected,
    actual,
  });
}
