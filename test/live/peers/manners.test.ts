/** What is asked of peers that are many, rude, silent or slow, and answered to them. Real websockets; time stands still. */
import "../../support/websocket.js";
import "../../devnet/src/p2p/with-resolvers.ts";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type Message, TopicValidatorResult } from "@libp2p/gossipsub";
import { noise } from "@libp2p/noise";
import { webSockets } from "@libp2p/websockets";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { expect } from "chai";
import { createLibp2p } from "libp2p";
import { mainnet } from "../../../src/networks/mainnet.js";
import { createGossip } from "../../../src/transport/libp2p/gossip.js";
import { type Archive, createPeers, type Peers, type PeersOptions } from "../../../src/transport/libp2p/index.js";
import { resolvePeersOptions } from "../../../src/transport/libp2p/options.js";
import { createSchema } from "../../../src/transport/libp2p/schema.js";
import { topicsAt } from "../../../src/transport/libp2p/topics.js";
import { pause, until } from "../../contract/async.js";
import { decodeAnswer, encodePayload } from "../../devnet/src/p2p/codec.ts";
import { createNode, type Node } from "../../devnet/src/p2p/node.ts";
import { manualClock } from "../../support/clock.js";
import { createForge } from "../../support/forge.js";
import { networkAtFork } from "../../support/networks.js";
import { stubBls } from "../../support/stub-bls.js";
import { watchUnhandled } from "../../unit/client/waiting.js";

const START_MS = 1_750_000_000_000;
const LISTEN = ["/ip4/127.0.0.1/tcp/0/ws"];
const SUCCESS = Buffer.of(0);
const INVALID = 1;
const TOO_MANY_PEERS = Buffer.from([129, 0, 0, 0, 0, 0, 0, 0]);

/** A busy machine takes its time. */
const PATIENCE = { connectTimeoutMs: 60_000, firstByteTimeoutMs: 60_000, chunkTimeoutMs: 60_000 };

const protocolOf = (name: string) => `/eth2/beacon_chain/req/${name}/ssz_snappy`;

type Piece = Uint8Array | { subarray(): Uint8Array };

async function read(stream: AsyncIterable<Piece>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece instanceof Uint8Array ? piece : piece.subarray());
  return Buffer.concat(pieces);
}

/** A port of this machine. What comes back from the other side can be held up, and let through bit by bit. */
async function createGate(targetPort: number) {
  const PIECE = 16_384;
  let isOpen = true;
  let source: Socket | undefined;
  let sink: Socket | undefined;
  function pass(bytes?: number): void {
    const piece = source?.read(bytes) as Buffer | null;
    if (piece !== null) sink!.write(piece);
  }
  const server = createServer((socket) => {
    const target = connect(targetPort, "127.0.0.1");
    [source, sink] = [target, socket];
    socket.pipe(target);
    target.on("readable", () => {
      while (isOpen && target.readableLength > 0) pass();
    });
    for (const each of [socket, target]) {
      each.on("error", () => {});
      each.on("close", () => [socket, target].map((one) => one.destroy()));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    hold() {
      isOpen = false;
    },
    /** Lets a little through, if there is something. */
    trickle() {
      pass(Math.min(PIECE, source!.readableLength) || undefined);
    },
    open() {
      isOpen = true;
      while (source!.readableLength > 0) pass();
    },
    async stop() {
      source?.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("createPeers", () => {
  watchUnhandled();
  const open: { stop(): unknown }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.stop();
  });

  function opened<T extends { stop(): unknown }>(one: T): T {
    open.push(one);
    return one;
  }
  const create = (options: Partial<PeersOptions>) =>
    opened(createPeers({ network: mainnet, peers: [], allowInsecure: true, ...PATIENCE, ...options }));
  const addressOf = (node: Node) => String(node.getMultiaddrs()[0]);

  async function listen(options: Partial<PeersOptions> = {}): Promise<string> {
    return (await create({ listen: LISTEN, ...options }).start())[0]!;
  }

  async function askOne({ sources }: Peers): Promise<string> {
    return sources[0]!.finalityUpdate().then(String, (error: Error) => error.message);
  }

  it("keeps to its number of connections, however many are asked at once", async () => {
    const peers = await Promise.all(Array.from({ length: 5 }, () => listen()));
    const node = opened(await createNode());
    let most = 0;
    node.addEventListener("connection:open", () => {
      most = Math.max(most, node.getConnections().length);
    });
    const { sources } = create({ peers, node, maxConnections: 2 });
    const ask = () => Promise.all(sources.map((source) => source.finalityUpdate().catch((error: Error) => error)));
    for (let round = 0; round < 2; round++) {
      const said = (await ask()).map(String);
      // it has nothing to give: whoever says so was asked
      expect(said.filter((text) => /does not speak this protocol/.test(text))).to.have.length.of.at.least(2);
      for (const text of said) expect(text).to.match(/does not speak this protocol|all 2 connections are in use/);
    }
    for (const source of sources) {
      expect(await source.finalityUpdate().catch(String)).to.match(/does not speak this protocol/);
    }
    expect(most).to.equal(2);
  });

  it("leaves a peer alone ever longer that takes its greeting and sends it away, each time", async () => {
    const clock = manualClock(START_MS);
    const rude = opened(await createNode());
    await rude.handle(protocolOf("status/2"), async (stream, connection) => {
      stream.send(Buffer.concat([SUCCESS, await read(stream)]));
      await stream.close();
      const goodbye = await connection.newStream(protocolOf("goodbye/1"));
      goodbye.send(await encodePayload(TOO_MANY_PEERS));
      await goodbye.close();
    });
    const peers = create({ peers: [addressOf(rude)], clock });
    const restMs = async () => {
      let ms = 0;
      await until(async () => {
        ms = Number(/left alone for (\d+) ms more: it said goodbye/.exec(await askOne(peers))?.[1] ?? 0);
        return ms > 0;
      }, "a goodbye");
      return ms;
    };
    for (const expectedMs of [30_000, 60_000, 120_000]) {
      expect(await restMs()).to.equal(expectedMs);
      await clock.advance(expectedMs);
    }
    expect(await restMs()).to.equal(240_000);
    // an hour of peace
    await clock.advance(240_000 + 3_600_001);
    expect(await restMs()).to.equal(30_000);
  });

  it("leaves a peer alone that hangs up on its greeting", async () => {
    const rude = opened(await createNode());
    let greetings = 0;
    await rude.handle(protocolOf("status/2"), (_, connection) => {
      greetings++;
      connection.abort(new Error("no"));
    });
    const peers = create({ peers: [addressOf(rude)], clock: manualClock(START_MS) });
    await askOne(peers);
    expect(await askOne(peers)).to.match(/left alone for 1000 ms more/);
    expect(greetings).to.equal(1);
  });

  it("gives a connection and its greeting connectTimeoutMs together, whatever patience questions have", async () => {
    const clock = manualClock(START_MS);
    const silent = opened(await createNode());
    let greetings = 0;
    await silent.handle(protocolOf("status/2"), () => void greetings++);
    const peers = create({ peers: [addressOf(silent)], clock, connectTimeoutMs: 1_000 });
    const asking = askOne(peers);
    await until(() => greetings > 0, "the greeting");
    await clock.advance(1_000);
    expect(await asking).to.match(/expected a complete answer within 1000 ms/);
    expect(await askOne(peers)).to.match(/left alone for 1000 ms more/);
  });

  it("stops at once while a peer does not return its greeting", async () => {
    const silent = opened(await createNode());
    let greetings = 0;
    await silent.handle(protocolOf("status/2"), () => void greetings++);
    const peers = create({ peers: [addressOf(silent)], clock: manualClock(START_MS) });
    const asking = askOne(peers);
    await until(() => greetings > 0, "the greeting");
    await peers.stop();
    expect(await asking).to.match(/we are leaving/);
  });

  it("has said goodbye when it has stopped, whoever else has asked it to", async () => {
    const node = opened(await createNode());
    let goodbyes = 0;
    await node.handle(protocolOf("status/2"), async (stream) => {
      stream.send(Buffer.concat([SUCCESS, await read(stream)]));
      await stream.close();
    });
    await node.handle(protocolOf("goodbye/1"), async (stream) => {
      await read(stream);
      goodbyes++;
      await stream.close();
    });
    const peers = create({ peers: [addressOf(node)], clock: manualClock(START_MS) });
    expect(await askOne(peers)).to.match(/does not speak this protocol/);
    const stopping = peers.stop();
    await peers.stop();
    expect(goodbyes).to.equal(1);
    await stopping;
  });

  it("goes on over a node of the caller's own that was stopped and started again meanwhile", async () => {
    const node = opened(await createNode());
    const { sources } = create({ peers: [await listen()], node });
    const { pubsub } = node.services;
    for (let round = 0; round < 2; round++) {
      let isOpen = false;
      const onOpen = () => {
        isOpen = true;
      };
      const ended = sources[0]!.subscribe!({ onOpen, onEvent() {} }).catch(String);
      await until(() => isOpen, "gossip");
      expect(await sources[0]!.finalityUpdate().catch(String)).to.match(/does not speak this protocol/);
      expect(pubsub.getTopics()).to.have.length(2);
      await node.stop();
      expect(await ended).to.match(/the connection ended/);
      expect(pubsub.topicValidators.size).to.equal(0);
      await node.start();
      expect(pubsub.getTopics()).to.deep.equal([]);
    }
  });

  it("takes a stream for open once the other side can know of it, whichever side speaks first", async () => {
    const there = opened(await createNode());
    const node = opened(await createNode());
    await there.handle(protocolOf("status/2"), async (stream) => {
      stream.send(Buffer.concat([SUCCESS, await read(stream)]));
      await stream.close();
    });
    let letSpeak: () => void = () => {};
    const mayWeSpeak = new Promise<void>((resolve) => {
      letSpeak = resolve;
    });
    node.addEventListener("connection:open", ({ detail: connection }) => {
      const { newStream } = connection;
      connection.newStream = async (protocols, options) => {
        if ([protocols].flat().some((protocol) => protocol.startsWith("/meshsub/"))) await mayWeSpeak;
        return newStream.call(connection, protocols, options);
      };
    });
    const topics = topicsAt(mainnet, Date.now()).map(({ name }) => name);
    for (const name of topics) there.services.pubsub.subscribe(name);
    const { sources } = create({ peers: [addressOf(there)], node });
    let isOpen = false;
    const aborting = new AbortController();
    const onOpen = () => {
      isOpen = true;
    };
    const ended = sources[0]!.subscribe!({ signal: aborting.signal, onOpen, onEvent() {} });
    const hears = (one: Node, name: string) => one.services.pubsub.getSubscribers(name).length === 1;
    await until(() => topics.every((name) => hears(node, name)), "the other side to say where it is");
    // many times as long as it takes to look
    await pause(200);
    expect(isOpen).to.equal(false);
    letSpeak();
    await until(() => isOpen, "gossip");
    await until(() => topics.every((name) => hears(there, name)), "the other side to know where we are");
    aborting.abort();
    await ended;
  });

  it("holds no gossip for a slot that nobody here looks at", async () => {
    const network = networkAtFork("electra");
    const forge = await createForge({ network, bls: stubBls() });
    const clock = manualClock(network.genesisTime * 1_000 + 101 * network.slotDurationMs);
    const node = opened(await createNode());
    const config = resolvePeersOptions({ network, peers: [], listen: LISTEN, clock });
    const offended: string[] = [];
    const gossip = createGossip(config, createSchema(network), node, {
      sourceOf: () => expect.fail("nobody is to be named"),
      onOffence: (peerId) => offended.push(peerId),
    });
    // as whoever listens for others does
    const leave = gossip.join({});
    const topic = topicsAt(network, clock.nowMs()).find(({ type }) => type === "optimistic")!;
    const data = forge.optimisticUpdate({ attestedSlot: 99 }).ssz();
    const validate = node.services.pubsub.topicValidators.get(topic.name)!;
    let verdict: unknown = "none";
    void Promise.resolve(validate(node.peerId, { topic: topic.name, data } as Message)).then((told) => {
      verdict = told;
    });
    await clock.settle();
    expect(verdict).to.equal(TopicValidatorResult.Ignore);
    expect(offended).to.deep.equal([]);
    leave();
    expect(clock.sleepers).to.equal(0);
  });

  describe("answers", () => {
    const [CHUNKS, CHUNK_BYTES, CHUNK_TIMEOUT_MS] = [128, 40_000, 10_000];
    const WINDOW_BYTES = 262_144;

    it("who takes all of it slowly: each chunk has its time, and is made when those before it are taken", async () => {
      const clock = manualClock(START_MS);
      const bytes = new Uint8Array(CHUNK_BYTES).fill(7);
      let made = 0;
      const chunk = {
        get content() {
          made++;
          return bytes;
        },
      };
      const answer = () => Array.from({ length: CHUNKS }, () => chunk);
      const services = [{ protocol: "/many/1", requestBytes: null, answer }];
      const archive: Archive = { network: mainnet, keep: () => null, services };
      const address = await listen({ archive, clock, chunkTimeoutMs: CHUNK_TIMEOUT_MS });
      const gate = opened(await createGate(Number(address.split("/")[4])));
      // its window does not grow: what is on the way is little
      const streamOptions = { initialStreamWindowSize: WINDOW_BYTES, maxStreamWindowSize: WINDOW_BYTES };
      const asker = opened(
        await createLibp2p({
          transports: [webSockets()],
          connectionEncrypters: [noise()],
          streamMuxers: [yamux({ streamOptions })],
        }),
      );
      const connection = await asker.dial(multiaddr(address.replace(/tcp\/\d+/, `tcp/${gate.port}`)));
      const stream = await connection.newStream("/many/1");
      gate.hold();
      const reading = read(stream);
      let failure: unknown = null;
      reading.catch((thrown: unknown) => {
        failure = thrown;
      });
      await stream.close();
      await until(() => made > 0, "the answer");
      await clock.settle();
      expect(made).to.be.below(CHUNKS / 2);
      for (let i = 0; i < 3; i++) {
        const before = made;
        await until(() => {
          gate.trickle();
          return made > before || failure !== null;
        }, "another chunk");
        expect(failure).to.equal(null);
        await clock.advance(0.6 * CHUNK_TIMEOUT_MS);
      }
      gate.open();
      const chunks = await decodeAnswer(await reading, 0);
      expect(chunks.map(({ ssz }) => ssz.length)).to.deep.equal(Array.from({ length: CHUNKS }, () => CHUNK_BYTES));
    });

    it("and listens to nobody who goes on talking when it was refused", async () => {
      const node = opened(await createNode());
      const other = opened(await createNode());
      const peers = create({ peers: [addressOf(other)], node });
      await peers.start();
      const connection = await other.dial(multiaddr(addressOf(node)));
      const stream = await connection.newStream(protocolOf("ping/1"));
      stream.send(Buffer.alloc(64, 0xff));
      const { value } = await stream[Symbol.asyncIterator]().next();
      expect((value as Piece).subarray()[0]).to.equal(INVALID);
      const theirs = node
        .getConnections()
        .flatMap(({ streams }) => streams)
        .find(({ protocol }) => protocol === protocolOf("ping/1"));
      expect(theirs!.readStatus).to.be.oneOf(["closing", "closed"]);
    });
  });
});
