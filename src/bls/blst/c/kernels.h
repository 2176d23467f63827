/*
 * The four kernels everything else stands on: product, square, reduction, and their Fp2 forms. Plain WASM.
 */
#ifndef SIDELIGHT_KERNELS_H
#define SIDELIGHT_KERNELS_H

/* t[0..12] = a * b for 7 limbs. Modulo 2^64: only sums of these need to fit. */
INLINE void mul7(column *t, const column *a, const column *b) {
  UNROLL for (int k = 0; k < 13; k++) {
    column sum = 0;
    UNROLL for (int i = 0; i < 7; i++) {
      if (k - i >= 0 && k - i < 7) sum += a[i] * b[k - i];
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
INLINE void karatsuba(column *t, const column *low, const column *middle, const column *high) {
  UNROLL for (int k = 0; k < 13; k++) t[k] = low[k];
  t[13] = 0;
  UNROLL for (int k = 0; k < 13; k++) t[14 + k] = high[k];
  UNROLL for (int k = 0; k < 13; k++) t[7 + k] += middle[k] - low[k] - high[k];
}

INLINE void fp_product(column *t, const limb *a, const limb *b) {
#ifdef SCHOOLBOOK
  UNROLL for (int k = 0; k < WIDE; k++) {
    column sum = 0;
    UNROLL for (int i = 0; i < FP_LIMBS; i++) {
      if (k - i >= 0 && k - i < FP_LIMBS) sum += (column)(int64_t)a[i] * (column)(int64_t)b[k - i];
    }
    t[k] = sum;
  }
#else
  column a0[7], a1[7], b0[7], b1[7], low[13], middle[13], high[13];
  UNROLL for (int i = 0; i < 7; i++) {
    a0[i] = (column)(int64_t)a[i];
    a1[i] = (column)(int64_t)a[7 + i];
    b0[i] = (column)(int64_t)b[i];
    b1[i] = (column)(int64_t)b[7 + i];
  }
  mul7(low, a0, b0);
  mul7(high, a1, b1);
  UNROLL for (int i = 0; i < 7; i++) {
    a0[i] += a1[i];
    b0[i] += b1[i];
  }
  mul7(middle, a0, b0);
  karatsuba(t, low, middle, high);
#endif
}

INLINE void fp_square(column *t, const limb *a) {
#ifdef SCHOOLBOOK_SQR
  UNROLL for (int k = 0; k < WIDE; k++) {
    column sum = 0;
    UNROLL for (int i = 0; i < FP_LIMBS; i++) {
      if (k - i > i && k - i < FP_LIMBS) sum += (column)(int64_t)a[i] * (column)(int64_t)a[k - i];
    }
    sum += sum;
    if (k % 2 == 0) sum += (column)((int64_t)a[k / 2] * (int64_t)a[k / 2]);
    t[k] = sum;
  }
#else
  column a0[7], a1[7], low[13], middle[13], high[13];
  UNROLL for (int i = 0; i < 7; i++) {
    a0[i] = (column)(int64_t)a[i];
    a1[i] = (column)(int64_t)a[7 + i];
  }
  sqr7(low, a0);
  sqr7(high, a1);
  UNROLL for (int i = 0; i < 7; i++) a0[i] += a1[i];
  sqr7(middle, a0);
  karatsuba(t, low, middle, high);
#endif
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
INLINE void fp_redc(limb *ret, const column *t) {
  column m[FP_LIMBS];
  column carry = 0;
  UNROLL for (int k = 0; k < FP_LIMBS; k++) {
    column sum = t[k] + carry;
    UNROLL for (int i = 0; i < k; i++) {
      if (k - 1 - i >= 0) sum += m[i] * (column)(int64_t)M[k - 1 - i];
    }
    if (k < FP_LIMBS - 1) {
      const limb l = low_limb(sum);
      m[k] = (column)(int64_t)l;
      carry = signed_shift(sum - m[k]);
    } else {
      m[k] = (column)(int64_t)low_limb(sum * P_INVERSE);
      carry = signed_shift(sum + m[k] * (column)(int64_t)P[0]);
    }
  }
  UNROLL for (int k = FP_LIMBS; k < WIDE; k++) {
    column sum = t[k] + carry;
    UNROLL for (int i = 0; i < FP_LIMBS - 1; i++) {
      if (k - 1 - i >= 0 && k - 1 - i < FP_LIMBS) sum += m[i] * (column)(int64_t)M[k - 1 - i];
    }
    sum += m[FP_LIMBS - 1] * (column)(int64_t)P[k - FP_LIMBS + 1];
    const limb l = low_limb(sum);
    ret[k - FP_LIMBS] = l;
    carry = signed_shift(sum - (column)(int64_t)l);
  }
  ret[FP_LIMBS - 1] = (limb)carry;
}

NOINLINE void fp_mul(limb *ret, const limb *a, const limb *b) {
  column t[WIDE];
  fp_product(t, a, b);
  fp_redc(ret, t);
}

NOINLINE void fp_sqr(limb *ret, const limb *a) {
  column t[WIDE];
  fp_square(t, a);
  fp_redc(ret, t);
}

NOINLINE void fp_product_out(column *t, const limb *a, const limb *b) { fp_product(t, a, b); }

NOINLINE void fp_redc_out(limb *ret, const column *t) { fp_redc(ret, t); }

/*
 * (a0 + a1 u)(b0 + b1 u), u^2 = -1, three products, two reductions; weights wa wb <= 17.
 * Columns of the real part: |a0 b0| + |a1 b1| < 2 wa wb 2^57.81, of the imaginary part the same: 35.
 */
NOINLINE void fp2_mul(limb *ret, const limb *a, const limb *b) {
  column t0[WIDE], t1[WIDE], t2[WIDE];
  limb aa[FP_LIMBS], bb[FP_LIMBS];
  UNROLL for (int i = 0; i < FP_LIMBS; i++) {
    aa[i] = a[i] + a[FP_WORDS + i];
    bb[i] = b[i] + b[FP_WORDS + i];
  }
  fp_product_out(t0, a, b);
  fp_product_out(t1, a + FP_WORDS, b + FP_WORDS);
  fp_product_out(t2, aa, bb);
  UNROLL for (int k = 0; k < WIDE; k++) {
    t2[k] -= t0[k] + t1[k];
    t0[k] -= t1[k];
  }
  fp_redc_out(ret, t0);
  fp_redc_out(ret + FP_WORDS, t2);
}

/*
 * (a0 + a1 u)^2 = (a0 + a1)(a0 - a1) + 2 a0 a1 u; weight wa <= 4: (2 wa)(2 wa) <= 35 needs wa <= 2.9, so
 * weight <= 2.
 */
NOINLINE void fp2_sqr(limb *ret, const limb *a) {
  limb s[FP_LIMBS], d[FP_LIMBS], twice[FP_LIMBS];
  UNROLL for (int i = 0; i < FP_LIMBS; i++) {
    s[i] = a[i] + a[FP_WORDS + i];
    d[i] = a[i] - a[FP_WORDS + i];
    twice[i] = a[i] + a[i];
  }
  fp_mul(ret + FP_WORDS, twice, a + FP_WORDS);
  fp_mul(ret, s, d);
}

#endif
