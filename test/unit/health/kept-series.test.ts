/** A series in a store that others write to as well, or that fails; what a folder makes of it is test/unit/cli/health-keeper. */
import { expect } from "chai";
import { type KeptSeries, keepSeries } from "../../../src/health/kept-series.js";
import { memoryStore } from "../../../src/store/memory.js";
import type { CheckpointStore } from "../../../src/store/port.js";

const KEY = "series";
const epochsOf = (series: KeptSeries) => series.points().map(({ epoch }) => epoch);

function add(series: KeptSeries, ...epochs: number[]): void {
  for (const epoch of epochs) series.add({ epoch, values: { emptySlots: epoch } });
}

async function keptIn(store: CheckpointStore): Promise<number[]> {
  const series = keepSeries({ store, key: KEY });
  await series.load();
  return epochsOf(series);
}

describe("keepSeries", () => {
  it("does nothing with the store until it is asked to", () => {
    const store = new Proxy({} as CheckpointStore, {
      get() {
        throw new Error("asked");
      },
    });
    const series = keepSeries({ store, key: KEY });
    add(series, 1);
    expect(epochsOf(series)).to.deep.equal([1]);
  });

  it("loses nothing where two write at the same moment, and the one undoes the other", async () => {
    const store = memoryStore();
    /** Both have read before either writes. */
    const meeting = () => {
      let waiting: (() => void)[] = [];
      return () =>
        new Promise<void>((resolve) => {
          waiting.push(resolve);
          if (waiting.length < 2) return;
          for (const go of waiting) go();
          waiting = [];
        });
    };
    const meet = meeting();
    let isMeeting = false;
    const racing: CheckpointStore = {
      ...store,
      async load(key) {
        const kept = await store.load(key);
        if (isMeeting) await meet();
        return kept;
      },
    };
    const [one, other] = [keepSeries({ store: racing, key: KEY }), keepSeries({ store: racing, key: KEY })];
    add(one, 1);
    await one.save();
    await other.load();
    for (const round of [10, 20, 30]) {
      add(one, round);
      add(other, round + 1);
      isMeeting = true;
      await Promise.all([one.save(), other.save()]);
      isMeeting = false;
    }
    expect(await keptIn(store)).to.not.include.members([30, 31]);
    for (const series of [one, other, one]) await series.save();
    for (const all of [epochsOf(one), epochsOf(other), await keptIn(store)]) {
      expect(all).to.deep.equal([1, 10, 11, 20, 21, 30, 31]);
    }
  });

  it("adds what both know of one epoch", async () => {
    const store = memoryStore();
    const [one, other] = [keepSeries({ store, key: KEY }), keepSeries({ store, key: KEY })];
    one.add({ epoch: 7, values: { emptySlots: 1 } });
    other.add({ epoch: 7, values: { inclusionDistance: 1.5 } });
    await one.save();
    await other.save();
    await one.save();
    for (const series of [one, other]) {
      expect(series.points()).to.deep.equal([
        { epoch: 7, epochs: 1, values: { emptySlots: 1, inclusionDistance: 1.5 } },
      ]);
    }
  });

  it("counts no epoch twice that is in a mean by now", async () => {
    const store = memoryStore();
    const options = { store, key: KEY, pointsPerLevel: 8 };
    const [one, other] = [keepSeries(options), keepSeries(options)];
    add(one, ...Array.from({ length: 16 }, (_, i) => i));
    await one.save();
    await other.load();
    add(other, 16, 17);
    await other.save();
    add(one, 18);
    await one.save();
    expect(one.points()[0]).to.deep.equal({ epoch: 0, epochs: 8, values: { emptySlots: 3.5 } });
    expect(one.points().at(-1)!.epoch).to.equal(18);
  });

  it("goes on without a store that fails, and takes up what is there when it works again", async () => {
    const store = memoryStore();
    const before = keepSeries({ store, key: KEY });
    add(before, 1, 2);
    await before.save();
    let isBroken = true;
    const broken = () => Promise.reject(new Error("broken"));
    const flaky: CheckpointStore = {
      ...store,
      load: (key) => (isBroken ? broken() : store.load(key)),
      save: (key, bytes) => (isBroken ? broken() : store.save(key, bytes)),
    };
    const series = keepSeries({ store: flaky, key: KEY });
    for (const work of [() => series.load(), () => series.save()]) {
      add(series, epochsOf(series).length + 10);
      expect(await work().catch((error: Error) => error.message)).to.equal("broken");
    }
    isBroken = false;
    await series.save();
    for (const all of [epochsOf(series), await keptIn(store)]) expect(all).to.deep.equal([1, 2, 10, 11]);
  });
});
