import { readFileSync } from "node:fs";
import { blstBls, blstBlsFrom } from "../../../src/bls/blst/index.js";
import { blsContract } from "../../contract/bls.js";

const folder = new URL("../../../src/bls/blst/wasm/", import.meta.url);
const file = (name: string) => () => readFileSync(new URL(name, folder));

blsContract("blstBls", blstBls);
blsContract("blstBlsFrom baseline.wasm", () => blstBlsFrom({ baseline: file("baseline.wasm") }));
blsContract("blstBlsFrom simd.wasm", () => blstBlsFrom({ simd: file("simd.wasm") }));
