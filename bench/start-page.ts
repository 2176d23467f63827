/** What `start.ts` runs in a fresh browser, or in a fresh Node: from nothing compiled to the first answers. */
import { BitArray } from "@chainsafe/ssz";
import { blstBls, blstBlsFrom } from "../src/bls/blst/index.js";
import { BASELINE_WASM } from "../src/bls/blst/wasm/baseline.js";
import type { Bls } from "../src/bls/port.js";
import { fromHex } from "../src/ssz/bytes.js";

/** A signature to verify, in JSON. */
export interface StartCase {
  readonly variant: StartVariant;
  readonly pubkeys: readonly string[];
  readonly aggregatePubkey: string;
  readonly participants: number;
  readonly signingRoot: string;
  readonly signature: string;
}

export type StartVariant = keyof typeof BACKENDS;

/** Milliseconds by the clock. */
export interface StartTimes {
  readonly ready: number;
  /** The first verification, of a committee never seen. */
  readonly first: number;
  /** The second, of another committee never seen. */
  readonly second: number;
}

const BACKENDS = {
  // as a page gets it: both builds inlined, the better one chosen
  simd: blstBls,
  baseline: () => blstBlsFrom({ baseline: () => fromHex(BASELINE_WASM) }),
} satisfies Record<string, () => Bls>;

export async function timeStart(given: StartCase): Promise<StartTimes> {
  const { variant, participants } = given;
  const committee = {
    pubkeys: given.pubkeys.map((key) => fromHex(key)),
    aggregatePubkey: fromHex(given.aggregatePubkey),
  };
  const bits = BitArray.fromBoolArray(committee.pubkeys.map((_, i) => i < participants));
  const [signingRoot, signature] = [fromHex(given.signingRoot), fromHex(given.signature)];
  const started = performance.now();
  const bls = BACKENDS[variant]();
  await bls.ready();
  const ready = performance.now();
  const faults = [bls.verifySyncAggregate(bls.committee(committee), bits, signingRoot, signature)];
  const first = performance.now();
  faults.push(bls.verifySyncAggregate(bls.committee({ ...committee }), bits, signingRoot, signature));
  const second = performance.now();
  if (faults.some((fault) => fault !== null)) throw new Error(`start: ${faults}`);
  return { ready: ready - started, first: first - ready, second: second - first };
}
