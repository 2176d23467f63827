/** Bloom filters of logs: what they hold may be there, what they do not is not. Source: Ethereum Yellow Paper, 4.3.1. */
import { fromHex, toHex } from "../ssz/bytes.js";
import { keccak256 } from "./keccak.js";

export const BLOOM_BYTES = 256;

/** What a bloom is made of: where a log is from, and what it is about. */
export interface Logged {
  readonly address: string;
  readonly topics: readonly string[];
}

/** The three bits that a value sets: 11 bits each of the first six bytes of its hash. */
function bitsOf(value: string): number[] {
  const hash = keccak256(fromHex(value));
  return [0, 2, 4].map((at) => ((hash[at]! << 8) | hash[at + 1]!) & 0x7ff);
}

/** Bit 0 is the lowest of the last byte. */
const byteOf = (bit: number) => BLOOM_BYTES - 1 - (bit >> 3);

/** Of all values of some logs. `0x` hex of 256 bytes. */
export function logsBloomOf(logs: readonly Logged[]): string {
  const bloom = new Uint8Array(BLOOM_BYTES);
  // logs repeat themselves: a value is hashed once
  const values = new Set(logs.flatMap(({ address, topics }) => [address, ...topics]));
  for (const value of values) for (const bit of bitsOf(value)) bloom[byteOf(bit)]! |= 1 << (bit & 7);
  return toHex(bloom);
}

/** All that any of them holds. */
export function unionOfBlooms(blooms: readonly string[]): string {
  const union = new Uint8Array(BLOOM_BYTES);
  for (const bloom of blooms)
    fromHex(bloom).forEach((byte, i) => {
      union[i]! |= byte;
    });
  return toHex(union);
}

/** `false`: it is in none of the logs. */
export function mayHold(bloom: string, value: string): boolean {
  const bytes = fromHex(bloom);
  return bitsOf(value).every((bit) => bytes[byteOf(bit)]! & (1 << (bit & 7)));
}
