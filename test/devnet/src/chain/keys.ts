import { createHash } from "node:crypto";
import { aggregatePublicKeys, PublicKey, SecretKey } from "@chainsafe/blst";

/** Order of the BLS12-381 scalar field. */
const CURVE_ORDER = 52435875175126190479447740508185965837690552500527637822603658699938581184513n;

/** Far enough apart that two seeds never share a validator. */
const SEED_STRIDE = 1_000_000;

/** BLS signature of an empty set: the compressed point at infinity. */
export const INFINITY_SIGNATURE = Uint8Array.from([0xc0, ...new Array(95).fill(0)]);

export type KeyRing = {
  size: number;
  publicKeys: readonly Uint8Array[];
  /** Signature by one validator. */
  sign(index: number, message: Uint8Array): Uint8Array;
  /** The aggregate of one signature by each listed validator, with multiplicity. */
  signAll(indices: readonly number[], message: Uint8Array): Uint8Array;
  /** Aggregate public key of the listed validators, with multiplicity. */
  aggregate(indices: readonly number[]): Uint8Array;
  /** Validator index of a public key. */
  indexOf(publicKey: Uint8Array): number | undefined;
};

/**
 * The well-known interop keys, deterministic and worthless:
 * https://github.com/ethereum/eth2.0-pm/blob/a085c9870f3956d6228ed2a40cd37f0c6580ecd7/interop/mocked_start/README.md
 */
function interopScalar(index: number): bigint {
  const input = Buffer.alloc(32);
  input.writeUIntLE(index, 0, 6);
  const digest = createHash("sha256").update(input).digest();
  return BigInt(`0x${digest.reverse().toString("hex")}`) % CURVE_ORDER;
}

function toSecretKey(scalar: bigint): SecretKey {
  return SecretKey.fromBytes(new Uint8Array(Buffer.from(scalar.toString(16).padStart(64, "0"), "hex")));
}

export function createKeyRing(size: number, seed: number): KeyRing {
  const scalars = Array.from({ length: size }, (_, i) => interopScalar(seed * SEED_STRIDE + i));
  const publicKeys = scalars.map((scalar) => toSecretKey(scalar).toPublicKey().toBytes());
  const byKey = new Map(publicKeys.map((key, index) => [Buffer.from(key).toString("hex"), index]));

  // BLS is linear: signing once with the sum of the keys gives the same bytes as aggregating all the signatures.
  const sum = (indices: readonly number[]): bigint =>
    indices.reduce((total, index) => (total + (scalars[index] as bigint)) % CURVE_ORDER, 0n);

  const signAll = (indices: readonly number[], message: Uint8Array): Uint8Array =>
    indices.length === 0 ? INFINITY_SIGNATURE.slice() : toSecretKey(sum(indices)).sign(message).toBytes();

  return {
    size,
    publicKeys,
    sign: (index, message) => signAll([index], message),
    signAll,
    aggregate: (indices) =>
      aggregatePublicKeys(indices.map((index) => PublicKey.fromBytes(publicKeys[index] as Uint8Array))).toBytes(),
    indexOf: (publicKey) => byKey.get(Buffer.from(publicKey).toString("hex")),
  };
}
