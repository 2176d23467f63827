/*
 * The compression function of SHA-256, for a WORD that is one 32-bit word or four of independent messages. Included once
 * for each; NAME(x) names its functions. FIPS 180-4, the equations by their numbers.
 */

#define ROTR(x, n) ((x) >> (n) | (x) << (32 - (n)))

/*
 * 6.2.2 step 1: W_0..15 are the message's, the rest follow. To what becomes of them the round constants are added at
 * once: kw[t] = K_t + W_t, so that a schedule that is known beforehand costs a round nothing.
 * sigma_0 (4.6), sigma_1 (4.7).
 */
static void NAME(sha256_schedule)(WORD *kw, WORD *w) {
  LOOP for (int t = 0; t < 64; t += 16) {
    UNROLL for (int i = 0; i < 16; i++) {
      kw[t + i] = w[i] + K256[t + i];
      const WORD x = w[(i + 1) & 15], y = w[(i + 14) & 15];
      w[i] += (ROTR(x, 7) ^ ROTR(x, 18) ^ x >> 3) + w[(i + 9) & 15] + (ROTR(y, 17) ^ ROTR(y, 19) ^ y >> 10);
    }
  }
}

/*
 * One step of 6.2.2 step 3, without moving the variables: the caller turns their names. Ch (4.2) and Maj (4.3) with an
 * operation less: z ^ (x & (y ^ z)), and (x & y) | (z & (x | y)).  Sigma_0 (4.4), Sigma_1 (4.5).
 */
#define ROUND(a, b, c, d, e, f, g, h, kw)                                                                 \
  h += (ROTR(e, 6) ^ ROTR(e, 11) ^ ROTR(e, 25)) + (g ^ (e & (f ^ g))) + (kw);                             \
  d += h;                                                                                                 \
  h += (ROTR(a, 2) ^ ROTR(a, 13) ^ ROTR(a, 22)) + ((a & b) | (c & (a | b)))

/* 6.2.2 steps 2 to 4. */
static void NAME(sha256_compress)(WORD *state, const WORD *kw) {
  WORD a = state[0], b = state[1], c = state[2], d = state[3];
  WORD e = state[4], f = state[5], g = state[6], h = state[7];
  LOOP for (int t = 0; t < 64; t += 8) {
    ROUND(a, b, c, d, e, f, g, h, kw[t]);
    ROUND(h, a, b, c, d, e, f, g, kw[t + 1]);
    ROUND(g, h, a, b, c, d, e, f, kw[t + 2]);
    ROUND(f, g, h, a, b, c, d, e, kw[t + 3]);
    ROUND(e, f, g, h, a, b, c, d, kw[t + 4]);
    ROUND(d, e, f, g, h, a, b, c, kw[t + 5]);
    ROUND(c, d, e, f, g, h, a, b, kw[t + 6]);
    ROUND(b, c, d, e, f, g, h, a, kw[t + 7]);
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d;
  state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

#undef ROUND
#undef ROTR
