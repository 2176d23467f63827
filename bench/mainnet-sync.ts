/** A whole catch-up: each update from the text of its answer to the store that follows, every check on. */
import type { Bls } from "../src/bls/port.js";
import { processLightClientUpdate } from "../src/spec/index.js";
import { toHex } from "../src/ssz/bytes.js";
import { beaconHeaderRoot } from "../src/ssz/roots.js";
import { type Reference, startReference, whyUnavailable } from "../test/reference/src/client.js";
import { specOf } from "../test/reference/test/support/spec-of.js";
import { decodeLine, type SignatureCase, type Start, signatureCases, startFrom } from "./cases.js";
import type { Bench, BenchContext } from "./context.js";
import type { BenchData } from "./data.js";
import { median, rowsOf, type Sample, startClock } from "./measure.js";
import { loadShipped, type Peer, readyDefault } from "./peers.js";
import type { Row } from "./table.js";

const BENCH = "mainnet-sync";
/** Peers take turns by this many updates. */
const BLOCK = 8;
const SHIPPED_METRIC = "@chainsafe/bls, its signature only";

export const mainnetSync: Bench = {
  name: BENCH,
  async run(context) {
    const bls = await readyDefault();
    const rows = await compareWithPeers(context, bls);
    const signatureOnly = rows.find(({ metric }) => metric === SHIPPED_METRIC)!;
    rows.push(...runAll(context, bls, signatureOnly));
    return rows;
  },
};

/** One participant of the comparison: feeds the updates of a block, and says how long that took. */
interface Runner {
  readonly metric: string;
  run(from: number, to: number): Sample | Promise<Sample>;
}

async function compareWithPeers({ isQuick, data, note }: BenchContext, bls: Bls): Promise<Row[]> {
  const shipped = await loadShipped();
  const ours = [ownRunner(data, bls)];
  const theirs: Runner[] = [shippedRunner(data, startFrom(data, bls), shipped)];
  const reason = whyUnavailable();
  const reference = reason === null ? await startReference({ preset: "mainnet" }) : null;
  if (reference === null) note(`${BENCH}: without the other light client: ${reason}`);
  else theirs.push(await referenceRunner(data, startFrom(data, bls), reference));

  const runners = [...ours, ...theirs];
  const samples = runners.map((): Sample[] => []);
  // the first block warms up
  const blocks = Math.min(isQuick ? 2 : 16, Math.floor(data.lines.length / BLOCK) - 1);
  for (let block = 0; block <= blocks; block++) {
    for (let i = 0; i < runners.length; i++) {
      const index = (i + block) % runners.length;
      const sample = await runners[index]!.run(block * BLOCK, (block + 1) * BLOCK);
      if (block > 0) samples[index]!.push(sample);
    }
  }
  await reference?.stop();
  note(`${BENCH}: peers on the updates ${BLOCK + 1} to ${(blocks + 1) * BLOCK}, in turns of ${BLOCK}`);

  // one row of ours for each peer, then the peers
  const compared = ours.flatMap((own, i) =>
    theirs.map(({ metric }) => ({ metric: own.metric, baseline: metric, own: i })),
  );
  const variants = [...compared, ...theirs.map(({ metric }, i) => ({ metric, own: ours.length + i }))];
  return rowsOf(
    variants.map((variant) => ({ ...variant, count: BLOCK })),
    variants.map(({ own }) => samples[own]!),
    { bench: BENCH, unit: "ms" },
  );
}

function ownRunner(data: BenchData, bls: Bls): Runner {
  const { chain, store: start } = startFrom(data, bls);
  let store = start;
  return {
    metric: `sidelight (${bls.name}), an update`,
    run(from, to) {
      const stop = startClock();
      for (const line of data.lines.slice(from, to)) {
        const update = decodeLine(chain, line);
        store = processLightClientUpdate(chain, store, update, update.signatureSlot);
      }
      return stop();
    },
  };
}

/** Only keys and signatures: no decoding, no proofs. */
function shippedRunner(data: BenchData, start: Start, shipped: Peer): Runner {
  const verify = ({ committee, participants, signingRoot, signature }: SignatureCase) => {
    const isValid = shipped.verify(shipped.decodeKeys(committee), participants, signingRoot, signature);
    if (!isValid) throw new Error(`${shipped.name}: refused`);
  };
  return {
    metric: SHIPPED_METRIC,
    run(from, to) {
      const cases = signatureCases(start, data, from, to);
      const stop = startClock();
      for (const each of cases) verify(each);
      return stop();
    },
  };
}

/** In its own process, which takes its own time: from the same text to its own store. */
async function referenceRunner(data: BenchData, { chain, store }: Start, reference: Reference): Promise<Runner> {
  const { session, reason } = await reference.open({
    spec: specOf(data.network),
    genesisValidatorsRoot: data.network.genesisValidatorsRoot,
    root: toHex(beaconHeaderRoot(chain.types, store.finalizedHeader.beacon)),
    bootstrap: { encoding: "json", fork: data.bootstrap.fork, text: JSON.stringify(data.bootstrap.value) },
  });
  if (session === null) throw new Error(`${reference.verifier}: ${reason}`);
  return {
    metric: `${reference.verifier}, an update`,
    async run(from, to) {
      const items = data.lines.slice(from, to).map((line) => {
        const { version, data: value } = JSON.parse(line) as { version: string; data: { signature_slot: string } };
        const object = { encoding: "json", fork: version, text: JSON.stringify(value) } as const;
        return { kind: "update", object, currentSlot: Number(value.signature_slot), keep: true } as const;
      });
      const { verdicts, timing } = await reference.verify({ session, items });
      const refused = verdicts.find(({ accepted }) => !accepted);
      if (refused !== undefined) throw new Error(`${reference.verifier}: ${refused.reason}`);
      return { wallMs: timing.decodeMs + timing.verifyMs, cpuMs: timing.cpuMs };
    },
  };
}

/** The library alone on all updates, and where its time goes. */
function runAll({ isQuick, data, note }: BenchContext, bls: Bls, signatureOnly: Row): Row[] {
  const lines = isQuick ? data.lines.slice(0, 64) : data.lines;
  const passes = Array.from({ length: isQuick ? 1 : 3 }, () => onePass({ ...data, lines }, bls));
  const metric = (name: string) => `${bls.name}, all ${lines.length}: ${name}`;
  const row = (name: string, of: (pass: Pass) => Sample): Row[] =>
    rowsOf([{ metric: metric(name), count: lines.length }], [passes.map(of)], { bench: BENCH, unit: "ms" });
  const perSecond = passes.map(({ total }) => (lines.length / total.wallMs) * 1000);
  note(`${BENCH}: ${bls.name} verified ${lines.length} of ${lines.length}, ${passes.length} times`);
  return [
    {
      bench: BENCH,
      metric: metric("speed"),
      value: median(perSecond),
      unit: "updates/s",
      baseline: signatureOnly.metric,
      ratio: (signatureOnly.cpu! * lines.length) / median(passes.map(({ total }) => total.cpuMs)),
      min: Math.min(...perSecond),
      max: Math.max(...perSecond),
    },
    ...row("an update", ({ total }) => total),
    ...row("of which decoding", ({ decode }) => decode),
    ...row("of which hashing and proofs", ({ proofs }) => proofs),
    ...row("of which signature", ({ signature }) => signature),
  ];
}

interface Pass {
  readonly total: Sample;
  readonly decode: Sample;
  readonly proofs: Sample;
  readonly signature: Sample;
}

function onePass(data: BenchData, bls: Bls): Pass {
  const signing = createSum();
  const timed: Bls = {
    ...bls,
    verifySyncAggregate: (...args) => signing.add(() => bls.verifySyncAggregate(...args)),
  };
  const { chain, store: start } = startFrom(data, timed);
  const decoding = createSum();
  let store = start;
  const stop = startClock();
  for (const line of data.lines) {
    const update = decoding.add(() => decodeLine(chain, line));
    store = processLightClientUpdate(chain, store, update, update.signatureSlot);
  }
  const total = stop();
  const [decode, signature] = [decoding.sum(), signing.sum()];
  const proofs = {
    wallMs: total.wallMs - decode.wallMs - signature.wallMs,
    cpuMs: total.cpuMs - decode.cpuMs - signature.cpuMs,
  };
  return { total, decode, proofs, signature };
}

/** Adds up what several calls take. */
function createSum() {
  let [wallMs, cpuMs] = [0, 0];
  return {
    sum: (): Sample => ({ wallMs, cpuMs }),
    add<T>(run: () => T): T {
      const stop = startClock();
      const result = run();
      const sample = stop();
      wallMs += sample.wallMs;
      cpuMs += sample.cpuMs;
      return result;
    },
  };
}
