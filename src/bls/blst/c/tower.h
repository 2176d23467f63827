/*
 * Fp12 = Fp2[v, w] / (v^3 - u - 1, w^2 - v) with few reductions: sums of products are formed in columns and reduced
 * once for each coefficient of the result. In place of blst's functions of the same names (formulas as there).
 *
 * ## Bounds
 * Columns are integers modulo 2^64. Sums, differences and Karatsuba's detours may wrap on the way; what counts is the
 * true value of a column when it is reduced. Measured in U = 14 (2^27 + 16)^2 < 2^57.81, the columns of a product of
 * two normal elements of Fp, it must be at most 35 U (see fp_redc). A product in Fp2 of weights wa, wb counts
 * 2 wa wb U in each part, times (1 + u) twice that. All arguments below are normal, and after each formula stands what
 * its coefficients count.
 *
 * Limbs must fit int32 where sums of elements enter a product: weight at most 15, twice that of the Fp2 element for
 * re + im. Stated as "sums".
 */
#ifndef SIDELIGHT_TOWER_H
#define SIDELIGHT_TOWER_H

/*
 * Columns are added and subtracted as many at a time as the machine can. Where a result is one of the arguments each
 * place is read before it is written.
 */
#ifdef __wasm_simd128__
typedef column chunk __attribute__((vector_size(16), aligned(8), may_alias));
#else
typedef column chunk;
#endif
#define CHUNKS ((int)(sizeof(wide) / sizeof(chunk)))
#define EACH_COLUMN _Pragma("clang loop unroll_count(4)") for (int k = 0; k < CHUNKS; k++)
/* the columns of w that the loop is at */
#define AT(w) (((chunk *)(w))[k])

#define EACH_LIMB UNROLL for (int i = 0; i < FP_WORDS; i++)

INLINE void fp2_copy(limb *ret, const limb *a) {
  fp_copy(ret, a);
  fp_copy(ret + FP_WORDS, a + FP_WORDS);
}

INLINE void fp2_add_lazy(limb *ret, const limb *a, const limb *b) {
  fp_add_lazy(ret, a, b);
  fp_add_lazy(ret + FP_WORDS, a + FP_WORDS, b + FP_WORDS);
}

INLINE void fp2_sub_lazy(limb *ret, const limb *a, const limb *b) {
  fp_sub_lazy(ret, a, b);
  fp_sub_lazy(ret + FP_WORDS, a + FP_WORDS, b + FP_WORDS);
}

/* a + (1 + u) b */
INLINE void fp2_add_xi_lazy(limb *ret, const limb *a, const limb *b) {
  EACH_LIMB {
    const limb re = b[i], im = b[FP_WORDS + i];
    ret[i] = a[i] + re - im;
    ret[FP_WORDS + i] = a[FP_WORDS + i] + re + im;
  }
}

/* 2 wa wb; sums 2 wa and 2 wb */
NOINLINE void fp2_product(wide2 ret, const limb *a, const limb *b) {
  wide t;
  fp aa, bb;
  EACH_LIMB {
    aa[i] = a[i] + a[FP_WORDS + i];
    bb[i] = b[i] + b[FP_WORDS + i];
  }
  fp_product_out(ret[0], a, b);
  fp_product_out(t, a + FP_WORDS, b + FP_WORDS);
  fp_product_out(ret[1], aa, bb);
  EACH_COLUMN {
    AT(ret[1]) -= AT(ret[0]) + AT(t);
    AT(ret[0]) -= AT(t);
  }
}

/*
 * 2 wa^2; sums 2 wa. In (a0 + a1)(a0 - a1) the mixed terms of each column cancel: its true value is that of
 * a0^2 - a1^2.
 */
NOINLINE void fp2_square(wide2 ret, const limb *a) {
  fp s, d, twice;
  EACH_LIMB {
    s[i] = a[i] + a[FP_WORDS + i];
    d[i] = a[i] - a[FP_WORDS + i];
    twice[i] = a[i] + a[i];
  }
  fp_product_out(ret[0], s, d);
  fp_product_out(ret[1], twice, a + FP_WORDS);
}

NOINLINE void wide2_add(wide2 ret, wide2 a, wide2 b) {
  EACH_COLUMN {
    AT(ret[0]) = AT(a[0]) + AT(b[0]);
    AT(ret[1]) = AT(a[1]) + AT(b[1]);
  }
}

NOINLINE void wide2_sub(wide2 ret, wide2 a, wide2 b) {
  EACH_COLUMN {
    AT(ret[0]) = AT(a[0]) - AT(b[0]);
    AT(ret[1]) = AT(a[1]) - AT(b[1]);
  }
}

/* ret = a - b - c */
NOINLINE void wide2_sub_two(wide2 ret, wide2 a, wide2 b, wide2 c) {
  EACH_COLUMN {
    AT(ret[0]) = AT(a[0]) - AT(b[0]) - AT(c[0]);
    AT(ret[1]) = AT(a[1]) - AT(b[1]) - AT(c[1]);
  }
}

/* ret = a + (1 + u) b; ret may be a or b */
NOINLINE void wide2_add_xi(wide2 ret, wide2 a, wide2 b) {
  EACH_COLUMN {
    const chunk re = AT(b[0]), im = AT(b[1]);
    AT(ret[0]) = AT(a[0]) + re - im;
    AT(ret[1]) = AT(a[1]) + re + im;
  }
}

typedef fp2 fp6[3];
typedef wide2 wide6[3];

INLINE void fp6_add_lazy(fp6 ret, fp6 a, fp6 b) {
  for (int i = 0; i < 3; i++) fp2_add_lazy(ret[i][0], a[i][0], b[i][0]);
}

/*
 * Six products in Fp2 for nine. Sums 4 wa, 4 wb.
 *     ret0 = a0 b0 + (1 + u)(a1 b2 + a2 b1)       2 + 2 (2 + 2)   = 10 wa wb
 *     ret1 = a0 b1 + a1 b0 + (1 + u) a2 b2        2 + 2 + 2 * 2   =  8 wa wb
 *     ret2 = a0 b2 + a2 b0 + a1 b1                2 + 2 + 2       =  6 wa wb
 */
NOINLINE void fp6_product(wide6 ret, fp6 a, fp6 b) {
  wide2 t0, t1, t2, s;
  fp2 aa, bb;
  fp2_product(t0, a[0][0], b[0][0]);
  fp2_product(t1, a[1][0], b[1][0]);
  fp2_product(t2, a[2][0], b[2][0]);

  fp2_add_lazy(aa[0], a[1][0], a[2][0]);
  fp2_add_lazy(bb[0], b[1][0], b[2][0]);
  fp2_product(s, aa[0], bb[0]);
  wide2_sub_two(s, s, t1, t2);
  wide2_add_xi(ret[0], t0, s);

  fp2_add_lazy(aa[0], a[0][0], a[1][0]);
  fp2_add_lazy(bb[0], b[0][0], b[1][0]);
  fp2_product(s, aa[0], bb[0]);
  wide2_sub_two(s, s, t0, t1);
  wide2_add_xi(ret[1], s, t2);

  fp2_add_lazy(aa[0], a[0][0], a[2][0]);
  fp2_add_lazy(bb[0], b[0][0], b[2][0]);
  fp2_product(s, aa[0], bb[0]);
  wide2_sub_two(s, s, t0, t2);
  wide2_add(ret[2], s, t1);
}

/* ret = redc(t0 + v t1) */
static void fp6_redc_add_v(fp6 ret, wide6 t0, wide6 t1) {
  wide2 s;
  wide2_add_xi(s, t0[0], t1[2]);
  fp2_redc(ret[0][0], s[0], s[1]);
  wide2_add(s, t0[1], t1[0]);
  fp2_redc(ret[1][0], s[0], s[1]);
  wide2_add(s, t0[2], t1[1]);
  fp2_redc(ret[2][0], s[0], s[1]);
}

/* ret = redc(s - t0 - t1) */
static void fp6_redc_sub_two(fp6 ret, wide6 s, wide6 t0, wide6 t1) {
  wide2 t;
  for (int i = 0; i < 3; i++) {
    wide2_sub_two(t, s[i], t0[i], t1[i]);
    fp2_redc(ret[i][0], t[0], t[1]);
  }
}

#define FP6(a) (*(fp6 *)(a))

static void mul_fp6(vec384fp6 ret, const vec384fp6 a, const vec384fp6 b) {
  wide6 t;
  fp6_product(t, FP6(a), FP6(b));
  for (int i = 0; i < 3; i++) fp2_redc(FP6(ret)[i][0], t[i][0], t[i][1]);
}

static void sqr_fp6(vec384fp6 ret, const vec384fp6 a) { mul_fp6(ret, a, a); }

/*
 *     ret0 = a0 b0 + v a1 b1       10 + 2 * 6, 8 + 10, 6 + 8     <= 22
 *     ret1 = a0 b1 + a1 b0         10 + 10, 8 + 8, 6 + 6         <= 20
 * Sums 8.
 */
static void mul_fp12(vec384fp12 ret, const vec384fp12 a, const vec384fp12 b) {
  wide6 t0, t1, s;
  fp6 aa, bb;
  fp6_product(t0, FP6(a[0]), FP6(b[0]));
  fp6_product(t1, FP6(a[1]), FP6(b[1]));
  fp6_add_lazy(aa, FP6(a[0]), FP6(a[1]));
  fp6_add_lazy(bb, FP6(b[0]), FP6(b[1]));
  fp6_product(s, aa, bb);
  fp6_redc_sub_two(FP6(ret[1]), s, t0, t1);
  fp6_redc_add_v(FP6(ret[0]), t0, t1);
}

/*
 * Two products in Fp6: t = a0 a1, s = (a0 + a1)(a0 + v a1).
 *     ret0 = s - t - v t = a0^2 + v a1^2     as mul_fp12     <= 22
 *     ret1 = 2 t                                              <= 20
 * Sums: a0 + (1 + u) a1 has weight 3, added to one of weight 2 it has 5, as re + im 10.
 */
static void sqr_fp12(vec384fp12 ret, const vec384fp12 a) {
  wide6 t, s;
  wide2 r;
  fp6 aa, bb;
  fp6_add_lazy(aa, FP6(a[0]), FP6(a[1]));
  fp2_add_xi_lazy(bb[0][0], FP6(a[0])[0][0], FP6(a[1])[2][0]);
  fp2_add_lazy(bb[1][0], FP6(a[0])[1][0], FP6(a[1])[0][0]);
  fp2_add_lazy(bb[2][0], FP6(a[0])[2][0], FP6(a[1])[1][0]);
  fp6_product(s, aa, bb);
  fp6_product(t, FP6(a[0]), FP6(a[1]));

  wide2_sub(r, s[0], t[0]);
  EACH_COLUMN {
    const chunk re = AT(t[2][0]), im = AT(t[2][1]);
    AT(r[0]) -= re - im;
    AT(r[1]) -= re + im;
  }
  fp2_redc(FP6(ret[0])[0][0], r[0], r[1]);
  wide2_sub_two(r, s[1], t[1], t[0]);
  fp2_redc(FP6(ret[0])[1][0], r[0], r[1]);
  wide2_sub_two(r, s[2], t[2], t[1]);
  fp2_redc(FP6(ret[0])[2][0], r[0], r[1]);
  for (int i = 0; i < 3; i++) {
    wide2_add(r, t[i], t[i]);
    fp2_redc(FP6(ret[1])[i][0], r[0], r[1]);
  }
}

/*
 * a (b0 + b1 v), five products.
 *     ret0 = a0 b0 + (1 + u) a2 b1     2 + 4 = 6 wa wb
 *     ret1 = a0 b1 + a1 b0                     4 wa wb
 *     ret2 = a2 b0 + a1 b1                     4 wa wb
 */
static void fp6_product_xy0(wide6 ret, fp6 a, fp2 b0, fp2 b1) {
  wide2 t0, t1, s;
  fp2 aa, bb;
  fp2_product(t0, a[0][0], b0[0]);
  fp2_product(t1, a[1][0], b1[0]);
  fp2_product(s, a[2][0], b1[0]);
  wide2_add_xi(ret[0], t0, s);
  fp2_add_lazy(aa[0], a[0][0], a[1][0]);
  fp2_add_lazy(bb[0], b0[0], b1[0]);
  fp2_product(s, aa[0], bb[0]);
  wide2_sub_two(ret[1], s, t0, t1);
  fp2_product(s, a[2][0], b0[0]);
  wide2_add(ret[2], s, t1);
}

/*
 * A line is x + y v + z v w: a (x + y v) in each half, and z v.
 *     t0 = a0 (x + y v)                6, 4, 4
 *     t1 = a1 z v                      (1 + u) a1[2] z, a1[0] z, a1[1] z:  4, 2, 2
 *     ret0 = t0 + v t1                 6 + 2 * 2, 4 + 4, 4 + 2             <= 10
 *     ret1 = a0 z v + a1 (x + y v)     4 + 6, 2 + 4, 2 + 4                 <= 10
 * Sums: (a0 + a1) of weight 2, its sums 4, re + im 8.
 */
static void mul_by_xy00z0_fp12(vec384fp12 ret, const vec384fp12 a, const vec384fp6 line) {
  wide6 t0, t1, s;
  wide2 r;
  fp6 aa;
  fp2 yz;
  fp6_product_xy0(t0, FP6(a[0]), FP6(line)[0], FP6(line)[1]);
  fp2_product(r, FP6(a[1])[2][0], FP6(line)[2][0]);
  EACH_COLUMN {
    AT(t1[0][0]) = AT(r[0]) - AT(r[1]);
    AT(t1[0][1]) = AT(r[0]) + AT(r[1]);
  }
  fp2_product(t1[1], FP6(a[1])[0][0], FP6(line)[2][0]);
  fp2_product(t1[2], FP6(a[1])[1][0], FP6(line)[2][0]);
  fp6_add_lazy(aa, FP6(a[0]), FP6(a[1]));
  fp2_add_lazy(yz[0], FP6(line)[1][0], FP6(line)[2][0]);
  fp6_product_xy0(s, aa, FP6(line)[0], yz);
  fp6_redc_sub_two(FP6(ret[1]), s, t0, t1);
  fp6_redc_add_v(FP6(ret[0]), t0, t1);
}

/*
 * Squaring in Fp4 = Fp2[s] / (s^2 - 1 - u): ret0 = a0^2 + (1 + u) a1^2 (2 + 4 = 6), ret1 = 2 a0 a1 (4); sums 4.
 */
static void fp4_square(fp2 ret0, fp2 ret1, const limb *a0, const limb *a1) {
  wide2 t0, t1, s;
  fp2 aa;
  fp2_square(t0, a0);
  fp2_square(t1, a1);
  fp2_add_lazy(aa[0], a0, a1);
  fp2_square(s, aa[0]);
  wide2_sub_two(s, s, t0, t1);
  fp2_redc(ret1[0], s[0], s[1]);
  wide2_add_xi(s, t0, t1);
  fp2_redc(ret0[0], s[0], s[1]);
}

/* ret = 3 t - 2 a, weight 5 */
NOINLINE void three_less_two(limb *ret, const limb *t, const limb *a) {
  for (int part = 0; part < 2; part++) {
    fp s;
    EACH_LIMB s[i] = 3 * t[i] - 2 * a[i];
    fp_reduce_to(ret, s);
    ret += FP_WORDS, t += FP_WORDS, a += FP_WORDS;
  }
}

/* ret = 3 t + 2 a, weight 5 */
NOINLINE void three_and_two(limb *ret, const limb *t, const limb *a) {
  for (int part = 0; part < 2; part++) {
    fp s;
    EACH_LIMB s[i] = 3 * t[i] + 2 * a[i];
    fp_reduce_to(ret, s);
    ret += FP_WORDS, t += FP_WORDS, a += FP_WORDS;
  }
}

/* Granger, Scott, https://eprint.iacr.org/2009/565 */
static void cyclotomic_sqr_fp12(vec384fp12 ret, const vec384fp12 a) {
  fp2 t00, t01, t10, t11, t20, t21, xi;
  fp2 *a0 = FP6(a[0]), *a1 = FP6(a[1]), *r0 = FP6(ret[0]), *r1 = FP6(ret[1]);
  fp4_square(t00, t01, a0[0][0], a1[1][0]);
  fp4_square(t10, t11, a1[0][0], a0[2][0]);
  fp4_square(t20, t21, a0[1][0], a1[2][0]);
  three_less_two(r0[0][0], t00[0], a0[0][0]);
  three_less_two(r0[1][0], t10[0], a0[1][0]);
  three_less_two(r0[2][0], t20[0], a0[2][0]);
  /* (1 + u) t21: weight 2, so 3 * 2 + 2 = 8 */
  EACH_LIMB {
    xi[0][i] = t21[0][i] - t21[1][i];
    xi[1][i] = t21[0][i] + t21[1][i];
  }
  three_and_two(r1[0][0], xi[0], a1[0][0]);
  three_and_two(r1[1][0], t01[0], a1[1][0]);
  three_and_two(r1[2][0], t11[0], a1[2][0]);
}

#endif
