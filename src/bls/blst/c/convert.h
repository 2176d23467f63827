/*
 * Between bytes and Fp. Everything here is off the hot path: a few calls a signature.
 */
#ifndef SIDELIGHT_CONVERT_H
#define SIDELIGHT_CONVERT_H

/* 2^784 mod p: times x gives x in Montgomery form. 2^776 and 2^1160 mod p serve fp_from_wide. */
static const vec384 TO_MONTGOMERY = TO_MONTGOMERY_LIMBS;
static const vec384 TO_MONTGOMERY_HIGH = TO_MONTGOMERY_HIGH_LIMBS;
static const vec384 ONE = ONE_LIMBS;
static const vec384 HALF = HALF_LIMBS;
static const uint32_t P_UNSIGNED[FP_LIMBS] = P_UNSIGNED_LIMBS;

/* Big-endian bytes (at most 49) to unsigned limbs. */
static void limbs_from_bytes(uint32_t *l, const unsigned char *bytes, int length) {
  uint64_t buffer = 0;
  int bits = 0, k = 0;
  while (length--) {
    buffer |= (uint64_t)bytes[length] << bits;
    bits += 8;
    if (bits >= LIMB_BITS) {
      l[k++] = (uint32_t)buffer & 0xfffffff;
      buffer >>= LIMB_BITS;
      bits -= LIMB_BITS;
    }
  }
  while (k < FP_LIMBS) {
    l[k++] = (uint32_t)buffer & 0xfffffff;
    buffer >>= LIMB_BITS;
  }
}

/* Unsigned limbs to signed ones; the value stays. */
static void limbs_to_signed(limb *ret, const uint32_t *l) {
  uint32_t carry = 0;
  for (int i = 0; i < FP_LIMBS - 1; i++) {
    const uint32_t sum = l[i] + carry;
    carry = (sum + (1u << 27)) >> LIMB_BITS;
    ret[i] = (limb)(sum - (carry << LIMB_BITS));
  }
  ret[FP_LIMBS - 1] = (limb)(l[FP_LIMBS - 1] + carry);
  for (int i = FP_LIMBS; i < FP_WORDS; i++) ret[i] = 0;
}

/* l < p */
static int limbs_below_p(const uint32_t *l) {
  int32_t borrow = 0;
  for (int i = 0; i < FP_LIMBS; i++) borrow = ((int32_t)l[i] - (int32_t)P_UNSIGNED[i] + borrow) >> 31;
  return borrow != 0;
}

/* 48 bytes, big-endian, below p. The top three bits of the first byte are flags and not looked at. */
static int fp_from_bytes(limb *ret, const unsigned char bytes[48]) {
  uint32_t l[FP_LIMBS];
  vec384 raw;
  limbs_from_bytes(l, bytes, 48);
  l[FP_LIMBS - 1] &= 0x1ffff; /* bits 364..380 of 381 */
  if (!limbs_below_p(l)) return 0;
  limbs_to_signed((limb *)raw, l);
  fp_mul(ret, (limb *)raw, (const limb *)TO_MONTGOMERY);
  return 1;
}

/* 64 bytes, big-endian, any value, modulo p: RFC 9380 hash_to_field. As low * 2^0 + high * 2^384, 48 and 16 bytes. */
static void fp_from_wide(limb *ret, const unsigned char bytes[64]) {
  uint32_t l[FP_LIMBS];
  vec384 low, high;
  limbs_from_bytes(l, bytes + 16, 48);
  /* up to 2^384 < 10 p in normal limbs: the products below are as large as those of weight 10 and 1 */
  limbs_to_signed((limb *)low, l);
  fp_mul((limb *)low, (limb *)low, (const limb *)TO_MONTGOMERY);
  limbs_from_bytes(l, bytes, 16);
  limbs_to_signed((limb *)high, l);
  fp_mul((limb *)high, (limb *)high, (const limb *)TO_MONTGOMERY_HIGH);
  fp_add(ret, (limb *)low, (limb *)high);
}

/* Out of Montgomery form into [0, p), unsigned limbs. */
static void fp_canonical(uint32_t *l, const limb *a) {
  wide t;
  vec384 value;
  for (int k = 0; k < WIDE_WORDS; k++) t[k] = k < FP_LIMBS ? (column)(int64_t)a[k] : 0;
  fp_redc((limb *)value, t);
  limb carry = 0;
  for (int i = 0; i < FP_LIMBS; i++) {
    const limb sum = ((limb *)value)[i] + carry;
    carry = sum >> LIMB_BITS;
    l[i] = (uint32_t)sum & 0xfffffff;
  }
  /* the last carry is the sign: |value| < p */
  const uint32_t negative = (uint32_t)carry;
  uint32_t up = 0;
  for (int i = 0; i < FP_LIMBS; i++) {
    const uint32_t sum = l[i] + (P_UNSIGNED[i] & negative) + up;
    up = sum >> LIMB_BITS;
    l[i] = sum & 0xfffffff;
  }
}

static void fp_to_bytes(unsigned char bytes[48], const limb *a) {
  uint32_t l[FP_LIMBS];
  fp_canonical(l, a);
  uint64_t buffer = 0;
  int bits = 0, k = 0;
  for (int i = 48; i--;) {
    if (bits < 8) {
      buffer |= (uint64_t)l[k++] << bits;
      bits += LIMB_BITS;
    }
    bytes[i] = (unsigned char)buffer;
    buffer >>= 8;
    bits -= 8;
  }
}

/* Bit 0: odd. Bit 1: larger than its negative (that is, 2 v > p). As blst's sgn0_pty_mod_384. */
static limb_t fp_sign(const limb *a) {
  uint32_t l[FP_LIMBS], twice[FP_LIMBS];
  fp_canonical(l, a);
  uint32_t carry = 0;
  for (int i = 0; i < FP_LIMBS; i++) {
    const uint32_t sum = 2 * l[i] + carry;
    carry = i < FP_LIMBS - 1 ? sum >> LIMB_BITS : 0;
    twice[i] = i < FP_LIMBS - 1 ? sum & 0xfffffff : sum;
  }
  return (l[0] & 1) | (limb_t)(limbs_below_p(twice) ? 0 : 2);
}

/* As blst's sgn0_pty_mod_384x: the sign of the imaginary part unless it is 0; the parity of the real part unless 0. */
static limb_t fp2_sign(const limb *a) {
  const limb_t re = fp_sign(a), im = fp_sign(a + FP_WORDS);
  const limb_t sign = vec_is_zero(a + FP_WORDS, sizeof(vec384)) ? re : im;
  const limb_t parity = vec_is_zero(a, sizeof(vec384)) ? im : re;
  return (sign & 2) | (parity & 1);
}

#endif
