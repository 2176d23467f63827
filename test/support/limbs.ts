/** Elements at the limbs that the bounds in `src/bls/blst/c/field.h` allow. */
import { expect } from "chai";
import { fromLimbs, LIMBS } from "./field.js";
import { fillBytes } from "./fill.js";
import { FIELD_MODULUS } from "./points.js";

/** |limb| of a normal element, but for the top one. */
const NORMAL_LIMB = 2 ** 27 + 16;
/** The top limb of 0.8 p. */
const NORMAL_TOP = Math.floor(0.8 * Number(FIELD_MODULUS >> 364n)) + 1;

type Shape = (index: number, random: number) => number;

/** Limbs from -1 to 1, times the largest one. */
const SHAPES: Readonly<Record<string, Shape>> = {
  "all largest": () => 1,
  "all smallest": () => -1,
  "large and small in turn": (i) => (i % 2 === 0 ? 1 : -1),
  "halves against each other": (i) => (i < 7 ? 1 : -1),
  zero: () => 0,
  random: (_, random) => 2 * random - 1,
  "random extremes": (_, random) => (random < 0.5 ? -1 : 1),
  "few limbs": (_, random) => (random < 0.8 ? 0 : 1),
};

export const SHAPE_NAMES = Object.keys(SHAPES);

/** An element of a weight and a shape. */
export function limbsOfShape(weight: number, shape: string, seed: string | number): number[] {
  const random = new Uint32Array(fillBytes(4 * LIMBS, "limbs", seed).buffer);
  return Array.from({ length: LIMBS }, (_, i) => {
    const largest = weight * (i < LIMBS - 1 ? NORMAL_LIMB : NORMAL_TOP);
    return Math.trunc(largest * SHAPES[shape]!(i, random[i]! / 2 ** 32));
  });
}

export function expectNormal(limbs: readonly number[], what: string): void {
  for (const limb of limbs.slice(0, LIMBS - 1)) expect(Math.abs(limb), what).to.be.at.most(NORMAL_LIMB);
  for (const padding of limbs.slice(LIMBS)) expect(padding, what).to.equal(0);
  const value = fromLimbs(limbs);
  expect((value < 0n ? -value : value) * 10n <= 8n * FIELD_MODULUS, `${what}: ${value}`).to.equal(true);
}
