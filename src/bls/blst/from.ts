/** The same backend with its WASM from files, without the inlined copies: a third smaller to download. */
import { type BlstBls, createBackend } from "./backend.js";

/** Where the builds come from; each is asked for only if it is going to be tried. */
export interface BlstFiles {
  /** Bytes of `sidelight/bls/blst/baseline.wasm`. */
  baseline(): BufferSource | Promise<BufferSource>;
}

/**
 * @example
 * const bls = blstBlsFrom({
 *   baseline: async () => (await fetch(new URL("sidelight/bls/blst/baseline.wasm", import.meta.url))).arrayBuffer(),
 * });
 */
export function blstBlsFrom(files: BlstFiles): BlstBls {
  return createBackend({
    variants: [{ name: "baseline", wasm: () => files.baseline() }],
    random: (bytes) => crypto.getRandomValues(bytes),
  });
}
