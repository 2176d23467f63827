/**
 * JSON of the Beacon API to SSZ values, strictly: every field present and of its exact form, or a `DECODE_FAILED` that
 * says where, what was expected and what came. (The containers' own `fromJson` takes shortcuts and names no path.)
 *
 * Forms (beacon-APIs `types/primitive.yaml`): integers are decimal strings, bytes and bitvectors are `0x` hex of either
 * case. Unknown extra keys are ignored: nodes add some, and data of an older fork may come in a newer one's shape.
 */
import {
  BitArray,
  BitVectorType,
  ByteVectorType,
  ContainerType,
  type Type,
  UintBigintType,
  UintNumberType,
  VectorCompositeType,
} from "@chainsafe/ssz";
import { describeValue, SidelightError } from "../errors.js";
import { PlainByteListType } from "./byte-list.js";
import { fromHex } from "./bytes.js";

/** What is being decoded, for error messages. */
export interface DecodeContext {
  readonly object: string;
  readonly fork: string;
}

/**
 * Decodes a parsed JSON value as `type`.
 * @throws DECODE_FAILED
 */
export function decodeJson<T>(type: Type<T>, json: unknown, context: DecodeContext): T {
  return decode(type, json, "", context) as T;
}

// biome-ignore lint/suspicious/noExplicitAny: walks containers of any field types
function decode(type: Type<any>, json: unknown, path: string, context: DecodeContext): unknown {
  if (type instanceof ContainerType) return decodeContainer(type, json, path, context);
  if (type instanceof VectorCompositeType) {
    if (!Array.isArray(json) || json.length !== type.length) {
      throw failure(path, `array of ${type.length}`, json, context);
    }
    // Array.from, since map passes over holes
    return Array.from(json, (item, i) => decode(type.elementType, item, `${path}[${i}]`, context));
  }
  if (type instanceof ByteVectorType) return decodeBytes(json, type.lengthBytes, type.lengthBytes, path, context);
  if (type instanceof PlainByteListType) return decodeBytes(json, 0, type.limitBytes, path, context);
  if (type instanceof BitVectorType) {
    const length = Math.ceil(type.lengthBits / 8);
    const bytes = decodeBytes(json, length, length, path, context);
    return new BitArray(bytes, type.lengthBits);
  }
  if (type instanceof UintNumberType) return decodeSafeInteger(json, path, context);
  if (type instanceof UintBigintType) return decodeBigint(json, type.byteLength, path, context);
  throw failure(path, `a field of the type ${type.typeName}`, json, context);
}

// biome-ignore lint/suspicious/noExplicitAny: walks containers of any field types
function decodeContainer(type: ContainerType<any>, json: unknown, path: string, context: DecodeContext) {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw failure(path, `object ${type.typeName}`, json, context);
  }
  const value: Record<string, unknown> = {};
  for (const { fieldName, fieldType, jsonKey } of type.fieldsEntries) {
    const fieldPath = path === "" ? jsonKey : `${path}.${jsonKey}`;
    // own properties only: a key named like something of Object.prototype is absent
    const field = Object.hasOwn(json, jsonKey) ? (json as Record<string, unknown>)[jsonKey] : undefined;
    value[fieldName as string] = decode(fieldType, field, fieldPath, context);
  }
  return value;
}

function decodeBytes(json: unknown, min: number, max: number, path: string, context: DecodeContext): Uint8Array {
  const expected = min === max ? `0x hex of ${max} bytes` : `0x hex of at most ${max} bytes`;
  if (typeof json !== "string") throw failure(path, expected, json, context);
  const length = (json.length - 2) / 2;
  if (!(length >= min && length <= max && Number.isInteger(length)) || !/^0x[0-9a-fA-F]*$/.test(json)) {
    throw failure(path, expected, json, context);
  }
  return fromHex(json);
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
