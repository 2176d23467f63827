/**
 * The field kernels against bigints, at the limbs that the bounds in `c/field.h` allow: every limb at its extreme, of
 * every weight, and at random. More with `SIDELIGHT_FUZZ=10`.
 */
import { expect } from "chai";
import { TEST_BUILDS, type TestEngine, testEngine } from "../support/blst/test-engine.js";
import { fieldBuffer, fromLimbs, LIMBS, modulo, power, R, R_INVERSE, toLimbs } from "../support/field.js";
import { fillBytes } from "../support/fill.js";
import { FUZZ } from "../support/fuzz.js";
import { expectNormal, limbsOfShape, SHAPE_NAMES } from "../support/limbs.js";
import { FIELD_MODULUS } from "../support/points.js";

for (const build of TEST_BUILDS) {
  describe(`the field of ${build}`, function () {
    this.timeout(600_000);
    let engine: TestEngine;
    let buffer: ReturnType<typeof fieldBuffer>;
    let seed = 0;

    before(async () => {
      engine = await testEngine(build);
      buffer = fieldBuffer(engine);
    });

    /** An element of a weight, of one of the shapes. */
    function element(weight: number, shape = SHAPE_NAMES[seed % SHAPE_NAMES.length]!): number[] {
      return limbsOfShape(weight, shape, seed++);
    }

    function expectResult(part: 0 | 1, expected: bigint, what: string): void {
      const limbs = buffer.result(part);
      expect(modulo(fromLimbs(limbs)), what).to.equal(modulo(expected));
      expectNormal(limbs, what);
    }

    const product = (a: number[], b: number[]) => fromLimbs(a) * fromLimbs(b) * R_INVERSE;

    /** Every pair of shapes, then at random. */
    function forPairs(wa: number, wb: number, count: number, run: (a: number[], b: number[], what: string) => void) {
      for (const first of SHAPE_NAMES) {
        for (const second of SHAPE_NAMES) {
          run(element(wa, first), element(wb, second), `${wa} x ${wb}, ${first}, ${second}`);
        }
      }
      for (let i = 0; i < 2 * count * FUZZ; i++) run(element(wa), element(wb), `${wa} x ${wb}, round ${i}`);
    }

    for (const [wa, wb] of [
      [1, 1],
      [5, 7],
      [7, 5],
      [2.5, 14],
    ] as const) {
      it(`multiplies weights ${wa} and ${wb}`, () => {
        forPairs(wa, wb, 400, (a, b, what) => {
          buffer.set(0, 0, a);
          buffer.set(1, 0, b);
          engine.testMul();
          expectResult(0, product(a, b), what);
        });
      });
    }

    it("squares up to weight 5.9", () => {
      for (const weight of [1, 2, 5.9]) {
        forPairs(weight, 1, 300, (a, _, what) => {
          buffer.set(0, 0, a);
          engine.testSqr();
          expectResult(0, product(a, a), what);
        });
      }
    });

    for (const [wa, wb] of [
      [1, 1],
      [4, 4.25],
      [2.5, 6.8],
    ] as const) {
      it(`multiplies in Fp2 weights ${wa} and ${wb}`, () => {
        forPairs(wa, wb, 300, (a0, b0, what) => {
          const [a1, b1] = [element(wa), element(wb)];
          buffer.set(0, 0, a0);
          buffer.set(0, 1, a1);
          buffer.set(1, 0, b0);
          buffer.set(1, 1, b1);
          engine.testMul2();
          expectResult(0, product(a0, b0) - product(a1, b1), `${what}, real`);
          expectResult(1, product(a0, b1) + product(a1, b0), `${what}, imaginary`);
        });
      });
    }

    it("squares in Fp2 up to weight 4", () => {
      for (const weight of [1, 2.5, 4]) {
        forPairs(weight, weight, 200, (a0, a1, what) => {
          buffer.set(0, 0, a0);
          buffer.set(0, 1, a1);
          engine.testSqr2();
          expectResult(0, product(a0, a0) - product(a1, a1), `${what}, real`);
          expectResult(1, 2n * product(a0, a1), `${what}, imaginary`);
        });
      }
    });

    it("reduces up to weight 8", () => {
      for (const weight of [1, 2, 3, 5, 8]) {
        forPairs(weight, 1, 300, (a, _, what) => {
          buffer.set(0, 0, a);
          engine.testReduce();
          expectResult(0, fromLimbs(a), what);
        });
      }
    });

    it("reduces multiples of p, and what is next to them and between, to the nearest", () => {
      for (let k = -12n; k <= 12n; k++) {
        for (const near of [-1n, 0n, 1n, FIELD_MODULUS / 2n, FIELD_MODULUS / 2n + 1n, 1n << 364n, -(1n << 364n)]) {
          const value = (k * FIELD_MODULUS) / 2n + near;
          buffer.set(0, 0, toLimbs(value));
          engine.testReduce();
          expectResult(0, value, `${k} p / 2 + ${near}`);
        }
      }
    });

    it("adds, subtracts and scales", () => {
      forPairs(1, 1, 300, (a, b, what) => {
        buffer.set(0, 0, a);
        buffer.set(1, 0, b);
        engine.testAdd();
        expectResult(0, fromLimbs(a) + fromLimbs(b), `${what}, sum`);
        engine.testSub();
        expectResult(0, fromLimbs(a) - fromLimbs(b), `${what}, difference`);
        for (const factor of [-1, 1, 2, 3, 4, 8]) {
          engine.testScale(factor);
          expectResult(0, BigInt(factor) * fromLimbs(a), `${what}, times ${factor}`);
        }
      });
    });

    it("knows equals by any of their representations", () => {
      for (let i = 0; i < 200; i++) {
        const value = modulo(fromLimbs(element(1, "random"))) - FIELD_MODULUS / 2n;
        const other = value < 0n ? value + FIELD_MODULUS : value - FIELD_MODULUS;
        const isNormal = (other < 0n ? -other : other) * 10n <= 8n * FIELD_MODULUS;
        buffer.set(0, 0, toLimbs(value));
        for (const [second, expected] of [
          [value, 1],
          [other, 1],
          [value + 1n, 0],
          [value - (1n << 364n), 0],
          [-value, 0],
        ] as const) {
          if (second === other && !isNormal) continue;
          buffer.set(1, 0, toLimbs(second));
          expect(engine.testEqual(), `${value} and ${second}`).to.equal(expected);
        }
      }
    });

    it("inverts, and takes zero to zero", () => {
      for (let i = 0; i < 500 * FUZZ; i++) {
        const a = element(1, i < 4 ? "zero" : "random");
        if (i === 1) a[0] = 1;
        if (i === 2) a[0] = -1;
        if (i === 3) a[LIMBS - 1] = 1;
        buffer.set(0, 0, a);
        engine.testInverse();
        const value = modulo(fromLimbs(a));
        // stored as x R: the inverse of that is stored as R / x
        expectResult(0, power(value, FIELD_MODULUS - 2n) * R * R, `round ${i}`);
      }
    });

    it("goes to bytes and back, and knows the sign and the parity", () => {
      for (let i = 0; i < 500 * FUZZ; i++) {
        const a = element(1);
        buffer.set(0, 0, a);
        engine.testToBytes();
        const value = modulo(fromLimbs(a) * R_INVERSE);
        const bytes = new Uint8Array(engine.memory.buffer, engine.io(), 48);
        expect(BigInt(`0x${Buffer.from(bytes).toString("hex")}`)).to.equal(value);
        const sign = (value & 1n) | (2n * value > FIELD_MODULUS ? 2n : 0n);
        expect(engine.testSign()).to.equal(Number(sign));
        expect(engine.testFromBytes()).to.equal(1);
        expectResult(0, value * R, `round ${i}`);
      }
    });

    it("refuses bytes of p and more, whatever the flags", () => {
      const largest = (1n << 381n) - 1n;
      for (const [value, expected] of [
        [0n, 1],
        [1n, 1],
        [FIELD_MODULUS - 1n, 1],
        [FIELD_MODULUS, 0],
        [FIELD_MODULUS + 1n, 0],
        [FIELD_MODULUS + (1n << 28n), 0],
        [FIELD_MODULUS - (1n << 28n), 1],
        [largest, 0],
      ] as const) {
        for (const flags of [0n, 4n, 7n]) {
          const hex = (value | (flags << 381n)).toString(16).padStart(96, "0");
          new Uint8Array(engine.memory.buffer).set(Buffer.from(hex, "hex"), engine.io());
          expect(engine.testFromBytes(), `${hex}`).to.equal(expected);
          if (expected) expectResult(0, value * R, hex);
        }
      }
    });

    it("takes 64 bytes modulo p", () => {
      for (let i = 0; i < 300 * FUZZ; i++) {
        const bytes = fillBytes(64, "wide", i);
        if (i === 0) bytes.fill(0xff);
        if (i === 1) bytes.fill(0);
        new Uint8Array(engine.memory.buffer).set(bytes, engine.io());
        engine.testFromWide();
        expectResult(0, BigInt(`0x${Buffer.from(bytes).toString("hex")}`) * R, `round ${i}`);
      }
    });
  });
}
