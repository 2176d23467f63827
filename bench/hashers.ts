/** What can compute SHA-256 for Merkle trees, in turns. The choice is one for the process: it is put back afterwards. */
import { digest64 } from "@chainsafe/as-sha256";
import { type Hasher, plainHasher, useHasher } from "../src/ssz/hash.js";

/** A peer's WASM, for comparison. */
const asSha256: Hasher = {
  name: "as-sha256",
  digest64s(blocks) {
    const digests = new Uint8Array(blocks.length / 2);
    for (let at = 0; at < blocks.length; at += 64) digests.set(digest64(blocks.subarray(at, at + 64)), at / 2);
    return digests;
  },
};

/** What a process starts with. */
export const DEFAULT_HASHER = plainHasher.name;

/**
 * `run` for each hasher by its name, with `use` to switch to it: the peer's, the one that a process starts with, and the one
 * of the BLS backend that has started meanwhile.
 */
export function withHashers<T>(run: (hashers: readonly { readonly name: string; use(): void }[]) => T): T {
  const before = useHasher(plainHasher);
  const hashers = new Set([asSha256, plainHasher, before]);
  try {
    return run([...hashers].map((each) => ({ name: each.name, use: () => void useHasher(each) })));
  } finally {
    useHasher(before);
  }
}
