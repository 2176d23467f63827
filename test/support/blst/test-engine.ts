/**
 * The builds of the WASM that also export the field's functions one by one. Made by `scripts/build-blst.js` from the
 * same source as the shipped ones, with `c/test-exports.h`.
 */
import { readFileSync } from "node:fs";
import type { Engine } from "../../../src/bls/blst/engine.js";

/** Of each shipped build, the one to test. */
export const TEST_BUILDS = ["baseline-test", "simd-test"] as const;

type FieldFunction =
  | "testMul"
  | "testSqr"
  | "testAdd"
  | "testSub"
  | "testReduce"
  | "testMul2"
  | "testSqr2"
  | "testInverse"
  | "testMul12"
  | "testSqr12"
  | "testCyclotomic12"
  | "testLine12"
  | "testDouble1"
  | "testDouble2"
  | "testLineDouble"
  | "testFromWide"
  | "testToBytes"
  | "testMessagePoint"
  | "testAggregate"
  | "testMap"
  | "testSignature";

export interface TestEngine extends Engine, Record<FieldFunction, () => void> {
  testField(): number;
  testTower(): number;
  testInPlace(which: number): void;
  testWords(): number;
  testScale(factor: number): void;
  testEqual(): number;
  testSign(): number;
  testSign2(): number;
  testFromBytes(): number;
}

export async function testEngine(name: (typeof TEST_BUILDS)[number]): Promise<TestEngine> {
  const bytes = readFileSync(new URL(`./${name}.wasm`, import.meta.url));
  const { instance } = await WebAssembly.instantiate(bytes);
  return instance.exports as unknown as TestEngine;
}
