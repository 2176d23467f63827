/*
 * SHA-256 (FIPS 180-4): for blst's expand_message, and for Merkle trees, where all that is hashed is 64 bytes, many of
 * them independent of each other. Of 64 bytes the second block is padding alone (5.1.1): its schedule is a constant.
 */
#ifndef SIDELIGHT_DIGEST_H
#define SIDELIGHT_DIGEST_H

/* 4.2.2 */
static const uint32_t K256[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* 5.3.3 */
static const uint32_t H256[8] = {
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

#define NAME(x) x
#define WORD uint32_t
#include "digest-rounds.h"
#undef WORD
#undef NAME

/* The words of a block, and back: big-endian. */
INLINE uint32_t big_endian(const unsigned char *bytes) {
  uint32_t word;
  __builtin_memcpy(&word, bytes, 4);
  return __builtin_bswap32(word);
}

INLINE void put_big_endian(unsigned char *bytes, uint32_t word) {
  word = __builtin_bswap32(word);
  __builtin_memcpy(bytes, &word, 4);
}

/* What blst's sha256.h is written on. */
void blst_sha256_block_data_order(unsigned int *state, const void *input, size_t blocks) {
  const unsigned char *bytes = input;
  for (; blocks--; bytes += 64) {
    uint32_t w[16], kw[64];
    LOOP for (int i = 0; i < 16; i++) w[i] = big_endian(bytes + 4 * i);
    sha256_schedule(kw, w);
    sha256_compress((uint32_t *)state, kw);
  }
}

void blst_sha256_hcopy(unsigned int *to, const unsigned int *from) { memcpy(to, from, 32); }

void blst_sha256_bcopy(void *to, const void *from, size_t length) { memcpy(to, from, length); }

void blst_sha256_emit(unsigned char *digest, const unsigned int *state) {
  LOOP for (int i = 0; i < 8; i++) put_big_endian(digest + 4 * i, state[i]);
}

/* The schedule of the second block of any 64 bytes: 0x80, zeroes, the length in bits. */
static uint32_t padding_kw[64];

/* One digest; it may lie where the block does. */
static void digest64(unsigned char *digest, const unsigned char *block) {
  uint32_t state[8];
  memcpy(state, H256, sizeof(state));
  blst_sha256_block_data_order(state, block, 1);
  sha256_compress(state, padding_kw);
  blst_sha256_emit(digest, state);
}

#ifdef __wasm_simd128__
typedef uint32_t word4 __attribute__((vector_size(16)));

#define NAME(x) x##4
#define WORD word4
#include "digest-rounds.h"
#undef WORD
#undef NAME

static word4 padding_kw4[64];

/* Four by four words: rows become columns. */
INLINE void transpose(word4 *m) {
  const word4 ab_low = __builtin_shufflevector(m[0], m[1], 0, 4, 1, 5);
  const word4 ab_high = __builtin_shufflevector(m[0], m[1], 2, 6, 3, 7);
  const word4 cd_low = __builtin_shufflevector(m[2], m[3], 0, 4, 1, 5);
  const word4 cd_high = __builtin_shufflevector(m[2], m[3], 2, 6, 3, 7);
  m[0] = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  m[1] = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  m[2] = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  m[3] = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

INLINE word4 swap4(word4 words) {
  return (word4)wasm_i8x16_shuffle((v128_t)words, (v128_t)words, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

/* Four digests, of four blocks in a row; they may lie where the blocks do. */
static void digest64_4(unsigned char *digests, const unsigned char *blocks) {
  word4 state[8], w[16], kw[64];
  LOOP for (int i = 0; i < 16; i += 4) {
    UNROLL for (int lane = 0; lane < 4; lane++) {
      w[i + lane] = swap4((word4)wasm_v128_load(blocks + 64 * lane + 4 * i));
    }
    transpose(w + i);
  }
  LOOP for (int i = 0; i < 8; i++) state[i] = H256[i] - (word4){};
  sha256_schedule4(kw, w);
  sha256_compress4(state, kw);
  sha256_compress4(state, padding_kw4);
  LOOP for (int i = 0; i < 8; i += 4) {
    transpose(state + i);
    UNROLL for (int lane = 0; lane < 4; lane++) {
      wasm_v128_store(digests + 32 * lane + 4 * i, (v128_t)swap4(state[i + lane]));
    }
  }
}
#endif

/* A table of the schedule would be 256 bytes more to download; made at the first call it costs a digest's half. */
static void prepare_padding(void) {
  uint32_t w[16] = {0x80000000};
  w[15] = 64 * 8;
  sha256_schedule(padding_kw, w);
#ifdef __wasm_simd128__
  LOOP for (int t = 0; t < 64; t++) padding_kw4[t] = padding_kw[t] - (word4){};
#endif
}

/*
 * `count` blocks of 64 bytes to as many digests of 32, in place: digests end before the block that is read next. Four
 * side by side take less than two one after the other; the last may be of bytes beyond `count`, so the room for blocks
 * must be a multiple of four.
 */
void digest64s(unsigned char *blocks, size_t count) {
  size_t i = 0;
  if (padding_kw[0] == 0) prepare_padding();
#ifdef __wasm_simd128__
  for (; i + 1 < count; i += 4) digest64_4(blocks + 32 * i, blocks + 64 * i);
#endif
  for (; i < count; i++) digest64(blocks + 32 * i, blocks + 64 * i);
}

#endif
