/** Committee sizes from lengths alone, against `compute_committee` itself. */
import { expect } from "chai";
import fc from "fast-check";
import { committeeSizesOf, type LengthSeen, solveCommitteeSizes } from "../../../src/health/blocks/committees.js";

const MAINNET = { slotsPerEpoch: 32, targetCommitteeSize: 128, maxCommitteesPerSlot: 64 };
const MINIMAL = { slotsPerEpoch: 8, targetCommitteeSize: 4, maxCommitteesPerSlot: 4 };

/** consensus-specs `specs/phase0/beacon-chain.md`, `compute_committee`, as written there. */
function specSize(active: number, perSlot: number, slot: number, committee: number, { slotsPerEpoch }: typeof MAINNET) {
  const index = slot * perSlot + committee;
  const count = perSlot * slotsPerEpoch;
  return Math.floor((active * (index + 1)) / count) - Math.floor((active * index) / count);
}

/** consensus-specs, `get_committee_count_per_slot` */
function specCount(active: number, limits: typeof MAINNET): number {
  const { slotsPerEpoch, targetCommitteeSize, maxCommitteesPerSlot } = limits;
  return Math.max(1, Math.min(maxCommitteesPerSlot, Math.floor(active / slotsPerEpoch / targetCommitteeSize)));
}

const lengthOf = (
  active: number,
  slotInEpoch: number,
  committees: readonly number[],
  limits: typeof MAINNET,
): LengthSeen => ({
  slotInEpoch,
  committees,
  length: committees.reduce(
    (sum, committee) => sum + specSize(active, specCount(active, limits), slotInEpoch, committee, limits),
    0,
  ),
});

describe("solveCommitteeSizes", () => {
  it("finds the validators of an epoch whose slots have aggregates of all committees", () => {
    for (const active of [4096, 21_063, 500_001, 1_050_123]) {
      const all = Array.from({ length: specCount(active, MAINNET) }, (_, i) => i);
      const seen = Array.from({ length: 32 }, (_, slot) => lengthOf(active, slot, all, MAINNET));
      const sizes = solveCommitteeSizes(seen, MAINNET);
      expect(Math.abs(sizes!.activeValidators - active), `${active}`).to.be.at.most(16);
      expect(sizes?.committeesPerSlot).to.equal(all.length);
      const seats = seen.reduce((sum, { slotInEpoch }) => sum + sizes!.slotSize(slotInEpoch), 0);
      expect(seats).to.equal(active);
    }
  });

  it("gives every set of committees that was seen its length, on any chain", () => {
    const cases = fc.record({
      limits: fc.constantFrom(MAINNET, MINIMAL),
      active: fc.integer({ min: 40, max: 300_000 }),
      picks: fc.array(fc.tuple(fc.nat(31), fc.uniqueArray(fc.nat(63), { minLength: 1 })), {
        minLength: 1,
        maxLength: 20,
      }),
    });
    fc.assert(
      fc.property(cases, ({ limits, active, picks }) => {
        const perSlot = specCount(active, limits);
        const seen = picks.map(([slot, committees]) => {
          const known = [...new Set(committees.map((committee) => committee % perSlot))].sort((a, b) => a - b);
          return lengthOf(active, slot % limits.slotsPerEpoch, known, limits);
        });
        const sizes = solveCommitteeSizes(seen, limits);
        for (const { slotInEpoch, committees, length } of seen) {
          expect(committees.reduce((sum, each) => sum + sizes!.size(slotInEpoch, each), 0)).to.equal(length);
        }
        const largest = 1 + Math.max(...seen.flatMap(({ committees }) => committees));
        // where a committee of each index was seen, no seat of the epoch is far off
        if (largest !== perSlot) return;
        for (let slot = 0; slot < limits.slotsPerEpoch; slot++) {
          for (let committee = 0; committee < perSlot; committee++) {
            const difference = sizes!.size(slot, committee) - specSize(active, perSlot, slot, committee, limits);
            expect(Math.abs(difference)).to.be.at.most(2);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("says what is certain", () => {
    const slots = Array.from({ length: 8 }, (_, slot) => lengthOf(64, slot, [0, 1], MINIMAL));
    expect(solveCommitteeSizes(slots, MINIMAL)).to.include({ activeValidators: 64, isExact: true });
    const one = solveCommitteeSizes(slots.slice(3, 4), MINIMAL);
    expect(one?.isExact).to.equal(false);
    expect(one?.slotSize(3)).to.equal(8);
    expect(committeeSizesOf(64, MINIMAL)).to.include({ isExact: true, committeesPerSlot: 2 });
  });

  it("refuses lengths that no chain has, and has nothing to say of nothing", () => {
    expect(solveCommitteeSizes([], MAINNET)).to.equal(null);
    const impossible: LengthSeen[] = [
      { slotInEpoch: 0, committees: [0], length: 100 },
      { slotInEpoch: 0, committees: [1], length: 200 },
    ];
    expect(solveCommitteeSizes(impossible, MAINNET)).to.equal(null);
    expect(solveCommitteeSizes([{ slotInEpoch: 0, committees: [64], length: 100 }], MAINNET)).to.equal(null);
  });
});
