// The WASM as files of their own: for bundlers that know `new URL(…, import.meta.url)`.
import { blstBlsFrom } from "sidelight/bls/blst/from";
import { follow } from "./follow.js";
import { tell } from "./tell.js";

const file = async (url) => (await fetch(url)).arrayBuffer();
const bls = blstBlsFrom({
  simd: () => file(new URL("sidelight/bls/blst/simd.wasm", import.meta.url)),
  baseline: () => file(new URL("sidelight/bls/blst/baseline.wasm", import.meta.url)),
});

tell((chain) => follow({ ...chain, bls }));
