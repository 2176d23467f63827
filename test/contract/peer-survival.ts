/**
 * A client with nothing but peers, on a chain that makes a block a second: it bootstraps, catches up and follows by
 * gossip, and goes on when peers vanish, stall, lie, follow another fork, or send what is too much or broken. The same
 * for every place that a client can live in: no Node modules in here.
 */
import { expect } from "chai";
import type { Devnet, DevnetPeer } from "../devnet/src/bind.ts";
import type { Fault } from "../devnet/src/faults.ts";
import { pause, until } from "./async.js";
import { type Follower, type FollowTask, followPeers } from "./peer-follower.js";

export interface BadPeer {
  readonly does: string;
  readonly fault: Fault;
  /** Of these the client names one, and this peer with it. */
  readonly codes: readonly string[];
}

/** One of each kind. */
export const BAD_PEERS: readonly BadPeer[] = [
  { does: "stalls", fault: { kind: "hang" }, codes: ["REQUEST_TIMEOUT"] },
  {
    does: "lies about the checkpoint",
    fault: { kind: "wrong-committee" },
    codes: ["CURRENT_COMMITTEE_BRANCH_INVALID"],
  },
  { does: "follows another fork", fault: { kind: "other-network" }, codes: ["PEER_IRRELEVANT"] },
  { does: "announces a gibibyte", fault: { kind: "oversized", variant: "declared" }, codes: ["INPUT_TOO_LARGE"] },
  { does: "never stops sending", fault: { kind: "oversized" }, codes: ["INPUT_TOO_LARGE"] },
  { does: "sends corrupt frames", fault: { kind: "wrong-checksum" }, codes: ["RESPONSE_INVALID"] },
];

export interface SurvivalWorld {
  /** Live: a block a second, two periods or more behind its head. */
  readonly devnet: Devnet;
  /** @default in this thread */
  follow?(task: FollowTask): Promise<Follower>;
}

/** Generous: what takes how long is not what is tested. */
const LIMIT_MS = 120_000;
const PAUSE_MS = 50;
/** How few questions for heads tell that they come by gossip: those of the start, before it flows. */
const FEW_POLLS = 3;

/** @param create called once, before the first test */
export function survivalContract(
  name: string,
  create: () => Promise<SurvivalWorld>,
  badPeers: readonly BadPeer[] = BAD_PEERS,
): void {
  describe(`${name} with nothing but peers`, function () {
    this.timeout(2 * LIMIT_MS);
    let world: SurvivalWorld;
    let checkpoint: string;
    const nodes: DevnetPeer[] = [];
    const followers: Follower[] = [];

    before(async () => {
      world = await create();
      checkpoint = (await world.devnet.checkpoint({ epoch: 9 })).root;
    });
    afterEach(async () => {
      for (const follower of followers.splice(0)) await follower.stop();
      for (const node of nodes.splice(0)) await node.close();
    });

    async function serve(...faults: Fault[]): Promise<DevnetPeer> {
      const node = await world.devnet.newPeer(faults);
      nodes.push(node);
      return node;
    }

    /** The same one, back again. */
    async function revive(gone: DevnetPeer): Promise<DevnetPeer> {
      const node = await world.devnet.newPeer([], gone.url);
      expect(node.url).to.equal(gone.url);
      nodes.push(node);
      return node;
    }

    async function follow(...peers: DevnetPeer[]): Promise<Follower> {
      const { devnet, follow: elsewhere } = world;
      const task: FollowTask = {
        info: devnet.info,
        checkpoint,
        peers: peers.map(({ url }) => url),
        firstByteTimeoutMs: 2_000,
        chunkTimeoutMs: 2_000,
      };
      const follower = elsewhere === undefined ? followPeers(task) : await elsewhere(task);
      followers.push(follower);
      await eventually(async () => (await follower.told()).isStarted, "the client to catch up");
      return follower;
    }

    /** So many new heads come, all of them the chain's. */
    async function expectHeads(follower: Follower, count: number): Promise<void> {
      const from = (await follower.told()).heads.length;
      const arrived = async () => (await follower.told()).heads.length >= from + count;
      await eventually(arrived, `${count} heads`);
      for (const { slot, root } of (await follower.told()).heads) {
        expect((await world.devnet.truth(slot))?.root, `slot ${slot}`).to.equal(root);
      }
      expect((await follower.told()).state).to.equal("following");
    }

    it("bootstraps, catches up and follows by gossip", async () => {
      const node = await serve();
      const follower = await follow(node);
      await expectHeads(follower, 3);
      const routes = (await node.requests()).map(({ route }) => route);
      expect(routes).to.include.members(["bootstrap", "updates"]);
      expect(routes.filter((route) => route === "optimistic_update").length).to.be.below(FEW_POLLS);
      const { peers } = await follower.told();
      expect(peers.filter(({ action }) => action === "evicted")).to.deep.equal([]);
    });

    for (const { does, fault, codes } of badPeers) {
      it(`names a peer that ${does}, and follows another`, async () => {
        const [bad, good] = [await serve(fault), await serve()];
        const follower = await follow(bad, good);
        const isNamed = async () =>
          (await follower.told()).peers.some(({ source, code }) => source === idOf(bad) && codes.includes(code ?? ""));
        await eventually(isNamed, `${codes.join(" or ")} of the peer`);
        await expectHeads(follower, 2);
        const { peers } = await follower.told();
        const evicted = peers.filter(({ source, action }) => source === idOf(good) && action === "evicted");
        expect(evicted).to.deep.equal([]);
      });
    }

    it("goes over to another peer when the one that it follows vanishes, and back when that one does", async () => {
      const [first, second] = [await serve(), await serve()];
      const follower = await follow(first, second);
      await expectHeads(follower, 1);
      await first.close();
      await expectHeads(follower, 3);
      const back = await revive(first);
      await second.close();
      await expectHeads(follower, 3);
      expect((await back.info()).opened).to.be.above(0);
    });

    it("says so when the only peer vanishes, and follows it again when it comes back", async () => {
      const node = await serve();
      const follower = await follow(node);
      await expectHeads(follower, 1);
      await node.close();
      const isMissed = async () => (await follower.told()).peers.some(({ source }) => source === idOf(node));
      await eventually(isMissed, "the peer to be missed");
      await revive(node);
      await expectHeads(follower, 3);
    });
  });
}

/** Asks now and then: each question may go to another process. */
function eventually(holds: () => Promise<boolean>, what: string): Promise<void> {
  const look = async () => {
    const isSo = await holds();
    if (!isSo) await pause(PAUSE_MS);
    return isSo;
  };
  return until(look, what, LIMIT_MS);
}

function idOf(node: DevnetPeer): string {
  return node.url.split("/p2p/")[1]!;
}
