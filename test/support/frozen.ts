/** Proof that a function leaves its arguments alone: objects are frozen, bytes are compared. */
import { isBits } from "./bits.js";
import { bytesHex } from "./protocol.js";

/** Freezes plain objects and arrays in depth. Views of bytes cannot be frozen: compare {@link contentOf} for those. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}

/** The whole content of a value as a string: equal strings, equal contents. Written for speed, not for reading. */
export function contentOf(value: unknown): string {
  if (value instanceof Uint8Array) return bytesHex(value);
  if (isBits(value)) return `bits ${value.bitLen} ${bytesHex(value.uint8Array)}`;
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value)) return `[${value.map(contentOf).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  return `{${Object.entries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}:${contentOf(inner)}`)
    .join()}}`;
}
