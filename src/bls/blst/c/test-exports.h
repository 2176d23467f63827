/*
 * Field functions for the tests alone, at and beyond the limbs that normal elements have. Three elements of Fp2 at
 * FIELD: two arguments, one result, limb by limb.
 */
static limb field_buffer[3][2][FP_WORDS] __attribute__((aligned(16)));
#define ARG0 field_buffer[0][0]
#define ARG1 field_buffer[1][0]
#define RESULT field_buffer[2][0]

EXPORT("testField") void *test_field(void) { return field_buffer; }
EXPORT("testWords") int test_words(void) { return FP_WORDS; }
EXPORT("testMul") void test_mul(void) { fp_mul(RESULT, ARG0, ARG1); }
EXPORT("testSqr") void test_sqr(void) { fp_sqr(RESULT, ARG0); }
EXPORT("testAdd") void test_add(void) { fp_add(RESULT, ARG0, ARG1); }
EXPORT("testSub") void test_sub(void) { fp_sub(RESULT, ARG0, ARG1); }
EXPORT("testScale") void test_scale(int factor) { fp_scale(RESULT, ARG0, factor); }
EXPORT("testReduce") void test_reduce(void) { fp_reduce(RESULT, ARG0); }
EXPORT("testMul2") void test_mul2(void) { fp2_mul(RESULT, ARG0, ARG1); }
EXPORT("testSqr2") void test_sqr2(void) { fp2_sqr(RESULT, ARG0); }
EXPORT("testInverse") void test_inverse(void) { reciprocal_fp((limb_t *)RESULT, (limb_t *)ARG0); }
EXPORT("testEqual") int test_equal(void) { return (int)fp_is_equal_n(ARG0, ARG1, 1); }
EXPORT("testSign") int test_sign(void) { return (int)fp_sign(ARG0); }
EXPORT("testSign2") int test_sign2(void) { return (int)fp2_sign(ARG0); }
EXPORT("testToBytes") void test_to_bytes(void) { fp_to_bytes(io, ARG0); }
EXPORT("testFromBytes") int test_from_bytes(void) { return fp_from_bytes(RESULT, io); }
EXPORT("testFromWide") void test_from_wide(void) { fp_from_wide(RESULT, io); }
/* Points of G2, uncompressed: 192 bytes at io. The last message's, and the last signature. */
static void point_to_io(const POINTonE2_affine *point) {
  fp_to_bytes(io, C(point->X[1]));
  fp_to_bytes(io + 48, C(point->X[0]));
  fp_to_bytes(io + 96, C(point->Y[1]));
  fp_to_bytes(io + 144, C(point->Y[0]));
}
EXPORT("testMessagePoint") void test_message_point(void) { point_to_io(&message_point); }
EXPORT("testSignature") void test_signature(void) { point_to_io(&signature); }
EXPORT("testAggregate") void test_aggregate(void) {
  fp_to_bytes(io, C(aggregate.X));
  fp_to_bytes(io + 48, C(aggregate.Y));
}
/* Where two elements of Fp2 are mapped: RFC 9380 after hash_to_field. Infinity, which no message reaches, is zeroes. */
EXPORT("testMap") void test_map(void) {
  POINTonE2 point;
  map_to_g2(&point, *(const vec384x *)ARG0, *(const vec384x *)ARG1);
  vec_zero(&message_point, sizeof(message_point));
  if (!vec_is_zero(point.Z, sizeof(point.Z))) POINTonE2_to_affine(&message_point, &point);
}
/* `count` times the kernel: for measuring it without the calls. */
EXPORT("benchMul") void bench_mul(int count) { while (count--) fp_mul(RESULT, RESULT, ARG1); }
EXPORT("benchSqr") void bench_sqr(int count) { while (count--) fp_sqr(RESULT, RESULT); }
EXPORT("benchMul2") void bench_mul2(int count) { while (count--) fp2_mul(RESULT, RESULT, ARG1); }
EXPORT("benchSqr2") void bench_sqr2(int count) { while (count--) fp2_sqr(RESULT, RESULT); }
EXPORT("benchAdd") void bench_add(int count) { while (count--) fp_add(RESULT, RESULT, ARG1); }
EXPORT("benchInverse") void bench_inverse(int count) {
  while (count--) reciprocal_fp((limb_t *)RESULT, (limb_t *)RESULT);
}
static column bench_columns[3][WIDE_WORDS];
EXPORT("benchProduct") void bench_product(int count) { while (count--) fp_product(bench_columns[0], ARG0, ARG1); }
EXPORT("benchRedc") void bench_redc(int count) { while (count--) fp_redc(RESULT, bench_columns[0]); }
EXPORT("benchRedc2") void bench_redc2(int count) { while (count--) fp2_redc(RESULT, bench_columns[0], bench_columns[1]); }
/* Twelve elements each: two arguments, one result. Points and lines lie at the start of theirs. */
static vec384fp12 tower_buffer[3] __attribute__((aligned(16)));
EXPORT("testTower") void *test_tower(void) { return tower_buffer; }
EXPORT("testMul12") void test_mul12(void) { mul_fp12(tower_buffer[2], tower_buffer[0], tower_buffer[1]); }
EXPORT("testSqr12") void test_sqr12(void) { sqr_fp12(tower_buffer[2], tower_buffer[0]); }
EXPORT("testCyclotomic12") void test_cyclotomic12(void) { cyclotomic_sqr_fp12(tower_buffer[2], tower_buffer[0]); }
EXPORT("testLine12") void test_line12(void) {
  mul_by_xy00z0_fp12(tower_buffer[2], tower_buffer[0], tower_buffer[1][0]);
}
EXPORT("testDouble1") void test_double1(void) {
  POINTonE1_double((POINTonE1 *)tower_buffer[2], (const POINTonE1 *)tower_buffer[0]);
}
EXPORT("testDouble2") void test_double2(void) {
  POINTonE2_double((POINTonE2 *)tower_buffer[2], (const POINTonE2 *)tower_buffer[0]);
}
EXPORT("testLineDouble") void test_line_double(void) {
  line_dbl(tower_buffer[2][0], (POINTonE2 *)tower_buffer[2][1], (const POINTonE2 *)tower_buffer[0]);
}
/* On the spot, as the Miller loop and the multiplications use them. */
EXPORT("testInPlace") void test_in_place(int which) {
  vec_copy(tower_buffer[2], tower_buffer[0], sizeof(tower_buffer[2]));
  if (which == 0) mul_fp12(tower_buffer[2], tower_buffer[2], tower_buffer[1]);
  if (which == 1) sqr_fp12(tower_buffer[2], tower_buffer[2]);
  if (which == 2) cyclotomic_sqr_fp12(tower_buffer[2], tower_buffer[2]);
  if (which == 3) mul_by_xy00z0_fp12(tower_buffer[2], tower_buffer[2], tower_buffer[1][0]);
  if (which == 4) POINTonE1_double((POINTonE1 *)tower_buffer[2], (const POINTonE1 *)tower_buffer[2]);
  if (which == 5) POINTonE2_double((POINTonE2 *)tower_buffer[2], (const POINTonE2 *)tower_buffer[2]);
  if (which == 6) {
    vec_copy(tower_buffer[2][1], tower_buffer[0], sizeof(POINTonE2));
    line_dbl(tower_buffer[2][0], (POINTonE2 *)tower_buffer[2][1], (const POINTonE2 *)tower_buffer[2][1]);
  }
}

/* The halves of verify(), on whatever was loaded last. */
static vec384fp12 bench_value;
EXPORT("benchMiller") void bench_miller(int count) {
  POINTonE2_affine q[2];
  POINTonE1_affine p[2];
  vec_copy(&q[0], &message_point, sizeof(q[0]));
  vec_copy(&q[1], &signature, sizeof(q[1]));
  vec_copy(&p[0], &aggregate, sizeof(p[0]));
  vec_copy(&p[1], &BLS12_381_NEG_G1, sizeof(p[1]));
  while (count--) miller_loop_n(bench_value, q, p, 2);
}
EXPORT("benchFinalExp") void bench_final_exp(int count) {
  vec384fp12 f;
  while (count--) final_exp(f, bench_value);
}
