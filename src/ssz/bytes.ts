/** Bytes and `0x` hex: the two faces of every root. */

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower-case `0x` hex. */
export function toHex(bytes: Uint8Array): string {
  let hex = "0x";
  for (const byte of bytes) hex += HEX[byte];
  return hex;
}

/** Is it `0x` hex (either case) of exactly `length` bytes? */
export function isHex(value: unknown, length: number): value is string {
  return typeof value === "string" && value.length === 2 + 2 * length && /^0x[0-9a-fA-F]*$/.test(value);
}

/** Bytes of `0x` hex. The caller has checked the form with {@link isHex}: a committee is 100 KB of it. */
export function fromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array((hex.length - 2) / 2);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (digitValue(hex.charCodeAt(2 + 2 * i)) << 4) | digitValue(hex.charCodeAt(3 + 2 * i));
  }
  return bytes;
}

/** 0-9, then letters of either case. */
function digitValue(code: number): number {
  return code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function isZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0) return false;
  return true;
}

/** A root or node of zeroes. A new one each time: nobody can change another's. */
export function zeroBytes32(): Uint8Array {
  return new Uint8Array(32);
}
