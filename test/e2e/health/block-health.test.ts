/** Block mode against the truth: what every validator did, from the full states and duties of a real chain. */
import { expect } from "chai";
import { type BlockEpoch, createBlockHealth } from "../../../src/health/blocks/block-health.js";
import type { BlockFacts } from "../../../src/health/blocks/decode-block.js";
import type { MetricValues } from "../../../src/health/metrics.js";
import type { Network } from "../../../src/networks/types.js";
import { type Devnet, type EpochTruth, type RangePattern, startDevnet } from "../../devnet/src/client.ts";
import { FUZZ } from "../../support/fuzz.js";
import { networkOf } from "../../support/network-of.js";
import { walkBack } from "./blocks.js";

const SLOTS_PER_EPOCH = 8;
/** Each fork has so many epochs, with every kind of incident. */
const EPOCHS_PER_FORK = 12 * FUZZ;
const FORKS = ["altair", "bellatrix", "capella", "deneb", "electra", "fulu", "gloas"] as const;
const LAST_EPOCH = EPOCHS_PER_FORK * FORKS.length;

/** In every fork: offline thirds, empty slots, late blocks, late votes, slashings. */
function incidents(): RangePattern[] {
  return FORKS.flatMap((_, fork) => {
    const at = (epoch: number, slot = 0) => (fork * EPOCHS_PER_FORK + epoch) * SLOTS_PER_EPOCH + slot;
    return [
      { from: at(0), to: at(EPOCHS_PER_FORK) - 1, offline: 0.04 },
      { from: at(2), to: at(3) - 1, offline: 1 / 3 },
      { from: at(4), to: at(5) - 1, offline: 0.04, missed: 3 },
      { from: at(5), to: at(5, 3), missed: true },
      { from: at(6, 2), to: at(6, 4), lateBlock: true, offline: 0.1 },
      { from: at(7), to: at(7, 5), voteDelay: 2, offline: 0.2 },
      { from: at(8, 1), to: at(8, 1), slashing: "proposer" },
      { from: at(8, 4), to: at(8, 4), slashing: "attester" },
      // a whole committee of nobody, before and after an empty checkpoint slot
      { from: at(9, 7), to: at(10, 0), missed: true },
      { from: at(10, 3), to: at(10, 3), offline: 1 },
    ] satisfies RangePattern[];
  });
}

describe("block mode beside a real chain", function () {
  this.timeout(300_000);
  let devnet: Devnet;
  let network: Network;
  let blocks: BlockFacts[];
  let backwards: BlockEpoch[];

  before(async () => {
    const forks = Object.fromEntries(FORKS.map((name, i) => [name, i * EPOCHS_PER_FORK]));
    devnet = await startDevnet({ forks, validators: 96, patterns: incidents() });
    const { root } = await devnet.produceTo((LAST_EPOCH + 3) * SLOTS_PER_EPOCH);
    network = networkOf(devnet);
    // the genesis block has no signature to serve
    blocks = await walkBack(devnet.url, network, root, 1);
    const health = createBlockHealth({ network });
    backwards = blocks.flatMap((block) => health.add(block));
  });
  after(() => devnet?.stop());

  it("every metric of every epoch of every fork is what the states say", async () => {
    expect(backwards.map(({ epoch }) => epoch)).to.deep.equal(
      Array.from({ length: LAST_EPOCH + 1 }, (_, i) => LAST_EPOCH + 1 - i),
    );
    for (const epoch of backwards) {
      const truth = await devnet.votes(epoch.epoch);
      const facts = { seats: epoch.seats, voted: epoch.voted, blocks: epoch.blocks };
      const voted = truth.votes.filter(({ includedAt }) => includedAt !== null).length;
      expect(facts, `epoch ${epoch.epoch}`).to.deep.equal({
        seats: truth.votes.length,
        voted,
        blocks: truth.blocks.length,
      });
      const expected = metricsOf(truth, blocks.map(({ slot }) => slot).reverse());
      for (const [metric, value] of Object.entries(expected)) {
        const measured = epoch.values[metric as keyof MetricValues];
        expect(measured, `epoch ${epoch.epoch}: ${metric}`).to.be.closeTo(value, 1e-12);
      }
    }
  });

  it("gives the same values forwards", () => {
    const health = createBlockHealth({ network });
    const forwards = [...blocks].reverse().flatMap((block) => health.add(block));
    const both = backwards.map(({ epoch }) => epoch);
    expect(forwards.map(({ epoch }) => epoch)).to.deep.equal([...both].reverse());
    const withoutOrphans = forwards.map(({ values: { orphanedBlocks: _, ...values }, ...rest }) => ({
      ...rest,
      values,
    }));
    expect(withoutOrphans.reverse()).to.deep.equal(backwards);
  });

  it("has the sync committee's participation as light mode defines it", async () => {
    for (const { epoch, values } of backwards.slice(0, 30)) {
      const rates: number[] = [];
      for (let slot = epoch * SLOTS_PER_EPOCH; slot < (epoch + 1) * SLOTS_PER_EPOCH; slot++) {
        if ((await devnet.truth(slot)) === null) continue;
        let child = slot + 1;
        while ((await devnet.truth(child)) === null) child++;
        const truth = await devnet.truth(child);
        rates.push(truth!.participants / truth!.syncBits.length);
      }
      const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
      expect(values.syncParticipation, `epoch ${epoch}`).to.be.closeTo(mean, 1e-12);
    }
  });

  it("saw the incidents", () => {
    for (const [fork, name] of FORKS.entries()) {
      const at = (epoch: number) => backwards.find((each) => each.epoch === fork * EPOCHS_PER_FORK + epoch)!.values;
      expect(at(2).voteParticipation, name).to.be.below(0.75);
      expect(at(4).emptySlots, name).to.be.at.least(2);
      expect(at(6).headAccuracy, name).to.be.below(0.7);
      expect(at(6).effectiveness! / at(6).voteParticipation!, name).to.be.above(0.99);
      expect(at(7).effectiveness! / at(7).voteParticipation!, name).to.be.below(0.7);
      expect(at(7).headAccuracy, name).to.equal(1);
      expect([at(8).proposerSlashings, at(8).attesterSlashings], name).to.deep.equal([1, 1]);
    }
  });
});

/** By the definitions, from what each validator did. */
function metricsOf({ epoch, votes, blocks, ...slashings }: EpochTruth, allBlocks: readonly number[]): MetricValues {
  const nextBlock = (slot: number) => allBlocks.find((block) => block > slot)!;
  const included = votes.flatMap((vote) => (vote.includedAt === null ? [] : { ...vote, includedAt: vote.includedAt }));
  const share = (count: number) => count / included.length;
  const effectiveness = included.reduce(
    (sum, { slot, includedAt }) => sum + (nextBlock(slot) - slot) / (includedAt - slot),
    0,
  );
  return {
    voteParticipation: included.length / votes.length,
    inclusionDistance: share(included.reduce((sum, { slot, includedAt }) => sum + includedAt - slot, 0)),
    effectiveness: effectiveness / votes.length,
    headAccuracy: share(included.filter(({ head }) => head).length),
    targetAccuracy: share(included.filter(({ target }) => target).length),
    sourceAccuracy: share(included.filter(({ source }) => source).length),
    emptySlots: SLOTS_PER_EPOCH - blocks.length,
    proposerSlashings: slashings.proposerSlashings,
    attesterSlashings: slashings.attesterSlashings,
  };
}
