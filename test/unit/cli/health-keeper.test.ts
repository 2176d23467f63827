import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { openSeries } from "../../../src/cli/health/keeper.js";
import type { KeptSeries } from "../../../src/health/kept-series.js";
import { mainnet } from "../../../src/networks/mainnet.js";

describe("openSeries", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sidelight-health-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const warnings: string[] = [];
  const open = () => openSeries(mainnet, folder, (message) => warnings.push(message));
  const epochsOf = (series: KeptSeries) => series.points().map(({ epoch, values }) => [epoch, values.emptySlots]);
  const at = (epoch: number) => [epoch, epoch];

  async function keep(series: KeptSeries, ...epochs: number[]): Promise<void> {
    for (const epoch of epochs) series.add({ epoch, values: { emptySlots: epoch } });
    await series.save();
  }

  it("goes on from what was kept", async () => {
    await keep(await open(), 1, 2);
    const again = await open();
    await keep(again, 3);
    for (const series of [again, await open()]) expect(epochsOf(series)).to.deep.equal([1, 2, 3].map(at));
  });

  it("keeps what two runs measure at the same time, whichever writes last", async () => {
    const live = await open();
    await keep(live, 1_000);
    const range = await open();
    await keep(range, 500);
    await keep(range, 499);
    await keep(live, 1_001);
    expect(epochsOf(await open())).to.deep.equal([499, 500, 1_000, 1_001].map(at));
    await keep(range, 498);
    await keep(live, 1_002);
    const all = [498, 499, 500, 1_000, 1_001, 1_002].map(at);
    for (const series of [live, await open()]) expect(epochsOf(series)).to.deep.equal(all);
  });

  it("keeps what is added while it writes, and what a write that failed had not", async () => {
    const [series, other] = [await open(), await open()];
    await keep(other, 1);
    const saving = keep(series, 2);
    series.add({ epoch: 3, values: { emptySlots: 3 } });
    await saving;
    await keep(other, 4);
    // a folder in the file's place
    const [name] = await readdir(folder);
    const path = join(folder, name!);
    const bytes = await readFile(path);
    await rm(path);
    await mkdir(path);
    const failure = await keep(series, 5).catch((error: unknown) => error);
    expect(failure).to.include({ code: "STORE_FAILED" });
    await rm(path, { recursive: true });
    await writeFile(path, bytes);
    await keep(series, 6);
    expect(epochsOf(await open())).to.deep.equal([1, 2, 3, 4, 5, 6].map(at));
  });

  for (const [what, foreign] of [
    ["is damaged", "damaged"],
    ["a newer version has written", '{"version":2,"points":[{"from":1,"values":{"newMetric":1}}]}'],
  ] as const) {
    it(`puts aside what ${what}, and says so`, async () => {
      const series = await open();
      await keep(series, 1);
      const [name] = await readdir(folder);
      await writeFile(join(folder, name!), foreign);
      const aside = async () => {
        const names = await readdir(folder);
        return readFile(join(folder, names.find((each) => each.includes("unreadable"))!), "utf8");
      };
      // before this run, and during it
      for (const run of [await open(), series]) {
        warnings.splice(0);
        await writeFile(join(folder, name!), foreign);
        await keep(run, 2);
        expect(await aside()).to.equal(foreign);
      }
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.contain("unreadable");
      expect(epochsOf(await open())).to.deep.equal([1, 2].map(at));
      expect(warnings, "nothing was there, or it could be read").to.have.length(1);
    });
  }

  it("keeps nothing without a folder", async () => {
    const series = await openSeries(mainnet, undefined, (message) => warnings.push(message));
    await keep(series, 1);
    expect(epochsOf(series)).to.deep.equal([at(1)]);
    expect(await readdir(folder)).to.deep.equal([]);
  });
});
