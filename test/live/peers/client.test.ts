/**
 * Clients that have nothing but peers: real time, real websockets, a live chain of one block a second. What takes how long
 * is never asserted; only that it comes.
 */
import "../../support/websocket.js";
import "../../devnet/src/p2p/with-resolvers.ts";
import { generateKeyPair } from "@libp2p/crypto/keys";
import { gossipsub } from "@libp2p/gossipsub";
import { identify } from "@libp2p/identify";
import { noise } from "@libp2p/noise";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { expect } from "chai";
import { createLibp2p } from "libp2p";
import { WebSocket } from "ws";
import { createLightClient, type LightClient } from "../../../src/client/light-client.js";
import {
  createArchive,
  createPeers,
  gossipOptions,
  type Peers,
  type PeersOptions,
} from "../../../src/transport/libp2p/index.js";
import type { PeerEvent } from "../../../src/transport/pool/types.js";
import { restSource } from "../../../src/transport/rest.js";
import { until } from "../../contract/async.js";
import { BAD_PEERS, type BadPeer, survivalContract } from "../../contract/peer-survival.js";
import { type Devnet, type DevnetPeer, type Fault, startDevnet } from "../../devnet/src/client.ts";
import { encodePayload } from "../../devnet/src/p2p/codec.ts";
import { createNode } from "../../devnet/src/p2p/node.ts";
import { networkOf } from "../../support/network-of.js";
import { type TlsProxy, tlsProxy } from "../../support/tls.js";
import { watchUnhandled } from "../../unit/client/waiting.js";

const SLOTS_PER_EPOCH = 8;
/** The chain forks, and its blob schedule changes, while the clients follow. */
const PRE_SLOTS = 192;
const FORK_EPOCH = PRE_SLOTS / SLOTS_PER_EPOCH + 2;
const FORKS = { altair: 0, bellatrix: 0, capella: 0, deneb: 0, electra: 0, fulu: FORK_EPOCH };
const BLOBS = [{ epoch: FORK_EPOCH + 1, maxBlobsPerBlock: 12 }];

interface Run {
  readonly client: LightClient;
  readonly peers: Peers;
  readonly told: {
    readonly peer: PeerEvent[];
    readonly errors: string[];
    readonly heads: { slot: number; root: string; source: string }[];
  };
}

/** What is tried in Node alone, as it is no other code in browsers. */
const MORE_BAD_PEERS: readonly BadPeer[] = [
  {
    does: "labels by another fork",
    fault: { kind: "wrong-digest", routes: ["bootstrap", "updates"] },
    codes: ["FORK_DIGEST_UNKNOWN"],
  },
  {
    does: "sends more than its answer",
    fault: { kind: "trailing-bytes" },
    codes: ["RESPONSE_INVALID", "INPUT_TOO_LARGE"],
  },
  { does: "breaks off", fault: { kind: "truncated" }, codes: ["RESPONSE_INVALID", "NETWORK_FAILED"] },
  { does: "sends noise", fault: { kind: "garbage" }, codes: ["DECODE_FAILED"] },
  { does: "resets every stream", fault: { kind: "reset" }, codes: ["NETWORK_FAILED"] },
  { does: "is overloaded", fault: { kind: "status", status: 429 }, codes: ["PEER_ERROR"] },
];

describe("a client with nothing but peers", () => {
  watchUnhandled();
  let devnet: Devnet;
  let checkpoint: string;
  const nodes: DevnetPeer[] = [];
  const runs: Run[] = [];

  before(async () => {
    devnet = await startDevnet({ mode: "live", preSlots: PRE_SLOTS, forks: FORKS, blobSchedule: BLOBS });
    checkpoint = (await devnet.checkpoint({ epoch: 10 })).root;
  });
  afterEach(async () => {
    for (const { client, peers } of runs.splice(0)) {
      await client.stop();
      await peers.stop();
    }
    for (const node of nodes.splice(0)) await node.close();
  });
  after(() => devnet?.stop());

  async function serve(...faults: Fault[]): Promise<DevnetPeer> {
    const node = await devnet.newPeer(faults);
    nodes.push(node);
    return node;
  }

  function run(addresses: readonly string[], options: Partial<PeersOptions> = {}): Run {
    const network = networkOf(devnet);
    const peers = createPeers({ network, peers: addresses, allowInsecure: true, ...options });
    const client = createLightClient({ network, checkpoint, sources: [...peers.sources], staleCheckpoint: "allow" });
    const told: Run["told"] = { peer: [], errors: [], heads: [] };
    client.on("peer", (event) => told.peer.push(event));
    client.on("error", ({ error, source }) => told.errors.push(`${source} ${error.code}`));
    client.on("head", ({ slot, root, trust }) => told.heads.push({ slot, root, source: trust.source ?? "" }));
    const made = { client, peers, told };
    runs.push(made);
    return made;
  }

  /** New heads come, and by gossip: nobody is asked for them. */
  async function expectFollowing({ client, told }: Run, heads: number): Promise<void> {
    const from = told.heads.length;
    await until(() => told.heads.length >= from + heads, `${heads} heads`);
    expect(client.status.state).to.equal("following");
    for (const { slot, root } of told.heads.slice(from)) expect(root).to.equal((await devnet.truth(slot))?.root);
  }

  survivalContract("a client in Node", async () => ({ devnet }), [...BAD_PEERS, ...MORE_BAD_PEERS]);

  const idOf = (node: DevnetPeer) => node.url.split("/p2p/")[1]!;

  it("bootstraps, catches up and follows by gossip, through a fork and a change of the blob schedule", async function () {
    this.timeout(120_000);
    const node = await serve();
    const one = run([node.url]);
    await one.client.start();
    await expectFollowing(one, 3);
    const asked = (await node.requests()).map(({ route }) => route);
    expect(asked).to.include.members(["bootstrap", "updates"]);
    const end = (FORK_EPOCH + 2) * SLOTS_PER_EPOCH;
    while ((one.client.head?.slot ?? 0) < end) await expectFollowing(one, 1);
    // what is asked while gossip flows: the update of a new period, and no head
    const later = (await node.requests()).slice(asked.length).map(({ route }) => route);
    expect(later.filter((route) => route === "optimistic_update")).to.have.length.of.at.most(2);
    const slots = one.told.heads.map(({ slot }) => slot);
    expect(slots).to.deep.equal([...slots].sort((a, b) => a - b));
  });

  it("says goodbye when it leaves", async () => {
    const node = await serve();
    const one = run([node.url]);
    await one.client.start();
    await one.client.stop();
    await one.peers.stop();
    await until(async () => (await node.info()).goodbyes.length > 0, "a goodbye");
    expect((await node.info()).goodbyes).to.deep.equal([1]);
    await until(async () => (await node.info()).connections === 0, "the connection to end");
  });

  describe("survives peers that", () => {
    it("lie about the chain: names them, and follows the others", async function () {
      this.timeout(60_000);
      const [bad, good] = [await serve({ kind: "wrong-signature" }), await serve()];
      // alone, or the other one might be asked first
      const alone = run([bad.url]);
      const starting = alone.client.start().catch(() => {});
      const isBlamed = ({ action, code }: PeerEvent) => action === "evicted" && code === "SIGNATURE_INVALID";
      await until(() => alone.told.peer.some(isBlamed), "the liar to be blamed");
      await alone.client.stop();
      await starting;
      const both = run([bad.url, good.url]);
      await both.client.start();
      await expectFollowing(both, 3);
    });

    it("gossip noise: are sent away with a goodbye, and the others are heard", async function () {
      this.timeout(60_000);
      const [bad, good] = [await serve({ kind: "sse-garbage" }), await serve()];
      const one = run([bad.url, good.url]);
      await one.client.start();
      await until(async () => (await bad.info()).goodbyes.includes(3), "a goodbye for a fault");
      await expectFollowing(one, 3);
    });

    it("gossip lies: the one who sent it is blamed, and not passed on", async function () {
      this.timeout(60_000);
      const [bad, good, third] = [
        await serve({ kind: "wrong-signature", routes: ["events"] }),
        await serve(),
        await serve(),
      ];
      const one = run([bad.url, good.url, third.url]);
      await one.client.start();
      const isBlamed = ({ source, action, code }: PeerEvent) =>
        source === idOf(bad) && action === "evicted" && code === "SIGNATURE_INVALID";
      await until(() => one.told.peer.some(isBlamed), "the liar to be blamed");
      await expectFollowing(one, 3);
      const others = one.told.peer.filter(({ source, action }) => source !== idOf(bad) && action === "evicted");
      expect(others).to.deep.equal([]);
    });
  });

  it("hears by gossip what another one has from a server, and its goodbye when that ends", async function () {
    this.timeout(60_000);
    const network = networkOf(devnet);
    const privateKey = await generateKeyPair("secp256k1");
    const listen = ["/ip4/127.0.0.1/tcp/0/ws"];
    const options = { network, peers: [], allowInsecure: true, archive: createArchive(network), listen, privateKey };
    const hub = createPeers({ ...options, maxInboundConnections: 1 });
    const sources = [hub.share(restSource(devnet.url))];
    const client = createLightClient({ network, checkpoint, sources, staleCheckpoint: "allow" });
    const [address] = await hub.start();
    expect(address).to.include(`/p2p/${peerIdFromPrivateKey(privateKey)}`);
    const [visitor, another] = [1, 2].map(() => createPeers({ network, peers: [address!], allowInsecure: true }));
    const heard: string[] = [];
    try {
      await client.start();
      const source = visitor!.sources[0]!;
      const ended = source.subscribe!({ onEvent: ({ type }) => heard.push(type) }).then(
        () => "",
        (error: Error) => error.message,
      );
      await until(() => heard.filter((type) => type === "optimistic").length >= 2, "heads");
      // one connection is let in, and it is taken
      const refused = await another!.sources[0]!.finalityUpdate().then(String, (error: Error) => error.name);
      expect(refused).to.equal("SidelightError");
      await client.stop();
      await hub.stop();
      expect(await ended).to.match(/it said goodbye: it shuts down/);
    } finally {
      await client.stop();
      for (const peers of [hub, visitor!, another!]) await peers.stop();
    }
  });

  it("keeps to its number of connections, and says so to those it leaves", async function () {
    this.timeout(60_000);
    const three = [await serve(), await serve(), await serve()];
    const { peers } = run(
      three.map(({ url }) => url),
      { maxConnections: 2 },
    );
    for (const source of peers.sources) await source.finalityUpdate();
    await until(async () => (await three[0]!.info()).goodbyes.length > 0, "a goodbye");
    expect((await three[0]!.info()).goodbyes).to.deep.equal([129]);
    const open = await Promise.all(three.map(async (node) => (await node.info()).connections));
    expect(open).to.deep.equal([0, 1, 1]);
  });

  it("leaves a peer alone that has sent it away", async () => {
    const node = await serve({ kind: "sse-stop" });
    const { peers } = run([node.url]);
    const [source] = peers.sources;
    const ended = source!.subscribe!({ onEvent: () => {} }).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(await ended).to.include("too many peers");
    const refused = await source!.finalityUpdate().then(String, (error: Error) => error.message);
    expect(refused).to.match(/left alone for \d+ ms more: it said goodbye: it has too many peers/);
    expect((await node.info()).opened).to.equal(1);
  });

  it("leaves a peer alone whose goodbye comes before its answer to our status", async () => {
    const rude = await createNode();
    const protocol = (name: string) => `/eth2/beacon_chain/req/${name}/ssz_snappy`;
    const tooManyPeers = Buffer.from([129, 0, 0, 0, 0, 0, 0, 0]);
    let opened = 0;
    rude.addEventListener("connection:open", () => opened++);
    try {
      await rude.handle([protocol("status/1"), protocol("status/2")], async (stream, connection) => {
        const goodbye = await connection.newStream(protocol("goodbye/1"));
        goodbye.send(await encodePayload(tooManyPeers));
        await goodbye.close();
        await until(() => goodbye.status !== "open" || goodbye.remoteWriteStatus === "closed", "it to be read");
        stream.abort(new Error("and no answer"));
      });
      const [address] = rude.getMultiaddrs();
      const [source] = run([`${address}`]).peers.sources;
      const ask = () => source!.finalityUpdate().then(String, (error: Error) => error.message);
      expect(await ask()).to.match(/it said goodbye: it has too many peers/);
      // longer than one that cannot be reached
      const [, ms] = /left alone for (\d+) ms more: it said goodbye: it has too many peers/.exec(await ask())!;
      expect(Number(ms)).to.be.above(10_000);
      expect(opened).to.equal(1);
    } finally {
      await rude.stop();
    }
  });

  it("follows over a node of the caller's own, and takes nothing along when it leaves", async function () {
    this.timeout(60_000);
    const beaconNode = await serve();
    const friend = await createNode();
    // as docs/p2p.md has it
    const node = await createLibp2p({
      transports: [webSockets()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify(), pubsub: gossipsub(gossipOptions()) },
    });
    try {
      const [echo, topic] = ["/echo/1", "of the caller's own"];
      await friend.handle(echo, async (stream) => {
        for await (const piece of stream) stream.send(piece);
        await stream.close();
      });
      await node.handle(echo, (stream) => void stream.close());
      node.services.pubsub.subscribe(topic);
      const connection = await node.dial(multiaddr(String(friend.getMultiaddrs()[0])));
      const isEchoed = async (text: string) => {
        const stream = await connection.newStream(echo);
        stream.send(Buffer.from(text));
        await stream.close();
        const pieces: Uint8Array[] = [];
        for await (const piece of stream) pieces.push(piece.subarray());
        return String(Buffer.concat(pieces)) === text;
      };
      const listeners = () => ["peer:disconnect", "peer:connect"].map((type) => node.listenerCount(type));
      const before = { protocols: node.getProtocols(), listeners: listeners() };

      const one = run([beaconNode.url], { node });
      await one.client.start();
      await expectFollowing(one, 5);
      expect(await isEchoed("while it runs")).to.equal(true);
      await one.client.stop();
      await one.peers.stop();

      expect(node.status).to.equal("started");
      expect(await isEchoed("when it has left")).to.equal(true);
      expect(node.getConnections()).to.deep.equal([connection]);
      expect({ protocols: node.getProtocols(), listeners: listeners() }).to.deep.equal(before);
      expect(node.services.pubsub.getTopics()).to.deep.equal([topic]);
      expect((await beaconNode.info()).goodbyes).to.deep.equal([1]);
    } finally {
      await node.stop();
      await friend.stop();
    }
  });

  describe("reaches a node behind TLS", () => {
    const plain = globalThis.WebSocket;
    let node: DevnetPeer;
    let proxy: TlsProxy;

    before(async () => {
      node = await devnet.newPeer();
      proxy = await tlsProxy(Number(node.url.split("/")[4]));
    });
    afterEach(() => {
      globalThis.WebSocket = plain;
    });
    after(async () => {
      await proxy?.close();
      await node?.close();
    });

    /** That of the package `ws`, on every platform: it can be told whom to trust, as if an authority had signed that. */
    function useWebSocket(trusted: string | undefined): void {
      class TlsWebSocket extends WebSocket {
        constructor(url: string) {
          super(url, { ca: trusted });
        }
      }
      globalThis.WebSocket = TlsWebSocket as unknown as typeof globalThis.WebSocket;
    }

    const addressOf = (way: string) => `/dns4/localhost/tcp/${proxy.port}/${way}/p2p/${idOf(node)}`;

    for (const way of ["tls/ws", "wss"]) {
      it(`by /${way}, and follows`, async function () {
        this.timeout(60_000);
        useWebSocket(proxy.certificate);
        const one = run([addressOf(way)], { allowInsecure: false });
        await one.client.start();
        await expectFollowing(one, 2);
      });
    }

    const strangers: Record<string, { host: string; isTrusted: boolean; says: RegExp }> = {
      "whose certificate nobody trusts": { host: "/dns4/localhost", isTrusted: false, says: /self-signed certificate/ },
      "whose certificate is another name's": { host: "/ip4/127.0.0.1", isTrusted: true, says: /does not match/ },
    };
    for (const [who, { host, isTrusted, says }] of Object.entries(strangers)) {
      it(`but none ${who}`, async () => {
        useWebSocket(isTrusted ? proxy.certificate : undefined);
        const { opened } = await node.info();
        const { peers } = run([addressOf("wss").replace("/dns4/localhost", host)], { allowInsecure: false });
        const refused = await peers.sources[0]!.finalityUpdate().catch((error: unknown) => error);
        expect(refused).to.include({ name: "SidelightError", code: "NETWORK_FAILED" });
        expect(String(refused)).to.match(says);
        expect((await node.info()).opened).to.equal(opened);
      });
    }
  });
});
