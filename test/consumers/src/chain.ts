/** The chain that the apps follow: the devnet, a block every two seconds of real time. */
import { expect } from "chai";
import { type Devnet, type DevnetServer, type RouteName, startDevnet } from "../../devnet/src/client.ts";

export interface Chain {
  readonly devnet: Devnet;
  /** A root to start from, two periods back: there is something to catch up with. */
  readonly checkpoint: string;
  /** A beacon node of one app's own, with a log of its own. */
  newNode(): Promise<DevnetServer>;
}

const SECONDS_PER_SLOT = 2;
const SLOTS_PER_EPOCH = 8;
const EPOCHS_PER_PERIOD = 8;
const PERIODS = 3;

/** What a client that follows may ask. */
const ROUTES: readonly RouteName[] = [
  "spec",
  "genesis",
  "bootstrap",
  "updates",
  "finality_update",
  "optimistic_update",
  "events",
];

/** What an app says it has verified; the parts that are compared. */
export interface Outcome {
  readonly first: Head;
  readonly next: Head;
  readonly finalized: Head | null;
  readonly errors: readonly unknown[];
}

interface Head {
  readonly slot: number;
  readonly root: string;
  readonly stateRoot: string;
  readonly trust: { readonly participation: { readonly count: number; readonly size: number } | null };
}

export async function startChain(): Promise<Chain> {
  const devnet = await startDevnet({
    mode: "live",
    secondsPerSlot: SECONDS_PER_SLOT,
    preSlots: PERIODS * EPOCHS_PER_PERIOD * SLOTS_PER_EPOCH,
    forks: { electra: 0, fulu: EPOCHS_PER_PERIOD },
  });
  const { root: checkpoint } = await devnet.checkpoint({ epoch: EPOCHS_PER_PERIOD + 1 });
  return { devnet, checkpoint, newNode: () => devnet.newServer() };
}

/** Is it what the chain knows to be true, and got by expected requests alone? */
export async function expectFollowed({ devnet }: Chain, node: DevnetServer, outcome: Outcome): Promise<void> {
  expect(outcome).to.include.keys("first", "next", "finalized");
  const { first, next, finalized, errors } = outcome;
  for (const head of [first, next, finalized!]) {
    const truth = await devnet.truth(head.slot);
    expect({ root: head.root, stateRoot: head.stateRoot }, `slot ${head.slot}`).to.deep.equal({
      root: truth?.root,
      stateRoot: truth?.stateRoot,
    });
  }
  expect(next.slot).to.be.above(first.slot);
  expect(finalized!.slot).to.be.above(PERIODS * EPOCHS_PER_PERIOD * SLOTS_PER_EPOCH - 4 * SLOTS_PER_EPOCH);
  expect(errors).to.deep.equal([]);
  const asked = (await node.requests()).map(({ route }) => route);
  expect(asked).to.include.members(["bootstrap", "updates"]);
  expect(asked.filter((route) => !ROUTES.includes(route as RouteName))).to.deep.equal([]);
}
