/**
 * SHA-256 (FIPS 180-4) in plain JavaScript: for the moments before a backend's WebAssembly has started, and where it may not.
 * Nothing secret is hashed here.
 */

/** The first 64 primes. */
function firstPrimes(): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes;
}

/** The first 32 bits of the fractional part of `n`'s root (sections 4.2.2 and 5.3.3), exactly: floats only guess. */
function rootFraction(n: number, degree: bigint): number {
  const target = BigInt(n) << (32n * degree);
  let root = BigInt(Math.floor(n ** (1 / Number(degree)) * 2 ** 32));
  while (root ** degree > target) root--;
  while ((root + 1n) ** degree <= target) root++;
  return Number(root & 0xffffffffn) | 0;
}

const PRIMES = /*#__PURE__*/ firstPrimes();
const K = /*#__PURE__*/ Int32Array.from(PRIMES, (prime) => rootFraction(prime, 3n));
const INITIAL = /*#__PURE__*/ Int32Array.from(PRIMES.slice(0, 8), (prime) => rootFraction(prime, 2n));

const rotated = (word: number, by: number) => (word >>> by) | (word << (32 - by));

/** @returns `Bytes32` */
export function plainSha256(data: Uint8Array): Uint8Array {
  // the message, a one bit, zeroes, and its length in bits as uint64
  const padded = new DataView(new ArrayBuffer(((data.length + 72) >> 6) << 6));
  new Uint8Array(padded.buffer).set(data);
  padded.setUint8(data.length, 0x80);
  padded.setBigUint64(padded.byteLength - 8, BigInt(data.length) * 8n);
  const hash = INITIAL.slice();
  const w = new Int32Array(64);
  for (let start = 0; start < padded.byteLength; start += 64) {
    for (let t = 0; t < 64; t++) {
      if (t < 16) w[t] = padded.getInt32(start + 4 * t);
      else {
        const [early, late] = [w[t - 15]!, w[t - 2]!];
        const s0 = rotated(early, 7) ^ rotated(early, 18) ^ (early >>> 3);
        const s1 = rotated(late, 17) ^ rotated(late, 19) ^ (late >>> 10);
        w[t] = (((w[t - 16]! + s0) | 0) + ((w[t - 7]! + s1) | 0)) | 0;
      }
    }
    let [a, b, c, d, e, f, g, h] = hash as unknown as [number, number, number, number, number, number, number, number];
    for (let t = 0; t < 64; t++) {
      const choice = (e & f) ^ (~e & g);
      // each sum of two is cut to 32 bits: engines then never leave integers
      const mixed = (((h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25))) | 0) + choice) | 0;
      const t1 = (mixed + ((K[t]! + w[t]!) | 0)) | 0;
      const t2 = ((rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => {
      hash[i]! += word;
    });
  }
  const digest = new DataView(new ArrayBuffer(32));
  for (const [i, word] of hash.entries()) digest.setInt32(4 * i, word);
  return new Uint8Array(digest.buffer);
}
