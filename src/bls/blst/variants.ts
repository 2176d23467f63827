/**
 * The builds of the backend, best first, and how to tell whether an engine can run them.
 *
 * Plain SIMD rather than relaxed: extending multiplications are fast everywhere that has SIMD at all (Chromium 91,
 * Firefox 89, Safari 16.4, Node 16), and every engine gives the same bits.
 */
import type { Variant } from "./engine.js";

/** Where the builds' bytes come from; each is asked for only if it is going to be tried. */
export interface BlstFiles {
  /** Bytes of `sidelight/bls/blst/simd.wasm`. */
  simd?(): BufferSource | Promise<BufferSource>;
  /** Bytes of `sidelight/bls/blst/baseline.wasm`: for every engine. */
  baseline?(): BufferSource | Promise<BufferSource>;
}

/** A module of one function that multiplies as the SIMD build does. */
const SIMD_PROBE = Uint8Array.from([
  // magic, version; type () -> (); function of it
  0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0,
  // code: i32.const 0, i32x4.splat (twice), i64x2.extmul_low_i32x4_s, drop
  10, 16, 1, 14, 0, 0x41, 0, 0xfd, 0x11, 0x41, 0, 0xfd, 0x11, 0xfd, 0xdc, 0x01, 0x1a, 0x0b,
]);

export function variantsOf(files: BlstFiles): Variant[] {
  const variants: Variant[] = [];
  const { simd, baseline } = files;
  if (simd !== undefined) variants.push({ name: "simd", probe: SIMD_PROBE, wasm: () => simd() });
  if (baseline !== undefined) variants.push({ name: "baseline", wasm: () => baseline() });
  return variants;
}
