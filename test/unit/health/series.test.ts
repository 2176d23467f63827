/** Series that are kept: bounded, downsampled with age, restored; and what other programs get of them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { csvHeader, csvLine, toCsv, toJsonLines } from "../../../src/health/export.js";
import { METRIC_NAMES } from "../../../src/health/metrics.js";
import { createSeries, type Series } from "../../../src/health/series.js";
import { fileStore } from "../../../src/store/file.js";
import { codeOf } from "../../support/expect-code.js";

const at = (epoch: number, emptySlots = epoch) => ({ epoch, values: { emptySlots } });

describe("createSeries", () => {
  it("keeps the newest in full, older ones as means, and no more than its bound", () => {
    const series = createSeries({ pointsPerLevel: 16 });
    for (let epoch = 0; epoch < 20_000; epoch++) series.add(at(epoch));
    const points = series.points();
    expect(points.length).to.be.at.most(4 * 16);
    const newest = points.filter(({ epochs }) => epochs === 1);
    expect(newest.at(-1)).to.deep.equal({ epoch: 19_999, epochs: 1, values: { emptySlots: 19_999 } });
    expect(newest.length).to.be.within(9, 16);
    for (const { epoch, epochs, values } of points) expect(values.emptySlots).to.equal(epoch + (epochs - 1) / 2);
    for (const [i, point] of points.slice(1).entries()) {
      expect(point.epoch, "no gap, no overlap").to.equal(points[i]!.epoch + points[i]!.epochs);
    }
  });

  it("gives the same means to who walks into the past, epoch by epoch, and weighs what was measured", () => {
    const [ascending, descending] = [createSeries({ pointsPerLevel: 16 }), createSeries({ pointsPerLevel: 16 })];
    for (let epoch = 0; epoch < 64; epoch++) ascending.add(at(epoch));
    for (let epoch = 63; epoch >= 0; epoch--) descending.add(at(epoch));
    const spansOf = (series: Series) => series.points().filter(({ epochs, epoch }) => epochs === 8 && epoch < 48);
    expect(spansOf(descending)).to.deep.equal(spansOf(ascending));
    const partly = createSeries({ pointsPerLevel: 4 });
    for (const epoch of [12, 11, 10, 9, 5]) partly.add(at(epoch));
    const again = createSeries({ pointsPerLevel: 4, restore: partly.encode() });
    for (const series of [partly, again]) {
      series.add(at(3));
      expect(series.points()[0]).to.deep.equal({ epoch: 0, epochs: 8, measured: 2, values: { emptySlots: 4 } });
    }
  });

  it("weighs each metric by the epochs that it was measured in, through all spans", () => {
    const series = createSeries({ pointsPerLevel: 8 });
    const late = (epoch: number) => epoch >= 8 || epoch === 3;
    for (let epoch = 0; epoch < 400; epoch++) {
      series.add({
        epoch,
        values: { emptySlots: epoch, ...(late(epoch) ? { effectiveness: epoch === 3 ? 0 : 1 } : {}) },
      });
    }
    const restored = createSeries({ pointsPerLevel: 8, restore: series.encode() });
    for (const each of [series, restored]) {
      for (let epoch = 400; epoch < 1_000; epoch++)
        each.add({ epoch, values: { emptySlots: epoch, effectiveness: 1 } });
      const { values, epochs } = each.points()[0]!;
      expect(epochs).to.equal(512);
      expect(values.emptySlots).to.equal(511 / 2);
      expect(values.effectiveness).to.be.closeTo(504 / 505, 1e-12);
    }
  });

  it("takes light and block mode's values of one epoch together", () => {
    const series = createSeries();
    series.add({ epoch: 5, values: { syncParticipation: 0.9 } });
    series.add({ epoch: 5, values: { effectiveness: 0.8 } });
    expect(series.points()).to.deep.equal([
      { epoch: 5, epochs: 1, values: { syncParticipation: 0.9, effectiveness: 0.8 } },
    ]);
  });

  it("is kept in a file however long it has run", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sidelight-series-"));
    // every metric of every point, in as many digits as a number has
    const values = Object.fromEntries(METRIC_NAMES.map((metric, i) => [metric, 1 / 3 + i / 1e4]));
    const points = [1, 8, 64, 512].flatMap((epochs, level) =>
      Array.from({ length: 512 }, (_, i) => {
        const epoch = (4 - level) * 1_000_000 * 512 + i * epochs;
        const some = Object.fromEntries(METRIC_NAMES.map((metric) => [metric, epochs - 2]));
        return { epoch, epochs, ...(epochs === 1 ? {} : { measured: epochs - 1, counts: some }), values };
      }),
    );
    const series = createSeries({ restore: new TextEncoder().encode(JSON.stringify({ version: 1, points })) });
    expect(series.points()).to.have.length(4 * 512);
    const store = fileStore(folder);
    await store.save("health", series.encode());
    expect(createSeries({ restore: await store.load("health") }).points()).to.deep.equal(series.points());
    await rm(folder, { recursive: true });
  });

  it("goes on from what was kept, and from nothing if that is damaged", () => {
    const series = createSeries({ pointsPerLevel: 8 });
    for (let epoch = 0; epoch < 300; epoch++) series.add(at(epoch));
    const kept = series.encode();
    expect(createSeries({ pointsPerLevel: 8, restore: kept }).points()).to.deep.equal(series.points());
    const text = new TextDecoder().decode(kept);
    const damaged = [
      kept.slice(0, -3),
      new Uint8Array(),
      new TextEncoder().encode("null"),
      new TextEncoder().encode(text.replace('"version":1', '"version":2')),
    ];
    for (const restore of damaged) expect(createSeries({ restore }).points()).to.deep.equal([]);
    const foreign = [
      { epoch: -1 },
      { epoch: 1, epochs: 3, values: {} },
      { epoch: 1, epochs: 1, values: { x: 1 } },
      { epoch: 8, epochs: 8, measured: 9, values: {} },
      { epoch: 8, epochs: 8, measured: 0, values: {} },
      { epoch: 8, epochs: 8, counts: { emptySlots: 0 }, values: { emptySlots: 1 } },
      { epoch: 8, epochs: 8, measured: 3, counts: { emptySlots: 4 }, values: { emptySlots: 1 } },
      { epoch: 8, epochs: 8, counts: { emptySlots: "4" }, values: { emptySlots: 1 } },
      { epoch: 8, epochs: 8, counts: null, values: { emptySlots: 1 } },
      null,
    ];
    const restore = new TextEncoder().encode(JSON.stringify({ version: 1, points: foreign }));
    expect(createSeries({ restore }).points()).to.deep.equal([]);
  });

  it("refuses what is no epoch, where it went on for ever", () => {
    const series = createSeries({ pointsPerLevel: 1 });
    for (const epoch of [Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY]) {
      expect(codeOf(() => series.add(at(epoch, 0)))).to.equal("OPTION_INVALID");
    }
    expect(series.points()).to.deep.equal([]);
  });

  it("refuses values that are no numbers, which could not be restored", () => {
    const series = createSeries();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, null, "1"]) {
      const values = { emptySlots: value as number, lateHeads: 1 };
      expect(codeOf(() => series.add({ epoch: 5, values }))).to.equal("OPTION_INVALID");
    }
    expect(series.points()).to.deep.equal([]);
  });

  it("refuses a bound of nothing", () => {
    expect(codeOf(() => createSeries({ pointsPerLevel: 0 }))).to.equal("OPTION_INVALID");
  });
});

describe("exports", () => {
  const series = [
    { epoch: 1, values: { syncParticipation: 0.5, emptySlots: 0 } },
    { epoch: 2, values: { emptySlots: 3 } },
  ];

  it("are CSV with a column for each metric", () => {
    expect(toCsv(series, ["syncParticipation", "emptySlots"])).to.equal(
      "epoch,syncParticipation,emptySlots\r\n1,0.5,0\r\n2,,3\r\n",
    );
    expect(csvHeader().split(",")).to.deep.equal(["epoch", ...METRIC_NAMES]);
    expect(csvLine(series[1]!).split(",")).to.have.length(METRIC_NAMES.length + 1);
  });

  it("are JSON Lines without what was not measured", () => {
    expect(toJsonLines(series)).to.equal(
      '{"epoch":1,"syncParticipation":0.5,"emptySlots":0}\n{"epoch":2,"emptySlots":3}\n',
    );
  });
});
