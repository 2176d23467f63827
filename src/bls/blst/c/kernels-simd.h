/*
 * The same kernels for WASM with 128-bit SIMD: two 32 x 32 -> 64 products an instruction (extmul). Bounds and the
 * reduction's derivation as in kernels.h; only the order of the sums differs. Elements are padded with zeros to 16
 * limbs, columns to 28.
 */
#ifndef SIDELIGHT_KERNELS_SIMD_H
#define SIDELIGHT_KERNELS_SIMD_H

#include <wasm_simd128.h>

typedef v128_t vec;

/*
 * One limb in all four places. The compiler must not know that: clang 14 then no longer sees an extending
 * multiplication but one of 64 by 64 bits, which engines do in ten instructions.
 */
INLINE vec splat(const limb *l) {
  vec v = wasm_v128_load32_splat(l);
  __asm__("" : "+r"(v));
  return v;
}

/* The low halves of two columns, as the factors of a multiplication. */
INLINE vec pack(vec columns) {
  vec v = wasm_i32x4_shuffle(columns, columns, 0, 2, 0, 2);
  __asm__("" : "+r"(v));
  return v;
}

/* Two products: of limbs 2 pair and 2 pair + 1 of a with the two (equal) limbs of b. */
INLINE vec multiply_pair(const vec *a, int pair, vec b) {
  return pair % 2 ? wasm_i64x2_extmul_high_i32x4(a[pair / 2], b) : wasm_i64x2_extmul_low_i32x4(a[pair / 2], b);
}

/*
 * Schoolbook, two columns at a time. A pair of a's limbs times an even limb of b falls on the columns (2k, 2k + 1),
 * times an odd limb on (2k + 1, 2k + 2): kept apart and put together at the end.
 */
void fp_product(column *t, const limb *x, const limb *y) {
  vec a[4];
  UNROLL for (int i = 0; i < 4; i++) a[i] = wasm_v128_load(x + 4 * i);
  vec odd_before = wasm_i64x2_splat(0);
  UNROLL for (int k = 0; k < 13; k++) {
    vec even = wasm_i64x2_splat(0), odd = wasm_i64x2_splat(0);
    UNROLL for (int i = 0; i < 7; i++) {
      if (k - i >= 0 && k - i < 7) {
        even = wasm_i64x2_add(even, multiply_pair(a, i, splat(y + 2 * (k - i))));
        odd = wasm_i64x2_add(odd, multiply_pair(a, i, splat(y + 2 * (k - i) + 1)));
      }
    }
    wasm_v128_store(t + 2 * k, wasm_i64x2_add(even, wasm_i64x2_shuffle(odd_before, odd, 1, 2)));
    odd_before = odd;
  }
  wasm_v128_store(t + 26, wasm_i64x2_shuffle(odd_before, wasm_i64x2_splat(0), 1, 2));
}

/* Squaring has half its products twice, but apart they would cost as much. */
void fp_square(column *ret, const limb *a) { fp_product(ret, a, a); }

/*
 * Two reductions, one in each half of the vectors. There is no cheap signed shift of 64 bits: columns carry a bias of
 * 2^63, shifts are unsigned, and 2^63 / 2^28 is taken off again.
 */
#define BIAS (((column)1 << 63) + HALF_LIMB)
#define SHIFTED_BIAS ((column)1 << 35)

void fp2_redc(limb *ret, const column *s, const column *t) {
  const vec bias = wasm_u64x2_splat(BIAS), next = wasm_u64x2_splat(BIAS - SHIFTED_BIAS);
  const vec half = wasm_u64x2_splat(HALF_LIMB), mask = wasm_u64x2_splat(0xfffffff);
  vec m[FP_LIMBS], r[16];
  vec carry = bias; /* true carry and bias */
  UNROLL for (int k = 0; k < WIDE; k++) {
    const vec pair_s = wasm_v128_load(s + (k & ~1)), pair_t = wasm_v128_load(t + (k & ~1));
    vec sum = k & 1 ? wasm_i64x2_shuffle(pair_s, pair_t, 1, 3) : wasm_i64x2_shuffle(pair_s, pair_t, 0, 2);
    UNROLL for (int i = 0; i < FP_LIMBS - 1; i++) {
      if (i < k && k - 1 - i < FP_LIMBS) {
        sum = wasm_i64x2_add(sum, wasm_i64x2_extmul_low_i32x4(m[i], splat(M_TABLE + (k - 1 - i))));
      }
    }
    if (k >= FP_LIMBS) {
      const vec factor = splat(P_TABLE + (k - FP_LIMBS + 1));
      sum = wasm_i64x2_add(sum, wasm_i64x2_extmul_low_i32x4(m[FP_LIMBS - 1], factor));
    }
    sum = wasm_i64x2_add(sum, carry);
    if (k < FP_LIMBS - 1) {
      const vec low = wasm_i64x2_sub(wasm_v128_and(sum, mask), half);
      m[k] = pack(low);
    } else if (k == FP_LIMBS - 1) {
      const vec product = wasm_i32x4_mul(wasm_i64x2_sub(sum, half), wasm_i32x4_splat(P_INVERSE));
      const vec low = wasm_i32x4_shr(wasm_i32x4_shl(product, 4), 4);
      m[k] = pack(low);
      sum = wasm_i64x2_add(sum, wasm_i64x2_extmul_low_i32x4(m[k], splat(P_TABLE)));
    } else {
      r[k - FP_LIMBS] = wasm_i64x2_sub(wasm_v128_and(sum, mask), half);
    }
    carry = wasm_i64x2_add(wasm_u64x2_shr(sum, LIMB_BITS), next);
  }
  r[13] = wasm_i64x2_sub(carry, bias);
  r[14] = r[15] = wasm_i64x2_splat(0);
  UNROLL for (int i = 0; i < 16; i += 4) {
    const vec low = wasm_i32x4_shuffle(r[i], r[i + 1], 0, 2, 4, 6);
    const vec high = wasm_i32x4_shuffle(r[i + 2], r[i + 3], 0, 2, 4, 6);
    wasm_v128_store(ret + i, wasm_i32x4_shuffle(low, high, 0, 2, 4, 6));
    wasm_v128_store(ret + FP_WORDS + i, wasm_i32x4_shuffle(low, high, 1, 3, 5, 7));
  }
}

#endif
