/**
 * Generalized indices: 1 is the root, `2n` and `2n + 1` are the children of `n`. Those of large lists are beyond exact
 * numbers, so here they are `bigint`. Source: consensus-specs `ssz/merkle-proofs.md`.
 */
import { optionInvalid } from "../errors.js";

/** As a number where it is exact, or as `bigint`. */
export type Gindex = bigint | number;

/** Deeper than any tree that has been specified. */
export const MAX_DEPTH = 256;

/**
 * A generalized index, checked.
 * @throws OPTION_INVALID
 */
export function toGindex(option: string, value: unknown): bigint {
  const isExact = typeof value === "bigint" || Number.isSafeInteger(value);
  const gindex = isExact ? BigInt(value as Gindex) : 0n;
  if (gindex >= 1n && gindex < 1n << BigInt(MAX_DEPTH + 1)) return gindex;
  throw optionInvalid(option, `a generalized index from 1 on, of a depth up to ${MAX_DEPTH}`, value);
}

/** How many levels below the root. */
export function depthOf(gindex: bigint): number {
  return gindex.toString(2).length - 1;
}

/** `concat_generalized_indices`: of what is at the first in a tree whose node there is the root of the next, and so on. */
export function concatGindices(...gindices: Gindex[]): bigint {
  return gindices
    .map((gindex, i) => toGindex(`gindices[${i}]`, gindex))
    .reduce((whole, gindex) => {
      const depth = BigInt(depthOf(gindex));
      return (whole << depth) | (gindex ^ (1n << depth));
    }, 1n);
}

/**
 * `get_helper_indices`: which nodes, beside those at `gindices`, a multiproof needs; in descending order, as it has them.
 * None of `gindices` may be twice, or above another (the specification does not look at that: of two such, one would not
 * be proven).
 * @throws OPTION_INVALID
 */
export function getHelperIndices(gindices: readonly Gindex[]): bigint[] {
  return helpersOf(toGindices(gindices));
}

/** @throws OPTION_INVALID */
export function toGindices(gindices: readonly Gindex[]): bigint[] {
  if (!Array.isArray(gindices) || gindices.length === 0)
    throw optionInvalid("gindices", "a list of one or more", gindices);
  const checked = gindices.map((gindex, i) => toGindex(`gindices[${i}]`, gindex));
  const all = new Set<bigint>();
  checked.forEach((gindex, i) => {
    if (all.has(gindex)) throw optionInvalid(`gindices[${i}]`, "none that is there already", gindex);
    all.add(gindex);
  });
  checked.forEach((gindex, i) => {
    for (let above = gindex >> 1n; above > 0n; above >>= 1n) {
      if (all.has(above)) throw optionInvalid(`gindices[${i}]`, `none below ${above}, which is there too`, gindex);
    }
  });
  return checked;
}

function helpersOf(gindices: readonly bigint[]): bigint[] {
  const onTheWay = new Set<bigint>();
  const siblings = new Set<bigint>();
  for (const gindex of gindices) {
    for (let at = gindex; at > 1n; at >>= 1n) {
      onTheWay.add(at);
      siblings.add(at ^ 1n);
    }
  }
  return [...siblings].filter((gindex) => !onTheWay.has(gindex)).sort(descending);
}

export function descending(a: bigint, b: bigint): number {
  return a > b ? -1 : a < b ? 1 : 0;
}
