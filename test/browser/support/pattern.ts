/** Bytes that differ everywhere for different seeds (below 256): a mixture of two is none of them. The first is the seed. */
export function pattern(seed: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (seed + i * 7) & 0xff);
}
