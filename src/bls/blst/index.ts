/**
 * BLS by blst's formulas over this library's own field kernels, in WASM: the default backend.
 *
 * Both builds are inlined here. {@link blstBlsFrom} takes them from elsewhere, for bundlers that serve `.wasm` files.
 */
import type { BlstBls } from "./backend.js";
import { blstBlsFrom } from "./from.js";
import { BASELINE_WASM } from "./wasm/baseline.js";
import { SIMD_WASM } from "./wasm/simd.js";

export type { BlstBls } from "./backend.js";
export { blstBlsFrom } from "./from.js";
export type { BlstFiles } from "./variants.js";

/** The backend with its WASM inlined: for any engine with WebAssembly; which build is found out in `ready()`. */
export function blstBls(): BlstBls {
  return blstBlsFrom({ simd: () => fromBase64(SIMD_WASM), baseline: () => fromBase64(BASELINE_WASM) });
}

/** Where the engine has it (ES2026): the loop below takes milliseconds of a cold start. */
interface NativeDecoder {
  fromBase64?(text: string): Uint8Array<ArrayBuffer>;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const native = Uint8Array as NativeDecoder;
  if (native.fromBase64 !== undefined) return native.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
