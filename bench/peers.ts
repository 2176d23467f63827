/** Who is measured: the library's BLS backends, `@chainsafe/bls` as shipped, and `@noble/curves`. */
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { blstBls } from "../src/bls/blst/index.js";
import type { Bls } from "../src/bls/port.js";
import type { SyncCommittee } from "../src/ssz/objects.js";
import { BACKENDS } from "../test/support/backends.js";

/** What the others are compared with: blst in C and assembly. */
export const FLOOR = "native";

const CONTESTANTS = [FLOOR, "blst simd", "blst baseline", "herumi"] as const;

/** The library's default, for whatever is not about backends. */
export async function readyDefault(): Promise<Bls> {
  const bls = blstBls();
  await bls.ready();
  return bls;
}

/** The library's backends by name, the floor first. */
export async function readyBackends(): Promise<[string, Bls][]> {
  // before any of ours: it starts the WASM that they share, and a second start would replace the first's instance
  await loadShipped();
  const backends = CONTESTANTS.map((name): [string, Bls] => [name, BACKENDS[name]()]);
  for (const [, bls] of backends) await bls.ready();
  return backends;
}

/** Keys of another package, decompressed and checked. */
export type PeerKeys = readonly unknown[];

export interface Peer {
  readonly name: string;
  /** Every key of the committee: what a light client on this package does when it gets one. */
  decodeKeys(committee: SyncCommittee): PeerKeys;
  /** The participants' keys added up, the signature decoded, one verification. */
  verify(keys: PeerKeys, participants: readonly number[], signingRoot: Uint8Array, signature: Uint8Array): boolean;
}

/** `@chainsafe/bls` on its WASM (herumi), what it is in a browser. */
export async function loadShipped(): Promise<Peer> {
  const { bls } = await import("@chainsafe/bls/herumi");
  type Key = ReturnType<typeof bls.PublicKey.fromBytes>;
  return {
    name: "@chainsafe/bls",
    decodeKeys: ({ pubkeys }) => pubkeys.map((key) => bls.PublicKey.fromBytes(key)),
    verify(keys, participants, signingRoot, signature) {
      const present = participants.map((member) => keys[member] as Key);
      return bls.Signature.fromBytes(signature).verifyAggregate(present, signingRoot);
    },
  };
}

const { longSignatures: noble } = bls12_381;
const NOBLE_DST = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/** `@noble/curves`: JavaScript alone. */
export const noblePeer: Peer = {
  name: "@noble/curves",
  decodeKeys: ({ pubkeys }) => pubkeys.map((key) => bls12_381.G1.Point.fromBytes(key)),
  verify(keys, participants, signingRoot, signature) {
    const present = participants.map((member) => keys[member] as (typeof bls12_381.G1.Point)["BASE"]);
    const point = noble.Signature.fromBytes(signature);
    point.assertValidity();
    return noble.verify(point, noble.hash(signingRoot, NOBLE_DST), noble.aggregatePublicKeys(present));
  },
};
