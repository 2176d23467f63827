/*
 * 1/x mod p by division steps: Bernstein, Yang, "Fast constant-time gcd computation and modular inversion",
 * https://eprint.iacr.org/2019/266, here in variable time: nothing in this library is secret.
 *
 * A division step takes (delta, f, g), f odd, to
 *     (1 - delta, g, (g - f) / 2)             if delta > 0 and g is odd
 *     (1 + delta, f, (g + (g mod 2) f) / 2)   otherwise
 * and from f = p, g = x it ends at g = 0, f = +-gcd = +-1. What thirty steps do depends on the low thirty bits alone and
 * is a matrix (u v; q r) / 2^30 with |u| + |v| <= 2^30, |q| + |r| <= 2^30. The same matrices carry (d, e) from (0, 1),
 * modulo p, so that d x = f and e x = g all along.
 *
 * Numbers are 13 limbs of 30 bits, the last one signed. The paper's bound for 381 bits, (49 * 381 + 57) / 17 = 1101
 * steps, is 37 rounds of thirty; a thousand random inputs took 28 at most.
 */
#ifndef SIDELIGHT_INVERSE_H
#define SIDELIGHT_INVERSE_H

#define INVERSE_LIMBS 13
#define INVERSE_BITS 30
#define INVERSE_MASK 0x3fffffff
#define INVERSE_ROUNDS 38

static const int32_t P30[INVERSE_LIMBS] = P_LIMBS_30;
/* 2^1176 mod p: x R inverted is 1/(x R), times R^3 in Montgomery's way is R / x */
static const vec384 R_CUBED = R_CUBED_LIMBS;

typedef struct {
  int32_t u, v, q, r;
} steps;

/* Thirty division steps on the low bits. Returns the new delta. */
static int32_t thirty_steps(int32_t delta, uint32_t f, uint32_t g, steps *matrix) {
  uint32_t u = 1, v = 0, q = 0, r = 1;
  int left = INVERSE_BITS;
  for (;;) {
    /* steps with an even g: delta grows, f stays; instead of halving q and r, u and v are doubled */
    const int zeros = __builtin_ctz(g | (0xffffffffu << left));
    g >>= zeros;
    u <<= zeros;
    v <<= zeros;
    delta += zeros;
    left -= zeros;
    if (left == 0) break;
    if (delta > 0) {
      const uint32_t f0 = f, u0 = u, v0 = v;
      delta = -delta;
      f = g, g = 0 - f0;
      u = q, q = 0 - u0;
      v = r, r = 0 - v0;
    }
    /* g + f is even: the halving and delta's 1 are the next round's zeros */
    g += f;
    q += u;
    r += v;
  }
  matrix->u = (int32_t)u;
  matrix->v = (int32_t)v;
  matrix->q = (int32_t)q;
  matrix->r = (int32_t)r;
  return delta;
}

/*
 * (f, g) = matrix (f, g) / 2^30; the division is exact. |f|, |g| <= p stays: each row of the matrix is at most 2^30.
 * Sums: |u f[i] + v g[i]| <= 2^60, and a carry.
 */
static void apply_steps(int32_t *f, int32_t *g, const steps *m) {
  int64_t cf = ((int64_t)m->u * f[0] + (int64_t)m->v * g[0]) >> INVERSE_BITS;
  int64_t cg = ((int64_t)m->q * f[0] + (int64_t)m->r * g[0]) >> INVERSE_BITS;
  for (int i = 1; i < INVERSE_LIMBS; i++) {
    cf += (int64_t)m->u * f[i] + (int64_t)m->v * g[i];
    cg += (int64_t)m->q * f[i] + (int64_t)m->r * g[i];
    f[i - 1] = (int32_t)cf & INVERSE_MASK;
    g[i - 1] = (int32_t)cg & INVERSE_MASK;
    cf >>= INVERSE_BITS;
    cg >>= INVERSE_BITS;
  }
  f[INVERSE_LIMBS - 1] = (int32_t)cf;
  g[INVERSE_LIMBS - 1] = (int32_t)cg;
}

/*
 * One row of the same for (d, e) modulo p: (u d + v e + k p) / 2^30 with the k in [-2^29, 2^29) that makes it exact.
 * The larger of |d| and |e| grows by at most p / 2 a round, to 20 p at the end: less than 2^386, and the top limb has
 * room up to 2^391. Sums: 2^60, and |k p[i]| <= 2^59, and a carry.
 */
static void apply_row(int32_t *ret, const int32_t *d, const int32_t *e, int32_t u, int32_t v) {
  int64_t c = (int64_t)u * d[0] + (int64_t)v * e[0];
  const int32_t k = (int32_t)(((uint32_t)c * P_NEGATIVE_INVERSE_30) << 2) >> 2;
  c = (c + (int64_t)k * P30[0]) >> INVERSE_BITS;
  for (int i = 1; i < INVERSE_LIMBS; i++) {
    c += (int64_t)u * d[i] + (int64_t)v * e[i] + (int64_t)k * P30[i];
    ret[i - 1] = (int32_t)c & INVERSE_MASK;
    c >>= INVERSE_BITS;
  }
  ret[INVERSE_LIMBS - 1] = (int32_t)c;
}

/* Limbs of one size to limbs of another, all but the top one unsigned; the value and its sign stay. */
static void resize_limbs(int32_t *ret, int count, int bits, const int32_t *l, int from_count, int from_bits) {
  int64_t buffer = 0;
  int have = 0, next = 0;
  for (int i = 0; i < count - 1; i++) {
    /* have < 30, so 30 bits more stay below 2^60, the sign included */
    while (have < bits && next < from_count) {
      buffer += l[next++] * ((int64_t)1 << have);
      have += from_bits;
    }
    ret[i] = (int32_t)buffer & ((1 << bits) - 1);
    buffer >>= bits;
    have -= bits;
  }
  for (; next < from_count; have += from_bits) buffer += l[next++] * ((int64_t)1 << have);
  ret[count - 1] = (int32_t)buffer;
}

/* 1/0 is 0. */
NOINLINE void fp_inverse(limb *ret, const limb *a) {
  int32_t f[INVERSE_LIMBS], g[INVERSE_LIMBS], d[INVERSE_LIMBS] = {0}, e[INVERSE_LIMBS] = {1}, t[INVERSE_LIMBS];
  uint32_t l[FP_LIMBS];
  vec384 raw;
  int32_t delta = 1, any = 1;
  limb carry = 0;
  for (int i = 0; i < FP_LIMBS; i++) {
    const limb sum = a[i] + carry;
    carry = i < FP_LIMBS - 1 ? sum >> LIMB_BITS : 0;
    l[i] = i < FP_LIMBS - 1 ? (uint32_t)sum & 0xfffffff : (uint32_t)sum;
  }
  resize_limbs(g, INVERSE_LIMBS, INVERSE_BITS, (const int32_t *)l, FP_LIMBS, LIMB_BITS);
  for (int i = 0; i < INVERSE_LIMBS; i++) f[i] = P30[i];
  for (int round = 0; any && round < INVERSE_ROUNDS; round++) {
    steps m;
    delta = thirty_steps(delta, (uint32_t)f[0], (uint32_t)g[0], &m);
    apply_steps(f, g, &m);
    apply_row(t, d, e, m.u, m.v);
    apply_row(e, d, e, m.q, m.r);
    any = 0;
    for (int i = 0; i < INVERSE_LIMBS; i++) {
      d[i] = t[i];
      any |= g[i];
    }
  }
  resize_limbs((int32_t *)l, FP_LIMBS, LIMB_BITS, d, INVERSE_LIMBS, INVERSE_BITS);
  /* |d| <= 20 p in normal limbs: as large a product as of weight 25, and f is 1 or -1 */
  limbs_to_signed(L(raw), l);
  fp_mul(ret, C(raw), C(R_CUBED));
  if (f[INVERSE_LIMBS - 1] < 0) fp_scale(ret, ret, -1);
}

#endif
