/**
 * SHA-256 for SSZ, from one place.
 *
 * `persistent-merkle-tree` starts with a pure-JS hasher; its WASM one is about 8 times faster. The hasher is global to
 * that package, so a host that chose one of its own (a native one in Node) keeps it.
 */
import { digest } from "@chainsafe/as-sha256";
import { digest64, hasher, setHasher } from "@chainsafe/persistent-merkle-tree";
import { hasher as wasmHasher } from "@chainsafe/persistent-merkle-tree/hasher/as-sha256";

/** Switches from the default hasher to the WASM one. Does nothing when the host has already chosen another. */
export function useFastHasher(): void {
  if (hasher.name === "noble") setHasher(wasmHasher);
}

/** SHA-256 of two 32-byte nodes: the parent of a Merkle tree. */
export function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  return digest64(left, right);
}

/** SHA-256 of any bytes. */
export function sha256(data: Uint8Array): Uint8Array {
  return digest(data);
}
