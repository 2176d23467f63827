/** Peers instead of servers, from a page: the contract of all sources, and a client with nothing else, on a live chain. */
import { expect } from "chai";
import { connectLightClient } from "../../src/worker/index.js";
import { until } from "../contract/async.js";
import { survivalContract } from "../contract/peer-survival.js";
import { peerWorld } from "../contract/peer-world.js";
import { sourceContract } from "../contract/source.js";
import type { Devnet, DevnetPeer } from "../devnet/src/bind.ts";
import { chainsOfPage, connectChain } from "./support/chains.js";
import { urlOfPeers } from "./workers/peers.js";

describe("peers of a real chain", () => {
  let devnet: Devnet;

  before(async () => {
    devnet = await connectChain(chainsOfPage(), "manual");
  });

  sourceContract("createPeers", async () => peerWorld(devnet));
});

survivalContract("a client in a page", async () => ({ devnet: await connectChain(chainsOfPage(), "live") }));

describe("a client in a dedicated worker with nothing but peers", () => {
  let devnet: Devnet;
  const nodes: DevnetPeer[] = [];

  before(async () => {
    devnet = await connectChain(chainsOfPage(), "live");
  });
  afterEach(async () => {
    for (const node of nodes.splice(0)) await node.close();
  });

  it("bootstraps, catches up and follows by gossip", async () => {
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
});
