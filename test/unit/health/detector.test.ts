/** Anomalies: streaming against a plain computation over the whole series, every rule and option, and a simulated year. */
import { expect } from "chai";
import fc from "fast-check";
import { type Anomaly, createDetector, type DetectorOptions, detectAnomalies } from "../../../src/health/detector.js";
import { type EpochValues, METRIC_NAMES, METRICS, type Metric, resolutionOf } from "../../../src/health/metrics.js";
import { nameStress } from "../../../src/health/name-stress.js";
import { codeOf } from "../../support/expect-code.js";
import { FUZZ } from "../../support/fuzz.js";
import { INCIDENTS, SIMULATED_SLOTS_PER_EPOCH, simulate } from "./simulate.js";

const slotsPerEpoch = SIMULATED_SLOTS_PER_EPOCH;

const series = (metric: Metric, values: readonly (number | undefined)[], from = 0): EpochValues[] =>
  values.map((value, i) => ({ epoch: from + i, values: value === undefined ? {} : { [metric]: value } }));

const changes = (epochs: readonly EpochValues[], options: Partial<DetectorOptions> = {}): Anomaly[] =>
  detectAnomalies(epochs, { slotsPerEpoch, ...options }).flatMap(({ anomalies }) => anomalies);

const steady = (count: number, value = 0.97) =>
  Array.from({ length: count }, (_, i) => value + (i % 2 === 0 ? 0.01 : -0.01));

describe("createDetector", () => {
  it("gives each epoch's distance in standard deviations of the epochs before it", () => {
    const judged = detectAnomalies(series("syncParticipation", [...steady(16), 0.9]), { slotsPerEpoch }).at(-1);
    const deviation = Math.sqrt((16 * 0.01 ** 2) / 15);
    const score = judged?.scores.syncParticipation;
    expect(score?.baseline?.mean).to.be.closeTo(0.97, 1e-12);
    expect(score?.baseline?.standardDeviation).to.be.closeTo(deviation, 1e-12);
    expect(score?.distance).to.be.closeTo(-0.07 / deviation, 1e-9);
    expect(judged?.anomalies).to.deep.equal([]);
  });

  it("begins beyond the threshold, ends after calm epochs below the release, and tells with what it agrees", () => {
    const crash: EpochValues = { epoch: 16, values: { syncParticipation: 0.6, voteParticipation: 0.6, emptySlots: 9 } };
    const normal = (epoch: number): EpochValues => ({
      epoch,
      values: { syncParticipation: epoch % 2 ? 0.98 : 0.96, voteParticipation: 0.99, emptySlots: epoch % 2 },
    });
    const before = Array.from({ length: 16 }, (_, epoch) => normal(epoch));
    const judged = detectAnomalies([...before, crash, normal(17), normal(18), normal(19)], { slotsPerEpoch });
    const [begun] = judged[16]?.anomalies ?? [];
    expect(judged[16]?.active).to.deep.equal(["syncParticipation", "emptySlots", "voteParticipation"]);
    expect(begun).to.deep.include({
      kind: "begin",
      metric: "syncParticipation",
      epoch: 16,
      sinceEpoch: 16,
      value: 0.6,
      agrees: ["emptySlots", "voteParticipation"],
      stress: ["participation crash", "missing blocks"],
    });
    expect(begun?.distance).to.be.below(-10);
    expect(judged[17]?.anomalies, "one calm epoch is not enough").to.deep.equal([]);
    expect(judged[18]?.anomalies.map(({ kind, sinceEpoch }) => [kind, sinceEpoch])).to.deep.equal([
      ["end", 16],
      ["end", 16],
      ["end", 16],
    ]);
    expect(judged[19]?.active).to.deep.equal([]);
  });

  it("does not flicker around the threshold", () => {
    // deviation 0.0103: 0.86 is 10.6 of them away, 0.88 8.7, 0.95 2
    const values = [...steady(16), 0.86, 0.88, 0.86, 0.88, 0.95, 0.86, 0.95, 0.95];
    expect(changes(series("syncParticipation", values)).map(({ kind, epoch }) => [kind, epoch])).to.deep.equal([
      ["begin", 16],
      ["end", 23],
    ]);
  });

  it("keeps anomalies out of its baseline", () => {
    const crash = Array.from({ length: 8 }, () => 0.5);
    const judged = detectAnomalies(series("syncParticipation", [...steady(32), ...crash, ...steady(1)]), {
      slotsPerEpoch,
    });
    expect(judged[39]?.scores.syncParticipation?.baseline).to.deep.equal(
      judged[32]?.scores.syncParticipation?.baseline,
    );
  });

  it("takes what lasts for the new normal", () => {
    const options: Partial<DetectorOptions> = { baseline: { kind: "rolling", epochs: 20 }, adaptAfterEpochs: 12 };
    const all = changes(series("syncParticipation", [...steady(20), ...steady(40, 0.6)]), options);
    expect(all.map(({ kind, epoch }) => [kind, epoch])).to.deep.equal([
      ["begin", 20],
      ["adapted", 32],
    ]);
    const never = changes(series("syncParticipation", [...steady(20), ...steady(40, 0.6)]), {
      ...options,
      adaptAfterEpochs: 1000,
    });
    expect(never.map(({ kind }) => kind)).to.deep.equal(["begin"]);
  });

  it("takes what was not measured for nothing that lasts", () => {
    const slept = Array.from({ length: 300 }, () => undefined);
    const all = changes(series("syncParticipation", [...steady(20), 0.5, ...slept, ...steady(6), 0.5]));
    expect(all.map(({ kind, epoch }) => [kind, epoch])).to.deep.equal([
      ["begin", 20],
      ["end", 322],
      ["begin", 327],
    ]);
  });

  it("judges nothing before there is a baseline", () => {
    expect(changes(series("syncParticipation", [...steady(15), 0.1]))).to.deep.equal([]);
    const options: Partial<DetectorOptions> = { baseline: { kind: "rolling", minEpochs: 4 } };
    expect(changes(series("syncParticipation", [...steady(4), 0.1]), options)).to.have.length(1);
  });

  it("compares with a fixed window, however long ago", () => {
    const baseline = { kind: "fixed", fromEpoch: 10, toEpoch: 29 } as const;
    const drift = Array.from({ length: 100 }, (_, i) => 0.97 - i * 0.004);
    const values = [...steady(10, 0.2), ...steady(20), ...drift];
    const judged = detectAnomalies(series("syncParticipation", values), { slotsPerEpoch, baseline });
    expect(judged.slice(0, 30).flatMap(({ scores }) => scores.syncParticipation?.distance ?? [])).to.deep.equal([]);
    expect(judged.at(-1)?.scores.syncParticipation?.baseline?.epochs).to.equal(20);
    expect(judged.at(-1)?.active).to.deep.equal(["syncParticipation"]);
    expect(changes(series("syncParticipation", values)), "a rolling baseline goes along").to.deep.equal([]);
  });

  it("looks in the direction that is worse, or in both", () => {
    const better = series("syncParticipation", [...steady(16, 0.5), 0.99]);
    expect(changes(better)).to.deep.equal([]);
    expect(changes(better, { direction: "both" })).to.have.length(1);
    expect(changes(series("emptySlots", [...steady(16, 1), 20]))).to.have.length(1);
  });

  it("obeys threshold, release and calmEpochs", () => {
    const values = [...steady(16), 0.9, 0.93, 0.97, 0.97, 0.97];
    const told = (options: Partial<DetectorOptions>) =>
      changes(series("syncParticipation", values), options).map(({ kind, epoch }) => `${kind} ${epoch}`);
    expect(told({})).to.deep.equal([]);
    expect(told({ threshold: 5 })).to.deep.equal(["begin 16", "end 19"]);
    expect(told({ threshold: 5, release: 5 })).to.deep.equal(["begin 16", "end 18"]);
    expect(told({ threshold: 5, calmEpochs: 1 })).to.deep.equal(["begin 16", "end 18"]);
    expect(told({ threshold: 5, calmEpochs: 3 })).to.deep.equal(["begin 16", "end 20"]);
  });

  it("of a chain that never varied, a few bad slots are no anomaly, more are, and one slashing is", () => {
    for (const metric of METRIC_NAMES) {
      const { worse, unit } = METRICS[metric];
      const [normal, sign] = worse === "low" ? [1, -1] : [0, 1];
      const isCount = unit === "count" || metric === "reorgDepth";
      const harmless = metric.endsWith("Slashings") ? 0 : isCount ? 3 : metric === "finalityDistance" ? 2 : 1 / 32;
      const harmful = metric.endsWith("Slashings") ? 1 : isCount ? 4 : metric === "finalityDistance" ? 3 : 2 / 32;
      const told = (by: number) =>
        changes(series(metric, [...Array.from({ length: 32 }, () => normal), normal + sign * by])).length;
      expect([told(harmless), told(harmful)], metric).to.deep.equal([0, 1]);
    }
  });

  it("passes over what was not measured", () => {
    const values = [...steady(16), undefined, 0.5];
    const all = changes(series("syncParticipation", values));
    expect(all.map(({ kind, epoch }) => [kind, epoch])).to.deep.equal([["begin", 17]]);
  });

  it("streams what a plain computation over the whole series gives, to the last bit", () => {
    const value = fc.oneof(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.constant(undefined),
      fc.constantFrom(0.9, 0.91),
    );
    const rules = fc.record({
      epochs: fc.integer({ min: 4, max: 12 }),
      minEpochs: fc.integer({ min: 1, max: 4 }),
      threshold: fc.double({ min: 0.5, max: 8, noNaN: true }),
      calmEpochs: fc.integer({ min: 1, max: 3 }),
      adaptAfterEpochs: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 60 }), rules, (values, { epochs, minEpochs, ...rest }) => {
        const options: DetectorOptions = { slotsPerEpoch, baseline: { kind: "rolling", epochs, minEpochs }, ...rest };
        const all = series("effectiveness", values);
        const streamed = createDetector(options);
        // as if it had come from a file, as if live, and by the definition
        const live = all.map((epoch) => streamed.push(JSON.parse(JSON.stringify(epoch))));
        expect(live).to.deep.equal(detectAnomalies(all, options));
        const plain = plainJudgement(values, { epochs, minEpochs, ...rest });
        expect(live.map(({ scores }) => scores.effectiveness?.distance ?? null)).to.deep.equal(plain.distances);
        expect(live.flatMap(({ anomalies }) => anomalies.map(({ kind, epoch }) => `${kind} ${epoch}`))).to.deep.equal(
          plain.changes,
        );
      }),
      { numRuns: 300 * FUZZ },
    );
  });

  it("is forked with all it knows, and either goes on by itself", () => {
    // in the middle of an anomaly: the baseline, what is held and the calm are all there
    const all = simulate(3, 80, INCIDENTS[0], 40, 12);
    const [original, forkAt] = [createDetector({ slotsPerEpoch }), 45];
    for (const epoch of all.slice(0, forkAt)) original.push(epoch);
    const fork = original.fork();
    const other = simulate(4, 80).slice(forkAt);
    const asOriginal = all.slice(forkAt).map((epoch, i) => {
      fork.push(other[i]!);
      return original.push(epoch);
    });
    expect(asOriginal).to.deep.equal(detectAnomalies(all, { slotsPerEpoch }).slice(forkAt));
    const [again, judged] = [createDetector({ slotsPerEpoch }), [...all.slice(0, forkAt), ...other]];
    for (const epoch of all.slice(0, forkAt)) again.push(epoch);
    const forked = again.fork();
    expect(other.map((epoch) => forked.push(epoch))).to.deep.equal(
      detectAnomalies(judged, { slotsPerEpoch }).slice(forkAt),
    );
    expect(codeOf(() => forked.push(all[forkAt]!))).to.equal("OPTION_INVALID");
  });

  it("refuses options that make no sense, and epochs out of order", () => {
    const wrong: Partial<DetectorOptions>[] = [
      { slotsPerEpoch: 0 },
      { threshold: 0 },
      { threshold: Number.NaN },
      { release: 11 },
      { calmEpochs: 0 },
      { adaptAfterEpochs: 0 },
      { direction: "worst" as "worse" },
      { baseline: { kind: "rolling", epochs: 8, minEpochs: 9 } },
      { baseline: { kind: "fixed", fromEpoch: 5, toEpoch: 5 } },
      { baseline: { kind: "floating" } as unknown as { kind: "rolling" } },
    ];
    for (const options of wrong) {
      expect(
        codeOf(() => createDetector({ slotsPerEpoch, ...options })),
        JSON.stringify(options),
      ).to.equal("OPTION_INVALID");
    }
    const detector = createDetector({ slotsPerEpoch });
    detector.push({ epoch: 5, values: {} });
    expect(codeOf(() => detector.push({ epoch: 5, values: {} }))).to.equal("OPTION_INVALID");
  });
});

describe("createDetector, of values that are no numbers", () => {
  it("refuses them, and knows what it knew", () => {
    const detector = createDetector({ slotsPerEpoch });
    for (const each of series("syncParticipation", steady(16))) detector.push(each);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, null, "1"]) {
      const values = { syncParticipation: 0.97, emptySlots: value as number };
      expect(codeOf(() => detector.push({ epoch: 16, values }))).to.equal("OPTION_INVALID");
    }
    const [next] = series("syncParticipation", [0.5], 16);
    expect(detector.push(next!).scores.syncParticipation?.baseline?.epochs).to.equal(16);
  });
});

describe("a simulated network", () => {
  it("gives no false alarm in thousands of healthy epochs at the default threshold", () => {
    for (let seed = 1; seed <= 2 * FUZZ; seed++) {
      const told = changes(simulate(seed, 4000)).map(({ kind, metric, epoch, distance }) => ({
        kind,
        metric,
        epoch,
        distance,
      }));
      expect(told, `seed ${seed}`).to.deep.equal([]);
    }
  });

  for (const incident of INCIDENTS) {
    const within = incident.name.includes("slides") ? 5 : 0;
    it(`detects ${incident.name} ${within === 0 ? "in its first epoch" : `within ${within} epochs`}`, () => {
      expect(firstAlarm(incident)).to.be.within(300, 300 + within);
    });
  }

  function firstAlarm(incident: (typeof INCIDENTS)[number]): number | undefined {
    return changes(simulate(77, 320, incident, 300, 12)).find(({ kind }) => kind === "begin")?.epoch;
  }
});

describe("nameStress", () => {
  it("tells slow votes from wrong ones", () => {
    expect(nameStress(["effectiveness", "inclusionDistance"])).to.deep.equal(["late inclusion, votes right"]);
    expect(nameStress(["headAccuracy"])).to.deep.equal(["wrong votes, included in time"]);
    expect(nameStress(["headAccuracy", "effectiveness"])).to.deep.equal(["late blocks"]);
    expect(nameStress(["voteParticipation", "effectiveness"])).to.deep.equal(["participation crash"]);
    expect(nameStress(["reorgDepth", "headAccuracy"])).to.deep.equal(["reorganisation"]);
    expect(nameStress(["signatureDistance"])).to.deep.equal(["missing blocks"]);
    expect(nameStress(["signatureDistance", "inclusionDistance"])).to.deep.equal(["missing blocks"]);
    expect(nameStress(["inclusionDistance"])).to.deep.equal(["late inclusion, votes right"]);
    expect(nameStress([])).to.deep.equal([]);
  });

  it("has a name for whatever is off", () => {
    for (let set = 1; set < 2 ** METRIC_NAMES.length; set++) {
      const active = METRIC_NAMES.filter((_, i) => (set >> i) & 1);
      if (nameStress(active).length === 0) expect.fail(`no name for ${active.join(", ")}`);
    }
  });
});

interface PlainRules {
  readonly epochs: number;
  readonly minEpochs: number;
  readonly threshold: number;
  readonly calmEpochs: number;
  readonly adaptAfterEpochs: number;
}

/** Looks back over the whole series at every epoch: which of them were normal, and what follows for this one. */
function plainJudgement(values: readonly (number | undefined)[], rules: PlainRules) {
  const isNormal: boolean[] = [];
  const distances: (number | null)[] = [];
  const changesTold: string[] = [];
  let since: number | null = null;
  values.forEach((value, epoch) => {
    isNormal[epoch] = false;
    distances[epoch] = null;
    if (value === undefined) return;
    const normal = values
      .slice(0, epoch)
      .filter((each, i): each is number => each !== undefined && isNormal[i] === true);
    const baseline = normal.slice(-rules.epochs);
    if (baseline.length >= rules.minEpochs) {
      const mean = baseline.reduce((sum, each) => sum + each, 0) / baseline.length;
      const squares = baseline.reduce((sum, each) => sum + (each - mean) ** 2, 0);
      const deviation = baseline.length < 2 ? 0 : Math.sqrt(squares / (baseline.length - 1));
      distances[epoch] = (value - mean) / Math.max(deviation, resolutionOf("effectiveness", slotsPerEpoch));
    }
    const badness = -(distances[epoch] ?? 0);
    if (since === null) {
      isNormal[epoch] = badness <= rules.threshold;
      if (!isNormal[epoch]) [since] = [epoch, changesTold.push(`begin ${epoch}`)];
      return;
    }
    const begun = since;
    const measured = Array.from({ length: epoch - begun }, (_, i) => begun + 1 + i).filter(
      (i) => values[i] !== undefined,
    );
    const calm = measured.slice(-rules.calmEpochs);
    if (calm.length === rules.calmEpochs && calm.every((i) => -(distances[i] ?? 0) < rules.threshold / 2)) {
      isNormal[epoch] = true;
      since = null;
      changesTold.push(`end ${epoch}`);
    } else if (measured.length >= rules.adaptAfterEpochs) {
      // all that was normal is so no more
      for (let i = 0; i <= epoch; i++) isNormal[i] = i >= begun;
      since = null;
      changesTold.push(`adapted ${epoch}`);
    }
  });
  return { distances, changes: changesTold };
}
