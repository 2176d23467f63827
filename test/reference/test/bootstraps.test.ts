/** Bootstraps, honest and corrupted: where everything starts from a root that is trusted. */
import { expect } from "chai";
import { type FeedBootstrap, FORKS } from "./support/feed.js";
import { flipBit, read, readHex, withValues, zeroBytes } from "./support/json-edit.js";
import { openPair } from "./support/pair.js";
import { describeWithReference } from "./support/reference.js";
import { prepareStages, type Stages } from "./support/stages.js";

interface Change {
  readonly data?: unknown;
  readonly root?: string;
  readonly fork?: string;
}

const flipping = (path: string, byte = 0) => ({
  [path]: ({ data }: FeedBootstrap): Change | null => {
    const hex = readHex(data, path);
    return hex === undefined ? null : { data: withValues(data, { [path]: flipBit(hex, byte) }) };
  },
});

/** Every one of them violates one check. */
const CORRUPTIONS: Readonly<Record<string, (bootstrap: FeedBootstrap) => Change | null>> = {
  "another root": ({ root }) => ({ root: flipBit(root) }),
  ...flipping("header.beacon.parent_root"),
  ...flipping("header.beacon.state_root"),
  ...flipping("header.beacon.body_root"),
  "header.beacon.slot": ({ data }) => ({ data: withValues(data, { "header.beacon.slot": "9" }) }),
  ...flipping("header.execution.block_hash", -1),
  ...flipping("header.execution_branch.0"),
  ...flipping("header.execution_branch.3"),
  ...flipping("current_sync_committee.pubkeys.0", -1),
  ...flipping("current_sync_committee.pubkeys.31", -1),
  ...flipping("current_sync_committee_branch.0"),
  ...flipping("current_sync_committee_branch.4"),
  ...flipping("current_sync_committee_branch.5"),
  "current_sync_committee.aggregate_pubkey": ({ data }) => ({
    data: withValues(data, {
      "current_sync_committee.aggregate_pubkey": read(data, "current_sync_committee.pubkeys.1"),
    }),
  }),
  "a branch one node shorter": ({ data }) => ({ data: withBranch(data, (nodes) => nodes.slice(1)) }),
  "a branch one zero node longer": ({ data }) => ({ data: withBranch(data, (nodes) => [zeroBytes(32), ...nodes]) }),
  "the name of no fork": () => ({ fork: "gargamel" }),
};

function withBranch(data: unknown, edit: (nodes: string[]) => string[]): unknown {
  const path = "current_sync_committee_branch";
  return withValues(data, { [path]: edit(read(data, path) as string[]) });
}

describeWithReference("bootstraps and another light client", (reference) => {
  let stages: Stages;

  before(async function () {
    this.timeout(120_000);
    stages = await prepareStages(reference());
  });

  for (const [i, fork] of FORKS.entries()) {
    describe(`of ${fork}`, () => {
      const judge = ({ data, root, fork }: Change) => {
        const { bootstraps, subject } = stages.feed;
        const honest = bootstraps[i]!;
        const text = JSON.stringify(data ?? honest.data);
        const object = { encoding: "json", fork: fork ?? honest.fork, text } as const;
        return openPair(reference(), subject, { root: root ?? honest.root, object });
      };

      it("is accepted by both", async () => {
        const { ours, theirs } = await judge({});
        expect(stages.feed.bootstraps[i]!.fork).to.equal(fork);
        expect([ours.accepted, theirs.accepted]).to.deep.equal([true, true]);
      });

      it("is refused by both with a single fault", async function () {
        this.timeout(30_000);
        for (const [name, corrupt] of Object.entries(CORRUPTIONS)) {
          const change = corrupt(stages.feed.bootstraps[i]!);
          if (change === null) continue;
          const { ours, theirs } = await judge(change);
          expect([name, ours.accepted, theirs.accepted]).to.deep.equal([name, false, false]);
        }
      });
    });
  }
});
