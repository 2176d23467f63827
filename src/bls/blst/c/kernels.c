/*
 * What is compiled for each build by itself: arithmetic in columns and limbs, and SHA-256. Everything else (sidelight.c)
 * is compiled once, without SIMD, and linked with either: the builds then differ in this alone, and a download that
 * carries both compresses to little more than one of them.
 */
#include "field.h"

/* As many limbs or columns as the machine takes at a time. */
#ifdef __wasm_simd128__
typedef limb limbs __attribute__((vector_size(16), aligned(4), may_alias));
typedef column columns __attribute__((vector_size(16), aligned(8), may_alias));
#else
typedef limb limbs;
typedef column columns;
#endif

/* For each place in `count` limbs (or columns): LIMBS(a) is what of a is at that place. */
#define EACH_LIMB(count) UNROLL for (size_t at = 0; at < (count) * sizeof(limb) / sizeof(limbs); at++)
#define LIMBS(a) (((limbs *)(a))[at])
#define EACH_COLUMN(count) \
  _Pragma("clang loop unroll_count(7)") for (size_t at = 0; at < (count) * sizeof(column) / sizeof(columns); at++)
#define COLUMNS(a) (((columns *)(a))[at])

/* The tables as constants in the code. */
static const limb P[FP_LIMBS] = P_LIMBS;
static const limb M[FP_LIMBS] = M_LIMBS;

INLINE void fp_pad(limb *ret) {
  UNROLL for (int i = FP_LIMBS; i < FP_WORDS; i++) ret[i] = 0;
}

#include "kernels.h"
#include "sums.h"
#include "digest.h"
