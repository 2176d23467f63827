/** What the dashboard has yet to walk through. */
import { expect } from "chai";
import type { SeriesPoint } from "../../src/health/index.js";

/** Of a package of its own, with its own types. */
const MODULE = "../../examples/dashboard/src/model.ts";

type Range = { readonly fromEpoch: number; readonly toEpoch: number };
type MissingPast = (points: readonly SeriesPoint[], fromEpoch: number, toEpoch: number) => Range | null;

describe("missingPast of examples/dashboard", () => {
  let missingPast: MissingPast;

  before(async () => {
    ({ missingPast } = (await import(MODULE)) as { missingPast: MissingPast });
  });

  const told = (epoch: number, epochs = 1) => ({ epoch, epochs, values: { proposerSlashings: 0 } });
  const watched = (epoch: number) => ({ epoch, epochs: 1, values: { syncParticipation: 1 } });

  it("is all that blocks have not told theirs of, with what lies between", () => {
    expect(missingPast([], 3, 9)).to.deep.equal({ fromEpoch: 3, toEpoch: 9 });
    expect(missingPast([told(3), told(4), watched(5)], 3, 9)).to.deep.equal({ fromEpoch: 5, toEpoch: 9 });
    expect(
      missingPast(
        [3, 4, 6, 8, 9].map((epoch) => told(epoch)),
        3,
        9,
      ),
    ).to.deep.equal({ fromEpoch: 5, toEpoch: 7 });
    expect(missingPast([told(0, 8), told(9)], 3, 9)).to.deep.equal({ fromEpoch: 8, toEpoch: 8 });
  });

  it("is nothing where all is known, or nothing is over", () => {
    expect(missingPast([told(3), told(4)], 3, 4)).to.equal(null);
    expect(missingPast([], 0, -1)).to.equal(null);
    expect(missingPast([told(0, 8)], 1, 6)).to.equal(null);
  });
});
