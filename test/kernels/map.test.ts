/**
 * From field elements to points of G2 (RFC 9380, after hash_to_field) against `@noble/curves`, where no message leads: the
 * exceptions of the formulas. More with `SIDELIGHT_FUZZ=10`.
 */
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { expect } from "chai";
import { TEST_BUILDS, type TestEngine, testEngine } from "../support/blst/test-engine.js";
import { fieldBuffer, modulo, R, toLimbs } from "../support/field.js";
import { fillBytes } from "../support/fill.js";
import { FUZZ } from "../support/fuzz.js";
import { FIELD_MODULUS } from "../support/points.js";
import type { Fp2 } from "../support/tower.js";

const { G2 } = bls12_381;

const random = (...seed: (string | number)[]): bigint =>
  modulo(BigInt(`0x${Buffer.from(fillBytes(64, ...seed)).toString("hex")}`));
const randomPair = (...seed: (string | number)[]): Fp2 => [random(...seed, "re"), random(...seed, "im")];

/** Zeroes stand for infinity, as from the engine. */
function expectedOf(u: Fp2, v: Fp2): string {
  // it gives points, though it promises coordinates alone
  const [first, second] = [u, v].map((each) => G2.mapToCurve([...each]) as unknown as InstanceType<typeof G2.Point>);
  const point = first!.add(second!);
  return point.is0() ? "00".repeat(192) : Buffer.from(point.toBytes(false)).toString("hex");
}

for (const build of TEST_BUILDS) {
  describe(`the map to G2 of ${build}`, function () {
    this.timeout(600_000);
    let engine: TestEngine;
    let buffer: ReturnType<typeof fieldBuffer>;

    before(async () => {
      engine = await testEngine(build);
      buffer = fieldBuffer(engine);
    });

    /** Stored with R, as the nearest to zero. */
    function set(argument: 0 | 1, value: Fp2): void {
      value.forEach((part, i) => {
        const stored = modulo(part * R);
        const signed = stored > FIELD_MODULUS / 2n ? stored - FIELD_MODULUS : stored;
        buffer.set(argument, i as 0 | 1, toLimbs(signed));
      });
    }

    function map(u: Fp2, v: Fp2): string {
      set(0, u);
      set(1, v);
      engine.testMap();
      engine.testMessagePoint();
      return Buffer.from(engine.memory.buffer, engine.io(), 192).toString("hex");
    }

    it("agrees on random elements", () => {
      for (let i = 0; i < 40 * FUZZ; i++) {
        const [u, v] = [randomPair("u", i), randomPair("v", i)];
        expect(map(u, v), `round ${i}`).to.equal(expectedOf(u, v));
      }
    });

    it("agrees on elements in Fp, times u, at the ends of the field, and at 0, where a denominator vanishes", () => {
      const [x, y] = [random("x"), random("y")];
      const parts = [0n, 1n, FIELD_MODULUS - 1n, FIELD_MODULUS / 2n, FIELD_MODULUS / 2n + 1n];
      const special = parts.flatMap((re) => parts.map((im): Fp2 => [re, im]));
      for (const u of [...special, [x, 0n] as const, [0n, y] as const]) {
        expect(map(u, [x, y]), `${u}`).to.equal(expectedOf(u, [x, y]));
        expect(map([x, y], u), `${u}, second`).to.equal(expectedOf([x, y], u));
      }
    });

    it("doubles where both are the same, and finds infinity where they are opposite", () => {
      for (let i = 0; i < 5; i++) {
        const u = i === 0 ? ([0n, 0n] as const) : randomPair("same", i);
        expect(map(u, u), `round ${i}`).to.equal(expectedOf(u, u));
        if (i === 0) continue;
        const opposite = map(u, [modulo(-u[0]), modulo(-u[1])]);
        expect(opposite)
          .to.equal(expectedOf(u, [modulo(-u[0]), modulo(-u[1])]))
          .and.equal("00".repeat(192));
      }
    });

    it("knows the sign and the parity of elements of Fp2: the imaginary part's, and the real part's where it is 0", () => {
      const parts = [0n, 1n, 2n, FIELD_MODULUS - 1n, FIELD_MODULUS / 2n, FIELD_MODULUS / 2n + 1n];
      const values = parts.flatMap((re) => parts.map((im): Fp2 => [re, im]));
      for (let i = 0; i < 200 * FUZZ; i++) values.push(randomPair("sign", i));
      for (const value of values) {
        const [re, im] = value;
        // ZCash's larger of two roots; RFC 9380's sgn0, the other way round
        const isLarger = 2n * (im === 0n ? re : im) > FIELD_MODULUS;
        const isOdd = ((re === 0n ? im : re) & 1n) === 1n;
        set(0, value);
        expect(engine.testSign2(), `${value}`).to.equal((isLarger ? 2 : 0) + (isOdd ? 1 : 0));
      }
    });
  });
}
