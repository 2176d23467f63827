/** Fp of BLS12-381 in bigints, and limbs of 28 bits: what the WASM's field is compared with. */

import type { TestEngine } from "./blst/test-engine.js";
import { FIELD_MODULUS } from "./points.js";

export const LIMBS = 14;

/** Montgomery's R: an element x is stored as x R. */
export const R = 1n << 392n;
export const R_INVERSE = power(R % FIELD_MODULUS, FIELD_MODULUS - 2n);

/** What memory may hold before a function writes its result. */
export const LEFT_OVER = 0x5a5a5a5a;

/** `[0, p)` */
export function modulo(value: bigint): bigint {
  const rest = value % FIELD_MODULUS;
  return rest < 0n ? rest + FIELD_MODULUS : rest;
}

export function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % FIELD_MODULUS;
    square = (square * square) % FIELD_MODULUS;
  }
  return result;
}

export function fromLimbs(limbs: ArrayLike<number>): bigint {
  let value = 0n;
  for (let i = LIMBS - 1; i >= 0; i--) value = (value << 28n) + BigInt(limbs[i]!);
  return value;
}

/** Signed limbs: digits in [-2^27, 2^27), the last takes the rest. */
export function toLimbs(value: bigint): number[] {
  const limbs: number[] = [];
  let rest = value;
  for (let i = 0; i < LIMBS - 1; i++) {
    const digit = BigInt.asIntN(28, rest);
    limbs.push(Number(digit));
    rest = (rest - digit) >> 28n;
  }
  return [...limbs, Number(rest)];
}

/** The three elements of Fp2 that the test build works on: two arguments and a result. */
export function fieldBuffer(engine: TestEngine) {
  const words = engine.testWords();
  const at = (element: number, part: number) =>
    new Int32Array(engine.memory.buffer, engine.testField() + 4 * words * (2 * element + part), words);
  return {
    set(element: 0 | 1, part: 0 | 1, limbs: readonly number[]): void {
      const target = at(element, part);
      target.fill(0);
      target.set(limbs);
      // every word of a result must be written
      for (const part of [0, 1]) at(2, part).fill(LEFT_OVER);
    },
    result: (part: 0 | 1): number[] => [...at(2, part)],
  };
}
