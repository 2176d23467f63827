import { generateKeyPair } from "@libp2p/crypto/keys";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { multiaddr } from "@multiformats/multiaddr";
import { expect } from "chai";
import fc from "fast-check";
import { isSidelightError } from "../../../../src/errors.js";
import { hoodi } from "../../../../src/networks/hoodi.js";
import { mainnet } from "../../../../src/networks/mainnet.js";
import { forkDigests } from "../../../../src/networks/schedule.js";
import { encodeRlp, type RlpValue } from "../../../../src/proof/rlp.js";
import { fromHex } from "../../../../src/ssz/bytes.js";
import { sha256 } from "../../../../src/ssz/hash.js";
import { createArchive, createPeers, nodeRecord, type PeersOptions } from "../../../../src/transport/libp2p/index.js";

const ID = "16Uiu2HAkzwVrsxn1YgFYKKqtVaZyKNGWoqgBXyeUxpVTtbMg8XQo";
const encoder = new TextEncoder();
/** EIP-778, "Test Vectors" */
const VECTOR =
  "enr:-IS4QHCYrYZbAKWCBRlAy5zzaDZXJBGkcnh4MHcBFZntXNFrdvJjX04jRzjzCBOonrkTfj499SZuOh8R33Ls8RRcy5wBgmlkgnY0gmlwhH8AAAGJc2VjcDI1NmsxoQPKY0yuDUmstAHYpMa2_oxVtw0RW_QAdpzBQA8yWM0xOIN1ZHCCdl8";

function refusal(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (!isSidelightError(error, "OPTION_INVALID")) throw error;
    return error.message;
  }
  throw new Error("it was taken");
}

const create = (options: Partial<PeersOptions>) => createPeers({ network: mainnet, peers: [], ...options });
const secure = `/dns4/node.example/tcp/443/wss/p2p/${ID}`;

describe("createPeers", () => {
  it("makes a source of each peer, named by its identity, and nothing else happens", () => {
    const other = nodeRecord(VECTOR).peerId;
    const peers = [secure, `/ip4/192.0.2.1/tcp/9001/tls/ws/p2p/${other}`];
    expect(create({ peers }).sources.map(({ name }) => name)).to.deep.equal([ID, other]);
  });

  it("takes two addresses of one peer as one", () => {
    expect(create({ peers: [secure, `/ip4/192.0.2.1/tcp/443/tls/ws/p2p/${ID}`] }).sources).to.have.length(1);
  });

  const wrong: Record<string, { options: Partial<PeersOptions>; says: RegExp }> = {
    "no peers": { options: {}, says: /option peers: expected at least one/ },
    "no multiaddr": { options: { peers: ["https://node.example"] }, says: /expected a multiaddr, or nodeRecord/ },
    "a record that nobody read": { options: { peers: ["enr:-abc"] }, says: /nodeRecord\(text\)/ },
    "no identity": { options: { peers: ["/dns4/node.example/tcp/443/wss"] }, says: /ends with \/p2p\// },
    "an identity of nothing": {
      options: { peers: [`/dns4/node.example/tcp/443/wss/p2p/16Uiu2HAm8maLMjag1TAUM52zPfmLbLMGVdsVwkcU86Tme4wTdpsS`] },
      says: /an identity of a key/,
    },
    "no TLS": { options: { peers: [`/ip4/127.0.0.1/tcp/9001/ws/p2p/${ID}`] }, says: /behind TLS.*allowInsecure/ },
    "no websocket": { options: { peers: [`/ip4/127.0.0.1/tcp/9000/p2p/${ID}`] }, says: /got "ip4\/tcp\/p2p"/ },
    "an unknown kind of entry": { options: { peers: [null as never] }, says: /a list of addresses/ },
    "no connections": { options: { peers: [secure], maxConnections: 0 }, says: /maxConnections.*from 1/ },
    "no gossip peers": { options: { peers: [secure], gossipPeers: 1.5 }, says: /gossipPeers.*integer/ },
    "no time to connect": { options: { peers: [secure], connectTimeoutMs: 0 }, says: /connectTimeoutMs/ },
    "no time for the first byte": { options: { peers: [secure], firstByteTimeoutMs: -1 }, says: /firstByteTimeoutMs/ },
    "no time for a chunk": { options: { peers: [secure], chunkTimeoutMs: 2 ** 31 }, says: /chunkTimeoutMs/ },
    "neither true nor false": { options: { peers: [secure], allowInsecure: 1 as never }, says: /allowInsecure/ },
    "no archive": { options: { peers: [secure], archive: {} as never }, says: /archive.*createArchive/ },
    "an archive of another network": {
      options: { peers: [secure], archive: createArchive(hoodi) },
      says: /archive: expected what createArchive\(\) makes of this network/,
    },
    "a node that does not gossip": { options: { peers: [secure], node: {} as never }, says: /services\.pubsub/ },
    "no clock": { options: { peers: [secure], clock: {} as never }, says: /clock/ },
    "no network": { options: { peers: [secure], network: {} as never }, says: /network/ },
  };
  for (const [what, { options, says }] of Object.entries(wrong)) {
    it(`refuses ${what}`, () => {
      expect(refusal(() => create(options))).to.match(says);
    });
  }

  it("allows websockets without TLS where that is said", () => {
    const peers = [`/ip4/127.0.0.1/tcp/9001/ws/p2p/${ID}`];
    expect(create({ peers, allowInsecure: true }).sources).to.have.length(1);
  });

  it("can be stopped without ever having started, twice, and answers nothing after it", async () => {
    const peers = create({ peers: [secure] });
    await peers.stop();
    await peers.stop();
    const error = await peers.sources[0]!.finalityUpdate().catch((thrown: unknown) => thrown);
    expect(isSidelightError(error, "CLIENT_STOPPED"), String(error)).to.equal(true);
  });
});

describe("nodeRecord", () => {
  let key: Uint8Array;
  let peerId: string;

  before(async () => {
    const pair = await generateKeyPair("secp256k1");
    key = pair.publicKey.raw;
    peerId = peerIdFromPrivateKey(pair).toString();
  });

  /** In the order of the keys, unless told otherwise; the signature is not looked at. */
  function record(entries: Record<string, Uint8Array>, isSorted = true): string {
    const all: Record<string, Uint8Array> = { id: encoder.encode("v4"), secp256k1: key, ...entries };
    const keys = isSorted ? Object.keys(all).sort() : Object.keys(all);
    const items: RlpValue[] = [new Uint8Array(64), Uint8Array.of(1)];
    for (const name of keys) items.push(encoder.encode(name), all[name]!);
    return `enr:${Buffer.from(encodeRlp(items)).toString("base64url")}`;
  }

  const eth2 = (digest: string) => new Uint8Array([...fromHex(digest), ...new Uint8Array(12)]);
  function withLengths(...addresses: string[]): Uint8Array {
    const parts = addresses.map((text) => Buffer.from(multiaddr(text).bytes));
    return new Uint8Array(
      Buffer.concat(parts.flatMap((part) => [Buffer.from([part.length >> 8, part.length & 255]), part])),
    );
  }

  it("reads the identity of the vector, which has no port for websockets", () => {
    const { addresses, forkDigest, peerId: id } = nodeRecord(VECTOR);
    expect(id).to.match(/^16Uiu2HA/);
    expect(addresses).to.deep.equal([]);
    expect(forkDigest).to.equal(null);
    expect(refusal(() => create({ peers: [nodeRecord(VECTOR)] }))).to.match(/got "none"/);
  });

  it("takes the TCP port for one of websockets, where that is allowed", () => {
    const text = record({ ip: Uint8Array.of(192, 0, 2, 7), tcp: Uint8Array.of(0x23, 0x29) });
    expect(nodeRecord(text).addresses.map(String)).to.deep.equal([`/ip4/192.0.2.7/tcp/9001/ws/p2p/${peerId}`]);
    expect(refusal(() => create({ peers: [nodeRecord(text)] }))).to.match(
      /a websocket behind TLS .*got "ip4\/tcp\/ws\/p2p"/,
    );
    expect(create({ peers: [nodeRecord(text)], allowInsecure: true }).sources[0]!.name).to.equal(peerId);
  });

  it("takes an address of version 6", () => {
    const ip6 = Uint8Array.from({ length: 16 }, (_, i) => (i === 15 ? 1 : 0));
    const [address] = nodeRecord(record({ ip6, tcp6: Uint8Array.of(80) })).addresses;
    expect(String(address)).to.equal(`/ip6/::1/tcp/80/ws/p2p/${peerId}`);
  });

  it("takes listed multiaddrs, TLS and names included", () => {
    const text = record({
      multiaddrs: withLengths("/dns4/node.example/tcp/443/wss", "/ip4/192.0.2.7/udp/9000/quic-v1"),
    });
    expect(String(nodeRecord(text).addresses[0])).to.equal(`/dns4/node.example/tcp/443/wss/p2p/${peerId}`);
    expect(create({ peers: [nodeRecord(text)] }).sources[0]!.name).to.equal(peerId);
  });

  it("is checked against the fork digests of the network, past ones included", () => {
    const multiaddrs = withLengths("/dns4/node.example/tcp/443/wss");
    for (const { digest } of forkDigests(mainnet, sha256)) {
      expect(create({ peers: [nodeRecord(record({ multiaddrs, eth2: eth2(digest) }))] }).sources).to.have.length(1);
    }
    const other = nodeRecord(record({ multiaddrs, eth2: eth2("0xdeadbeef") }));
    expect(refusal(() => create({ peers: [other] }))).to.match(
      /a node with a fork digest of this network .*got "0xdeadbeef"/,
    );
  });

  it("refuses what is no record", () => {
    const cases = {
      "no text": null as never,
      "no prefix": VECTOR.slice(4),
      "no base64": "enr:!!!",
      "no RLP": "enr:AAAA",
      "RLP that is cut off": VECTOR.slice(0, -4),
      "more than 300 bytes": `enr:${"A".repeat(500)}`,
      "another identity scheme": record({ id: encoder.encode("v5") }),
      "no key": record({ secp256k1: new Uint8Array(0) }),
      "no point": record({ secp256k1: new Uint8Array(33).fill(5) }),
      "keys out of order": record({ aa: Uint8Array.of(1) }, false),
      "a fork of another length": record({ eth2: new Uint8Array(15) }),
      "a multiaddr that is cut off": record({ multiaddrs: Uint8Array.of(0, 9, 1) }),
      "a length without an address": record({ multiaddrs: Uint8Array.of(0) }),
      "an address of another": record({ multiaddrs: withLengths(`/dns4/node.example/tcp/443/wss/p2p/${ID}`) }),
    };
    for (const [what, text] of Object.entries(cases)) {
      expect(
        refusal(() => nodeRecord(text)),
        what,
      ).to.match(/^nodeRecord: expected .*, got/);
    }
  });

  it("is a record or a refusal for any text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.base64String({ maxLength: 300 }), fc.string()), (text) => {
        expect(refusal(() => nodeRecord(`enr:${text}`))).to.match(/^nodeRecord: expected/);
      }),
    );
  });
});
