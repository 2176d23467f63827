/*
 * Doublings, with and without the line through the point, in columns. In place of blst's line_dbl and POINTonE*_double
 * (formulas as there; bounds as in tower.h). Coordinates are normal, before and after.
 */
#ifndef SIDELIGHT_CURVE_H
#define SIDELIGHT_CURVE_H

/*
 * What doubling in Jacobian coordinates and the line have in common, on y^2 = x^3 + b:
 *     A = X^2, B = Y^2, C = B^2
 *     D = 2 ((X + B)^2 - A - C) = 4 X B                       4 * 2 = 8
 *     E = 3 A, F = E^2                                        2 * 9 = 18
 *     X3 = F - 2 D                                            18 + 16 = 34
 *     Y3 = E (D - X3) - 8 C                                   2 * 3 * 2 + 8 * 2 = 28
 */
typedef struct {
  wide2 aw, bw, fw;
  fp2 b, e;
} doubling;

static void double_xy(limb *x3, limb *y3, fp2 x, fp2 y, doubling *w) {
  wide2 cw, t;
  fp2 s, d;
  fp2_square(w->aw, x[0]);
  redc2(w->e[0], w->aw);
  fp2_square(w->bw, y[0]);
  redc2(w->b[0], w->bw);
  fp2_square(cw, w->b[0]);
  fp2_add_lazy(s, x, w->b);
  fp2_square(t, s[0]);
  wide_twice_sub_two(ROW2(t), ROW2(t), ROW2(w->aw), ROW2(cw), WORDS2);
  redc2(d[0], t);
  /* E of weight 3 */
  fp2_add_lazy(s, w->e, w->e);
  fp2_add_lazy(w->e, w->e, s);
  fp2_square(w->fw, w->e[0]);
  wide2_sub_two(t, w->fw, t, t);
  redc2(x3, t);
  fp_sub_lazy(s[0], d[0], x3, 2);
  fp2_product(t, w->e[0], s[0]);
  wide_sub_eight(ROW2(t), ROW2(t), ROW2(cw), WORDS2);
  redc2(y3, t);
}

/* blst's arrays as ours */
#define FP2(a) (*(fp2 *)(a))

/*
 * The line through q and itself, for line_by_Px2:
 *     ZZ = Z^2, Z3 = (Y + Z)^2 - B - ZZ = 2 Y Z                                  4
 *     line0 = (E + X)^2 - A - F - 4 B = 6 A X - 4 B                  12 + 8 = 20      (E + X of weight 4)
 *     line1 = E ZZ, line2 = Z3 ZZ
 */
static void line_dbl(vec384fp6 line, POINTonE2 *T, const POINTonE2 *Q) {
  doubling w;
  wide2 zw, t;
  fp2 s, zz, x;
  fp2_square(zw, C(Q->Z));
  redc2(zz[0], zw);
  fp2_add_lazy(s, FP2(Q->Y), FP2(Q->Z));
  copy_words(x, Q->X, sizeof(x));
  double_xy(L(T->X), L(T->Y), x, FP2(Q->Y), &w);
  fp2_square(t, s[0]);
  wide2_sub_two(t, t, w.bw, zw);
  redc2(L(T->Z), t);
  fp2_add_lazy(s, w.e, x);
  fp2_square(t, s[0]);
  wide_sub_three(ROW2(t), ROW2(t), ROW2(w.aw), ROW2(w.fw), ROW2(w.bw), WORDS2);
  redc2(L(line[0]), t);
  fp2_mul(L(line[1]), w.e[0], zz[0]);
  fp2_mul(L(line[2]), C(T->Z), zz[0]);
}

/* line1 and line2 times -2 x and 2 y of the point they are evaluated at. */
static void line_by_Px2(vec384fp6 line, const POINTonE1_affine *Px2) {
  for (int i = 1; i < 3; i++) {
    const limb *factor = i == 1 ? C(Px2->X) : C(Px2->Y);
    wide2 t;
    fp_product(t[0], C(line[i][0]), factor);
    fp_product(t[1], C(line[i][1]), factor);
    redc2(L(line[i]), t);
  }
}

static void POINTonE2_double(POINTonE2 *out, const POINTonE2 *p) {
  doubling w;
  fp2 s;
  fp2_add_lazy(s, FP2(p->Z), FP2(p->Z));
  fp2_mul(L(out->Z), s[0], C(p->Y));
  double_xy(L(out->X), L(out->Y), FP2(p->X), FP2(p->Y), &w);
}

/* The same over Fp: half of what is counted above. */
static void POINTonE1_double(POINTonE1 *out, const POINTonE1 *p) {
  wide aw, cw, t;
  fp b, d, e, s;
  fp_square(aw, C(p->X));
  fp_redc(e, aw);
  fp_sqr(b, C(p->Y));
  fp_square(cw, b);
  fp_add_lazy(s, C(p->X), b, 1);
  fp_square(t, s);
  wide_twice_sub_two(t, t, aw, cw, WIDE_WORDS);
  fp_redc(d, t);
  fp_add_lazy(s, e, e, 1);
  fp_add_lazy(e, e, s, 1);
  fp_add_lazy(s, C(p->Z), C(p->Z), 1);
  fp_mul(L(out->Z), s, C(p->Y));
  fp_square(aw, e);
  wide_sub_two(t, aw, t, t, WIDE_WORDS);
  fp_redc(L(out->X), t);
  fp_sub_lazy(s, d, C(out->X), 1);
  fp_product(t, e, s);
  wide_sub_eight(t, t, cw, WIDE_WORDS);
  fp_redc(L(out->Y), t);
}

#endif
