/**
 * Reads single values of a configuration that someone else wrote. A value is either of the stated form and range, or
 * refused with its field name: nothing is rounded, trimmed or defaulted. Internal to this room.
 */
import { describeValue, SidelightError } from "../errors.js";

/** `FAR_FUTURE_EPOCH`, consensus-specs `specs/phase0/beacon-chain.md`: "not scheduled". */
const FAR_FUTURE_EPOCH = 2n ** 64n - 1n;

/** What {@link FAR_FUTURE_EPOCH} becomes where a parser makes a JavaScript number of it. */
const FAR_FUTURE_EPOCH_ROUNDED = 2 ** 64;

export interface Range {
  readonly min: number;
  readonly max: number;
}

export function refuse(field: string, expected: string, value: unknown): never {
  const actual = value === undefined ? "missing" : describeValue(value);
  throw new SidelightError("NETWORK_CONFIG_INVALID", `${field}: expected ${expected}, got ${actual}`, {
    field,
    expected,
    actual,
  });
}

export function readRecord(field: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    refuse(field, "an object of configuration values", value);
  }
  return value as Record<string, unknown>;
}

/** The value of a key that the object itself has: a config must not be completed by `Object.prototype`. */
export function own(values: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}

/** An integer, as a number, a bigint or decimal digits (JSON answers write every integer as a string). */
export function readInteger(field: string, value: unknown, { min, max }: Range): number {
  const integer = toInteger(value);
  if (integer === undefined || integer < min || integer > max) refuse(field, `an integer from ${min} to ${max}`, value);
  return Number(integer);
}

/** An epoch; `Infinity` for one that is not scheduled. */
export function readEpoch(field: string, value: unknown, maxEpoch: number): number {
  if (value === Infinity || value === FAR_FUTURE_EPOCH_ROUNDED) return Infinity;
  const integer = toInteger(value);
  if (integer === FAR_FUTURE_EPOCH) return Infinity;
  if (integer === undefined || integer < 0n || integer > maxEpoch) {
    refuse(field, `an epoch from 0 to ${maxEpoch}, or ${FAR_FUTURE_EPOCH} for none`, value);
  }
  return Number(integer);
}

/**
 * `Bytes4` as `0x` hex in lower case. YAML's core schema reads an unquoted `0x01000000` as the number 16777216, so a
 * number is taken as the four bytes it was written with, big-endian.
 */
export function readVersion(field: string, value: unknown): string {
  if (typeof value === "string" && /^0x[0-9a-fA-F]{8}$/.test(value)) return value.toLowerCase();
  const integer = typeof value === "string" ? undefined : toInteger(value);
  if (integer === undefined || integer < 0n || integer > 0xffffffffn) {
    refuse(field, "4 bytes as 0x hex (or as the integer they spell)", value);
  }
  return `0x${integer.toString(16).padStart(8, "0")}`;
}

/** `Bytes32` as `0x` hex in lower case. */
export function readRoot(field: string, value: unknown): string {
  if (typeof value !== "string" || !/^0x[0-9a-fA-F]{64}$/.test(value)) refuse(field, "32 bytes as 0x hex", value);
  return value.toLowerCase();
}

function toInteger(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  // 20 digits hold any uint64; the limit keeps a hostile answer from being turned into a huge bigint.
  if (typeof value === "string" && /^(0|[1-9][0-9]{0,19})$/.test(value)) return BigInt(value);
  return undefined;
}
