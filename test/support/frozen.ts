/** Proof that a function leaves its arguments alone: objects are frozen, bytes are compared. */
import { BitArray } from "@chainsafe/ssz";
import { bytesHex } from "./protocol.js";

/** Freezes plain objects and arrays in depth. Views of bytes cannot be frozen: compare {@link contentOf} for those. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}

/** The whole content of a value as a string: equal strings, equal contents. */
export function contentOf(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === "bigint") return `${inner}n`;
    if (inner instanceof BitArray) return `bits ${inner.bitLen} ${bytesHex(inner.uint8Array)}`;
    if (inner instanceof Uint8Array) return bytesHex(inner);
    return inner;
  });
}
