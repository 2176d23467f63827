/**
 * BLS by blst's formulas over this library's own field kernels, in WASM: the default backend.
 *
 * The WASM is inlined here. {@link blstBlsFrom} takes it from elsewhere, for bundlers that serve `.wasm` files.
 */
import { type BlstBls, createBackend } from "./backend.js";
import { BASELINE_WASM } from "./wasm/baseline.js";

export type { BlstBls } from "./backend.js";
export { type BlstFiles, blstBlsFrom } from "./from.js";

/** The backend with its WASM inlined: any engine with WebAssembly, chosen and tested in `ready()`. */
export function blstBls(): BlstBls {
  return createBackend({
    variants: [{ name: "baseline", wasm: () => fromBase64(BASELINE_WASM) }],
    random: (bytes) => crypto.getRandomValues(bytes),
  });
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
