/** Block mode on real blocks, beside a plain reading by `@lodestar/types`. */
import { expect } from "chai";
import { blstBls } from "../../../src/bls/blst/index.js";
import { type BlockFacts, createBlockDecoder } from "../../../src/health/blocks/decode-block.js";
import { type CanonicalView, tallyVotes, voteOf } from "../../../src/health/blocks/votes.js";
import { mainnet } from "../../../src/networks/mainnet.js";
import { sepolia } from "../../../src/networks/sepolia.js";
import { fromHex, toHex } from "../../../src/ssz/bytes.js";
import { codeOf } from "../../support/expect-code.js";
import { describeWithData } from "../data-folder.js";
import { listRealBlocks, type ReadBlock, type RealBlock, readWithLodestar } from "./real-blocks.js";

const LIMITS = { slotsPerEpoch: 32, targetCommitteeSize: 128, maxCommitteesPerSlot: 64 };

describeWithData("real blocks", function () {
  this.timeout(120_000);
  const decoders = { mainnet: createBlockDecoder(mainnet), sepolia: createBlockDecoder(sepolia) };
  let blocks: { readonly real: RealBlock; readonly other: ReadBlock; readonly ours: BlockFacts }[];

  before(async () => {
    // for its hasher: what a client that follows has
    await blstBls().ready();
    const reals = listRealBlocks();
    const others = readWithLodestar(reals);
    blocks = reals.map((real, i) => {
      const other = others[i]!;
      return { real, other, ours: decoders[real.network].decode(fromHex(other.ssz), other.root) };
    });
  });

  it("are there, of several forks", () => {
    expect(blocks.length).to.be.at.least(17);
    expect(new Set(blocks.map(({ real }) => real.fork))).to.deep.equal(new Set(["bellatrix", "capella", "deneb"]));
  });

  it("have the same root and facts in both readings", () => {
    for (const { real, other, ours } of blocks) {
      const { root, slot, parentRoot, proposerSlashings, attesterSlashings } = ours;
      const { votes: _, ssz: __, syncBits, ...facts } = other;
      expect({ root, slot, parentRoot, proposerSlashings, attesterSlashings }, real.path).to.deep.equal(facts);
      expect(ours.syncCommitteeBits, real.path).to.equal(syncBits);
    }
  });

  it("have the same votes, bit by bit", () => {
    for (const { real, other, ours } of blocks) {
      const votes = ours.attestations
        .map(voteOf)
        .flatMap(({ slot, head, target, source, committees, bits }) =>
          bits
            .getTrueBitIndexes()
            .map((position) => ({ seat: `${slot}/${committees.join("+")}/${position}`, slot, head, target, source })),
        );
      // as text: chai compares a hundred thousand objects for seconds
      expect(JSON.stringify(votes) === JSON.stringify(other.votes), real.path).to.equal(true);
    }
  });

  it("give the same metrics as sets of seats do", () => {
    for (const group of neighbours()) {
      const linked = group.map(({ ours }) => ({
        slot: ours.slot,
        root: ours.root,
        votes: ours.attestations.map(voteOf),
      }));
      const others = group.map(({ other }) => other);
      for (const epoch of new Set(others.flatMap(({ votes }) => votes.map(({ slot }) => Math.floor(slot / 32))))) {
        const view = viewOf(others);
        const tally = tallyVotes(epoch, linked, view, LIMITS);
        const plain = plainMetrics(epoch, others, view);
        const where = `${group.map(({ real }) => real.path).join(", ")}: epoch ${epoch}`;
        expect(tally.voted, where).to.equal(plain.voted);
        for (const [metric, value] of Object.entries(plain.values)) {
          expect(tally.values[metric as "headAccuracy"], `${where}: ${metric}`).to.be.closeTo(value, 1e-12);
        }
        expect(tally.seats, where).to.be.within(400_000, 1_100_000);
        expect(tally.values.effectiveness! * tally.seats, where).to.be.closeTo(plain.effectivenessSum, 1e-6);
      }
    }
  });

  it("are refused with another root, cut short, or padded", () => {
    const oneOfEach = new Map(blocks.map((block) => [`${block.real.network} ${block.real.fork}`, block]));
    for (const { real, other } of oneOfEach.values()) {
      const { decode } = decoders[real.network];
      const bytes = fromHex(other.ssz);
      const otherRoot = toHex(new Uint8Array(32));
      expect(
        codeOf(() => decode(bytes, otherRoot)),
        real.path,
      ).to.equal("MERKLE_ROOT_MISMATCH");
      expect(
        codeOf(() => decode(bytes.subarray(0, -1), other.root)),
        real.path,
      ).to.be.oneOf(["DECODE_FAILED", "MERKLE_ROOT_MISMATCH"]);
      const changed = bytes.slice();
      changed[bytes.length - 1]! ^= 1;
      expect(
        codeOf(() => decode(changed, other.root)),
        real.path,
      ).to.be.oneOf(["DECODE_FAILED", "MERKLE_ROOT_MISMATCH"]);
    }
  });

  /** Mainnet blocks alone, and those that follow each other together. */
  function neighbours() {
    const ofMainnet = blocks.filter(({ real }) => real.network === "mainnet");
    const pairs = ofMainnet.flatMap((block) =>
      ofMainnet.filter(({ ours }) => ours.parentRoot === block.ours.root).map((child) => [block, child]),
    );
    expect(pairs.length).to.be.at.least(1);
    return [...ofMainnet.map((block) => [block]), ...pairs];
  }
});

/** As far as these blocks tell: what is not among them is unknown, and no vote is for it. */
function viewOf(blocks: readonly ReadBlock[]): CanonicalView {
  return {
    rootAt: (slot) =>
      blocks.findLast((block) => block.slot <= slot)?.root ??
      blocks.find((block) => block.slot === slot + 1)?.parentRoot ??
      "",
    nextBlockAfter: (slot) => blocks.find((block) => block.slot > slot)!.slot,
  };
}

/** Every set bit is a seat; its first block counts. */
function plainMetrics(epoch: number, blocks: readonly ReadBlock[], { rootAt, nextBlockAfter }: CanonicalView) {
  const first = new Map<string, ReadBlock["votes"][number] & { readonly includedAt: number }>();
  for (const { slot: includedAt, votes } of blocks) {
    for (const vote of votes) {
      if (Math.floor(vote.slot / 32) === epoch && !first.has(vote.seat)) first.set(vote.seat, { ...vote, includedAt });
    }
  }
  const votes = [...first.values()];
  const share = (count: number) => count / votes.length;
  const sources = new Map<string, number>();
  for (const { source } of votes) sources.set(source, (sources.get(source) ?? 0) + 1);
  return {
    voted: votes.length,
    values: {
      inclusionDistance: share(votes.reduce((sum, { slot, includedAt }) => sum + includedAt - slot, 0)),
      headAccuracy: share(votes.filter(({ slot, head }) => head === rootAt(slot)).length),
      targetAccuracy: share(votes.filter(({ target }) => target === rootAt(epoch * 32)).length),
      sourceAccuracy: share(Math.max(...sources.values())),
    },
    effectivenessSum: votes.reduce(
      (sum, { slot, includedAt }) => sum + (nextBlockAfter(slot) - slot) / (includedAt - slot),
      0,
    ),
  };
}
