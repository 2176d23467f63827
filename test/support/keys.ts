/** Sync committees whose secret keys the tests know. Deterministic and worthless. */
import bls from "bls-eth-wasm";
import { toHex } from "../../src/ssz/bytes.js";
import { fill } from "./fill.js";

type SecretKey = InstanceType<typeof bls.SecretKey>;

/** The compressed point at infinity of G2. */
export const INFINITY_SIGNATURE = Uint8Array.from([0xc0, ...new Array<number>(95).fill(0)]);

export interface TestCommittee {
  /** What a `SyncCommittee` holds. */
  readonly value: { readonly pubkeys: Uint8Array[]; readonly aggregatePubkey: Uint8Array };
  readonly secrets: readonly SecretKey[];
  /** Aggregate signature of the members at these positions (with multiplicity). Nobody signs infinity. */
  sign(members: readonly number[], message: Uint8Array): Uint8Array;
}

let starting: Promise<void> | undefined;

/** Starts the signing backend: once per process, or an instance that is in use would be replaced. */
export function readyKeys(): Promise<void> {
  starting ??= "mod" in bls && bls.mod !== undefined ? Promise.resolve() : bls.init(bls.BLS12_381);
  return starting;
}

/** The secret key that belongs to the parts. */
export function secretKey(...parts: (string | number)[]): SecretKey {
  const key = new bls.SecretKey();
  key.setLittleEndianMod(fill("secret", ...parts));
  return key;
}

/** BLS is linear: the sum of the keys signs what aggregating all the signatures would give. */
export function sumOf(keys: readonly SecretKey[]): SecretKey {
  const sum = new bls.SecretKey();
  for (const key of keys) sum.add(key);
  return sum;
}

/** Signing takes longer than what most tests check with it, and the same suites sign the same for each backend. */
const known = new Map<string, Uint8Array>();

/** A copy of what `compute` gave when it was first asked under this name. */
function remembered(name: string, compute: () => Uint8Array): Uint8Array {
  const bytes = known.get(name) ?? compute();
  known.set(name, bytes);
  return bytes.slice();
}

function pubkeyOf(key: SecretKey): Uint8Array {
  return remembered(key.serializeToHexStr(), () => key.getPublicKey().serialize());
}

/** A committee of given secret keys. */
export function committeeOf(secrets: readonly SecretKey[]): TestCommittee {
  return {
    value: {
      pubkeys: secrets.map(pubkeyOf),
      aggregatePubkey: pubkeyOf(sumOf(secrets)),
    },
    secrets,
    sign(members, message) {
      if (members.length === 0) return INFINITY_SIGNATURE.slice();
      const key = sumOf(members.map((member) => secrets[member]!));
      return remembered(`${key.serializeToHexStr()} ${toHex(message)}`, () => key.sign(message).serialize());
    },
  };
}

/** A committee of `size`. Every eighth member is its predecessor once more, as on small real networks. */
export function createCommittee(size: number, ...parts: (string | number)[]): TestCommittee {
  const secrets: SecretKey[] = [];
  for (let i = 0; i < size; i++) secrets.push(i % 8 === 7 ? secrets[i - 1]! : secretKey(...parts, i));
  return committeeOf(secrets);
}
