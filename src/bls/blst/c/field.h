/*
 * Fp of BLS12-381 for a machine without carries: 14 signed limbs of 28 bits, in Montgomery form with R = 2^392.
 *
 *     v = sum l[i] * 2^(28 i),  l[i] in int32,  stored value = v * R mod p, not reduced to [0, p)
 *
 * Why signed. WASM has no carry flag and no widening multiplication; it has 64-bit products of 32-bit limbs. With limbs
 * of 28 bits a column of a product keeps room above itself, so that nothing is carried until the end. With *signed*
 * limbs, |l| <= 2^27, there is so much room that sums and differences of elements go into the next multiplication as
 * they are: one addition a limb, no carry, no comparison with p, no branch.
 *
 * ## Bounds
 * An element is *normal* when |l[i]| <= 2^27 + 16 for i < 13 and |v| <= 0.8 p. It has *weight* w when it is a sum or
 * difference of elements whose weights add up to w; a normal element has weight 1. So |l[i]| <= w (2^27 + 16) and
 * |v| <= 0.8 w p. The rules, each with its reason where the function is:
 *
 *     fp_product         weights wa wb <= 35      columns fit int64 together with the reduction's
 *     fp2_mul            weights wa wb <= 17      the same for a0 b0 - a1 b1 and a0 b1 + a1 b0; each <= 7, for the
 *                                                 sums a0 + a1 and b0 + b1 are limbs too
 *     fp2_sqr            weight <= 4              a0^2 - a1^2 and 2 a0 a1
 *     fp_reduce          weight <= 8              the limbs less q p fit int32
 *     a limb             weight <= 15             fits int32
 *
 * Everything blst's own files call (add_fp, mul_fp, ... by the names at the end of this file) takes and gives normal
 * elements. Only the files beside this one work with weights, and say so.
 *
 * p is not a multiple of small things, so 0 has one normal representation: if v = 0 with |l[i]| < 2^28, then
 * l[0] = 0 mod 2^28, so l[0] = 0, and so on upwards. And |v| < p, so v = 0 mod p only if v = 0. That is why blst's
 * vec_is_zero works on normal elements as it is.
 */
#ifndef SIDELIGHT_FIELD_H
#define SIDELIGHT_FIELD_H

#include <stdint.h>

#define FP_LIMBS 14
#define LIMB_BITS 28
/* columns of a product */
#define WIDE (2 * FP_LIMBS - 1)

#define UNROLL _Pragma("clang loop unroll(full)")
#define INLINE static inline __attribute__((always_inline))
#define NOINLINE static __attribute__((noinline))

typedef int32_t limb;
typedef uint64_t column;

/*
 * Computed from p by the build script (see field-constants.h there):
 *   P_LIMBS      p, signed limbs
 *   M_LIMBS      (k p + 1) / 2^28, signed limbs, where k = -1/p mod 2^28 with |k| <= 2^27
 *   P_INVERSE    -1/p mod 2^28
 */
static const limb P[FP_LIMBS] = P_LIMBS;
static const limb M[FP_LIMBS] = M_LIMBS;

/* The signed remainder of x modulo 2^28: in [-2^27, 2^27). */
INLINE limb low_limb(column x) { return (limb)((uint32_t)x << 4) >> 4; }

INLINE column signed_shift(column x) { return (column)((int64_t)x >> LIMB_BITS); }

/* Elements may be padded with zeros. */
INLINE void fp_pad(limb *ret) {
  UNROLL for (int i = FP_LIMBS; i < FP_WORDS; i++) ret[i] = 0;
}

/* 27 columns, and one more that makes pairs of them */
#define WIDE_WORDS 28
typedef column wide[WIDE_WORDS];
typedef wide wide2[2];
typedef limb fp[FP_WORDS];
typedef fp fp2[2];

#include "kernels.h"

INLINE void fp_copy(limb *ret, const limb *a) {
  UNROLL for (int i = 0; i < FP_WORDS; i++) ret[i] = a[i];
}

/* Weights add up. */
INLINE void fp_add_lazy(limb *ret, const limb *a, const limb *b) {
  UNROLL for (int i = 0; i < FP_WORDS; i++) ret[i] = a[i] + b[i];
}

INLINE void fp_sub_lazy(limb *ret, const limb *a, const limb *b) {
  UNROLL for (int i = 0; i < FP_WORDS; i++) ret[i] = a[i] - b[i];
}

/*
 * Makes an element of weight <= 8 normal.
 *
 * q is v / p, rounded, from the top limb alone. The other limbs are worth at most w (1/2 + 2^-20) units of the top one,
 * p is worth P[13] = 106513 units (and a fraction), and QUOTIENT / 2^27 differs from 1 / P[13] by less than 1e-4 of
 * itself: q is off from v / p by at most 1/2 + w 5e-6 + 0.8 w 1e-4 < 0.51, so |v - q p| <= 0.51 p.
 * The top limb is at most w * 0.8 * 106514 + 1 < 2^20 and QUOTIENT < 2^11: the product fits int32.
 * |q| <= 0.8 w + 0.51 < 7, so |q| <= 6: the limbs, and half a limb for rounding, stay below (8 + 6 + 1) 2^27 + 128 < 2^31.
 * One carry out of each limb into the next then leaves |l| <= 2^27 + 8: normal.
 */
#define QUOTIENT 1260
INLINE void fp_reduce_to(limb *ret, const limb *a) {
  const limb q = (a[FP_LIMBS - 1] * QUOTIENT + (1 << 26)) >> 27;
  limb carry = 0;
  UNROLL for (int i = 0; i < FP_LIMBS - 1; i++) {
    const limb l = a[i] - q * P[i];
    const limb out = (l + (1 << 27)) >> LIMB_BITS;
    ret[i] = l - (limb)((uint32_t)out << LIMB_BITS) + carry;
    carry = out;
  }
  ret[FP_LIMBS - 1] = a[FP_LIMBS - 1] - q * P[FP_LIMBS - 1] + carry;
  fp_pad(ret);
}

NOINLINE void fp_reduce(limb *a) { fp_reduce_to(a, a); }

/* From here on: normal in, normal out. */

NOINLINE void fp_add(limb *ret, const limb *a, const limb *b) {
  fp t;
  fp_add_lazy(t, a, b);
  fp_reduce_to(ret, t);
}

NOINLINE void fp_sub(limb *ret, const limb *a, const limb *b) {
  fp t;
  fp_sub_lazy(t, a, b);
  fp_reduce_to(ret, t);
}

/* factor <= 8 */
NOINLINE void fp_scale(limb *ret, const limb *a, limb factor) {
  limb t[FP_LIMBS];
  UNROLL for (int i = 0; i < FP_LIMBS; i++) t[i] = a[i] * factor;
  fp_reduce_to(ret, t);
}

INLINE void fp_cneg(limb *ret, const limb *a, limb_t flag) {
  const limb mask = -(limb)flag;
  for (int i = 0; i < FP_WORDS; i++) ret[i] = (a[i] ^ mask) - mask;
}

NOINLINE void fp_sqr_n_mul(limb *ret, const limb *a, size_t count, const limb *b) {
  while (count--) {
    fp_sqr(ret, a);
    a = ret;
  }
  fp_mul(ret, ret, b);
}

NOINLINE limb_t fp_is_equal_n(const limb *a, const limb *b, size_t elements) {
  limb difference[FP_WORDS];
  limb any = 0;
  while (elements--) {
    fp_sub(difference, a, b);
    for (int i = 0; i < FP_LIMBS; i++) any |= difference[i];
    a += FP_WORDS;
    b += FP_WORDS;
  }
  return is_zero((limb_t)any);
}

#endif
