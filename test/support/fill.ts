/** Deterministic stand-ins for data that nobody checks. No Node built-ins: the same fixtures work in a browser. */
import { digest } from "@chainsafe/as-sha256";

/** SHA-256 of the parts: 32 bytes that no other parts give. */
export function fill(...parts: (string | number)[]): Uint8Array {
  return digest(new TextEncoder().encode(parts.join("/"))).slice();
}

/** `length` deterministic bytes. */
export function fillBytes(length: number, ...parts: (string | number)[]): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += 32) bytes.set(fill(...parts, i).subarray(0, Math.min(32, length - i)), i);
  return bytes;
}
