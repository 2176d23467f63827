/** Stands for test/support/backends.ts in a browser: the backends that run there. */
import { blstBls } from "../../../src/bls/blst/index.js";
import { both } from "../../../src/bls/both.js";
import { herumiBls } from "../../../src/bls/herumi.js";
import type { Bls } from "../../../src/bls/port.js";

export function testBls(): Bls {
  return blstBls();
}

/** They must agree on every signature. */
export function everyBls(): Bls {
  return both(blstBls(), herumiBls());
}
