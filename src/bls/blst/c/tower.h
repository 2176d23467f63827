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

typedef fp2 fp6[3];
typedef wide2 wide6[3];

#define FP6(a) (*(fp6 *)(a))
/* Columns of a product in Fp2 and in Fp6, and the first of them. */
#define WORDS2 (2 * WIDE_WORDS)
#define WORDS6 (6 * WIDE_WORDS)
#define ROW2(w) ((w)[0])
#define ROW6(w) ((w)[0][0])

static void fp2_add_lazy(fp2 ret, fp2 a, fp2 b) { fp_add_lazy(ret[0], a[0], b[0], 2); }

static void fp6_add_lazy(fp6 ret, fp6 a, fp6 b) { fp_add_lazy(ret[0][0], a[0][0], b[0][0], 6); }

/* (1 + u) a, of twice the weight; ret is not a. */
static void fp2_xi_lazy(fp2 ret, fp2 a) {
  fp_sub_lazy(ret[0], a[0], a[1], 1);
  fp_add_lazy(ret[1], a[0], a[1], 1);
}

static void wide2_add(wide2 ret, wide2 a, wide2 b) { wide_add(ROW2(ret), ROW2(a), ROW2(b), WORDS2); }

/* a - b - c */
static void wide2_sub_two(wide2 ret, wide2 a, wide2 b, wide2 c) {
  wide_sub_two(ROW2(ret), ROW2(a), ROW2(b), ROW2(c), WORDS2);
}

/* Not const: it takes no room in the download. */
static wide2 zero;

static void redc2(limb *ret, wide2 t) { fp2_redc(ret, t[0], t[1]); }

/*
 * Six products in Fp2 for nine. Sums 4 wa, 4 wb.
 *     ret0 = a0 b0 + (1 + u)(a1 b2 + a2 b1)       2 + 2 (2 + 2)   = 10 wa wb
 *     ret1 = a0 b1 + a1 b0 + (1 + u) a2 b2        2 + 2 + 2 * 2   =  8 wa wb
 *     ret2 = a0 b2 + a2 b0 + a1 b1                2 + 2 + 2       =  6 wa wb
 */
static void fp6_product(wide6 ret, fp6 a, fp6 b) {
  /* a_i b_i; then for each coefficient k the two others, i and j */
  static const unsigned char others[3][2] = {{1, 2}, {0, 1}, {0, 2}};
  wide6 t;
  for (int i = 0; i < 3; i++) fp2_product(t[i], a[i][0], b[i][0]);
  for (int k = 0; k < 3; k++) {
    const int i = others[k][0], j = others[k][1];
    fp2 aa, bb;
    fp2_add_lazy(aa, a[i], a[j]);
    fp2_add_lazy(bb, b[i], b[j]);
    fp2_product(ret[k], aa[0], bb[0]);
    wide2_sub_two(ret[k], ret[k], t[i], t[j]);
  }
  wide2_add_xi(ret[0], t[0], ret[0]);
  wide2_add_xi(ret[1], ret[1], t[2]);
  wide2_add(ret[2], ret[2], t[1]);
}

static void redc6(fp6 ret, wide6 t) {
  for (int i = 0; i < 3; i++) redc2(ret[i][0], t[i]);
}

/* ret = redc(t0 + v t1) */
static void fp6_redc_add_v(fp6 ret, wide6 t0, wide6 t1) {
  wide6 s;
  wide2_add_xi(s[0], t0[0], t1[2]);
  wide_add(ROW2(s[1]), ROW2(t0[1]), ROW2(t1[0]), 2 * WORDS2);
  redc6(ret, s);
}

/* ret = redc(s - t0 - t1) */
static void fp6_redc_sub_two(fp6 ret, wide6 s, wide6 t0, wide6 t1) {
  wide_sub_two(ROW6(s), ROW6(s), ROW6(t0), ROW6(t1), WORDS6);
  redc6(ret, s);
}

static void mul_fp6(vec384fp6 ret, const vec384fp6 a, const vec384fp6 b) {
  wide6 t;
  fp6_product(t, FP6(a), FP6(b));
  redc6(FP6(ret), t);
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
  fp2_xi_lazy(bb[0], FP6(a[1])[2]);
  copy_words(bb[1], FP6(a[1])[0], 2 * sizeof(fp2));
  fp6_add_lazy(bb, bb, FP6(a[0]));
  fp6_product(s, aa, bb);
  fp6_product(t, FP6(a[0]), FP6(a[1]));

  wide2_add_xi(r, t[0], t[2]);
  wide2_sub_two(s[0], s[0], r, zero);
  wide_sub_two(ROW2(s[1]), ROW2(s[1]), ROW2(t[1]), ROW2(t[0]), 2 * WORDS2);
  redc6(FP6(ret[0]), s);
  wide_add(ROW6(t), ROW6(t), ROW6(t), WORDS6);
  redc6(FP6(ret[1]), t);
}

/*
 * a (b0 + b1 v), five products.
 *     ret0 = a0 b0 + (1 + u) a2 b1     2 + 4 = 6 wa wb
 *     ret1 = a0 b1 + a1 b0                     4 wa wb
 *     ret2 = a2 b0 + a1 b1                     4 wa wb
 */
static void fp6_product_xy0(wide6 ret, fp6 a, fp2 b0, fp2 b1) {
  wide2 t0, t1;
  fp2 aa, bb;
  fp2_product(t0, a[0][0], b0[0]);
  fp2_product(t1, a[1][0], b1[0]);
  fp2_product(ret[0], a[2][0], b1[0]);
  wide2_add_xi(ret[0], t0, ret[0]);
  fp2_add_lazy(aa, a[0], a[1]);
  fp2_add_lazy(bb, b0, b1);
  fp2_product(ret[1], aa[0], bb[0]);
  wide2_sub_two(ret[1], ret[1], t0, t1);
  fp2_product(ret[2], a[2][0], b0[0]);
  wide2_add(ret[2], ret[2], t1);
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
  fp6 aa;
  fp2 yz;
  fp6_product_xy0(t0, FP6(a[0]), FP6(line)[0], FP6(line)[1]);
  for (int i = 0; i < 3; i++) fp2_product(t1[(i + 1) % 3], FP6(a[1])[i][0], FP6(line)[2][0]);
  wide2_add_xi(t1[0], zero, t1[0]);
  fp6_add_lazy(aa, FP6(a[0]), FP6(a[1]));
  fp2_add_lazy(yz, FP6(line)[1], FP6(line)[2]);
  fp6_product_xy0(s, aa, FP6(line)[0], yz);
  fp6_redc_sub_two(FP6(ret[1]), s, t0, t1);
  fp6_redc_add_v(FP6(ret[0]), t0, t1);
}

/*
 * Squaring in Fp4 = Fp2[s] / (s^2 - 1 - u): ret0 = a0^2 + (1 + u) a1^2 (2 + 4 = 6), ret1 = 2 a0 a1 (4); sums 4.
 */
static void fp4_square(fp2 ret0, fp2 ret1, fp2 a0, fp2 a1) {
  wide2 t0, t1, s;
  fp2 aa;
  fp2_square(t0, a0[0]);
  fp2_square(t1, a1[0]);
  fp2_add_lazy(aa, a0, a1);
  fp2_square(s, aa[0]);
  wide2_sub_two(s, s, t0, t1);
  redc2(ret1[0], s);
  wide2_add_xi(s, t0, t1);
  redc2(ret0[0], s);
}

/* Granger, Scott, https://eprint.iacr.org/2009/565: 3 t - 2 a and 3 t + 2 a, weight 5. */
static void cyclotomic_sqr_fp12(vec384fp12 ret, const vec384fp12 a) {
  fp2 t[3][2], xi;
  fp2 *a0 = FP6(a[0]), *a1 = FP6(a[1]), *r0 = FP6(ret[0]), *r1 = FP6(ret[1]);
  fp4_square(t[0][0], t[0][1], a0[0], a1[1]);
  fp4_square(t[1][0], t[1][1], a1[0], a0[2]);
  fp4_square(t[2][0], t[2][1], a0[1], a1[2]);
  for (int i = 0; i < 3; i++) {
    /* t + 2 (t - a) */
    fp_sub_lazy(xi[0], t[i][0][0], a0[i][0], 2);
    fp2_add_twice(r0[i][0], t[i][0][0], xi[0]);
  }
  /* t + 2 (t + a); (1 + u) t of weight 2: 2 + 2 * 3 = 8 */
  fp2_xi_lazy(xi, t[2][1]);
  fp2_add_lazy(t[2][0], xi, a1[0]);
  fp2_add_twice(r1[0][0], xi[0], t[2][0][0]);
  for (int i = 1; i < 3; i++) {
    fp2_add_lazy(xi, t[i - 1][1], a1[i]);
    fp2_add_twice(r1[i][0], t[i - 1][1][0], xi[0]);
  }
}

#endif
