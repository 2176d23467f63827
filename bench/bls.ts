/**
 * What verifying sync-committee signatures costs, on every backend: CPU time of this process, the tasks interleaved,
 * medians of many rounds, ratios to native blst.
 *
 *   node --import tsx bench/bls.ts [--rounds=31] [--json]
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { BitArray } from "@chainsafe/ssz";
import herumi from "bls-eth-wasm";
import * as native from "blst-native";
import { type Engine, startEngine, write } from "../src/bls/blst/engine.js";
import { blstBlsFrom } from "../src/bls/blst/index.js";
import { type BlstFiles, variantsOf } from "../src/bls/blst/variants.js";
import { herumiBls } from "../src/bls/herumi.js";
import { nativeBls } from "../src/bls/native.js";
import type { Bls } from "../src/bls/port.js";

interface Task {
  readonly name: string;
  /** Milliseconds of CPU a round, by contestant. */
  readonly run: Readonly<Record<string, () => unknown>>;
  /** A round counts as so many. */
  readonly of?: number;
  readonly rounds?: number;
}

const options = new Map(
  process.argv.slice(2).map((arg) => {
    const [name, value = ""] = arg.replace(/^--/, "").split("=");
    return [name!, value] as const;
  }),
);
const ROUNDS = Number(options.get("rounds") ?? 31);

const SIZE = 512;
const BATCH = 32;

const toStart = options.get("start");
if (toStart === "simd" || toStart === "baseline") await start(toStart);
else await main();

async function main(): Promise<void> {
  const tasks = await createTasks();
  const results = tasks.map((task) => ({ name: task.name, ms: measure(task) }));
  results.push({ name: "start and first verification, wall time, a fresh process", ms: firstUse() });
  const machine = {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model ?? "unknown",
    node: process.version,
    loadAverage: loadavg().map((load) => Number(load.toFixed(2))),
    rounds: ROUNDS,
  };
  if (options.has("json")) console.log(JSON.stringify({ machine, results }, null, 2));
  else print(machine, results);
}

function print(machine: object, results: { name: string; ms: Record<string, number> }[]): void {
  console.log(`${JSON.stringify(machine)}\n`);
  const names = ["native", "blst simd", "blst baseline", "herumi", "@chainsafe/bls"];
  console.log(`| CPU time | ${names.join(" | ")} |\n|---|${names.map(() => "---|").join("")}`);
  for (const { name, ms } of results) {
    const cells = names.map((contestant) => {
      const time = ms[contestant];
      if (time === undefined) return "-";
      const ratio = ms["native"] === undefined ? "" : ` (${(time / ms["native"]).toFixed(2)}x)`;
      return `${time.toFixed(3)} ms${ratio}`;
    });
    console.log(`| ${name} | ${cells.join(" | ")} |`);
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Contestants take turns, so that a slower minute of the machine hits them all. */
function measure({ run, of = 1, rounds = ROUNDS }: Task): Record<string, number> {
  const samples = new Map(Object.keys(run).map((name) => [name, [] as number[]]));
  for (let round = -Math.ceil(rounds / 3); round < rounds; round++) {
    for (const [name, task] of Object.entries(run)) {
      const before = cpuMs();
      task();
      if (round >= 0) samples.get(name)!.push((cpuMs() - before) / of);
    }
  }
  return Object.fromEntries([...samples].map(([name, all]) => [name, all.sort((a, b) => a - b)[all.length >> 1]!]));
}

function files(): Required<BlstFiles> {
  const file = (name: string) => () => readFileSync(new URL(`../src/bls/blst/wasm/${name}.wasm`, import.meta.url));
  return { simd: file("simd"), baseline: file("baseline") };
}

function backends(): Record<string, Bls> {
  const { simd, baseline } = files();
  return {
    native: nativeBls(native),
    "blst simd": blstBlsFrom({ simd }),
    "blst baseline": blstBlsFrom({ baseline }),
    herumi: herumiBls(),
  };
}

function createCommittee() {
  const secrets = Array.from({ length: SIZE }, (_, i) =>
    native.SecretKey.fromKeygen(new Uint8Array(32).fill(i & 0xff), Uint8Array.of(i >> 8)),
  );
  const keys = secrets.map((secret) => secret.toPublicKey());
  const committee = {
    pubkeys: keys.map((key) => key.toBytes(true)),
    aggregatePubkey: native.aggregatePublicKeys(keys, false).toBytes(true),
  };
  const sign = (count: number, message: Uint8Array) =>
    native.aggregateSignatures(secrets.slice(0, count).map((secret) => secret.sign(message))).toBytes(true);
  return { committee, sign, bits: (count: number) => BitArray.fromBoolArray(secrets.map((_, i) => i < count)) };
}

async function createTasks(): Promise<Task[]> {
  const all = backends();
  for (const bls of Object.values(all)) await bls.ready();
  const { bls: shipped } = await import("@chainsafe/bls/herumi");
  const { committee, sign, bits } = createCommittee();
  const message = new Uint8Array(32).fill(7);

  const update = (count: number, fresh: boolean) => {
    const signature = sign(count, message);
    const set = bits(count);
    return Object.fromEntries(
      Object.entries(all).map(([name, bls]) => [
        name,
        () => {
          const handle = bls.committee(fresh ? { ...committee } : committee);
          if (bls.verifySyncAggregate(handle, set, message, signature) !== null) throw new Error(name);
        },
      ]),
    );
  };
  const signature = sign(505, message);
  const keys = committee.pubkeys.slice(0, 505);
  const decoded = keys.map((key) => shipped.PublicKey.fromBytes(key));
  const asShipped = (pubkeys: readonly (Uint8Array | (typeof decoded)[0])[]) => () => {
    const points = pubkeys.map((key) => (key instanceof Uint8Array ? shipped.PublicKey.fromBytes(key) : key));
    if (!shipped.Signature.fromBytes(signature).verifyAggregate(points, message)) throw new Error("shipped");
  };

  const items = Array.from({ length: BATCH }, (_, i) => {
    const signingRoot = new Uint8Array(32).fill(i);
    return { bits: bits(505), signingRoot, signature: sign(505, signingRoot) };
  });
  const batch = (name: string) => () => {
    const bls = all[name]!;
    const batched = items.map((item) => ({ ...item, committee: bls.committee({ ...committee }) }));
    if (bls.verifyBatch!(batched) !== null) throw new Error(name);
  };

  const engines = await Promise.all(variantsOf(files()).map((variant) => startEngine("bench", [variant])));
  const parts = (run: (engine: Engine) => unknown) =>
    Object.fromEntries(engines.map(({ engine, variant }) => [`blst ${variant}`, () => run(engine)]));
  const key = native.PublicKey.fromBytes(committee.pubkeys[0]!, false);
  const parsed = native.Signature.fromBytes(sign(1, message), true, true);
  const herumiKey = new herumi.PublicKey();
  herumiKey.deserialize(committee.pubkeys[0]!);
  const herumiSignature = new herumi.Signature();
  herumiSignature.deserialize(sign(1, message));
  const hash = (engine: Engine) => {
    write(engine, message);
    engine.hashMessage(32);
  };

  return [
    {
      name: "a typical update, p = 505, fresh committee",
      run: { ...update(505, true), "@chainsafe/bls": asShipped(decoded) },
    },
    { name: "the same committee again", run: update(505, false) },
    {
      name: "p = 256: 256 keys decompressed and added",
      run: update(256, true),
      rounds: Math.ceil(ROUNDS / 3),
    },
    {
      name: "a cold committee as shipped: 505 keys decompressed and checked",
      run: { "@chainsafe/bls": asShipped(keys) },
      rounds: 3,
    },
    {
      name: "decode a signature",
      run: {
        native: () => native.Signature.fromBytes(signature, true, true),
        ...parts((engine) => {
          write(engine, signature);
          engine.decodeSignature();
        }),
        herumi: () => new herumi.Signature().deserialize(signature),
      },
    },
    { name: "hash to the curve", run: parts(hash) },
    {
      name: "hash to the curve and two pairings",
      run: {
        native: () => native.verify(message, key, parsed, false, false),
        ...parts((engine) => {
          hash(engine);
          engine.verify();
        }),
        herumi: () => herumiKey.verify(herumiSignature, message),
      },
    },
    {
      name: `a batch of ${BATCH} updates, p = 505, each`,
      run: { "blst simd": batch("blst simd"), "blst baseline": batch("blst baseline") },
      of: BATCH,
      rounds: Math.ceil(ROUNDS / 3),
    },
  ];
}

/** Wall time from nothing compiled to an answer; medians of fresh processes, since engines remember what they compiled. */
function firstUse(): Record<string, number> {
  return Object.fromEntries(
    ["simd", "baseline"].map((variant) => {
      const times = Array.from({ length: 5 }, () => {
        const args = [...process.execArgv, fileURLToPath(import.meta.url), `--start=${variant}`];
        return Number(execFileSync(process.execPath, args, { encoding: "utf8" }));
      });
      return [`blst ${variant}`, times.sort((a, b) => a - b)[2]!];
    }),
  );
}

/** In the fresh process. */
async function start(variant: "simd" | "baseline"): Promise<void> {
  const { committee, sign, bits } = createCommittee();
  const message = new Uint8Array(32).fill(9);
  const signature = sign(505, message);
  const wasm = files()[variant];
  const before = performance.now();
  const bls = blstBlsFrom({ [variant]: wasm });
  await bls.ready();
  bls.verifySyncAggregate(bls.committee(committee), bits(505), message, signature);
  console.log(performance.now() - before);
}
