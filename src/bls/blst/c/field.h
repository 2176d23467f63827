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
 * Everything blst's own files call (add_fp, mul_fp, ... by the names in sidelight.c) takes and gives normal elements.
 * Only the files beside this one work with weights, and say so.
 *
 * p is not a multiple of small things, so 0 has one normal representation: if v = 0 with |l[i]| < 2^28, then
 * l[0] = 0 mod 2^28, so l[0] = 0, and so on upwards. And |v| < p, so v = 0 mod p only if v = 0. That is why blst's
 * vec_is_zero works on normal elements as it is.
 */
#ifndef SIDELIGHT_FIELD_H
#define SIDELIGHT_FIELD_H

#include <stddef.h>
#include <stdint.h>
#include "field-constants.h"

void *memcpy(void *to, const void *from, size_t length);

#define FP_LIMBS 14
/* Two are zeros: elements are whole vectors of four limbs, and lie alike in every build. */
#define FP_WORDS 16
#define LIMB_BITS 28
/* columns of a product */
#define WIDE (2 * FP_LIMBS - 1)
/* and one more, which makes pairs of them */
#define WIDE_WORDS 28

#define UNROLL _Pragma("clang loop unroll(full)")
#define LOOP _Pragma("clang loop unroll(disable) vectorize(disable)")
#define INLINE static inline __attribute__((always_inline))
#define NOINLINE static __attribute__((noinline))

typedef int32_t limb;
typedef uint64_t column;
typedef limb fp[FP_WORDS];
typedef fp fp2[2];
typedef column wide[WIDE_WORDS];
typedef wide wide2[2];

/*
 * Tables for kernels that read them: in the memory of every build, so that everything after them lies alike in all.
 *   P_LIMBS      p, signed limbs
 *   M_LIMBS      (k p + 1) / 2^28, signed limbs, where k = -1/p mod 2^28 with |k| <= 2^27
 * Computed from p by the build script, as the rest of field-constants.h is.
 */
extern const limb P_TABLE[FP_WORDS], M_TABLE[FP_WORDS];

/*
 * The kernels, in kernels.c: compiled for each build by itself, whereas what calls them is compiled once. A result may
 * lie where an argument does. Elements first: normal ones, where no weight is named, and always normal results.
 */
void fp_mul(limb *ret, const limb *a, const limb *b); /* wa wb <= 35 */
void fp_sqr(limb *ret, const limb *a);                /* wa <= 5.9 */
/* a squared `count` times, times b */
void fp_sqr_n_mul(limb *ret, const limb *a, size_t count, const limb *b);
void fp_add(limb *ret, const limb *a, const limb *b);
void fp_sub(limb *ret, const limb *a, const limb *b);
void fp_scale(limb *ret, const limb *a, limb factor); /* |factor| <= 8 */
void fp_reduce(limb *ret, const limb *a);             /* wa <= 8 */
void fp2_mul(limb *ret, const limb *a, const limb *b); /* wa wb <= 17, each <= 7 */
void fp2_sqr(limb *ret, const limb *a);                /* wa <= 4 */
void fp2_add(limb *ret, const limb *a, const limb *b);
void fp2_sub(limb *ret, const limb *a, const limb *b);
void fp2_add_twice(limb *ret, const limb *a, const limb *b); /* a + 2 b, wa + 2 wb <= 8 */

/* Products that are not reduced, and their reduction: what fits is counted where they are used. */
void fp_product(column *ret, const limb *a, const limb *b);
void fp_square(column *ret, const limb *a);
void fp_redc(limb *ret, const column *t);
void fp2_product(wide2 ret, const limb *a, const limb *b);
void fp2_square(wide2 ret, const limb *a);
/* s to the real part, t to the imaginary part */
void fp2_redc(limb *ret, const column *s, const column *t);

/* Sums of columns, `count` of them, a multiple of 4. */
void wide_add(column *ret, const column *a, const column *b, size_t count);
void wide_sub_two(column *ret, const column *a, const column *b, const column *c, size_t count); /* a - b - c */
/* 2 (a - b - c), a - 8 b, a - b - c - 4 d */
void wide_twice_sub_two(column *ret, const column *a, const column *b, const column *c, size_t count);
void wide_sub_eight(column *ret, const column *a, const column *b, size_t count);
void wide_sub_three(column *ret, const column *a, const column *b, const column *c, const column *d, size_t count);
/* a + (1 + u) b */
void wide2_add_xi(wide2 ret, wide2 a, wide2 b);

/* Sums of `count` elements that are not reduced: weights add up. */
void fp_add_lazy(limb *ret, const limb *a, const limb *b, size_t count);
void fp_sub_lazy(limb *ret, const limb *a, const limb *b, size_t count);

/* SHA-256 of `count` blocks of 64 bytes, in place (digest.h). */
void digest64s(unsigned char *blocks, size_t count);

/* `size` bytes, a multiple of 16. */
void copy_words(void *to, const void *from, size_t size);

#endif
