/** Stands in for `node:util` in browsers: what the vectors' tests use of it. */
import { util } from "chai";

export function isDeepStrictEqual(a: unknown, b: unknown): boolean {
  return util.eql(a, b);
}
