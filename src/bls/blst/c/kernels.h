/*
 * Products, squares and Montgomery reduction, in plain WASM; with SIMD those that are faster so.
 */
#ifndef SIDELIGHT_KERNELS_H
#define SIDELIGHT_KERNELS_H

/*
 * Carries are rounded: with t' = t + 2^27 the carry is t' >> 28 and the limb (t' & (2^28 - 1)) - 2^27, which keeps the
 * way from one carry to the next at an addition and a shift.
 */
#define HALF_LIMB ((column)1 << 27)

/* The signed remainder of x modulo 2^28: in [-2^27, 2^27). */
INLINE limb low_limb(column x) { return (limb)((uint32_t)x << 4) >> 4; }

INLINE column signed_shift(column x) { return (column)((int64_t)x >> LIMB_BITS); }

/*
 * Reads that the compiler must not keep in variables: the engine's register allocator has 13 registers, and does best
 * when one factor of a block of 7 x 7 stays in seven of them and the other is read from memory each time it is used.
 */
#define READ(x) (*(const volatile limb *)&(x))
#define READ_WIDE(x) (*(const volatile column *)&(x))

INLINE column extend(limb l) { return (column)(int64_t)l; }

/* t[0..12] = a b for 7 limbs. Modulo 2^64, as everything in columns: only sums of these need to fit. */
INLINE void mul7(column *t, const limb *a, const limb *b) {
  column row[7];
  UNROLL for (int i = 0; i < 7; i++) row[i] = extend(READ(a[i]));
  UNROLL for (int k = 0; k < 13; k++) {
    column sum = 0;
    UNROLL for (int i = 0; i < 7; i++) {
      if (k - i >= 0 && k - i < 7) sum += row[i] * extend(READ(b[k - i]));
    }
    t[k] = sum;
  }
}

INLINE void sqr7(column *t, const column *a) {
  UNROLL for (int k = 0; k < 13; k++) {
    column sum = 0;
    UNROLL for (int i = 0; i < 7; i++) {
      if (k - i > i && k - i < 7) sum += a[i] * a[k - i];
    }
    sum += sum;
    if (k % 2 == 0) sum += a[k / 2] * a[k / 2];
    t[k] = sum;
  }
}

/*
 * The columns of a product from three of half the length (Karatsuba): with a = a0 + a1 X, X = 2^196,
 *     a b = a0 b0 + ((a0 + a1)(b0 + b1) - a0 b0 - a1 b1) X + a1 b1 X^2
 * All modulo 2^64. The true columns are sums of at most 14 products of limbs:
 *     |t[k]| <= 14 wa wb (2^27 + 16)^2 < wa wb 2^57.81
 * and the reduction adds less than 2^57.9 to each: together below 2^63 for wa wb <= 35.
 */
INLINE void karatsuba(column *t, const limb *a, const limb *b) {
  column low[13], high[13], row[7], other[7];
  mul7(low, a, b);
  mul7(high, a + 7, b + 7);
  UNROLL for (int k = 0; k < 7; k++) t[k] = low[k];
  UNROLL for (int k = 6; k < 13; k++) t[14 + k] = high[k];
  UNROLL for (int i = 0; i < 7; i++) {
    row[i] = extend(READ(a[i])) + extend(READ(a[7 + i]));
    *(volatile column *)&other[i] = extend(READ(b[i])) + extend(READ(b[7 + i]));
  }
  UNROLL for (int k = 0; k < 13; k++) {
    column sum = 0;
    UNROLL for (int i = 0; i < 7; i++) {
      if (k - i >= 0 && k - i < 7) sum += row[i] * READ_WIDE(other[k - i]);
    }
    sum -= READ_WIDE(low[k]) + READ_WIDE(high[k]);
    if (k < 6) sum += READ_WIDE(low[7 + k]);
    if (k > 6) sum += READ_WIDE(high[k - 7]);
    t[7 + k] = sum;
  }
}

INLINE void karatsuba_square(column *t, const limb *a) {
  column a0[7], a1[7], low[13], middle[13], high[13];
  UNROLL for (int i = 0; i < 7; i++) {
    a0[i] = extend(a[i]);
    a1[i] = extend(a[7 + i]);
  }
  sqr7(low, a0);
  sqr7(high, a1);
  UNROLL for (int i = 0; i < 7; i++) a0[i] += a1[i];
  sqr7(middle, a0);
  UNROLL for (int k = 0; k < 13; k++) t[k] = low[k];
  t[13] = 0;
  UNROLL for (int k = 0; k < 13; k++) t[14 + k] = high[k];
  UNROLL for (int k = 0; k < 13; k++) t[7 + k] += middle[k] - low[k] - high[k];
}

/*
 * Montgomery reduction: ret = T / 2^392 mod p, normal.
 *
 * Not by p but by N = k p with N = -1 mod 2^28 (k = -1/p mod 2^28, signed): the multiple of N that clears the lowest
 * column t is t's own low limb m, without a multiplication and without waiting for one, and
 *     (t + m N) / 2^28 = (t - m) / 2^28 + m (N + 1) / 2^28 = carry + m M
 * where M has no more limbs than p. So a step is 14 multiplications instead of 15, and m is there at once.
 * Size: N < 2^27 p would make the result too large if the last step used it. 13 steps with |m| <= 2^27 add less than
 * 2^27 2^336 (1 + 2^-27) 2^27 p / 2^392 < p / 4; the last step uses p itself and adds at most 2^27 2^364 p / 2^392 =
 * p / 2. With |T| <= 2 * 35 p^2 (0.8)^2 < 0.02 p 2^392: |ret| < 0.77 p.
 * Columns: T's (< 35 * 2^57.81) and 14 products of |m| <= 2^27 with limbs |M|, |P| <= 2^27 (2^57.81) and a carry
 * (< 2^36): less than 36.1 * 2^57.81 < 2^63.
 */
INLINE void redc(limb *ret, const column *t) {
  column m[FP_LIMBS];
  column carry = 0;
  UNROLL for (int k = 0; k < FP_LIMBS; k++) {
    column sum = t[k] + HALF_LIMB;
    UNROLL for (int i = 0; i < k; i++) sum += m[i] * extend(M[k - 1 - i]);
    sum += carry;
    if (k < FP_LIMBS - 1) {
      m[k] = extend(low_limb(sum - HALF_LIMB));
      carry = signed_shift(sum);
    } else {
      m[k] = extend(low_limb((sum - HALF_LIMB) * P_INVERSE));
      carry = signed_shift(sum - HALF_LIMB + m[k] * extend(P[0]));
    }
  }
  UNROLL for (int k = FP_LIMBS; k < WIDE; k++) {
    column sum = t[k] + HALF_LIMB;
    UNROLL for (int i = 0; i < FP_LIMBS - 1; i++) {
      if (k - 1 - i < FP_LIMBS) sum += m[i] * extend(M[k - 1 - i]);
    }
    sum += m[FP_LIMBS - 1] * extend(P[k - FP_LIMBS + 1]);
    sum += carry;
    ret[k - FP_LIMBS] = (limb)((uint32_t)sum & 0xfffffff) - (limb)HALF_LIMB;
    carry = signed_shift(sum);
  }
  ret[FP_LIMBS - 1] = (limb)carry;
  fp_pad(ret);
}

#ifdef __wasm_simd128__
#include "kernels-simd.h"
#else
/* Two at once: what one waits for, the other computes. */
void fp2_redc(limb *ret, const column *s, const column *t) {
  column m[FP_LIMBS], n[FP_LIMBS];
  column carry_s = 0, carry_t = 0;
  UNROLL for (int k = 0; k < FP_LIMBS; k++) {
    column sum_s = s[k] + HALF_LIMB, sum_t = t[k] + HALF_LIMB;
    UNROLL for (int i = 0; i < k; i++) {
      sum_s += m[i] * extend(M[k - 1 - i]);
      sum_t += n[i] * extend(M[k - 1 - i]);
    }
    sum_s += carry_s;
    sum_t += carry_t;
    if (k < FP_LIMBS - 1) {
      m[k] = (sum_s & 0xfffffff) - HALF_LIMB;
      n[k] = (sum_t & 0xfffffff) - HALF_LIMB;
      carry_s = signed_shift(sum_s);
      carry_t = signed_shift(sum_t);
    } else {
      m[k] = extend(low_limb((sum_s - HALF_LIMB) * P_INVERSE));
      n[k] = extend(low_limb((sum_t - HALF_LIMB) * P_INVERSE));
      carry_s = signed_shift(sum_s - HALF_LIMB + m[k] * extend(P[0]));
      carry_t = signed_shift(sum_t - HALF_LIMB + n[k] * extend(P[0]));
    }
  }
  UNROLL for (int k = FP_LIMBS; k < WIDE; k++) {
    column sum_s = s[k] + HALF_LIMB, sum_t = t[k] + HALF_LIMB;
    UNROLL for (int i = 0; i < FP_LIMBS - 1; i++) {
      if (k - 1 - i < FP_LIMBS) {
        sum_s += m[i] * extend(M[k - 1 - i]);
        sum_t += n[i] * extend(M[k - 1 - i]);
      }
    }
    sum_s += m[FP_LIMBS - 1] * extend(P[k - FP_LIMBS + 1]);
    sum_t += n[FP_LIMBS - 1] * extend(P[k - FP_LIMBS + 1]);
    sum_s += carry_s;
    sum_t += carry_t;
    ret[k - FP_LIMBS] = (limb)((uint32_t)sum_s & 0xfffffff) - (limb)HALF_LIMB;
    ret[FP_WORDS + k - FP_LIMBS] = (limb)((uint32_t)sum_t & 0xfffffff) - (limb)HALF_LIMB;
    carry_s = signed_shift(sum_s);
    carry_t = signed_shift(sum_t);
  }
  ret[FP_LIMBS - 1] = (limb)carry_s;
  ret[FP_WORDS + FP_LIMBS - 1] = (limb)carry_t;
  fp_pad(ret);
  fp_pad(ret + FP_WORDS);
}

void fp_product(column *ret, const limb *a, const limb *b) { karatsuba(ret, a, b); }

void fp_square(column *ret, const limb *a) { karatsuba_square(ret, a); }
#endif

void fp_redc(limb *ret, const column *t) { redc(ret, t); }

void fp_mul(limb *ret, const limb *a, const limb *b) {
  wide t;
  fp_product(t, a, b);
  redc(ret, t);
}

/* Weight 5.9: 5.9^2 < 35. */
void fp_sqr(limb *ret, const limb *a) {
  wide t;
  karatsuba_square(t, a);
  redc(ret, t);
}

void fp_sqr_n_mul(limb *ret, const limb *a, size_t count, const limb *b) {
  while (count--) {
    fp_sqr(ret, a);
    a = ret;
  }
  fp_mul(ret, ret, b);
}

/*
 * (a0 + a1 u)(b0 + b1 u), u^2 = -1, three products. Columns of the real part: |a0 b0| + |a1 b1| < 2 wa wb 2^57.81, of
 * the imaginary part the same.
 */
void fp2_product(wide2 ret, const limb *a, const limb *b) {
  wide t;
  fp aa, bb;
  EACH_LIMB(FP_WORDS) {
    LIMBS(aa) = LIMBS(a) + LIMBS(a + FP_WORDS);
    LIMBS(bb) = LIMBS(b) + LIMBS(b + FP_WORDS);
  }
  fp_product(ret[0], a, b);
  fp_product(t, a + FP_WORDS, b + FP_WORDS);
  fp_product(ret[1], aa, bb);
  EACH_COLUMN(WIDE_WORDS) {
    COLUMNS(ret[1]) -= COLUMNS(ret[0]) + COLUMNS(t);
    COLUMNS(ret[0]) -= COLUMNS(t);
  }
}

/*
 * (a0 + a1 u)^2 = (a0 + a1)(a0 - a1) + 2 a0 a1 u. In (a0 + a1)(a0 - a1) the mixed terms of a column cancel: its true
 * value is that of a0^2 - a1^2, 2 wa^2.
 */
void fp2_square(wide2 ret, const limb *a) {
  fp s, d, twice;
  EACH_LIMB(FP_WORDS) {
    LIMBS(s) = LIMBS(a) + LIMBS(a + FP_WORDS);
    LIMBS(d) = LIMBS(a) - LIMBS(a + FP_WORDS);
    LIMBS(twice) = LIMBS(a) + LIMBS(a);
  }
  fp_product(ret[0], s, d);
  fp_product(ret[1], twice, a + FP_WORDS);
}

/* Weights wa wb <= 17, so 2 * 17 <= 35; each <= 7, for the sums of the two parts are limbs too. */
void fp2_mul(limb *ret, const limb *a, const limb *b) {
  wide2 t;
  fp2_product(t, a, b);
  fp2_redc(ret, t[0], t[1]);
}

void fp2_sqr(limb *ret, const limb *a) {
  wide2 t;
  fp2_square(t, a);
  fp2_redc(ret, t[0], t[1]);
}

#endif
