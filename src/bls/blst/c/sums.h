/* Copies, and sums of limbs and columns. Each place is read before it is written: a result may be an argument. */
#ifndef SIDELIGHT_SUMS_H
#define SIDELIGHT_SUMS_H

void copy_words(void *to, const void *from, size_t size) {
  if (to == from) return;
  LOOP for (size_t at = 0; at < size / sizeof(columns); at++) COLUMNS(to) = COLUMNS(from);
}

void wide_add(column *ret, const column *a, const column *b, size_t count) {
  EACH_COLUMN(count) COLUMNS(ret) = COLUMNS(a) + COLUMNS(b);
}

void wide_sub_two(column *ret, const column *a, const column *b, const column *c, size_t count) {
  EACH_COLUMN(count) COLUMNS(ret) = COLUMNS(a) - COLUMNS(b) - COLUMNS(c);
}

void wide_twice_sub_two(column *ret, const column *a, const column *b, const column *c, size_t count) {
  EACH_COLUMN(count) COLUMNS(ret) = 2 * (COLUMNS(a) - COLUMNS(b) - COLUMNS(c));
}

void wide_sub_eight(column *ret, const column *a, const column *b, size_t count) {
  EACH_COLUMN(count) COLUMNS(ret) = COLUMNS(a) - 8 * COLUMNS(b);
}

void wide_sub_three(column *ret, const column *a, const column *b, const column *c, const column *d, size_t count) {
  EACH_COLUMN(count) COLUMNS(ret) = COLUMNS(a) - COLUMNS(b) - COLUMNS(c) - 4 * COLUMNS(d);
}

void wide2_add_xi(wide2 ret, wide2 a, wide2 b) {
  EACH_COLUMN(WIDE_WORDS) {
    const columns re = COLUMNS(b[0]), im = COLUMNS(b[1]);
    COLUMNS(ret[0]) = COLUMNS(a[0]) + re - im;
    COLUMNS(ret[1]) = COLUMNS(a[1]) + re + im;
  }
}

void fp_add_lazy(limb *ret, const limb *a, const limb *b, size_t count) {
  for (; count--; ret += FP_WORDS, a += FP_WORDS, b += FP_WORDS) EACH_LIMB(FP_WORDS) LIMBS(ret) = LIMBS(a) + LIMBS(b);
}

void fp_sub_lazy(limb *ret, const limb *a, const limb *b, size_t count) {
  for (; count--; ret += FP_WORDS, a += FP_WORDS, b += FP_WORDS) EACH_LIMB(FP_WORDS) LIMBS(ret) = LIMBS(a) - LIMBS(b);
}

/*
 * Makes an element of weight <= 8 normal.
 *
 * q is v / p, rounded, from the top limb alone. The other limbs are worth at most w (1/2 + 2^-20) units of the top one,
 * p is worth P[13] = 106513 units (and a fraction), and QUOTIENT / 2^27 differs from 1 / P[13] by less than 1e-4 of
 * itself: q is off from v / p by at most 1/2 + w 5e-6 + 0.8 w 1e-4 < 0.51, so |v - q p| <= 0.51 p.
 * The top limb is at most w * 0.8 * 106514 + 1 < 2^20 and QUOTIENT < 2^11: the product fits int32.
 * |q| <= 0.8 w + 0.51 < 7, so |q| <= 6: the limbs, and half a limb for rounding, stay below (8 + 6 + 1) 2^27 + 128 < 2^31.
 * One carry out of each limb into the next then leaves |l| <= 2^27 + 8: normal.
 */
#define QUOTIENT 1260

#ifdef __wasm_simd128__
INLINE void reduce_sum(limb *ret, const limb *a) {
  const limb q = (a[FP_LIMBS - 1] * QUOTIENT + (1 << 26)) >> 27;
  const limbs none = {}, not_of_the_top = {-1, 0, 0, 0};
  limbs before = none;
  EACH_LIMB(FP_WORDS) {
    const limbs l = LIMBS(a) - q * LIMBS(P_TABLE);
    limbs out = (l + (1 << 27)) >> LIMB_BITS;
    if (at == 3) out &= not_of_the_top;
    LIMBS(ret) = l - (out << LIMB_BITS) + __builtin_shufflevector(before, out, 3, 4, 5, 6);
    before = out;
  }
}
#else
INLINE void reduce_sum(limb *ret, const limb *a) {
  const limb q = (a[FP_LIMBS - 1] * QUOTIENT + (1 << 26)) >> 27;
  limb carry = 0;
  UNROLL for (int i = 0; i < FP_LIMBS - 1; i++) {
    const limb l = a[i] - q * P[i];
    const limb out = (l + (1 << 27)) >> LIMB_BITS;
    ret[i] = l - (limb)((uint32_t)out << LIMB_BITS) + carry;
    carry = out;
  }
  ret[FP_LIMBS - 1] = a[FP_LIMBS - 1] - q * P[FP_LIMBS - 1] + carry;
  fp_pad(ret);
}
#endif

void fp_reduce(limb *ret, const limb *a) { reduce_sum(ret, a); }

void fp_add(limb *ret, const limb *a, const limb *b) {
  fp t;
  EACH_LIMB(FP_WORDS) LIMBS(t) = LIMBS(a) + LIMBS(b);
  reduce_sum(ret, t);
}

void fp_sub(limb *ret, const limb *a, const limb *b) {
  fp t;
  EACH_LIMB(FP_WORDS) LIMBS(t) = LIMBS(a) - LIMBS(b);
  reduce_sum(ret, t);
}

void fp_scale(limb *ret, const limb *a, limb factor) {
  fp t;
  EACH_LIMB(FP_WORDS) LIMBS(t) = factor * LIMBS(a);
  reduce_sum(ret, t);
}

void fp2_add(limb *ret, const limb *a, const limb *b) {
  fp_add(ret, a, b);
  fp_add(ret + FP_WORDS, a + FP_WORDS, b + FP_WORDS);
}

void fp2_sub(limb *ret, const limb *a, const limb *b) {
  fp_sub(ret, a, b);
  fp_sub(ret + FP_WORDS, a + FP_WORDS, b + FP_WORDS);
}

void fp2_add_twice(limb *ret, const limb *a, const limb *b) {
  for (int part = 0; part < 2; part++) {
    fp t;
    EACH_LIMB(FP_WORDS) LIMBS(t) = LIMBS(a) + 2 * LIMBS(b);
    reduce_sum(ret, t);
    ret += FP_WORDS, a += FP_WORDS, b += FP_WORDS;
  }
}

#endif
