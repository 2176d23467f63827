/** Changes to the JSON of one object. Paths as in `attested_header.beacon.slot` or `finality_branch.0`. */
import { valueAt, withoutValueAt, withValueAt } from "../../../support/json-paths.js";

function keysOf(path: string): (string | number)[] {
  return path.split(".").map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}

/** The value at a path; `undefined` if the object has no such field. */
export function read(data: unknown, path: string): unknown {
  try {
    return valueAt(data, keysOf(path));
  } catch {
    return undefined;
  }
}

export function readHex(data: unknown, path: string): string {
  return read(data, path) as string;
}

/** A copy with other values at the given paths. */
export function withValues(data: unknown, values: Readonly<Record<string, unknown>>): unknown {
  return Object.entries(values).reduce<unknown>((copy, [path, value]) => withValueAt(copy, keysOf(path), value), data);
}

export function without(data: unknown, path: string): unknown {
  return withoutValueAt(data, keysOf(path));
}

/** Decimal strings stay decimal strings. */
export function plus(value: unknown, difference: number): string {
  return String(BigInt(value as string) + BigInt(difference));
}

/** `0x` hex with one bit changed: the lowest of the given byte (counted from the end if negative). */
export function flipBit(hex: string, byte = 0, bit = 0): string {
  const bytes = Buffer.from(hex.slice(2), "hex");
  const index = byte < 0 ? bytes.length + byte : byte;
  bytes[index]! ^= 1 << bit;
  return `0x${bytes.toString("hex")}`;
}

/** As many zero bytes. */
export function zeroes(hex: string): string {
  return zeroBytes((hex.length - 2) / 2);
}

export function zeroBytes(length: number): string {
  return `0x${"00".repeat(length)}`;
}

/** The same shape, all of it zero: strings of hex, numbers, and what holds them. */
export function emptied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(emptied);
  if (typeof value === "object" && value !== null) {
    // `extra_data` is a list: its empty value is shorter
    return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, key === "extra_data" ? "0x" : emptied(v)]));
  }
  return String(value).startsWith("0x") ? zeroes(value as string) : "0";
}

/** `ExecutionPayloadHeader()` and its branch, as JSON of a header of Capella or Deneb. */
export function emptyExecution(shape: "capella" | "deneb"): { execution: object; execution_branch: string[] } {
  const root = zeroBytes(32);
  const blobs = shape === "deneb" ? { blob_gas_used: "0", excess_blob_gas: "0" } : {};
  return {
    execution: {
      parent_hash: root,
      fee_recipient: zeroBytes(20),
      state_root: root,
      receipts_root: root,
      logs_bloom: zeroBytes(256),
      prev_randao: root,
      block_number: "0",
      gas_limit: "0",
      gas_used: "0",
      timestamp: "0",
      extra_data: "0x",
      base_fee_per_gas: "0",
      block_hash: root,
      transactions_root: root,
      withdrawals_root: root,
      ...blobs,
    },
    execution_branch: [root, root, root, root],
  };
}
