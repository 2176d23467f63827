/** Honest objects of a real chain through all forks that both know: both accept them, and know the same afterwards. */
import { expect } from "chai";
import type { DevnetOptions } from "../../devnet/src/client.js";
import { type Feed, FORKS, forkSchedule, participationByFork, recordFeed } from "./support/feed.js";
import { type Judgement, openPair } from "./support/pair.js";
import { describeWithReference } from "./support/reference.js";

const MIDDLE = forkSchedule(4);
const EDGE = forkSchedule(8);

const CHAINS: readonly [title: string, options: DevnetOptions & { forks: typeof MIDDLE }][] = [
  ["with a fork in the middle of each period", { forks: MIDDLE, patterns: participationByFork(MIDDLE) }],
  [
    "with a fork at the start of each period",
    // where nobody proposes in the fork's first slot, the first signature comes one slot later
    {
      forks: EDGE,
      patterns: [EDGE.capella, EDGE.electra].map((epoch) => ({ from: epoch * 8, to: epoch * 8, missed: true })),
    },
  ],
];

describeWithReference("the devnet's objects and another light client", (reference) => {
  for (const [title, options] of CHAINS) {
    describe(title, () => {
      let feed: Feed;
      let judgements: Judgement[];

      before(async function () {
        this.timeout(120_000);
        feed = await recordFeed(options);
        const { pair } = await openPair(reference(), feed.subject, feed.bootstraps[0]!);
        judgements = await pair!.judge(feed.items);
        console.log(`      ${judgements.length} objects, verified by ${reference().verifier} as well`);
      });

      it("are accepted by both, and leave the same headers", () => {
        for (const [i, { ours, theirs }] of judgements.entries()) {
          const { kind, forks, attestedSlot } = feed.items[i]!;
          const name = `${kind} of slot ${attestedSlot} (${forks})`;
          expect({ ...ours }, `${name}, here`).to.include({ accepted: true });
          expect({ ...theirs }, `${name}, reference`).to.deep.equal(ours);
        }
      });

      it("come in every fork and from one to the next, of every kind", () => {
        const crossings = FORKS.slice(1).map((fork, i) => `${FORKS[i]} to ${fork}`);
        // an update across the edge of a period has no next committee: never the best of its period
        const kinds = options.forks === EDGE ? ["finality", "optimistic"] : ["update", "finality", "optimistic"];
        for (const kind of kinds) {
          const found = new Set(feed.items.filter((item) => item.kind === kind).map(({ forks }) => forks));
          expect([...found], kind).to.have.members([...FORKS, ...crossings]);
        }
      });

      it("start from a checkpoint in each fork", async () => {
        for (const bootstrap of feed.bootstraps) {
          const { ours, theirs } = await openPair(reference(), feed.subject, bootstrap);
          expect([bootstrap.fork, ours.accepted, theirs.accepted]).to.deep.equal([bootstrap.fork, true, true]);
        }
        expect(feed.bootstraps.map(({ fork }) => fork)).to.deep.equal(FORKS);
      });
    });
  }
});
