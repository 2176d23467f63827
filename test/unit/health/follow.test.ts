/** A follower behind heads that change their mind: what it asks for, and what it says. */
import { expect } from "chai";
import fc from "fast-check";
import type { BlockEpoch } from "../../../src/health/blocks/block-health.js";
import type { BlockFetcher } from "../../../src/health/blocks/fetcher.js";
import { createBlockFollower } from "../../../src/health/blocks/follow.js";
import { ALTAIR_NETWORK, type ChainBlock, chainOf } from "../../support/beacon-blocks.js";

const SLOTS_PER_EPOCH = ALTAIR_NETWORK.preset.slotsPerEpoch;

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Has these blocks, and notes which it was asked for. */
function fetcherOf(blocks: readonly ChainBlock[]): BlockFetcher & { readonly asked: string[] } {
  const byRoot = new Map(blocks.map((block) => [block.root, block.bytes]));
  const asked: string[] = [];
  return {
    asked,
    block: async (root, use) => {
      asked.push(root);
      return use(byRoot.get(root)!);
    },
    blockAt: async () => null,
  };
}

describe("createBlockFollower", () => {
  it("goes back to a branch that it had left", async () => {
    const trunk = chainOf(range(8, 18), "trunk");
    const fork = trunk.at(-1)!.root;
    const first = chainOf(range(19, 20), "first", fork);
    const other = chainOf([21], "other", fork);
    const back = chainOf(range(22, 40), "back", first.at(-1)!.root);
    const blocks = fetcherOf([...trunk, ...first, ...other, ...back]);
    const follower = createBlockFollower({ network: ALTAIR_NETWORK, blocks });
    const epochs: BlockEpoch[] = [];
    for (const head of [...trunk, ...first, ...other, ...back]) epochs.push(...(await follower.head(head)));
    expect(epochs.map(({ epoch, blocks: count }) => [epoch, count])).to.deep.equal([
      [1, SLOTS_PER_EPOCH],
      [2, SLOTS_PER_EPOCH - 1],
      [3, SLOTS_PER_EPOCH],
    ]);
    // the one that took their place for a while: the others are canonical again
    expect(epochs[1]!.values.orphanedBlocks).to.equal(1);
    const twice = blocks.asked.filter((root, i) => blocks.asked.indexOf(root) < i);
    expect(twice).to.deep.equal([first[1]!.root, first[0]!.root]);
  });

  it("measures an epoch that nobody voted in: whatever the seats are, none of them did", async () => {
    const chain = chainOf(range(8, 24));
    const follower = createBlockFollower({ network: ALTAIR_NETWORK, blocks: fetcherOf(chain) });
    const epochs: BlockEpoch[] = [];
    for (const head of chain) epochs.push(...(await follower.head(head)));
    expect(epochs[0]).to.include({ epoch: 1, voted: 0, isExact: null });
    expect(epochs[0]!.values).to.include({ voteParticipation: 0, effectiveness: 0 });
    expect(epochs[0]!.values).to.not.have.any.keys("inclusionDistance", "headAccuracy");
  });

  for (const ancestor of [25, 28, 31, 32, 36]) {
    it(`goes on after a reorganisation from slot 40 back to slot ${ancestor}`, async () => {
      const trunk = chainOf(range(1, 40), "trunk");
      const other = chainOf(range(41, 64), "other", trunk[ancestor - 1]!.root);
      const blocks = fetcherOf([...trunk, ...other]);
      const follower = createBlockFollower({ network: ALTAIR_NETWORK, blocks });
      const epochs: BlockEpoch[] = [];
      for (const head of [...trunk, ...other]) epochs.push(...(await follower.head(head)));
      expect(epochs.slice(-2).map(({ epoch, blocks: count }) => [epoch, count])).to.deep.equal([
        [5, SLOTS_PER_EPOCH - 1],
        [6, SLOTS_PER_EPOCH],
      ]);
    });
  }

  it("has the blocks and the orphans of any chain that changes its mind, and asks for no block for nothing", async () => {
    const step = fc.record({ skipped: fc.integer({ min: 0, max: 1 }), back: fc.constantFrom(0, 0, 0, 0, 1, 2) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 50 }), async (steps) => {
        const heads: (ChainBlock & { readonly parent: number })[] = [{ ...chainOf([8])[0]!, parent: -1 }];
        const lineOf = (at: number): number[] => (at < 0 ? [] : [at, ...lineOf(heads[at]!.parent)]);
        for (const { skipped, back } of steps) {
          const last = heads.length - 1;
          const slot = heads[last]!.slot + 1 + skipped;
          const fork = lineOf(last - back).find((at) => lineOf(last).includes(at)) ?? -1;
          // deeper than what is remembered for sure, it begins anew
          const parent = fork >= 0 && slot - heads[fork]!.slot <= SLOTS_PER_EPOCH ? last - back : last;
          heads.push({ ...chainOf([slot], "chain", heads[parent]!.root)[0]!, parent });
        }
        const blocks = fetcherOf(heads);
        const follower = createBlockFollower({ network: ALTAIR_NETWORK, blocks });
        const epochs: BlockEpoch[] = [];
        for (const head of heads) epochs.push(...(await follower.head(head)));
        const canonical = new Set<number>();
        for (let at = heads.length - 1; at >= 0; at = heads[at]!.parent) canonical.add(heads[at]!.slot);
        for (const { epoch, blocks: count, values } of epochs) {
          const inEpoch = heads.filter(({ slot }) => Math.floor(slot / SLOTS_PER_EPOCH) === epoch);
          const expected = inEpoch.filter(({ slot }) => canonical.has(slot)).length;
          expect([count, values.orphanedBlocks]).to.deep.equal([expected, inEpoch.length - expected]);
        }
        const isBack = (block: ChainBlock) => blocks.asked.filter((root) => root === block.root).length > 1;
        // again only for what was left and came back
        for (const [i, head] of heads.entries()) {
          if (isBack(head)) expect(heads.slice(i + 1).some(({ parent }) => parent < i)).to.equal(true);
        }
      }),
      { numRuns: 15 },
    );
  });
});
