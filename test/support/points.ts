/** Points of BLS12-381 that no honest member sends, as bytes. Each is derived again by the test of this file. */
import bls from "bls-eth-wasm";
import { bytesHex, hexBytes } from "./protocol.js";

type SecretKey = InstanceType<typeof bls.SecretKey>;

/** Modulus of the base field. */
export const FIELD_MODULUS =
  0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn;

/** Order of the subgroups. */
export const CURVE_ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

/** The compressed point at infinity of G1. */
export const INFINITY_KEY = Uint8Array.from([0xc0, ...new Array<number>(47).fill(0)]);

/** A compressed encoding with this x, or x = c1 * u + c0 in G2; without the sign flag. */
export function compressedPoint(length: 48 | 96, c0: bigint, c1 = 0n): Uint8Array {
  const field = (value: bigint) => value.toString(16).padStart(96, "0");
  const bytes = hexBytes(`0x${length === 96 ? field(c1) : ""}${field(c0)}`);
  bytes[0]! |= 0x80;
  return bytes;
}

/** On the curve of G2 (x = 2) and outside the subgroup of prime order. */
export const SIGNATURE_OUTSIDE_SUBGROUP = compressedPoint(96, 2n);

/** On the curve of G1 (x = 4) and outside the subgroup of prime order. */
export const KEY_OUTSIDE_SUBGROUP = compressedPoint(48, 4n);

/** Not on the curve of G2: x^3 + 4(1 + u) has no square root at x = 1. */
export const SIGNATURE_OFF_CURVE = compressedPoint(96, 1n);

/** Not on the curve of G1: x^3 + 4 = 5 has no square root. */
export const KEY_OFF_CURVE = compressedPoint(48, 1n);

/** `-key`: its public key and `key`'s add up to infinity. */
export function negatedSecret(key: SecretKey): SecretKey {
  const value = BigInt(bytesHex(key.serialize()));
  const negated = new bls.SecretKey();
  negated.deserialize(hexBytes(`0x${(CURVE_ORDER - value).toString(16).padStart(64, "0")}`));
  return negated;
}

/**
 * A point of G2 whose order divides the cofactor: added to a signature it changes no pairing, so only a subgroup check
 * can tell.
 */
export function smallOrderSignature(): Uint8Array {
  smallSignature ??= multiply(SIGNATURE_OUTSIDE_SUBGROUP, CURVE_ORDER, addSignatures);
  return smallSignature.slice();
}

// constants, but for the backend that has to be started before they can be computed
let smallSignature: Uint8Array | undefined;
let smallKey: Uint8Array | undefined;

/** The same in G1, for keys. */
export function smallOrderKey(): Uint8Array {
  smallKey ??= multiply(KEY_OUTSIDE_SUBGROUP, CURVE_ORDER, addKeys);
  return smallKey.slice();
}

/** `-P`: the other square root. */
export function negatedPoint(point: Uint8Array): Uint8Array {
  const negated = point.slice();
  negated[0]! ^= 0x20;
  return negated;
}

/** Double and add, since the backend's own multiplication reduces the factor by the group order. */
function multiply(point: Uint8Array, factor: bigint, add: (a: Uint8Array, b: Uint8Array) => Uint8Array): Uint8Array {
  const [, ...bits] = factor.toString(2);
  let product = point;
  for (const bit of bits) {
    product = add(product, product);
    if (bit === "1") product = add(product, point);
  }
  return product;
}

/** `a + b` of compressed points of G1, inside the subgroup or not. */
export function addKeys(a: Uint8Array, b: Uint8Array): Uint8Array {
  bls.verifyPublicKeyOrder(false);
  try {
    const sum = new bls.PublicKey();
    sum.deserialize(a);
    const other = new bls.PublicKey();
    other.deserialize(b);
    sum.add(other);
    return sum.serialize();
  } finally {
    bls.verifyPublicKeyOrder(true);
  }
}

/** `a + b` of compressed points of G2, inside the subgroup or not. */
export function addSignatures(a: Uint8Array, b: Uint8Array): Uint8Array {
  bls.verifySignatureOrder(false);
  try {
    const sum = new bls.Signature();
    sum.deserialize(a);
    const other = new bls.Signature();
    other.deserialize(b);
    sum.add(other);
    return sum.serialize();
  } finally {
    bls.verifySignatureOrder(true);
  }
}
