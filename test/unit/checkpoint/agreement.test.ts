import { expect } from "chai";
import * as fc from "fast-check";
import { type Claim, chooseEpoch, judge } from "../../../src/checkpoint/agreement.js";

function claims(...list: [operator: string, epoch: number, root: string][]): Claim[] {
  return list.map(([operator, epoch, root]) => ({ operator, epoch, root }));
}

describe("chooseEpoch", () => {
  it("takes the newest epoch that so many have finalized", () => {
    const said = claims(["a", 12, ""], ["b", 10, ""], ["c", 11, ""]);
    expect([1, 2, 3, 4].map((needed) => chooseEpoch(said, needed))).to.deep.equal([12, 11, 10, null]);
  });

  it("counts an operator once, by the newest that any provider of theirs says", () => {
    const said = claims(["a", 12, ""], ["a", 11, ""], ["a", 10, ""], ["b", 9, ""]);
    expect(chooseEpoch(said, 2)).to.equal(9);
    expect(chooseEpoch(said, 3)).to.equal(null);
  });

  it("is not lifted by fewer liars than are needed, however far they say they are", () => {
    const said = fc.array(fc.record({ operator: fc.stringMatching(/^h[0-9]$/), epoch: fc.nat(100) }), { minLength: 1 });
    fc.assert(
      fc.property(said, fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(10_000)), (honest, needed, lies) => {
        const liars = lies.slice(0, needed - 1).map((epoch, i) => ({ operator: `l${i}`, epoch }));
        const newest = Math.max(...honest.map(({ epoch }) => epoch));
        expect(chooseEpoch([...honest, ...liars], needed) ?? 0).to.be.at.most(newest);
      }),
    );
  });
});

describe("judge", () => {
  it("counts who tells the root that most tell", () => {
    const verdict = judge(claims(["a", 1, "x"], ["b", 1, "x"], ["c", 1, "y"]), 1);
    expect(verdict.root).to.equal("x");
    expect([...verdict.agreeing]).to.deep.equal(["a", "b"]);
    expect([...verdict.dissenting]).to.deep.equal(["c"]);
    expect(verdict.contested).to.deep.equal([1]);
  });

  it("finds contradictions about other epochs, and does not count who is in them", () => {
    const verdict = judge(claims(["a", 1, "x"], ["b", 1, "x"], ["a", 2, "p"], ["b", 2, "q"], ["c", 2, "q"]), 1);
    expect(verdict.root).to.equal("x");
    expect([...verdict.agreeing]).to.deep.equal(["b"]);
    expect([...verdict.dissenting]).to.deep.equal(["a"]);
    expect(verdict.contested).to.deep.equal([2]);
  });

  it("believes neither of two that are as many", () => {
    const verdict = judge(claims(["a", 1, "x"], ["b", 1, "y"]), 1);
    expect(verdict.root).to.equal(null);
    expect(verdict.agreeing.size).to.equal(0);
    expect([...verdict.dissenting].sort()).to.deep.equal(["a", "b"]);
  });

  it("does not count an operator that contradicts itself", () => {
    const verdict = judge(claims(["a", 1, "x"], ["a", 1, "y"], ["b", 1, "x"]), 1);
    expect([...verdict.agreeing]).to.deep.equal(["b"]);
    expect([...verdict.dissenting]).to.deep.equal(["a"]);
  });

  it("knows nothing of an epoch that nobody tells", () => {
    expect(judge(claims(["a", 1, "x"]), 2)).to.deep.include({ root: null, contested: [] });
    expect(judge([], 2).root).to.equal(null);
  });

  const anyClaims = fc.array(
    fc.record({
      operator: fc.constantFrom("a", "b", "c", "d", "e"),
      epoch: fc.constantFrom(1, 2, 3),
      root: fc.constantFrom("x", "y", "z"),
    }),
  );

  it("for any claims: whoever agrees has told that root of that epoch, and no other root of any epoch that most tell", () => {
    fc.assert(
      fc.property(anyClaims, (said) => {
        const { root, agreeing, dissenting } = judge(said, 2);
        for (const operator of agreeing) {
          expect(said).to.deep.include({ operator, epoch: 2, root });
          expect(dissenting.has(operator)).to.equal(false);
          const own = said.filter((claim) => claim.operator === operator && claim.epoch === 2);
          expect(own.every((claim) => claim.root === root)).to.equal(true);
        }
      }),
    );
  });

  it("for any claims: with nobody in dissent, all that is told of an epoch is one root", () => {
    fc.assert(
      fc.property(anyClaims, (said) => {
        if (judge(said, 2).dissenting.size > 0) return;
        for (const epoch of [1, 2, 3]) {
          const roots = new Set(said.filter((claim) => claim.epoch === epoch).map(({ root }) => root));
          expect(roots.size).to.be.at.most(1);
        }
      }),
    );
  });
});
