/**
 * What is reduced once for each coefficient (`c/tower.h`, `c/curve.h`), against bigints, with every limb of every
 * coefficient at its bound. More with `SIDELIGHT_FUZZ=10`.
 */
import { expect } from "chai";
import { TEST_BUILDS, type TestEngine, testEngine } from "../support/blst/test-engine.js";
import { fromLimbs, LEFT_OVER, modulo, R_INVERSE } from "../support/field.js";
import { fillBytes } from "../support/fill.js";
import { FUZZ } from "../support/fuzz.js";
import { expectNormal, limbsOfShape, SHAPE_NAMES } from "../support/limbs.js";
import { cyclotomicSquare, double, type Fp2, type Fp6, type Fp12, lineOf, mul12, tangent } from "../support/tower.js";

const EXTREMES = ["all largest", "all smallest"];

/** Three coefficients of Fp2, as they lie in memory. */
const fp6At = (values: readonly bigint[], start: number): Fp6 => {
  const at = (i: number): Fp2 => [values[start + 2 * i]!, values[start + 2 * i + 1]!];
  return [at(0), at(1), at(2)];
};
const fp12Of = (values: readonly bigint[]): Fp12 => [fp6At(values, 0), fp6At(values, 6)];

type Operation = (a: bigint[], b: bigint[]) => bigint[];

/** Name, number of `testInPlace`, and what it must give. */
const OPERATIONS: readonly [
  "testMul12" | "testSqr12" | "testCyclotomic12" | "testLine12" | "testDouble1" | "testDouble2" | "testLineDouble",
  Operation,
][] = [
  ["testMul12", (a, b) => mul12(fp12Of(a), fp12Of(b)).flat(2)],
  ["testSqr12", (a) => mul12(fp12Of(a), fp12Of(a)).flat(2)],
  ["testCyclotomic12", (a) => cyclotomicSquare(fp12Of(a)).flat(2)],
  ["testLine12", (a, b) => mul12(fp12Of(a), lineOf(...fp6At(b, 0))).flat(2)],
  // in Fp as in Fp2 with nothing imaginary
  [
    "testDouble1",
    (a) =>
      double([
        [a[0]!, 0n],
        [a[1]!, 0n],
        [a[2]!, 0n],
      ]).map(([re]) => re),
  ],
  ["testDouble2", (a) => double(fp6At(a, 0)).flat()],
  ["testLineDouble", (a) => [...tangent(fp6At(a, 0)).flat(), ...double(fp6At(a, 0)).flat()]],
];

for (const build of TEST_BUILDS) {
  describe(`the tower of ${build}`, function () {
    this.timeout(600_000);
    let engine: TestEngine;

    before(async () => {
      engine = await testEngine(build);
    });

    function element(argument: number, index: number): Int32Array {
      const words = engine.testWords();
      return new Int32Array(engine.memory.buffer, engine.testTower() + 4 * words * (12 * argument + index), words);
    }

    /** Twelve elements of given shapes; the values they stand for. */
    function fill(argument: 0 | 1, shapes: readonly string[], seed: string): bigint[] {
      return shapes.map((shape, i) => {
        const limbs = limbsOfShape(1, shape, `${seed} ${argument} ${i}`);
        const target = element(argument, i);
        target.fill(0);
        target.set(limbs);
        return modulo(fromLimbs(limbs) * R_INVERSE);
      });
    }

    function expectResult(expected: readonly bigint[], what: string): void {
      expected.forEach((value, i) => {
        const limbs = [...element(2, i)];
        expect(modulo(fromLimbs(limbs) * R_INVERSE), `${what}, coefficient ${i}`).to.equal(value);
        expectNormal(limbs, `${what}, coefficient ${i}`);
      });
    }

    OPERATIONS.forEach(([name, expected], which) => {
      it(`${name} is right at the bounds and at random, also in place`, () => {
        for (let round = 0; round < 150 * FUZZ; round++) {
          const random = fillBytes(24, name, round);
          // mostly every limb of a coefficient at the same bound, the coefficients' signs in every combination
          const names = round % 4 === 0 ? SHAPE_NAMES : EXTREMES;
          const shapes = [...random].map((byte) => names[byte % names.length]!);
          if (round === 0) shapes.fill("all largest");
          if (round === 1) shapes.fill("all smallest");
          const seed = `${name} ${round}`;
          const values = expected(fill(0, shapes.slice(0, 12), seed), fill(1, shapes.slice(12), seed));
          for (let i = 0; i < 12; i++) element(2, i).fill(LEFT_OVER);
          engine[name]();
          expectResult(values, seed);
          engine.testInPlace(which);
          expectResult(values, `${seed}, in place`);
        }
      });
    });
  });
}
