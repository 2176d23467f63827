/** A client that catches up, from the first request to the last committee: everything on, network and disk left out. */
import { Worker } from "node:worker_threads";
import { type BlstBls, blstBls } from "../src/bls/blst/index.js";
import { herumiBls } from "../src/bls/herumi.js";
import { pooledBls } from "../src/bls/pooled/index.js";
import type { Bls } from "../src/bls/port.js";
import { createLightClient } from "../src/client/light-client.js";
import { clockStartingAt } from "../src/clock.js";
import { computeEpochAtSlot } from "../src/networks/schedule.js";
import { createChain, decodeBootstrap, deferSignatures, processLightClientUpdate } from "../src/spec/index.js";
import { toHex } from "../src/ssz/bytes.js";
import { beaconHeaderRoot } from "../src/ssz/roots.js";
import type { RawObject, Source } from "../src/transport/port.js";
import { decodeLine, startFrom, unseen } from "./cases.js";
import type { Bench, BenchContext } from "./context.js";
import type { BenchData } from "./data.js";
import { measure, median, rowsOf, type Sample, startClock } from "./measure.js";
import { sszOfLine } from "./ssz-lines.js";
import type { Row } from "./table.js";

const BENCH = "catch-up";
const WORKERS = 2;
const BATCH_SIZES = [1, 2, 4, 8, 16, 32];

export const catchUpBench: Bench = {
  name: BENCH,
  async run(context) {
    const bls = blstBls();
    await bls.ready();
    return [...batchRows(context, bls), ...(await clientRows(context, bls))];
  },
};

/** Signatures alone, in batches of several sizes. */
function batchRows({ isQuick, data }: BenchContext, bls: BlstBls): Row[] {
  const count = Math.min(64, data.lines.length);
  const { chain, store: start } = startFrom(data, bls);
  const { chain: deferring, items } = deferSignatures(chain);
  let store = start;
  for (const line of data.lines.slice(0, count)) {
    const update = decodeLine(chain, line);
    store = processLightClientUpdate(deferring, store, update, update.signatureSlot);
  }
  const fresh = () => items.map((item) => ({ ...item, committee: bls.committee(unseen(item.committee.committee)) }));
  let batch = fresh();
  const prepare = () => {
    batch = fresh();
  };
  const metric = (size: number) => `a signature, in batches of ${size}`;
  const variants = BATCH_SIZES.map((size) => ({
    metric: metric(size),
    baseline: "a signature, by itself",
    count,
    prepare,
    run() {
      for (let at = 0; at < count; at += size) accept(bls.verifyBatch(batch.slice(at, at + size)));
    },
  }));
  const single = {
    metric: "a signature, by itself",
    count,
    prepare,
    run() {
      for (const { committee, bits, signingRoot, signature } of batch) {
        accept(bls.verifySyncAggregate(committee, bits, signingRoot, signature));
      }
    },
  };
  return measure([single, ...variants], { bench: BENCH, unit: "ms", rounds: isQuick ? 3 : 15 });
}

function accept(fault: string | null): void {
  if (fault !== null) throw new Error(`${BENCH}: refused a real signature: ${fault}`);
}

interface Runner {
  readonly metric: string;
  readonly bls: Bls;
  readonly source: Source;
}

/** Whole clients, in turns. */
async function clientRows({ isQuick, data, note }: BenchContext, bls: BlstBls): Promise<Row[]> {
  const lines = isQuick ? data.lines.slice(0, 128) : data.lines;
  const workers = Array.from({ length: WORKERS }, () => new Worker(new URL("bls-worker.js", import.meta.url)));
  const pooled = pooledBls(workers, { local: bls });
  const herumi = herumiBls();
  for (const backend of [pooled, herumi]) await backend.ready();
  await warmUp(pooled);

  const { verifyBatch, ...oneByOne } = bls;
  const [json, ssz] = [sourceOf(data, lines, "json"), sourceOf(data, lines, "ssz")];
  const runners: Runner[] = [
    { metric: "herumi, one by one, JSON", bls: herumi, source: json },
    { metric: "blst, one by one, JSON", bls: oneByOne, source: json },
    { metric: "blst, batches, JSON", bls, source: json },
    { metric: "blst, batches, SSZ", bls, source: ssz },
    { metric: `blst, ${WORKERS} workers, JSON`, bls: pooled, source: json },
    { metric: `blst, ${WORKERS} workers, SSZ`, bls: pooled, source: ssz },
  ];
  const samples = runners.map((): Sample[] => []);
  const rounds = isQuick ? 1 : 3;
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < runners.length; i++) {
      const index = (i + round) % runners.length;
      samples[index]!.push(await catchUpOnce(data, lines, runners[index]!));
    }
  }
  await Promise.all(workers.map((worker) => worker.terminate()));
  note(`${BENCH}: ${runners.length} clients caught up over ${lines.length} periods, ${rounds} times`);
  const rows = rowsOf(
    runners.map(({ metric }) => ({
      metric: `${metric}: a period`,
      baseline: "herumi, one by one, JSON: a period",
      count: lines.length,
    })),
    samples,
    { bench: BENCH, unit: "ms" },
  );
  const wallOf = (metric: string) =>
    median(samples[runners.findIndex((runner) => runner.metric === metric)]!.map(({ wallMs }) => wallMs));
  const speedUp = (encoding: string): Row => ({
    bench: BENCH,
    metric: `${WORKERS} workers, ${encoding}: speed`,
    value: (1000 * lines.length) / wallOf(`blst, ${WORKERS} workers, ${encoding}`),
    unit: "updates/s",
    baseline: `blst, batches, ${encoding} (by the clock on the wall)`,
    ratio: wallOf(`blst, batches, ${encoding}`) / wallOf(`blst, ${WORKERS} workers, ${encoding}`),
  });
  return [...rows, speedUp("JSON"), speedUp("SSZ")];
}

/** Until every worker has answered: starting them is not what is measured. */
async function warmUp(bls: ReturnType<typeof pooledBls>): Promise<void> {
  await Promise.all(Array.from({ length: WORKERS }, () => bls.verifyBatchAsync([])));
}

/** A server that is here already. JSON is text, as it comes. */
function sourceOf(data: BenchData, lines: readonly string[], encoding: "json" | "ssz"): Source {
  const none = () => Promise.reject(new Error("there is nothing newer"));
  const bootstrap: RawObject = { encoding: "json", ...data.bootstrap };
  const chain = createChain(data.network, herumiBls());
  const first = Math.floor(
    computeEpochAtSlot(data.network, decodeLine(chain, lines[0]!).attestedHeader.beacon.slot) /
      data.network.preset.epochsPerSyncCommitteePeriod,
  );
  const ready: readonly (() => RawObject)[] = lines.map((line) => {
    if (encoding === "ssz") {
      const raw = sszOfLine(chain, line);
      return () => raw;
    }
    return () => {
      const { version, data: value } = JSON.parse(line) as { version: string; data: unknown };
      return { encoding, value, fork: version };
    };
  });
  return {
    name: "here",
    bootstrap: () => Promise.resolve(bootstrap),
    updates: (start, count) => Promise.resolve(ready.slice(start - first, start - first + count).map((make) => make())),
    finalityUpdate: none,
    optimisticUpdate: none,
  };
}

/** Time from the call to the last committee. */
async function catchUpOnce(data: BenchData, lines: readonly string[], { bls, source }: Runner): Promise<Sample> {
  const { network } = data;
  const chain = createChain(network, bls);
  const { beacon } = decodeBootstrap(chain, { encoding: "json", ...data.bootstrap }).header;
  const { slotsPerEpoch, epochsPerSyncCommitteePeriod } = network.preset;
  const periodSlots = slotsPerEpoch * epochsPerSyncCommitteePeriod;
  const lastSlot = decodeLine(chain, lines.at(-1)!).signatureSlot;
  const nowSlot = (Math.floor(lastSlot / periodSlots) + 1) * periodSlots + 1;
  const client = createLightClient({
    network,
    bls,
    checkpoint: toHex(beaconHeaderRoot(chain.types, beacon)),
    sources: [source],
    clock: clockStartingAt((network.genesisTime + (nowSlot * network.slotDurationMs) / 1000) * 1000),
    staleCheckpoint: "allow",
    maxHeadAgeSlots: Number.POSITIVE_INFINITY,
  });
  const errors: string[] = [];
  client.on("error", ({ error }) => errors.push(error.message));
  const stop = startClock();
  const sample = await new Promise<Sample>((resolve, reject) => {
    client.on("status", (status) => {
      if (status.state === "catching-up" && status.progress.atPeriod >= status.progress.toPeriod) resolve(stop());
    });
    // once caught up it asks for a head, which nobody has
    client.syncOnce().catch(() => reject(new Error(`${BENCH}: did not catch up: ${errors.join("; ")}`)));
  });
  await client.stop();
  return sample;
}
