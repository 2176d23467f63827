/** The WASM that is inlined as text. */
import { fromHex } from "../../ssz/bytes.js";

/**
 * Hex, but with the low digit of each byte first: brotli makes 0.3 KiB less of both builds. Turning the digits around, four
 * bytes at a time, costs a third of a millisecond.
 */
export function fromSwappedHex(digits: string): Uint8Array<ArrayBuffer> {
  const bytes = fromHex(`0x${digits}`);
  const words = new Uint32Array(bytes.buffer, 0, bytes.length >> 2);
  for (let i = 0; i < words.length; i++) words[i] = ((words[i]! >>> 4) & 0x0f0f0f0f) | ((words[i]! & 0x0f0f0f0f) << 4);
  for (let i = 4 * words.length; i < bytes.length; i++) bytes[i] = (bytes[i]! >> 4) | (bytes[i]! << 4);
  return bytes;
}
