import { BitArray } from "@chainsafe/ssz";
import { expect } from "chai";
import fc from "fast-check";
import type { Chain } from "../../../src/spec/chain.js";
import {
  countParticipants,
  hasSupermajority,
  isBetterUpdate,
  isFinalityUpdate,
  isSyncCommitteeUpdate,
} from "../../../src/spec/update.js";
import type { LightClientUpdate } from "../../../src/ssz/objects.js";
import { bitsOf } from "../../support/bits.js";
import { fill } from "../../support/fill.js";
import type { Forge } from "../../support/forge.js";
import { forgeAt } from "../../support/forges.js";

interface Rank {
  participants: number;
  attestedSlot: number;
  signatureSlot: number;
  finalizedSlot: number;
  hasCommittee: boolean;
  hasFinality: boolean;
}

/** Few distinct values of each, so that ties happen. */
const ranks: fc.Arbitrary<Rank> = fc.record({
  participants: fc.constantFrom(1, 2, 10, 20, 21, 22, 23, 31, 32),
  attestedSlot: fc.constantFrom(60, 62, 63, 64, 100, 126, 127),
  signatureSlot: fc.constantFrom(63, 64, 65, 101, 127, 128),
  finalizedSlot: fc.constantFrom(0, 40, 63, 64, 90),
  hasCommittee: fc.boolean(),
  hasFinality: fc.boolean(),
});

describe("isBetterUpdate", () => {
  let chain: Chain;
  let template: LightClientUpdate;
  before(async () => {
    const forge: Forge = await forgeAt("deneb");
    chain = forge.chain;
    template = forge.update({ attestedSlot: 100, finalizedSlot: 80 }).value();
  });

  function updateOf(rank: Rank): LightClientUpdate {
    const { attestedHeader, finalizedHeader, finalityBranch, nextSyncCommitteeBranch } = template;
    const zeroes = (branch: readonly Uint8Array[]) => branch.map(() => new Uint8Array(32));
    return {
      ...template,
      attestedHeader: { ...attestedHeader, beacon: { ...attestedHeader.beacon, slot: rank.attestedSlot } },
      finalizedHeader: { ...finalizedHeader, beacon: { ...finalizedHeader.beacon, slot: rank.finalizedSlot } },
      finalityBranch: rank.hasFinality ? finalityBranch : zeroes(finalityBranch),
      nextSyncCommitteeBranch: rank.hasCommittee ? nextSyncCommitteeBranch : zeroes(nextSyncCommitteeBranch),
      syncAggregate: {
        ...template.syncAggregate,
        syncCommitteeBits: bitsOf(
          32,
          Array.from({ length: rank.participants }, (_, i) => i),
        ),
      },
      signatureSlot: rank.signatureSlot,
    };
  }

  /** The specification's comparison as a list of numbers, the most important first, greater is better. */
  function keyOf(rank: Rank): number[] {
    const period = (slot: number) => Math.floor(slot / 64);
    const supermajority = rank.participants * 3 >= 64;
    return [
      Number(supermajority),
      supermajority ? 0 : rank.participants,
      Number(rank.hasCommittee && period(rank.attestedSlot) === period(rank.signatureSlot)),
      Number(rank.hasFinality),
      Number(rank.hasFinality && period(rank.finalizedSlot) === period(rank.attestedSlot)),
      rank.participants,
      -rank.attestedSlot,
      -rank.signatureSlot,
    ];
  }

  const isBetter = (a: Rank, b: Rank) => isBetterUpdate(chain, updateOf(a), updateOf(b));

  function isGreater(a: number[], b: number[]): boolean {
    const i = a.findIndex((value, position) => value !== b[position]);
    return i !== -1 && a[i]! > b[i]!;
  }

  it("is the specification's order", () => {
    fc.assert(
      fc.property(ranks, ranks, (a, b) => {
        expect(isBetter(a, b)).to.equal(isGreater(keyOf(a), keyOf(b)));
      }),
      { numRuns: 2000 },
    );
  });

  it("is irreflexive and antisymmetric: of two that differ in rank, exactly one is better", () => {
    fc.assert(
      fc.property(ranks, ranks, (a, b) => {
        expect(isBetter(a, a)).to.equal(false);
        const isTie = keyOf(a).join() === keyOf(b).join();
        expect(Number(isBetter(a, b)) + Number(isBetter(b, a))).to.equal(isTie ? 0 : 1);
      }),
      { numRuns: 1000 },
    );
  });

  it("is transitive, for being better and for being no worse", () => {
    fc.assert(
      fc.property(ranks, ranks, ranks, (a, b, c) => {
        if (isBetter(a, b) && isBetter(b, c)) expect(isBetter(a, c)).to.equal(true);
        if (!isBetter(b, a) && !isBetter(c, b)) expect(isBetter(c, a)).to.equal(false);
      }),
      { numRuns: 1000 },
    );
  });

  it("has a best that does not depend on the order of arrival", () => {
    fc.assert(
      fc.property(fc.array(ranks, { minLength: 2, maxLength: 8 }), (list) => {
        const best = (order: Rank[]) => order.reduce((known, next) => (isBetter(next, known) ? next : known));
        expect(keyOf(best(list))).to.deep.equal(keyOf(best(list.toReversed())));
      }),
      { numRuns: 300 },
    );
  });
});

describe("reading an update", () => {
  it("counts the bits that are set", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), (bytes) => {
        const syncCommitteeBits = new BitArray(bytes, 512);
        const expected = syncCommitteeBits.getTrueBitIndexes().length;
        expect(countParticipants({ syncCommitteeBits, syncCommitteeSignature: new Uint8Array(96) })).to.equal(expected);
      }),
    );
  });

  it("takes exactly two thirds as a supermajority", () => {
    for (const size of [8, 32, 512, 3, 9]) {
      for (let participants = 0; participants <= size; participants++) {
        expect(hasSupermajority(participants, size)).to.equal(BigInt(participants) * 3n >= BigInt(size) * 2n);
      }
    }
  });

  it("goes by the branch, wherever its one node is that is not zero", () => {
    for (let node = 0; node < 11; node++) {
      const branch = Array.from({ length: 11 }, (_, i) => (i === node ? fill("node") : new Uint8Array(32)));
      expect(isSyncCommitteeUpdate({ nextSyncCommitteeBranch: branch })).to.equal(true);
      expect(isFinalityUpdate({ finalityBranch: branch })).to.equal(true);
    }
    const zeroes = Array.from({ length: 11 }, () => new Uint8Array(32));
    expect(isSyncCommitteeUpdate({ nextSyncCommitteeBranch: zeroes })).to.equal(false);
    expect(isFinalityUpdate({ finalityBranch: zeroes })).to.equal(false);
  });
});
