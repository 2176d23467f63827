/*
 * What JavaScript calls. Arguments and results lie in one buffer of fixed size; there is no allocation, so nothing to
 * leak: keys that are to be kept are copied out by the caller.
 *
 * Layout of the buffer: 0 input and output of bytes; KEY an affine point of G1 in this field's form (opaque outside).
 * State between calls: the sum of keys, the aggregate, the signature, the message's point, the batch.
 */
#define EXPORT(name) __attribute__((export_name(name)))

#define IO_BYTES 512
static unsigned char io[IO_BYTES] __attribute__((aligned(16)));
static POINTonE1_affine key __attribute__((aligned(16)));

static POINTonE1 sum;
static POINTonE1_affine aggregate;
static POINTonE2_affine signature;
static POINTonE2_affine message_point;

enum { VALID = 0, BAD_ENCODING = 1, INFINITE = 2, OUTSIDE_SUBGROUP = 3 };

EXPORT("io") unsigned char *export_io(void) { return io; }
EXPORT("key") void *export_key(void) { return &key; }
EXPORT("keyBytes") size_t export_key_bytes(void) { return sizeof(key); }

/* SHA-256 of blocks of 64 bytes, at most HASH_BLOCKS, from and to a buffer of its own. */
#define HASH_BLOCKS 256
static unsigned char hash_buffer[64 * HASH_BLOCKS] __attribute__((aligned(16)));

EXPORT("hashes") unsigned char *export_hashes(void) { return hash_buffer; }
EXPORT("digest64s") void export_digest64s(size_t count) {
  if (count <= HASH_BLOCKS) digest64s(hash_buffer, count);
}

/* ZCash serialization: bit 7 compressed, bit 6 infinity, bit 5 the larger y. */
static int is_compressed_infinity(const unsigned char *bytes, size_t length) {
  return bytes[0] == 0xc0 && bytes_are_zero(bytes + 1, length - 1);
}

/* 48 bytes at io to key: on the curve or refused. The subgroup is not looked at. */
EXPORT("decodeKey") int decode_key(void) {
  POINTonE1_affine point;
  if (is_compressed_infinity(io, 48)) return INFINITE;
  if ((io[0] & 0xc0) != 0x80) return BAD_ENCODING;
  if (!fp_from_bytes(L(point.X), io)) return BAD_ENCODING;
  sqr_fp(point.Y, point.X);
  mul_fp(point.Y, point.Y, point.X);
  add_fp(point.Y, point.Y, B_E1);
  if (!sqrt_fp(point.Y, point.Y)) return BAD_ENCODING;
  const limb_t sign = fp_sign(C(point.Y)) >> 1;
  cneg_fp(point.Y, point.Y, sign ^ ((io[0] >> 5) & 1));
  vec_copy(&key, &point, sizeof(key));
  return VALID;
}

/* Is key in the subgroup of prime order? */
EXPORT("keyInSubgroup") int key_in_subgroup(void) { return blst_p1_affine_in_g1(&key); }

/* key to 96 bytes at io, uncompressed. */
EXPORT("exportKey") void export_key_bytes_be(void) {
  fp_to_bytes(io, C(key.X));
  fp_to_bytes(io + 48, C(key.Y));
}

/* 96 bytes at io, uncompressed, to key: on the curve or refused. */
EXPORT("importKey") int import_key(void) {
  POINTonE1_affine point;
  if ((io[0] & 0xe0) != 0 || (io[48] & 0xe0) != 0) return BAD_ENCODING;
  if (!fp_from_bytes(L(point.X), io) || !fp_from_bytes(L(point.Y), io + 48)) return BAD_ENCODING;
  if (!POINTonE1_affine_on_curve(&point)) return BAD_ENCODING;
  vec_copy(&key, &point, sizeof(key));
  return VALID;
}

EXPORT("clearSum") void clear_sum(void) { vec_zero(&sum, sizeof(sum)); }

/* sum += key, or -= */
EXPORT("addKey") void add_key(int negate) {
  POINTonE1_affine point;
  vec_copy(&point, &key, sizeof(point));
  cneg_fp(point.Y, point.Y, (limb_t)negate & 1);
  POINTonE1_dadd_affine(&sum, &sum, &point);
}

/* The sum as aggregate public key: not infinite, inside the subgroup. */
EXPORT("finishSum") int finish_sum(void) {
  if (vec_is_zero(sum.Z, sizeof(sum.Z))) return INFINITE;
  if (!POINTonE1_in_G1(&sum)) return OUTSIDE_SUBGROUP;
  POINTonE1_to_affine(&aggregate, &sum);
  return VALID;
}

/* 96 bytes at io to signature: on the curve, not infinite, inside the subgroup. */
EXPORT("decodeSignature") int decode_signature(void) {
  POINTonE2 point;
  if (is_compressed_infinity(io, 96)) return INFINITE;
  if ((io[0] & 0xc0) != 0x80 || (io[48] & 0xe0) != 0) return BAD_ENCODING;
  if (!fp_from_bytes(L(point.X[1]), io) || !fp_from_bytes(L(point.X[0]), io + 48)) return BAD_ENCODING;
  sqr_fp2(point.Y, point.X);
  mul_fp2(point.Y, point.Y, point.X);
  add_fp2(point.Y, point.Y, B_E2);
  if (!sqrt_fp2(point.Y, point.Y)) return BAD_ENCODING;
  const limb_t sign = fp2_sign(C(point.Y)) >> 1;
  cneg_fp2(point.Y, point.Y, sign ^ ((io[0] >> 5) & 1));
  vec_copy(point.Z, BLS12_381_Rx.p2, sizeof(point.Z));
  if (!POINTonE2_in_G2(&point)) return OUTSIDE_SUBGROUP;
  vec_copy(&signature, &point, sizeof(signature));
  return VALID;
}

static const unsigned char DST[] = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/* `length` bytes at io, at most 256, to message_point. */
EXPORT("hashMessage") void hash_message(size_t length) {
  POINTonE2 point;
  if (length > 256) return;
  Hash_to_G2(&point, io, length, DST, sizeof(DST) - 1, NULL, 0);
  POINTonE2_to_affine(&message_point, &point);
}

static int is_one(const vec384fp12 f) {
  return (int)(fp_is_equal_n(C(f), C(BLS12_381_Rx.p12), 12));
}

/* e(aggregate, message_point) = e(g1, signature)? */
EXPORT("verify") int verify(void) {
  POINTonE2_affine q[2];
  POINTonE1_affine p[2];
  vec384fp12 f;
  vec_copy(&q[0], &message_point, sizeof(q[0]));
  vec_copy(&q[1], &signature, sizeof(q[1]));
  vec_copy(&p[0], &aggregate, sizeof(p[0]));
  vec_copy(&p[1], &BLS12_381_NEG_G1, sizeof(p[1]));
  miller_loop_n(f, q, p, 2);
  final_exp(f, f);
  return is_one(f);
}

/*
 * A batch: for random r, prod e(r_i aggregate_i, message_point_i) = e(g1, sum r_i signature_i). Pairs wait until there
 * are BATCH of them, then share the squarings of one Miller loop.
 */
#define BATCH 16
static POINTonE1 batch_keys[BATCH];
static POINTonE2_affine batch_points[BATCH + 1];
static POINTonE2 batch_signatures[BATCH];
static unsigned char batch_scalars[BATCH][8];
static POINTonE2 batch_sum;
static vec384fp12 batch_product;
static size_t batch_size;
static int batch_started;

EXPORT("clearBatch") void clear_batch(void) {
  batch_size = 0;
  batch_started = 0;
  vec_zero(&batch_sum, sizeof(batch_sum));
}

static void multiply_in(const vec384fp12 f) {
  if (batch_started) mul_fp12(batch_product, batch_product, f);
  else vec_copy(batch_product, f, sizeof(batch_product));
  batch_started = 1;
}

/* Affine points of n that are not infinite, for one inversion. */
static void keys_to_affine(POINTonE1_affine *affine, const POINTonE1 *points, size_t n) {
  vec384 products[BATCH], inverse, z;
  vec_copy(products[0], points[0].Z, sizeof(vec384));
  for (size_t i = 1; i < n; i++) mul_fp(products[i], products[i - 1], points[i].Z);
  reciprocal_fp(inverse, products[n - 1]);
  for (size_t i = n; i--;) {
    if (i > 0) mul_fp(z, inverse, products[i - 1]);
    else vec_copy(z, inverse, sizeof(z));
    mul_fp(inverse, inverse, points[i].Z);
    vec384 zz;
    sqr_fp(zz, z);
    mul_fp(affine[i].X, points[i].X, zz);
    mul_fp(zz, zz, z);
    mul_fp(affine[i].Y, points[i].Y, zz);
  }
}

static void flush_batch(void) {
  POINTonE1_affine p[BATCH];
  vec384fp12 f;
  POINTonE2 part;
  if (batch_size == 0) return;
  keys_to_affine(p, batch_keys, batch_size);
  miller_loop_n(f, batch_points, p, batch_size);
  multiply_in(f);
  const POINTonE2 *points[2] = { batch_signatures, NULL };
  const byte *scalars[2] = { batch_scalars[0], NULL };
  POINTonE2s_mult_w4(&part, points, batch_size, scalars, 64, NULL);
  POINTonE2_dadd(&batch_sum, &batch_sum, &part, NULL);
  batch_size = 0;
}

/* r (8 bytes at io, little-endian, not zero), aggregate, message_point, signature into the batch. */
EXPORT("addToBatch") void add_to_batch(void) {
  POINTonE1 point;
  vec_copy(&point, &aggregate, sizeof(aggregate));
  vec_copy(point.Z, BLS12_381_Rx.p, sizeof(point.Z));
  /* in the subgroup and r < 2^64: neither infinity nor a sum of equal points on the way */
  POINTonE1_mult_w4(&batch_keys[batch_size], &point, io, 64);
  vec_copy(&batch_points[batch_size], &message_point, sizeof(message_point));
  vec_copy(&batch_signatures[batch_size], &signature, sizeof(signature));
  vec_copy(batch_signatures[batch_size].Z, BLS12_381_Rx.p2, sizeof(point.Z) * 2);
  for (size_t i = 0; i < 8; i++) batch_scalars[batch_size][i] = io[i];
  if (++batch_size == BATCH) flush_batch();
}

EXPORT("verifyBatch") int verify_batch(void) {
  POINTonE2_affine q;
  vec384fp12 f;
  flush_batch();
  if (!batch_started) return 1;
  /* if the sum is infinite it is paired to 1 */
  if (!vec_is_zero(batch_sum.Z, sizeof(batch_sum.Z))) {
    POINTonE2_to_affine(&q, &batch_sum);
    miller_loop_n(f, &q, (const POINTonE1_affine *)&BLS12_381_NEG_G1, 1);
    multiply_in(f);
  }
  final_exp(f, batch_product);
  clear_batch();
  return is_one(f);
}
