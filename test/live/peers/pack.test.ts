/** Sidelights that feed each other: one of them knows a beacon node, and gives what it has verified to all others. */
import "../../support/websocket.js";
import { expect } from "chai";
import { createLightClient, type LightClient } from "../../../src/client/light-client.js";
import { createArchive, createPeers, type Peers } from "../../../src/transport/libp2p/index.js";
import { restSource } from "../../../src/transport/rest.js";
import { until } from "../../contract/async.js";
import { type Devnet, type DevnetServer, startDevnet } from "../../devnet/src/client.ts";
import { sharedBls } from "../../e2e/client/shared-bls.js";
import { networkOf } from "../../support/network-of.js";
import { watchUnhandled } from "../../unit/client/waiting.js";

/** `SIDELIGHT_PACK` for more. */
const PACK = Number(process.env["SIDELIGHT_PACK"] ?? 20);
const PERIODS = 5;

describe(`a pack of ${PACK} sidelights, fed by one`, () => {
  watchUnhandled();
  let devnet: Devnet;
  let server: DevnetServer;
  let hub: Peers;
  let first: LightClient;
  let checkpoint: string;
  const pack: { client: LightClient; peers: Peers; heads: Map<number, string> }[] = [];

  before(async function () {
    this.timeout(120_000);
    // in each slot all of them verify a head, in this one process
    devnet = await startDevnet({ mode: "live", secondsPerSlot: 2, preSlots: PERIODS * 64 });
    server = await devnet.newServer();
    const network = networkOf(devnet);
    checkpoint = (await devnet.checkpoint({ epoch: 10 })).root;
    // the node gossips, and has nothing else to give: that comes by REST
    const routes = ["bootstrap", "updates", "finality_update", "optimistic_update"] as const;
    const node = await devnet.newPeer([{ kind: "status", status: 404, routes }]);
    hub = createPeers({
      network,
      peers: [node.url],
      allowInsecure: true,
      listen: ["/ip4/127.0.0.1/tcp/0/ws"],
      archive: createArchive(network),
    });
    const sources = [...hub.sources, hub.share(restSource(server.url))];
    first = createLightClient({ network, checkpoint, sources, staleCheckpoint: "allow", bls: sharedBls() });
    await first.start();
  });
  after(async () => {
    await Promise.all(pack.map(({ client }) => client.stop()));
    await first?.stop();
    await Promise.all(pack.map(({ peers }) => peers.stop()));
    await hub?.stop();
    await devnet?.stop();
  });

  it("bootstraps, catches up, and follows by gossip that the one passed on", async function () {
    this.timeout(600_000);
    const network = networkOf(devnet);
    const [address] = await hub.start();
    const addresses = [address!];
    const join = async () => {
      const peers = createPeers({ network, peers: addresses, allowInsecure: true });
      const sources = [...peers.sources];
      const client = createLightClient({ network, checkpoint, sources, staleCheckpoint: "allow", bls: sharedBls() });
      const heads = new Map<number, string>();
      client.on("head", ({ slot, root }) => heads.set(slot, root));
      pack.push({ client, peers, heads });
      await client.start();
    };
    // a few at a time: all of them work in this one process
    while (pack.length < PACK) await Promise.all(Array.from({ length: 3 }, join));
    for (const { client } of pack) expect(client.head!.slot).to.be.at.least(PERIODS * 64 - 2);
    const from = Math.max(...pack.map(({ client }) => client.head!.slot));
    const isFollowing = () => pack.every(({ client }) => client.head!.slot >= from + 3);
    while (!isFollowing()) {
      const behind = pack.map(({ client }) => client.head!.slot);
      await until(() => pack.some(({ client }, i) => client.head!.slot > behind[i]!), "anybody's next head");
    }
    for (const { heads } of pack) {
      for (const [slot, root] of heads) expect(root).to.equal((await devnet.truth(slot))?.root);
    }
  });

  it("leaves the beacon node to the one", async () => {
    const asked = (await server.requests()).filter(({ route }) => route === "bootstrap" || route === "updates");
    expect(asked.filter(({ route }) => route === "bootstrap")).to.have.length(1);
    expect(asked.length).to.be.below(PACK);
  });
});
