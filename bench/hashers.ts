/** The two hashers that a browser can run. The choice is global to the package: it is put back afterwards. */
import { hasher, setHasher } from "@chainsafe/persistent-merkle-tree";
import { hasher as wasm } from "@chainsafe/persistent-merkle-tree/hasher/as-sha256";
import { hasher as noble } from "@chainsafe/persistent-merkle-tree/hasher/noble";

const HASHERS = [wasm, noble] as const;

/** The slow one, which a light client has that chooses none. */
export const DEFAULT_HASHER = noble.name;

/** `run` for each hasher by its name, with `use` to switch to it. */
export function withHashers<T>(run: (hashers: readonly { readonly name: string; use(): void }[]) => T): T {
  const before = hasher;
  try {
    return run(HASHERS.map((each) => ({ name: each.name, use: () => setHasher(each) })));
  } finally {
    setHasher(before);
  }
}
