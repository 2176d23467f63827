/**
 * blst's sources for another field: `vec384` of another size, and the constants in signed limbs of 28 bits, times
 * 2^392 instead of 2^384 (Montgomery form). Plain text work; what does not match fails the build.
 */

const P = 0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn;
const LIMBS = 14;
const BITS = 28n;
const BASE = 1n << BITS;

/** Six 64-bit words one after the other: a constant of the field. */
const FIELD_CONSTANT = /TO_LIMB_T\((0x[0-9a-f]{16})\)(?:[,\s\\]+TO_LIMB_T\((0x[0-9a-f]{16})\)){5}/g;

/** Files that one of blst's files becomes: name and text. */
export function withOurField(name, text) {
  if (name === "no_asm.h") return [];
  if (name === "vect.h") return [[name, resized(text)]];
  return [[name, converted(withoutReplaced(name, text))]];
}

/** Functions that our C has instead. Their definitions get another name; what calls them then calls ours. */
const REPLACED = {
  "fp12_tower.c": ["mul_fp6", "sqr_fp6", "mul_fp12", "sqr_fp12", "mul_by_xy00z0_fp12", "cyclotomic_sqr_fp12"],
  "hash_to_field.c": ["hash_to_field"],
  "pairing.c": ["line_dbl", "line_by_Px2"],
};

function withoutReplaced(name, text) {
  let changed = text;
  for (const replaced of REPLACED[name] ?? []) {
    const before = changed;
    changed = changed.replaceAll(`static void ${replaced}(`, `static void blst_${replaced}(`);
    if (changed === before) throw new Error(`${name}: ${replaced} is not where it was`);
  }
  return changed;
}

function resized(text) {
  const changed = text.replace("typedef limb_t vec384[NLIMBS(384)];", "typedef limb_t vec384[FP_WORDS];");
  if (changed === text) throw new Error("vect.h: vec384 is not where it was");
  return changed;
}

function converted(text) {
  return text.replace(FIELD_CONSTANT, (match) => {
    const words = [...match.matchAll(/0x[0-9a-f]{16}/g)].map(([word]) => BigInt(word));
    const value = words.reduceRight((sum, word) => (sum << 64n) | word, 0n);
    // the modulus itself (and other values that are no elements) is not used by our field
    return value >= P ? match : signedLimbs((value << 8n) % P).join(", ");
  });
}

/** Digits in [-2^27, 2^27), the last takes the rest. */
function signedLimbs(value) {
  const rest = 2n * value > P ? value - P : value;
  return signedDigits(rest);
}

function signedDigits(value) {
  const limbs = [];
  let rest = value;
  for (let i = 0; i < LIMBS - 1; i++) {
    const digit = BigInt.asIntN(Number(BITS), rest);
    limbs.push(digit);
    rest = (rest - digit) / BASE;
  }
  if (rest < -(1n << 31n) || rest >= 1n << 31n) throw new Error("no room");
  return [...limbs, rest];
}

function unsignedDigits(value) {
  return Array.from({ length: LIMBS }, (_, i) => (value >> (BITS * BigInt(i))) % BASE);
}

/** 1/value mod modulus */
function inverse(value, modulus) {
  let [a, b, x, y] = [((value % modulus) + modulus) % modulus, modulus, 1n, 0n];
  while (a > 0n) {
    const q = b / a;
    [a, b, x, y] = [b - q * a, a, y - q * x, x];
  }
  return ((y % modulus) + modulus) % modulus;
}

/** The header that `field.h` describes. */
export function fieldConstants() {
  const r = 1n << (BITS * BigInt(LIMBS));
  const negativeInverse = BASE - inverse(P, BASE);
  const k = BigInt.asIntN(Number(BITS), negativeInverse);
  if ((k * P + 1n) % BASE !== 0n) throw new Error("k");
  const constants = {
    P_LIMBS: signedDigits(P),
    M_LIMBS: signedDigits((k * P + 1n) / BASE),
    P_UNSIGNED_LIMBS: unsignedDigits(P),
    TO_MONTGOMERY_LIMBS: signedLimbs((r * r) % P),
    TO_MONTGOMERY_HIGH_LIMBS: signedLimbs((r * r * (1n << 384n)) % P),
    ONE_LIMBS: signedLimbs(r % P),
    HALF_LIMBS: signedLimbs((r * inverse(2n, P)) % P),
  };
  const base30 = 1n << 30n;
  constants.R_CUBED_LIMBS = signedLimbs((r * r * r) % P);
  constants.P_LIMBS_30 = Array.from({ length: 13 }, (_, i) => (P >> (30n * BigInt(i))) % base30);
  const lines = Object.entries(constants).map(([name, digits]) => `#define ${name} { ${digits.join(", ")} }`);
  lines.push(`#define P_NEGATIVE_INVERSE_30 ${base30 - inverse(P, base30)}u`);
  lines.push(`#define P_INVERSE ${k}`);
  return `${lines.join("\n")}\n`;
}
