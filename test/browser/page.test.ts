import { blstBlsFrom } from "../../src/bls/blst/from.js";
import { blstBls } from "../../src/bls/blst/index.js";
import { both } from "../../src/bls/both.js";
import { herumiBls } from "../../src/bls/herumi.js";
import { blsContract } from "../contract/bls.js";
import { hexContract } from "../contract/hex.js";
import { defineSuites } from "./suites/index.js";
import { chainsOfPage } from "./support/chains.js";

defineSuites("page", chainsOfPage);
hexContract();

/** As a page loads them that does not want them inlined. */
const file = async (name: string) => (await fetch(`/base/src/bls/blst/wasm/${name}.wasm`)).arrayBuffer();

blsContract("herumiBls", herumiBls, { isBrief: true });
blsContract("blstBlsFrom simd.wasm", () => blstBlsFrom({ simd: () => file("simd") }), { isBrief: true });
blsContract("blstBlsFrom baseline.wasm", () => blstBlsFrom({ baseline: () => file("baseline") }), { isBrief: true });
blsContract("both(blstBls, herumiBls)", () => both(blstBls(), herumiBls()), { isBrief: true });
