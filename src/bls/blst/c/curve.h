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

static void double_xy(limb *x3, limb *y3, const limb *x, const limb *y, doubling *w) {
  wide2 cw, dw, t;
  fp2 s, d;
  fp2_square(w->aw, x);
  fp2_redc(w->e[0], w->aw[0], w->aw[1]);
  fp2_square(w->bw, y);
  fp2_redc(w->b[0], w->bw[0], w->bw[1]);
  fp2_square(cw, w->b[0]);
  fp2_add_lazy(s[0], x, w->b[0]);
  fp2_square(dw, s[0]);
  EACH_COLUMN {
    AT(dw[0]) = 2 * (AT(dw[0]) - AT(w->aw[0]) - AT(cw[0]));
    AT(dw[1]) = 2 * (AT(dw[1]) - AT(w->aw[1]) - AT(cw[1]));
  }
  fp2_redc(d[0], dw[0], dw[1]);
  EACH_LIMB {
    w->e[0][i] *= 3;
    w->e[1][i] *= 3;
  }
  fp2_square(w->fw, w->e[0]);
  EACH_COLUMN {
    AT(t[0]) = AT(w->fw[0]) - 2 * AT(dw[0]);
    AT(t[1]) = AT(w->fw[1]) - 2 * AT(dw[1]);
  }
  fp2_redc(x3, t[0], t[1]);
  fp2_sub_lazy(s[0], d[0], x3);
  fp2_product(t, w->e[0], s[0]);
  EACH_COLUMN {
    AT(t[0]) -= 8 * AT(cw[0]);
    AT(t[1]) -= 8 * AT(cw[1]);
  }
  fp2_redc(y3, t[0], t[1]);
}

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
  fp2_redc(zz[0], zw[0], zw[1]);
  fp2_add_lazy(s[0], C(Q->Y), C(Q->Z));
  fp2_copy(x[0], C(Q->X));
  double_xy(L(T->X), L(T->Y), x[0], C(Q->Y), &w);
  fp2_square(t, s[0]);
  wide2_sub_two(t, t, w.bw, zw);
  fp2_redc(L(T->Z), t[0], t[1]);
  fp2_add_lazy(s[0], w.e[0], x[0]);
  fp2_square(t, s[0]);
  EACH_COLUMN {
    AT(t[0]) -= AT(w.aw[0]) + AT(w.fw[0]) + 4 * AT(w.bw[0]);
    AT(t[1]) -= AT(w.aw[1]) + AT(w.fw[1]) + 4 * AT(w.bw[1]);
  }
  fp2_redc(L(line[0]), t[0], t[1]);
  fp2_mul(L(line[1]), w.e[0], zz[0]);
  fp2_mul(L(line[2]), C(T->Z), zz[0]);
}

/* line1 and line2 times -2 x and 2 y of the point they are evaluated at. */
static void line_by_Px2(vec384fp6 line, const POINTonE1_affine *Px2) {
  for (int i = 1; i < 3; i++) {
    const limb *factor = i == 1 ? C(Px2->X) : C(Px2->Y);
    wide2 t;
    fp_product_out(t[0], C(line[i][0]), factor);
    fp_product_out(t[1], C(line[i][1]), factor);
    fp2_redc(L(line[i]), t[0], t[1]);
  }
}

static void POINTonE2_double(POINTonE2 *out, const POINTonE2 *p) {
  doubling w;
  fp2 s;
  fp2_add_lazy(s[0], C(p->Z), C(p->Z));
  fp2_mul(L(out->Z), s[0], C(p->Y));
  double_xy(L(out->X), L(out->Y), C(p->X), C(p->Y), &w);
}

/* The same over Fp: half of what is counted above. */
static void POINTonE1_double(POINTonE1 *out, const POINTonE1 *p) {
  wide aw, cw, dw, t;
  fp b, d, e, s;
  fp_square_out(aw, C(p->X));
  fp_redc_out(e, aw);
  fp_sqr(b, C(p->Y));
  fp_square_out(cw, b);
  fp_add_lazy(s, C(p->X), b);
  fp_square_out(dw, s);
  EACH_COLUMN AT(dw) = 2 * (AT(dw) - AT(aw) - AT(cw));
  fp_redc_out(d, dw);
  EACH_LIMB e[i] *= 3;
  fp_add_lazy(s, C(p->Z), C(p->Z));
  fp_mul(L(out->Z), s, C(p->Y));
  fp_square_out(t, e);
  EACH_COLUMN AT(t) -= 2 * AT(dw);
  fp_redc_out(L(out->X), t);
  fp_sub_lazy(s, d, C(out->X));
  fp_product_out(t, e, s);
  EACH_COLUMN AT(t) -= 8 * AT(cw);
  fp_redc_out(L(out->Y), t);
}

#endif
