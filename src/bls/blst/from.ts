/** The backend with its WASM from files, without inlined copies: a third smaller to download, and one build of two. */
import { type BlstBls, createBackend } from "./backend.js";
import { type BlstFiles, variantsOf } from "./variants.js";

/**
 * @example
 * const file = async (url: URL) => (await fetch(url)).arrayBuffer();
 * const bls = blstBlsFrom({
 *   simd: () => file(new URL("sidelight/bls/blst/simd.wasm", import.meta.url)),
 *   baseline: () => file(new URL("sidelight/bls/blst/baseline.wasm", import.meta.url)),
 * });
 */
export function blstBlsFrom(files: BlstFiles): BlstBls {
  return createBackend({ variants: variantsOf(files), random: (bytes) => crypto.getRandomValues(bytes) });
}
