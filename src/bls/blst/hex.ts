/** Hex to bytes, fast without warming up: the inlined WASM is decoded in every cold start. */

/** Where the engine has it (ES2026). */
interface NativeDecoder {
  fromHex?(digits: string): Uint8Array<ArrayBuffer>;
}

/** @param digits lower-case, two for each byte, no prefix: as the build script writes them */
export function fromHexDigits(digits: string): Uint8Array<ArrayBuffer> {
  return (Uint8Array as NativeDecoder).fromHex?.(digits) ?? decodeHexDigits(digits);
}

/** Without help of the engine: codes as bytes and a table are what its interpreter does fastest. */
export function decodeHexDigits(digits: string): Uint8Array<ArrayBuffer> {
  const valueOfCode = new Uint8Array(128);
  for (let value = 0; value < 16; value++) valueOfCode[value.toString(16).charCodeAt(0)] = value;
  const codes = new TextEncoder().encode(digits);
  const bytes = new Uint8Array(codes.length / 2);
  for (let i = 0, at = 0; i < bytes.length; )
    bytes[i++] = (valueOfCode[codes[at++]!]! << 4) | valueOfCode[codes[at++]!]!;
  return bytes;
}
