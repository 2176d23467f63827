/** Places to try corrupted objects at: honest items of every kind, in and between all forks, each with both stores. */
import { expect } from "chai";
import type { Reference } from "../../src/client.js";
import { type Feed, type FeedItem, FORKS, forkSchedule, participationByFork, recordFeed } from "./feed.js";
import { openPair, type Pair } from "./pair.js";

export interface Stage {
  readonly item: FeedItem;
  /** Both stores, just before the item. */
  readonly pair: Pair;
}

export interface Stages {
  readonly feed: Feed;
  readonly stages: readonly Stage[];
  /** Both stores after the whole feed. */
  readonly end: Pair;
}

let shared: Promise<Stages> | undefined;

/** Made once for all suites: it takes some seconds. */
export function prepareStages(reference: Reference): Promise<Stages> {
  shared ??= make(reference);
  return shared;
}

async function make(reference: Reference): Promise<Stages> {
  // each fork in the middle of a period, the first once there is finality
  const forks = forkSchedule(12);
  const feed = await recordFeed({ forks, patterns: participationByFork(forks) });
  const { pair } = await openPair(reference, feed.subject, feed.bootstraps[0]!);
  const stages = new Map<string, Stage>();
  for (const item of feed.items) {
    const key = `${item.kind} ${item.forks}`;
    if (!stages.has(key) && (item.kind === "optimistic" || item.finalizedSlot !== null)) {
      stages.set(key, { item, pair: await pair!.copy() });
    }
    const [judgement] = await pair!.judge([item]);
    expect([judgement!.ours.accepted, judgement!.theirs.accepted], key).to.deep.equal([true, true]);
  }
  // three kinds, in each fork and from each to the next
  expect(stages.size, [...stages.keys()].join(", ")).to.equal(3 * (2 * FORKS.length - 1));
  return { feed, stages: [...stages.values()], end: pair! };
}
