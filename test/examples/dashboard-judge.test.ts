/** The dashboard's verdicts over a series that lets go of its past, against one detector over all epochs there ever were. */
import { expect } from "chai";
import {
  createSeries,
  detectAnomalies,
  type EpochValues,
  type Judgement,
  METRICS,
  type Metric,
  type SeriesPoint,
} from "../../src/health/index.js";
import { INCIDENTS, SIMULATED_SLOTS_PER_EPOCH, simulate } from "../unit/health/simulate.ts";

type Judge = (points: readonly SeriesPoint[]) => readonly Judgement[];

/** Of a package of its own, with its own types. */
const MODULE = "../../examples/dashboard/src/judge.ts";

const EPOCHS = 1800;
/** A walk into the past finds these when the first of the rest have been heard of. */
const WALKED = 200;
/** Lasts until the series has let go of how it began. */
const OUTAGE = { at: 700, length: 180 };
/** Blocks of these are not to be had for a long time. */
const LATE = { from: 1000, to: 1010, until: 1100 };
const slotsPerEpoch = SIMULATED_SLOTS_PER_EPOCH;
const options = { slotsPerEpoch } as const;

const isLate = (epoch: number) => epoch >= LATE.from && epoch < LATE.to;

function partOf({ epoch, values }: EpochValues, isOfBlocks: boolean): EpochValues {
  const entries = Object.entries(values) as [Metric, number][];
  return {
    epoch,
    values: Object.fromEntries(entries.filter(([metric]) => (METRICS[metric].from === "blocks") === isOfBlocks)),
  };
}

describe("createJudge of examples/dashboard", function () {
  this.timeout(120_000);
  const truth = simulate(7, EPOCHS, INCIDENTS[1], OUTAGE.at, OUTAGE.length);
  const batch = detectAnomalies(truth, options);
  let createJudge: (slotsPerEpoch: number) => Judge;

  before(async () => {
    ({ createJudge } = (await import(MODULE)) as { createJudge: typeof createJudge });
  });

  it("gives over 1,800 epochs, in parts and out of order, the verdicts of a detector that forgets nothing", () => {
    const [series, judge] = [createSeries(), createJudge(slotsPerEpoch)];
    const final = new Map<number, Judgement>();
    let judgements: readonly Judgement[] = [];
    const take = (epochs: readonly EpochValues[]) => {
      const before = new Map(judgements.map((judgement) => [judgement.epoch, judgement]));
      for (const epoch of epochs) series.add(epoch);
      judgements = judge(series.points());
      const changed = Math.min(...epochs.map(({ epoch }) => epoch));
      for (const judgement of judgements) {
        if (judgement.epoch >= changed) final.set(judgement.epoch, judgement);
        else if (judgement !== before.get(judgement.epoch)) expect.fail(`epoch ${judgement.epoch} was judged again`);
      }
    };
    for (let epoch = WALKED; epoch < EPOCHS; epoch++) {
      take([partOf(truth[epoch]!, false)]);
      if (epoch === WALKED + 3) take(truth.slice(0, WALKED));
      const whole = epoch - 2;
      if (whole >= WALKED && !isLate(whole)) take([partOf(truth[whole]!, true)]);
      if (epoch === LATE.until) take(truth.slice(LATE.from, LATE.to).map((late) => partOf(late, true)));
    }
    take(truth.slice(-2).map((last) => partOf(last, true)));
    expect(judgements.length).to.be.within(500, 512);
    expect(Array.from(final.values()).sort((a, b) => a.epoch - b.epoch)).to.deep.equal(batch);
    expect(batch.flatMap(({ anomalies }) => anomalies).length, "something was to be judged").to.be.greaterThan(1);
  });

  it("differs in that from judging what the series still has, each time anew", () => {
    const from = OUTAGE.at + 60;
    const epoch = OUTAGE.at + 160;
    const anew = detectAnomalies(truth.slice(from, from + 512), options)[epoch - from];
    expect(anew?.active, "the outage is all it has ever seen").to.deep.equal([]);
    expect(batch[epoch]?.active).to.include("syncParticipation");
  });

  it("after a restart goes on from what was kept", () => {
    const series = createSeries();
    for (const epoch of truth.slice(0, 400)) series.add(epoch);
    const restored = createSeries({ restore: series.encode() });
    const judge = createJudge(slotsPerEpoch);
    judge(restored.points());
    for (const epoch of truth.slice(400, 900)) {
      restored.add(epoch);
      const judgements = judge(restored.points());
      expect(judgements.at(-1)).to.deep.equal(batch[epoch.epoch]);
    }
  });

  it("has nothing to say of nothing", () => {
    const judge = createJudge(slotsPerEpoch);
    expect(judge([])).to.deep.equal([]);
    const points = [{ ...truth[0]!, epochs: 1 }];
    expect(judge(points)).to.equal(judge(points));
  });
});
