/** Who is measured: the library's BLS backends, and `@chainsafe/bls` as shipped. */
import { herumiBls } from "../src/bls/herumi.js";
import type { Bls } from "../src/bls/port.js";
import type { SyncCommittee } from "../src/ssz/objects.js";

/** One line for each backend of the library. */
const BACKENDS: readonly (() => Bls)[] = [herumiBls];

export async function readyBackends(): Promise<Bls[]> {
  // before any of ours: it starts the WASM that they share, and a second start would replace the first's instance
  await loadShipped();
  const backends = BACKENDS.map((create) => create());
  for (const backend of backends) await backend.ready();
  return backends;
}

/** Keys of `@chainsafe/bls`, decompressed and checked. */
export type ShippedKeys = readonly unknown[];

export interface Shipped {
  readonly name: string;
  /** Every key of the committee: what a light client on this package does when it gets one. */
  decodeKeys(committee: SyncCommittee): ShippedKeys;
  /** The participants' keys added up, the signature decoded, one verification. */
  verify(keys: ShippedKeys, participants: readonly number[], signingRoot: Uint8Array, signature: Uint8Array): boolean;
}

/** `@chainsafe/bls` on its WASM (herumi), what it is in a browser. */
export async function loadShipped(): Promise<Shipped> {
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
