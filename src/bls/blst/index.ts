/**
 * BLS by blst's formulas over this library's own field kernels, in WASM: the default backend.
 *
 * Both builds are inlined here. {@link blstBlsFrom} takes them from elsewhere, for bundlers that serve `.wasm` files.
 */

import { fromHex } from "../../ssz/bytes.js";
import type { BlstBls } from "./backend.js";
import { blstBlsFrom } from "./from.js";
import { BASELINE_WASM } from "./wasm/baseline.js";
import { SIMD_WASM } from "./wasm/simd.js";

export type { BlstBls } from "./backend.js";
export { blstBlsFrom } from "./from.js";
export type { BlstFiles } from "./variants.js";

/** The backend with its WASM inlined: for any engine with WebAssembly; which build is found out in `ready()`. */
export function blstBls(): BlstBls {
  return blstBlsFrom({
    simd: () => fromHex(SIMD_WASM),
    baseline: () => fromHex(BASELINE_WASM),
  });
}
