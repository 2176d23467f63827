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

/** Bytes of `0x` hex. The caller has checked the form with {@link isHex}. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return hexToBytes(hex, 0, hex.length)!;
}

/** Where the engine has it (ES2026). */
interface NativeDecoder {
  /** @throws SyntaxError */
  fromHex?(digits: string): Uint8Array<ArrayBuffer>;
}

/** Values of the digits by character code, either case; -1 for what is none. */
const DIGITS = /*#__PURE__*/ Int8Array.from({ length: 256 }, (_, code) => {
  const digit = String.fromCharCode(code);
  return /[0-9a-fA-F]/.test(digit) ? Number.parseInt(digit, 16) : -1;
});

/**
 * Bytes of `0x` hex of `min` to `max` bytes; `null` if it is none. Checks and decodes in one pass: an update's JSON is
 * 50 KB of hex.
 */
export function hexToBytes(hex: string, min: number, max: number): Uint8Array<ArrayBuffer> | null {
  const length = (hex.length - 2) / 2;
  if (!(length >= min && length <= max && Number.isInteger(length) && hex.startsWith("0x"))) return null;
  const native = Uint8Array as NativeDecoder;
  if (native.fromHex !== undefined) {
    try {
      return native.fromHex(hex.slice(2));
    } catch {
      return null;
    }
  }
  const bytes = new Uint8Array(length);
  let seen = 0;
  for (let i = 0; i < length; i++) {
    // codes from 256 on are no digits: kept out of the table by the mask, and of the result by the test below
    const [high, low] = [hex.charCodeAt(2 * i + 2), hex.charCodeAt(2 * i + 3)];
    const value = (DIGITS[high & 0xff]! << 4) | DIGITS[low & 0xff]!;
    seen |= value | ((high | low) & ~0xff);
    bytes[i] = value;
  }
  return seen >= 0 && seen < 0x100 ? bytes : null;
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
