/*
 * The one translation unit: blst's formulas (curves, pairing, hash to curve; Supranational LLC, Apache-2.0, read from
 * their package at build time) over this folder's field, and the functions JavaScript calls.
 *
 * What the build script changes in blst's files: the size of vec384, and the representation of its constants (from
 * R = 2^384 to R = 2^392 and signed limbs). Of no_asm.h only SHA-256 is kept.
 */
#include "field.h"
#include "vect.h"

void *memcpy(void *to, const void *from, size_t length) {
  unsigned char *t = to;
  const unsigned char *f = from;
  while (length--) *t++ = *f++;
  return to;
}

void *memset(void *to, int value, size_t length) {
  unsigned char *t = to;
  while (length--) *t++ = (unsigned char)value;
  return to;
}

/* blst's functions on words, in time that varies: nothing here is secret. Sizes are multiples of 16. */
NOINLINE void zero_words(uint64_t *words, size_t size) {
  LOOP for (size_t i = 0; i < size / 8; i++) words[i] = 0;
}

NOINLINE limb_t words_are_zero(const uint64_t *words, size_t size) {
  LOOP for (size_t i = 0; i < size / 8; i++) if (words[i] != 0) return 0;
  return 1;
}

#define vec_copy(ret, a, size) copy_words(ret, a, size)
#define vec_zero(ret, size) zero_words((uint64_t *)(ret), size)
#define vec_is_zero(a, size) words_are_zero((const uint64_t *)(a), size)
#define vec_select(ret, a, b, size, flag) copy_words(ret, (flag) ? (const void *)(a) : (const void *)(b), size)

/* blst's names for the field's functions. */
#define L(a) ((limb *)(a))
#define C(a) ((const limb *)(a))
#define add_mod_384(r, a, b, p) fp_add(L(r), C(a), C(b))
#define sub_mod_384(r, a, b, p) fp_sub(L(r), C(a), C(b))
#define mul_by_3_mod_384(r, a, p) fp_scale(L(r), C(a), 3)
#define mul_by_8_mod_384(r, a, p) fp_scale(L(r), C(a), 8)
#define lshift_mod_384(r, a, count, p) fp_scale(L(r), C(a), 1 << (count))
#define div_by_2_mod_384(r, a, p) fp_mul(L(r), C(a), C(HALF))
#define mul_mont_384(r, a, b, p, n) fp_mul(L(r), C(a), C(b))
#define sqr_mont_384(r, a, p, n) fp_sqr(L(r), C(a))
#define sqr_n_mul_mont_383(r, a, count, p, n, b) fp_sqr_n_mul(L(r), C(a), count, C(b))
#define cneg_mod_384(r, a, flag, p) fp_scale(L(r), C(a), (flag) ? -1 : 1)
#define mul_mont_384x(r, a, b, p, n) fp2_mul(L(r), C(a), C(b))
#define sqr_mont_384x(r, a, p, n) fp2_sqr(L(r), C(a))
#define add_mod_384x(r, a, b, p) fp2_add(L(r), C(a), C(b))
#define sub_mod_384x(r, a, b, p) fp2_sub(L(r), C(a), C(b))
#define mul_by_3_mod_384x(r, a, p) fp2_add_twice(L(r), C(a), C(a))
#define sgn0_pty_mont_384x(a, p, n) fp2_sign(C(a))
#define sgn0_pty_mont_384(a, p, n) fp_sign(C(a))
/* Elements have many representations: equal is what differs by zero. */
#define vec_is_equal(a, b, size) fp_is_equal_n(C(a), C(b), (size) / sizeof(vec384))

const limb P_TABLE[FP_WORDS] __attribute__((used)) = P_LIMBS;
const limb M_TABLE[FP_WORDS] __attribute__((used)) = M_LIMBS;

static limb_t fp_is_equal_n(const limb *a, const limb *b, size_t elements) {
  LOOP for (; elements--; a += FP_WORDS, b += FP_WORDS) {
    fp difference;
    fp_sub(difference, a, b);
    if (!vec_is_zero(difference, sizeof(difference))) return 0;
  }
  return 1;
}

void mul_by_1_plus_i_mod_384x(vec384x ret, const vec384x a, const vec384 p) {
  vec384 sum;
  (void)p;
  fp_add(L(sum), C(a[0]), C(a[1]));
  fp_sub(L(ret[0]), C(a[0]), C(a[1]));
  copy_words(ret[1], sum, sizeof(sum));
}

#include "convert.h"
#include "inverse.h"
#include "fields.h"
#include "point.h"
#include "bytes.h"
#include "errors.h"
#include "consts.c"
#include "hash_to_field.c"

/* RFC 9380 section 5.2, as blst's, over this field. */
static void hash_to_field(vec384 elems[], size_t nelems, const unsigned char *aug, size_t aug_len,
                          const unsigned char *msg, size_t msg_len, const unsigned char *DST, size_t DST_len) {
  union { limb_t align; unsigned char bytes[4 * 64]; } random;
  if (nelems > 4) return;
  expand_message_xmd(random.bytes, nelems * 64, aug, aug_len, msg, msg_len, DST, DST_len);
  for (size_t i = 0; i < nelems; i++) fp_from_wide(L(elems[i]), random.bytes + 64 * i);
}

#include "tower.h"
#include "curve.h"

/* Their versions of what tower.h and curve.h have were renamed by the build script, or are macros. */
#include "ec_ops.h"
#undef POINT_DOUBLE_IMPL_A0
#define POINT_DOUBLE_IMPL_A0(ptype, bits, field)
#include "e1.c"
#include "map_to_g1.c"
#include "e2.c"
#include "map_to_g2.c"
#include "fp12_tower.c"
#include "pairing.c"
#include "sqrt.c"

static void reciprocal_fp(vec384 out, const vec384 inp) { fp_inverse(L(out), C(inp)); }

/* 1/(a + b u) = (a - b u) / (a^2 + b^2) */
static void reciprocal_fp2(vec384x out, const vec384x inp) {
  vec384 norm, bb;
  sqr_fp(norm, inp[0]);
  sqr_fp(bb, inp[1]);
  add_fp(norm, norm, bb);
  reciprocal_fp(norm, norm);
  mul_fp(out[0], inp[0], norm);
  mul_fp(out[1], inp[1], norm);
  neg_fp(out[1], out[1]);
}


#include "exports.h"
#ifdef SIDELIGHT_TEST
#include "test-exports.h"
#endif
