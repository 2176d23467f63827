/** What a signature's verification is made of, backend by backend, and what batches save. */
import { BitArray } from "@chainsafe/ssz";
import herumi from "bls-eth-wasm";
import * as native from "blst-native";
import { type Engine, startEngine, write } from "../src/bls/blst/engine.js";
import type { Bls } from "../src/bls/port.js";
import { blstVariants } from "../test/support/backends.js";
import { createCommittee, type TestCommittee } from "../test/support/keys.js";
import { negatedPoint } from "../test/support/points.js";
import { unseen } from "./cases.js";
import type { Bench } from "./context.js";
import { measure, type Variant } from "./measure.js";
import { FLOOR, readyBackends } from "./peers.js";
import type { Row } from "./table.js";

const BENCH = "verify-parts";
const SIZE = 512;
const PARTICIPANTS = 505;
const BATCHES = [1, 2, 8, 32];

const root = (i: number) => new Uint8Array(32).fill(i);
const firstOf = (count: number) => Array.from({ length: count }, (_, i) => i);

/** One task, by who does it. */
interface Task {
  readonly name: string;
  /** How often it is done in a sample: what takes little is done more often. */
  readonly count?: number;
  readonly run: readonly (readonly [contestant: string, run: () => unknown])[];
}

export const verifyParts: Bench = {
  name: BENCH,
  async run({ isQuick }) {
    const backends = await readyBackends();
    const engines: [string, Engine][] = [];
    for (const [name, variant] of Object.entries(blstVariants())) {
      engines.push([name, (await startEngine(BENCH, [variant])).engine]);
    }
    const committee = createCommittee(SIZE, "bench");
    const rounds = isQuick ? 5 : 21;
    return [...partsOf(committee, engines), ...sumsOf(committee, backends), ...batchesOf(committee, backends)].flatMap(
      (task) => rowsOfTask(task, rounds),
    );
  },
};

function rowsOfTask({ name, count = 1, run }: Task, rounds: number): Row[] {
  const metric = (contestant: string) => `${name}: ${contestant}`;
  const variants = run.map(
    ([contestant, once]): Variant => ({
      metric: metric(contestant),
      ...(contestant === FLOOR ? {} : { baseline: metric(FLOOR) }),
      count,
      run() {
        for (let i = 0; i < count; i++) once();
      },
    }),
  );
  return measure(variants, { bench: BENCH, unit: "ms", rounds });
}

function partsOf(committee: TestCommittee, engines: readonly [string, Engine][]): Task[] {
  const [message, [pubkey]] = [root(7), committee.value.pubkeys];
  const signature = committee.sign([0], message);
  const on = (run: (engine: Engine) => unknown) => engines.map(([name, engine]) => [name, () => run(engine)] as const);
  const decodeKey = (engine: Engine) => {
    write(engine, pubkey!);
    return engine.decodeKey();
  };
  const decodeSignature = (engine: Engine) => {
    write(engine, signature);
    return engine.decodeSignature();
  };
  for (const [, engine] of engines) {
    // what `verify` is then asked about
    if (decodeKey(engine) + decodeSignature(engine) !== 0) throw new Error(BENCH);
    engine.clearSum();
    engine.addKey(0);
    engine.finishSum();
  }
  const nativeKey = native.PublicKey.fromBytes(pubkey!, false);
  const nativeSignature = native.Signature.fromBytes(signature, true, true);
  const herumiKey = new herumi.PublicKey();
  herumiKey.deserialize(pubkey!);
  const herumiSignature = new herumi.Signature();
  herumiSignature.deserialize(signature);
  return [
    {
      name: "a key decoded",
      count: 50,
      run: [
        [FLOOR, () => native.PublicKey.fromBytes(pubkey!, false)],
        ...on(decodeKey),
        ["herumi", () => herumiDecodes(() => new herumi.PublicKey().deserialize(pubkey!))],
      ],
    },
    {
      name: "a signature decoded",
      count: 20,
      run: [
        [FLOOR, () => native.Signature.fromBytes(signature, true, true)],
        ...on(decodeSignature),
        ["herumi", () => new herumi.Signature().deserialize(signature)],
      ],
    },
    {
      name: "hash to the curve and two pairings",
      count: 2,
      run: [
        [FLOOR, () => native.verify(message, nativeKey, nativeSignature, false, false)],
        ...on((engine) => {
          write(engine, message);
          engine.hashMessage(32);
          if (engine.verify() !== 1) throw new Error(BENCH);
        }),
        ["herumi", () => herumiKey.verify(herumiSignature, message)],
      ],
    },
  ];
}

/** As ours: the subgroup of a key is not checked one by one. */
function herumiDecodes(decode: () => void): void {
  herumi.verifyPublicKeyOrder(false);
  decode();
  herumi.verifyPublicKeyOrder(true);
}

/** The most keys that are ever needed: half of the committee, never seen. */
function sumsOf({ value, sign }: TestCommittee, backends: readonly [string, Bls][]): Task[] {
  const bits = BitArray.fromBoolArray(value.pubkeys.map((_, i) => i < SIZE / 2));
  const signature = sign(firstOf(SIZE / 2), root(1));
  const run = backends.map(([name, bls]) => {
    const once = () => bls.verifySyncAggregate(bls.committee(unseen(value)), bits, root(1), signature);
    return [name, once] as const;
  });
  return [{ name: "256 of 512, never seen", run }];
}

/** Updates of committees never seen, `size` at once; figures are for one of them. */
function batchesOf({ value, sign }: TestCommittee, backends: readonly [string, Bls][]): Task[] {
  const bits = BitArray.fromBoolArray(value.pubkeys.map((_, i) => i < PARTICIPANTS));
  const signed = firstOf(Math.max(...BATCHES)).map((i) => ({
    bits,
    signingRoot: root(i),
    signature: sign(firstOf(PARTICIPANTS), root(i)),
  }));
  return BATCHES.map((size) => {
    const items = signed.slice(0, size);
    const ours = backends.flatMap(([name, bls]) => {
      if (bls.verifyBatch === undefined) return [];
      const once = () => {
        const batch = items.map((item) => ({ ...item, committee: bls.committee(unseen(value)) }));
        if (bls.verifyBatch!(batch) !== null) throw new Error(`${BENCH}: ${name}`);
      };
      return [[name, once] as const];
    });
    const floor = () => {
      const sets = items.map(({ signingRoot, signature }) => ({
        msg: signingRoot,
        pk: nativeSum(value),
        sig: native.Signature.fromBytes(signature, true, true),
      }));
      if (!native.verifyMultipleAggregateSignatures(sets)) throw new Error(`${BENCH}: native`);
    };
    return { name: `a batch of ${size}`, run: [[FLOOR, floor] as const, ...ours] };
  });
}

/** The committee's key less the absent, its subgroup checked, as our backends do. */
function nativeSum({ aggregatePubkey, pubkeys }: TestCommittee["value"]): native.PublicKey {
  const terms = [aggregatePubkey, ...pubkeys.slice(PARTICIPANTS).map(negatedPoint)];
  const sum = native.aggregatePublicKeys(
    terms.map((term) => native.PublicKey.fromBytes(term, false)),
    false,
  );
  sum.keyValidate();
  return sum;
}
