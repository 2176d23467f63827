/** Fp2, Fp6 and Fp12 in bigints, by the school's rules: no Karatsuba, nothing kept for later. */
import { modulo } from "./field.js";

export type Fp2 = readonly [bigint, bigint];
export type Fp6 = readonly [Fp2, Fp2, Fp2];
export type Fp12 = readonly [Fp6, Fp6];

export const add = (a: Fp2, b: Fp2): Fp2 => [modulo(a[0] + b[0]), modulo(a[1] + b[1])];
export const sub = (a: Fp2, b: Fp2): Fp2 => [modulo(a[0] - b[0]), modulo(a[1] - b[1])];
export const scale = (k: bigint, a: Fp2): Fp2 => [modulo(k * a[0]), modulo(k * a[1])];
/** u^2 = -1 */
export const mul = (a: Fp2, b: Fp2): Fp2 => [modulo(a[0] * b[0] - a[1] * b[1]), modulo(a[0] * b[1] + a[1] * b[0])];
export const sqr = (a: Fp2): Fp2 => mul(a, a);
export const ZERO: Fp2 = [0n, 0n];
export const XI: Fp2 = [1n, 1n];

/** v^3 = 1 + u */
export function mul6(a: Fp6, b: Fp6): Fp6 {
  const c: Fp2[] = [ZERO, ZERO, ZERO, ZERO, ZERO];
  for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) c[i + j] = add(c[i + j]!, mul(a[i]!, b[j]!));
  return [add(c[0]!, mul(XI, c[3]!)), add(c[1]!, mul(XI, c[4]!)), c[2]!];
}

const add6 = (a: Fp6, b: Fp6): Fp6 => [add(a[0], b[0]), add(a[1], b[1]), add(a[2], b[2])];
const timesV = (a: Fp6): Fp6 => [mul(XI, a[2]), a[0], a[1]];

/** w^2 = v */
export function mul12(a: Fp12, b: Fp12): Fp12 {
  return [add6(mul6(a[0], b[0]), timesV(mul6(a[1], b[1]))), add6(mul6(a[0], b[1]), mul6(a[1], b[0]))];
}

/** x + y v + z v w */
export const lineOf = (x: Fp2, y: Fp2, z: Fp2): Fp12 => [
  [x, y, ZERO],
  [ZERO, z, ZERO],
];

/** Granger and Scott's formula, for any element: equal to its square only in the cyclotomic subgroup. */
export function cyclotomicSquare([[a0, a1, a2], [b0, b1, b2]]: Fp12): Fp12 {
  const square4 = (x: Fp2, y: Fp2): [Fp2, Fp2] => [add(sqr(x), mul(XI, sqr(y))), scale(2n, mul(x, y))];
  const [s0, t0] = square4(a0, b1);
  const [s1, t1] = square4(b0, a2);
  const [s2, t2] = square4(a1, b2);
  const less = (t: Fp2, a: Fp2) => sub(scale(3n, t), scale(2n, a));
  const and = (t: Fp2, a: Fp2) => add(scale(3n, t), scale(2n, a));
  return [
    [less(s0, a0), less(s1, a1), less(s2, a2)],
    [and(mul(XI, t2), b0), and(t0, b1), and(t1, b2)],
  ];
}

/** 2 (X, Y, Z) in Jacobian coordinates on y^2 = x^3 + b, as polynomials: of any X, Y and Z. */
export function double([x, y, z]: readonly [Fp2, Fp2, Fp2]): [Fp2, Fp2, Fp2] {
  const b = sqr(y);
  const d = scale(4n, mul(x, b));
  const e = scale(3n, sqr(x));
  const x3 = sub(sqr(e), scale(2n, d));
  return [x3, sub(mul(e, sub(d, x3)), scale(8n, sqr(b))), scale(2n, mul(y, z))];
}

/** The line through the point and itself: 6 X^3 - 4 Y^2, 3 X^2 Z^2, 2 Y Z^3. */
export function tangent([x, y, z]: readonly [Fp2, Fp2, Fp2]): [Fp2, Fp2, Fp2] {
  const zz = sqr(z);
  return [sub(scale(6n, mul(x, sqr(x))), scale(4n, sqr(y))), scale(3n, mul(sqr(x), zz)), scale(2n, mul(y, mul(z, zz)))];
}
