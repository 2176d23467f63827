/** Peers instead of servers, from a page: the contract of all sources, and a client with nothing else, on a live chain. */
import { expect } from "chai";
import { createLightClient } from "../../src/client/light-client.js";
import { createPeers } from "../../src/transport/libp2p/index.js";
import { connectLightClient } from "../../src/worker/index.js";
import { until } from "../contract/async.js";
import { peerWorld } from "../contract/peer-world.js";
import { sourceContract } from "../contract/source.js";
import type { Devnet, DevnetPeer } from "../devnet/src/bind.ts";
import type { Fault } from "../devnet/src/faults.ts";
import { BAD_PEERS, PATIENCE_MS } from "../support/bad-peers.js";
import { networkOf } from "../support/network-of.js";
import { chainsOfPage, connectChain } from "./support/chains.js";
import { urlOfPeers } from "./workers/peers.js";

describe("peers of a real chain", () => {
  let devnet: Devnet;

  before(async () => {
    devnet = await connectChain(chainsOfPage(), "manual");
  });

  sourceContract("createPeers", async () => peerWorld(devnet));
});

describe("a client with nothing but peers", () => {
  let devnet: Devnet;
  const nodes: DevnetPeer[] = [];

  before(async () => {
    devnet = await connectChain(chainsOfPage(), "live");
  });
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.close();
  });

  /**
   * Follows two nodes, of which the second is honest, and lets something happen meanwhile.
   * @returns what the first was blamed for
   */
  async function follow(first: readonly Fault[], meanwhile = async () => {}): Promise<readonly (string | null)[]> {
    nodes.push(await devnet.newPeer(first), await devnet.newPeer());
    const network = networkOf(devnet);
    const peers = createPeers({
      network,
      peers: nodes.map(({ url }) => url),
      allowInsecure: true,
      firstByteTimeoutMs: PATIENCE_MS,
    });
    const { root } = await devnet.checkpoint({ epoch: 9 });
    const sources = [...peers.sources];
    const client = createLightClient({ network, checkpoint: root, sources, staleCheckpoint: "allow" });
    const heads: { slot: number; root: string }[] = [];
    const blamed: (string | null)[] = [];
    client.on("head", (head) => heads.push(head));
    client.on("peer", ({ source, code }) => {
      if (source === sources[0]!.name) blamed.push(code);
    });
    client.on("error", () => {});
    const untilHeads = (count: number) => {
      const from = heads.length;
      return until(() => heads.length >= from + count, "heads by gossip");
    };
    try {
      await client.start();
      await untilHeads(2);
      await meanwhile();
      await untilHeads(2);
      for (const { slot, root: told } of heads) expect(told).to.equal((await devnet.truth(slot))?.root);
      const polls = (await nodes[1]!.requests()).filter(({ route }) => route === "optimistic_update");
      expect(polls.length).to.be.below(3);
    } finally {
      await client.stop();
      await peers.stop();
    }
    return blamed;
  }

  it("bootstraps, catches up and follows by gossip", async () => {
    expect(await follow([])).to.deep.equal([]);
  });

  it("does so in a dedicated worker", async () => {
    const node = await devnet.newPeer();
    nodes.push(node);
    const { root: checkpoint } = await devnet.checkpoint({ epoch: 9 });
    const worker = new Worker(urlOfPeers({ info: devnet.info, checkpoint, peers: [node.url] }), { type: "module" });
    const client = connectLightClient(worker);
    const heads: { slot: number; root: string }[] = [];
    client.on("head", (head) => heads.push(head));
    try {
      await client.start();
      const from = heads.length;
      await until(() => heads.length >= from + 3, "heads by gossip");
      for (const { slot, root } of heads) expect(root).to.equal((await devnet.truth(slot))?.root);
      const asked = (await node.requests()).map(({ route }) => route);
      expect(asked).to.include.members(["bootstrap", "updates"]);
      expect(asked.filter((route) => route === "optimistic_update").length).to.be.below(3);
      await client.stop();
    } finally {
      client.disconnect();
      worker.terminate();
    }
  });

  for (const [what, fault, code] of BAD_PEERS) {
    it(`survives a peer that ${what}`, async () => {
      expect(await follow([fault])).to.include(code);
    });
  }

  it("survives a peer that vanishes", async () => {
    await follow([], () => nodes[0]!.close());
  });
});
