import { expect } from "chai";
import fc from "fast-check";
import {
  floorlog2,
  getSubtreeIndex,
  isValidMerkleBranch,
  isValidNormalizedMerkleBranch,
} from "../../../src/spec/merkle.js";
import { expectCode } from "../../support/expect-code.js";
import { fill } from "../../support/fill.js";
import { sparseTree } from "../../support/trees.js";

/** Generalized indices of up to 20 levels, each depth as likely as the next. */
const gindices = fc
  .integer({ min: 1, max: 20 })
  .chain((depth) => fc.integer({ min: 2 ** depth, max: 2 ** (depth + 1) - 1 }));

function proofOf(gindex: number) {
  const leaf = fill("leaf", gindex);
  const tree = sparseTree(new Map([[gindex, leaf]]), `tree ${gindex}`);
  const depth = floorlog2(gindex);
  return { leaf, branch: tree.branch(gindex), depth, index: getSubtreeIndex(gindex), root: tree.root };
}

describe("floorlog2 and getSubtreeIndex", () => {
  it("are the specification's, in whole numbers of any size", () => {
    const boundaries = Array.from({ length: 32 }, (_, i) => [2 ** i, 2 ** i + 1, 2 ** (i + 1) - 1]).flat();
    const check = (gindex: number) => {
      const depth = BigInt(gindex).toString(2).length - 1;
      expect(floorlog2(gindex), `floorlog2(${gindex})`).to.equal(depth);
      expect(BigInt(getSubtreeIndex(gindex)), `${gindex}`).to.equal(BigInt(gindex) % 2n ** BigInt(depth));
    };
    for (const gindex of boundaries) if (gindex < 2 ** 32) check(gindex);
    fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), check));
  });
});

describe("isValidMerkleBranch", () => {
  it("takes what persistent-merkle-tree proves", () => {
    fc.assert(
      fc.property(gindices, (gindex) => {
        const { leaf, branch, depth, index, root } = proofOf(gindex);
        expect(isValidMerkleBranch(leaf, branch, depth, index, root)).to.equal(true);
      }),
    );
  });

  it("refuses any other leaf, node, index or root", () => {
    fc.assert(
      fc.property(gindices, fc.nat(), fc.nat(255), (gindex, pick, bit) => {
        const { leaf, branch, depth, index, root } = proofOf(gindex);
        const flip = (bytes: Uint8Array) => bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        expect(isValidMerkleBranch(flip(leaf), branch, depth, index, root)).to.equal(false);
        expect(isValidMerkleBranch(leaf, branch, depth, index, flip(root))).to.equal(false);
        expect(isValidMerkleBranch(leaf, branch, depth, index ^ (1 << (pick % depth)), root)).to.equal(false);
        const changed = branch.map((node, i) => (i === pick % depth ? flip(node) : node));
        expect(isValidMerkleBranch(leaf, changed, depth, index, root)).to.equal(false);
      }),
    );
  });

  it("compares the leaf itself at depth 0", () => {
    expect(isValidMerkleBranch(fill("a"), [], 0, 0, fill("a"))).to.equal(true);
    expect(isValidMerkleBranch(fill("a"), [], 0, 0, fill("b"))).to.equal(false);
  });
});

describe("isValidNormalizedMerkleBranch", () => {
  const zero = () => new Uint8Array(32);

  it("takes any number of zero nodes in front, and nothing else", () => {
    fc.assert(
      fc.property(gindices, fc.nat(6), fc.nat(5), (gindex, extra, dirty) => {
        const { leaf, branch, depth, root } = proofOf(gindex);
        const front = Array.from({ length: extra }, zero);
        expect(isValidNormalizedMerkleBranch("test", leaf, [...front, ...branch], gindex, root)).to.equal(true);
        if (dirty >= extra) return;
        front[dirty]![31] = 1;
        const run = () => isValidNormalizedMerkleBranch("test", leaf, [...front, ...branch], gindex, root);
        const details = expectCode("BRANCH_LENGTH_INVALID", run);
        expect(details).to.deep.equal({ branch: "test", gindex, expected: depth, actual: depth + extra - dirty });
      }),
    );
  });

  it("refuses a branch that is too short, down to none", () => {
    fc.assert(
      fc.property(gindices, fc.nat(), (gindex, pick) => {
        const { leaf, branch, depth, root } = proofOf(gindex);
        const actual = pick % depth;
        for (const short of [branch.slice(0, actual), branch.slice(depth - actual)]) {
          const run = () => isValidNormalizedMerkleBranch("test", leaf, short, gindex, root);
          expect(expectCode("BRANCH_LENGTH_INVALID", run)).to.include({ expected: depth, actual });
        }
      }),
    );
  });

  it("tells a zero node of the branch itself from padding", () => {
    // an honest branch may begin with a zero node: an empty sibling
    const leaf = fill("leaf");
    const leaves = new Map([
      [8, leaf],
      [9, zero()],
      [5, zero()],
    ]);
    const tree = sparseTree(leaves, "zero sibling");
    const branch = tree.branch(8);
    expect(branch.slice(0, 2)).to.deep.equal([zero(), zero()]);
    for (const padded of [branch, [zero(), ...branch], [zero(), zero(), zero(), ...branch]]) {
      expect(isValidNormalizedMerkleBranch("test", leaf, padded, 8, tree.root)).to.equal(true);
    }
    expectCode("BRANCH_LENGTH_INVALID", () =>
      isValidNormalizedMerkleBranch("test", leaf, branch.slice(1), 8, tree.root),
    );
  });

  it("says false, and throws nothing, of a branch of the right length to another root", () => {
    const { leaf, branch } = proofOf(105);
    expect(isValidNormalizedMerkleBranch("test", leaf, branch, 105, zero())).to.equal(false);
    expect(isValidNormalizedMerkleBranch("test", leaf, branch.map(zero), 105, zero())).to.equal(false);
  });
});
