/**
 * What a sidelight that listens answers, asked by a node of the devnet's packages and codec: nothing of the library is on
 * that side. The truth is what a beacon node of the same chain answers to the same questions.
 */
import "../../support/websocket.js";
import { multiaddr } from "@multiformats/multiaddr";
import { expect } from "chai";
import type { LightClient } from "../../../src/client/light-client.js";
import { createArchive, createPeers, type Peers } from "../../../src/transport/libp2p/index.js";
import { pause, until } from "../../contract/async.js";
import type { DevnetPeer } from "../../devnet/src/client.ts";
import { type AnswerChunk, decodeAnswer, decodeRequest, encodePayload, varint } from "../../devnet/src/p2p/codec.ts";
import { createNode, type Node, RAW } from "../../devnet/src/p2p/node.ts";
import { createWorld, type World } from "../../e2e/client/world.js";
import { watchUnhandled } from "../../unit/client/waiting.js";

/** The updates are of two forks. */
const FORKS = { fulu: 0, gloas: 12 };
/** At the next but one the client hears that another block is final. */
const SLOTS = 152;
const CHECKPOINT_EPOCH = 3;

const GOODBYE = "goodbye/1";
const BOOTSTRAP = "light_client_bootstrap/1";
const UPDATES = "light_client_updates_by_range/1";
const FINALITY = "light_client_finality_update/1";
const OPTIMISTIC = "light_client_optimistic_update/1";
const DIGEST_BYTES = 4;

const STATUS_BYTES = { 1: 84, 2: 92 };
const METADATA_BYTES = { 1: 16, 2: 17, 3: 25 };
const CODES = { success: 0, invalid: 1, unavailable: 3, limited: 139 };

const protocolOf = (name: string) => `/eth2/beacon_chain/req/${name}/ssz_snappy`;
const contextBytesOf = (name: string) => (name.startsWith("light_client") ? DIGEST_BYTES : 0);
const codesOf = (chunks: readonly AnswerChunk[]) => chunks.map(({ code }) => code);
const fromHex = (hex: string) => Buffer.from(hex.slice(2), "hex");

type Piece = Uint8Array | { subarray(): Uint8Array };

async function read(stream: AsyncIterable<Piece>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece instanceof Uint8Array ? piece : piece.subarray());
  return Buffer.concat(pieces);
}

function rangeOf(startPeriod: number, count: bigint): Buffer {
  const out = Buffer.alloc(16);
  out.writeBigUInt64LE(BigInt(startPeriod), 0);
  out.writeBigUInt64LE(count, 8);
  return out;
}

function uint64(value: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt(value));
  return out;
}

describe("a sidelight that listens, asked by another implementation", () => {
  watchUnhandled();
  let world: World;
  let beaconNode: DevnetPeer;
  let hub: Peers;
  let client: LightClient;
  let checkpoint: string;
  let address: string;
  let asker: Node;

  before(async function () {
    this.timeout(120_000);
    world = await createWorld({ forks: FORKS, preSlots: SLOTS });
    beaconNode = await world.devnet.newPeer();
    const { network, clock } = world;
    const listen = ["/ip4/127.0.0.1/tcp/0/ws"];
    hub = createPeers({ network, clock, peers: [], listen, archive: createArchive(network) });
    [address] = (await hub.start()) as [string];
    checkpoint = (await world.devnet.checkpoint({ epoch: CHECKPOINT_EPOCH })).root;
    const { source } = await world.node("a server");
    client = world.client({ checkpoint, sources: [hub.share(source)] });
    await world.drive(client.start());
  });
  after(async () => {
    await client?.stop();
    await hub?.stop();
    await asker?.stop();
    await world?.stop();
  });

  /** Another one: what one may ask is counted by who it is. */
  async function renewAsker(): Promise<void> {
    await asker?.stop();
    asker = await createNode();
  }

  /** What comes back when these bytes are all that is sent. */
  async function send(to: string, name: string, request: Uint8Array): Promise<Buffer> {
    const connection = await asker.dial(multiaddr(to));
    const stream = await connection.newStream(protocolOf(name));
    if (request.length > 0) stream.send(request);
    await stream.close();
    return read(stream);
  }

  async function sendRaw(name: string, request: Uint8Array): Promise<AnswerChunk[]> {
    return decodeAnswer(await send(address, name, request), contextBytesOf(name));
  }

  async function ask(name: string, request?: Uint8Array, to = address): Promise<AnswerChunk[]> {
    const framed = request === undefined ? Buffer.alloc(0) : await encodePayload(request);
    return decodeAnswer(await send(to, name, framed), contextBytesOf(name));
  }

  /** The one chunk of an answer. */
  async function askOne(name: string, request?: Uint8Array, to = address): Promise<Buffer> {
    const chunks = await ask(name, request, to);
    expect(codesOf(chunks)).to.deep.equal([CODES.success]);
    return chunks[0]!.ssz;
  }

  const isConnected = () => asker.getConnections().some(({ remotePeer }) => address.endsWith(`/${remotePeer}`));

  describe("says who it is", () => {
    before(renewAsker);

    for (const version of [1, 2] as const) {
      it(`status/${version}: on the fork digest of the chain, and at genesis`, async () => {
        const status = await askOne(`status/${version}`, Buffer.alloc(STATUS_BYTES[version]));
        const truth = await askOne(`status/${version}`, Buffer.alloc(STATUS_BYTES[version]), beaconNode.url);
        expect(status).to.have.length(STATUS_BYTES[version]);
        const [forkDigest, finalizedRoot, headRoot] = [
          status.subarray(0, 4),
          status.subarray(4, 36),
          status.subarray(44, 76),
        ];
        expect(forkDigest).to.deep.equal(truth.subarray(0, 4));
        expect(finalizedRoot).to.deep.equal(Buffer.alloc(32));
        expect(status.readBigUInt64LE(36), "finalized epoch").to.equal(0n);
        expect(headRoot).to.deep.equal(Buffer.alloc(32));
        expect(status.readBigUInt64LE(76), "head slot").to.equal(0n);
        if (version === 2) expect(status.readBigUInt64LE(84), "earliest available slot").to.equal(0n);
      });
    }

    it("ping: the sequence number of metadata that never changes", async () => {
      expect(await askOne("ping/1", uint64(7))).to.deep.equal(uint64(0));
    });

    for (const version of [1, 2, 3] as const) {
      it(`metadata/${version}: no subnets, no custody`, async () => {
        const metadata = await askOne(`metadata/${version}`);
        expect(metadata).to.have.length(METADATA_BYTES[version]);
        expect(metadata.readBigUInt64LE(0), "sequence number").to.equal(0n);
        expect(metadata.subarray(8, 16), "attnets").to.deep.equal(Buffer.alloc(8));
        if (version > 1) expect(metadata[16], "syncnets").to.equal(0);
        if (version > 2) expect(metadata.readBigUInt64LE(17), "custody group count").to.equal(0n);
      });
    }

    it("identify: the protocols that it answers, and no others of the network", async () => {
      const { remotePeer } = await asker.dial(multiaddr(address));
      const told = async () =>
        (await asker.peerStore.get(remotePeer)).protocols.filter((name) => name.includes("eth2"));
      await until(async () => (await told()).length > 0, "identify");
      const identity = ["status/1", "status/2", "metadata/1", "metadata/2", "metadata/3", "ping/1", GOODBYE];
      const answered = [...identity, BOOTSTRAP, UPDATES, FINALITY, OPTIMISTIC].map(protocolOf);
      expect(await told()).to.have.members(answered);
    });
  });

  describe("gives what a beacon node gives, byte for byte and under the same digest", () => {
    before(renewAsker);

    const questions: Record<string, { name: string; request: () => Buffer; chunks: number }> = {
      "the bootstrap of its checkpoint": { name: BOOTSTRAP, request: () => fromHex(checkpoint), chunks: 1 },
      "an update": { name: UPDATES, request: () => rangeOf(1, 1n), chunks: 1 },
      "all updates, of both forks": { name: UPDATES, request: () => rangeOf(0, 3n), chunks: 3 },
      "as many updates as there are": { name: UPDATES, request: () => rangeOf(1, 128n), chunks: 2 },
      "no updates of a period to come": { name: UPDATES, request: () => rangeOf(3, 5n), chunks: 0 },
    };
    for (const [what, { name, request, chunks }] of Object.entries(questions)) {
      it(what, async () => {
        const given = await ask(name, request());
        expect(codesOf(given)).to.deep.equal(Array.from({ length: chunks }, () => CODES.success));
        expect(given).to.deep.equal(await ask(name, request(), beaconNode.url));
      });
    }

    it("the finality update, and the optimistic update, each as soon as it has verified one", async () => {
      expect(codesOf(await ask(OPTIMISTIC))).to.deep.equal([CODES.unavailable]);
      for (const name of [OPTIMISTIC, FINALITY]) {
        await world.tick();
        const given = await ask(name);
        expect(codesOf(given)).to.deep.equal([CODES.success]);
        expect(given).to.deep.equal(await ask(name, undefined, beaconNode.url));
      }
    });

    it("under the digest of each one's own fork", async () => {
      const digests = (await ask(UPDATES, rangeOf(0, 3n))).map(({ context }) => context);
      const [bootstrap] = await ask(BOOTSTRAP, fromHex(checkpoint));
      const [finality] = await ask(FINALITY);
      expect(digests.at(0)).to.equal(bootstrap!.context);
      expect(digests.at(-1)).to.equal(finality!.context);
      expect(bootstrap!.context).not.to.equal(finality!.context);
    });

    it("not more than 128 updates, however many are asked for", async () => {
      expect(await ask(UPDATES, rangeOf(0, 2n ** 64n - 1n))).to.deep.equal(await ask(UPDATES, rangeOf(0, 128n)));
    });

    it("nothing but what the client has verified", async () => {
      const { root } = await world.devnet.checkpoint({ epoch: CHECKPOINT_EPOCH + 1 });
      expect(codesOf(await ask(BOOTSTRAP, fromHex(root), beaconNode.url))).to.deep.equal([CODES.success]);
      const refused = await ask(BOOTSTRAP, fromHex(root));
      expect(codesOf(refused)).to.deep.equal([CODES.unavailable]);
      expect(String(refused[0]!.ssz)).to.equal("no bootstrap of this root here");
    });
  });

  describe("refuses", () => {
    before(renewAsker);

    const GARBAGE = Buffer.alloc(40, 0xa5);
    const framed = (bytes: number) => encodePayload(Buffer.alloc(bytes));
    /** Length, stream identifier, a frame's header, its checksum, its data. */
    const [LENGTH, IDENTIFIER, HEADER] = [1, 10, 4];
    const wrongChecksum = async () => {
      const request = await framed(8);
      request[LENGTH + IDENTIFIER + HEADER]! ^= 1;
      return request;
    };
    const headless = async () => Buffer.concat([varint(8), (await framed(8)).subarray(LENGTH + IDENTIFIER)]);
    const withByteBehind = async () => Buffer.concat([await framed(8), Buffer.of(0)]);
    const cut = async () => (await framed(8)).subarray(0, -1);
    const cases: Record<string, { name: string; request: () => Promise<Buffer> | Buffer; says: RegExp }> = {
      "a status of another version": { name: "status/1", request: () => framed(92), says: /at most 84 bytes/ },
      "half a status": { name: "status/2", request: () => framed(46), says: /92 bytes/ },
      "half a ping": { name: "ping/1", request: () => framed(4), says: /8 bytes/ },
      "half a root": { name: BOOTSTRAP, request: () => framed(16), says: /32 bytes/ },
      "a range without a count": { name: UPDATES, request: () => framed(8), says: /16 bytes/ },
      "a range of none": { name: UPDATES, request: () => encodePayload(rangeOf(1, 0n)), says: /at least one update/ },
      "content where there is none": { name: "metadata/2", request: () => framed(8), says: /the end of the stream/ },
      nothing: { name: "ping/1", request: () => Buffer.alloc(0), says: /the end of the stream/ },
      garbage: { name: "ping/1", request: () => GARBAGE, says: /at most 8 bytes|a longer one/ },
      "garbage of the right length": {
        name: "ping/1",
        request: () => Buffer.concat([varint(8), GARBAGE]),
        says: /at most 67 bytes of frames/,
      },
      "frames without a beginning": { name: "ping/1", request: headless, says: /snappy stream identifier/ },
      "an announcement of a gibibyte": { name: "ping/1", request: () => varint(2 ** 30), says: /at most 8 bytes/ },
      "a wrong checksum": { name: "ping/1", request: wrongChecksum, says: /checksum/ },
      "a byte too many": { name: "ping/1", request: withByteBehind, says: /the end of the stream/ },
      "a byte too few": { name: "ping/1", request: cut, says: /the end of the stream/ },
    };
    for (const [what, { name, request, says }] of Object.entries(cases)) {
      it(`${what}, as an invalid request`, async () => {
        const chunks = await sendRaw(name, await request());
        expect(codesOf(chunks)).to.deep.equal([CODES.invalid]);
        expect(String(chunks[0]!.ssz)).to.match(says);
      });
    }

    it("to be asked more than ten times in a row, once a second after that, of each kind and by each", async () => {
      await renewAsker();
      const pings = async (count: number) => {
        const codes: number[] = [];
        for (let i = 0; i < count; i++) codes.push(...codesOf(await ask("ping/1", uint64(0))));
        return codes;
      };
      expect(await pings(12)).to.deep.equal([...Array.from({ length: 10 }, () => CODES.success), 139, 139]);
      expect(String((await ask("ping/1", uint64(0)))[0]!.ssz)).to.equal("wait a moment");
      expect(codesOf(await ask("metadata/1"))).to.deep.equal([CODES.success]);
      await world.clock.advance(1_000);
      expect(await pings(2)).to.deep.equal([CODES.success, CODES.limited]);
      await renewAsker();
      expect(await pings(1)).to.deep.equal([CODES.success]);
    });

    it("a third question of a kind while two are open", async () => {
      await renewAsker();
      const connection = await asker.dial(multiaddr(address));
      const streams: Awaited<ReturnType<typeof connection.newStream>>[] = [];
      for (let i = 0; i < 3; i++) streams.push(await connection.newStream(protocolOf("ping/1")));
      const request = await encodePayload(uint64(0));
      const answerOn = async (stream: (typeof streams)[number]) => {
        stream.send(request);
        await stream.close();
        return codesOf(await decodeAnswer(await read(stream), 0));
      };
      const answers = await Promise.all(streams.map((stream) => answerOn(stream).catch(() => "reset")));
      expect(answers).to.deep.equal([[CODES.success], [CODES.success], "reset"]);
    });

    it("what it does not speak", async () => {
      for (const name of ["beacon_blocks_by_range/2", "light_client_bootstrap/2", "status/3"]) {
        const refusal = await send(address, name, await framed(8)).then(String, (error: Error) => error.name);
        expect(refusal, name).to.equal("UnsupportedProtocolError");
      }
    });
  });

  describe("while they are connected", () => {
    before(renewAsker);

    /** Reasons, as they come. */
    async function hearGoodbyes(): Promise<Buffer[]> {
      const reasons: Buffer[] = [];
      const hear = async (stream: AsyncIterable<Piece> & { close(): Promise<void> }) => {
        reasons.push(await decodeRequest(await read(stream)));
        await stream.close();
      };
      await asker.handle(protocolOf(GOODBYE), hear, { force: true });
      return reasons;
    }

    async function topicOfHeads(): Promise<string> {
      const status = await askOne("status/2", Buffer.alloc(STATUS_BYTES[2]), beaconNode.url);
      return `/eth2/${status.subarray(0, 4).toString("hex")}/light_client_optimistic_update/ssz_snappy`;
    }

    it("gossips heads as the other reads them", async () => {
      await asker.dial(multiaddr(address));
      const heard: { topic: string; data: Buffer }[] = [];
      asker.services.pubsub.addEventListener("message", ({ detail: { topic, data } }) => {
        heard.push({ topic, data: Buffer.from(data) });
      });
      const topic = await topicOfHeads();
      asker.services.pubsub.subscribe(topic);
      await until(() => asker.services.pubsub.getSubscribers(topic).length > 0, "the topics of the one that listens");
      const truths: string[] = [];
      // it may not know yet that somebody listens
      await until(async () => {
        await world.tick();
        truths.push((await askOne(OPTIMISTIC, undefined, beaconNode.url)).toString("hex"));
        return heard.length > 0;
      }, "a head");
      for (const message of heard) {
        expect(message.topic).to.equal(topic);
        expect(truths).to.include(message.data.toString("hex"));
      }
    });

    it("sends those away who gossip noise", async () => {
      const reasons = await hearGoodbyes();
      await asker.dial(multiaddr(address));
      const topic = await topicOfHeads();
      await until(() => asker.services.pubsub.getSubscribers(topic).length > 0, "the topics of the one that listens");
      let count = 0;
      // what is published before its stream is open reaches nobody
      await until(async () => {
        await asker.services.pubsub.publish(topic, Buffer.concat([RAW, Buffer.from(`${count++}`)]));
        await pause(200);
        return !isConnected();
      }, "the connection to end");
      expect(reasons[0]).to.deep.equal(uint64(3));
    });

    it("lets those go who say goodbye, and does not hold it against them", async () => {
      expect(await ask(GOODBYE, uint64(129))).to.deep.equal([]);
      await until(() => !isConnected(), "the connection to end");
      expect(await askOne("ping/1", uint64(0))).to.deep.equal(uint64(0));
    });

    it("says goodbye to those who came, when it leaves", async () => {
      const reasons = await hearGoodbyes();
      await asker.dial(multiaddr(address));
      await client.stop();
      await hub.stop();
      expect(reasons).to.deep.equal([uint64(1)]);
      await until(() => !isConnected(), "the connection to end");
    });
  });
});
