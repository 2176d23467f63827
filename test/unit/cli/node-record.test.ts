/** Records that `sidelight serve` prints, read by an implementation of another hand, and by our own. */
import { ENR } from "@chainsafe/enr";
import { generateKeyPair, privateKeyFromRaw } from "@libp2p/crypto/keys";
import type { PrivateKey } from "@libp2p/interface";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { expect } from "chai";
import { recordOf, signRecord } from "../../../src/cli/node-record.js";
import { mainnet } from "../../../src/networks/mainnet.js";
import { forkDigests, timeOfSlotMs } from "../../../src/networks/schedule.js";
import type { Network } from "../../../src/networks/types.js";
import { fromHex, toHex } from "../../../src/ssz/bytes.js";
import { sha256 } from "../../../src/ssz/hash.js";
import { createPeers, nodeRecord } from "../../../src/transport/libp2p/index.js";

const encode = (text: string) => new TextEncoder().encode(text);
/** EIP-778, "Test Vectors": the key, and the record of it. */
const KEY = fromHex("0xb71c71a67e1177ad4e901695e1b4b9ee17ae16c6668d313eac2f96dbcda3f291");
const VECTOR =
  "enr:-IS4QHCYrYZbAKWCBRlAy5zzaDZXJBGkcnh4MHcBFZntXNFrdvJjX04jRzjzCBOonrkTfj499SZuOh8R33Ls8RRcy5wBgmlkgnY0gmlwhH8AAAGJc2VjcDI1NmsxoQPKY0yuDUmstAHYpMa2_oxVtw0RW_QAdpzBQA8yWM0xOIN1ZHCCdl8";

const { fulu } = mainnet.forks;
const FULU_MS = timeOfSlotMs(mainnet, fulu.epoch * mainnet.preset.slotsPerEpoch);

describe("signRecord", () => {
  it("makes the record of EIP-778's vector", () => {
    const entries = {
      udp: Uint8Array.of(0x76, 0x5f),
      ip: Uint8Array.of(127, 0, 0, 1),
      id: encode("v4"),
      secp256k1: privateKeyFromRaw(KEY).publicKey.raw,
    };
    expect(signRecord(entries, 1n, KEY)).to.equal(VECTOR);
  });

  it("refuses more than a record may hold", () => {
    expect(() => signRecord({ id: encode("v4"), zz: new Uint8Array(300) }, 1n, KEY)).to.throw(RangeError, /300 bytes/);
  });
});

describe("recordOf", () => {
  let privateKey: PrivateKey;
  let peerId: string;

  before(async () => {
    privateKey = await generateKeyPair("secp256k1");
    peerId = peerIdFromPrivateKey(privateKey).toString();
  });

  const at = (place: string) => `${place}/p2p/${peerId}`;
  function make(options: Partial<Parameters<typeof recordOf>[0]> = {}): string | null {
    const addresses = [at("/ip4/192.0.2.7/tcp/9001/ws")];
    return recordOf({ network: mainnet, nowMs: FULU_MS, addresses, privateKey, previous: null, ...options });
  }
  /** Checks the signature too. */
  const read = (text: string | null) => ENR.decodeTxt(text!);
  function eth2Of(text: string | null) {
    const eth2 = read(text).kvs.get("eth2")!;
    const epoch = new DataView(eth2.buffer, eth2.byteOffset).getBigUint64(8, true);
    return { digest: toHex(eth2.subarray(0, 4)), version: toHex(eth2.subarray(4, 8)), epoch };
  }
  const digestAt = (network: Network, epoch: number) =>
    forkDigests(network, sha256).findLast((digest) => digest.epoch <= epoch)!.digest;

  it("says who it is and where, to others and to our own reader", () => {
    const record = make();
    const { peerId: id, ip, tcp, seq } = read(record);
    expect({ id: `${id}`, ip, tcp, seq }).to.deep.equal({ id: peerId, ip: "192.0.2.7", tcp: 9001, seq: 1n });
    const { addresses, forkDigest } = nodeRecord(record!);
    expect(addresses.map(String)).to.deep.equal([at("/ip4/192.0.2.7/tcp/9001/ws")]);
    expect(forkDigest).to.equal(digestAt(mainnet, fulu.epoch));
    const peers = createPeers({ network: mainnet, peers: [nodeRecord(record!)], allowInsecure: true });
    expect(peers.sources.map(({ name }) => name)).to.deep.equal([peerId]);
  });

  it("says both versions of IP, and of each an address that leads here from elsewhere", () => {
    const places = [
      "/ip4/127.0.0.1/tcp/9001/ws",
      "/ip6/::1/tcp/9001/ws",
      "/ip6/2001:db8::7/tcp/9003/ws",
      "/ip4/10.0.0.7/tcp/9001/ws",
      "/ip4/172.31.0.7/tcp/9001/ws",
      "/ip4/192.0.2.7/tcp/9001/ws",
      "/ip4/192.0.2.8/tcp/9002/ws",
    ];
    const record = make({ addresses: places.map(at) });
    const { ip, tcp, ip6, tcp6 } = read(record);
    expect({ ip, tcp, tcp6 }).to.deep.equal({ ip: "192.0.2.7", tcp: 9001, tcp6: 9003 });
    expect(ip6).to.match(/^2001:db8:.*:7$/);
    expect(nodeRecord(record!).addresses.map(String)).to.deep.equal(
      ["/ip4/192.0.2.7/tcp/9001/ws", "/ip6/2001:db8::7/tcp/9003/ws"].map(at),
    );
  });

  it("says that it is on this machine, or on a network of its own, where it is nowhere else", () => {
    const places = ["/ip4/127.0.0.1/tcp/9001/ws", "/ip6/::1/tcp/9001/ws", "/ip4/192.168.1.7/tcp/9001/ws"];
    const record = read(make({ addresses: places.map(at) }));
    expect({ ip: record.ip, ip6: record.ip6 }).to.deep.equal({ ip: "192.168.1.7", ip6: undefined });
    expect(read(make({ addresses: [at("/ip4/127.0.0.1/tcp/9001/ws")] })).ip).to.equal("127.0.0.1");
  });

  it("has room for the longest addresses", () => {
    const places = ["/ip4/203.0.113.255/tcp/65535/ws", "/ip6/2001:db8:ffff:ffff:ffff:ffff:ffff:ffff/tcp/65535/ws"];
    const previous = signRecord({ id: encode("v4") }, 2n ** 64n - 2n, KEY);
    const record = make({ addresses: places.map(at), previous });
    expect(read(record).seq).to.equal(2n ** 64n - 1n);
    expect(nodeRecord(record!).addresses).to.have.length(2);
  });

  describe("says what is in force, and that next comes", () => {
    const [bpo, gloas] = [fulu.epoch + 200, fulu.epoch + 300];
    const forks = { ...mainnet.forks, gloas: { ...mainnet.forks.gloas, epoch: gloas } };
    const planned: Network = { ...mainnet, forks, blobSchedule: [{ epoch: bpo, maxBlobsPerBlock: 99 }] };
    const cases: Record<string, { at: number; version: string; next: number | null }> = {
      "a change of the blob schedule, which keeps the version": { at: bpo - 1, version: fulu.version, next: bpo },
      "a fork": { at: bpo, version: forks.gloas.version, next: gloas },
      nothing: { at: gloas, version: forks.gloas.version, next: null },
    };
    for (const [what, { at: epoch, version, next }] of Object.entries(cases)) {
      it(what, () => {
        const nowMs = timeOfSlotMs(planned, epoch * planned.preset.slotsPerEpoch);
        const record = make({ network: planned, nowMs });
        const digest = digestAt(planned, epoch);
        expect(eth2Of(record)).to.deep.equal({ digest, version, epoch: next === null ? 2n ** 64n - 1n : BigInt(next) });
        const nfd = next === null ? "0x00000000" : digestAt(planned, next);
        expect(toHex(read(record).kvs.get("nfd")!)).to.equal(nfd);
      });
    }

    it("as before genesis, and before Fulu has an epoch, without what Fulu adds", () => {
      const unscheduled = { ...forks, fulu: { ...fulu, epoch: Infinity }, gloas: { ...forks.gloas, epoch: Infinity } };
      const record = make({ network: { ...mainnet, forks: unscheduled, blobSchedule: [] }, nowMs: 0 });
      expect(eth2Of(record)).to.include({ version: forks.altair.version, epoch: BigInt(forks.altair.epoch) });
      expect([...read(record).kvs.keys()])
        .to.include("eth2")
        .and.not.include.members(["nfd"]);
    });
  });

  it("stays the same while nothing changes, and counts every change", () => {
    const first = make();
    expect(make({ previous: first })).to.equal(first);
    const moved = make({ previous: first, addresses: [at("/ip4/192.0.2.8/tcp/9001/ws")] });
    expect(read(moved).seq).to.equal(2n);
    const forked = make({ previous: moved, nowMs: FULU_MS - 1 });
    expect(read(forked).seq).to.equal(3n);
  });

  it("begins anew after what is no record", () => {
    const last = signRecord({ id: encode("v4") }, 2n ** 64n - 1n, KEY);
    for (const previous of ["", "what", "enr:AAAA", VECTOR.slice(0, 40), last]) {
      expect(read(make({ previous })).seq, previous).to.equal(1n);
    }
  });

  it("is none where there can be none: another kind of key, names instead of addresses", async () => {
    expect(make({ privateKey: await generateKeyPair("Ed25519") })).to.equal(null);
    expect(make({ addresses: [at("/dns4/node.example/tcp/443/tls/ws")] })).to.equal(null);
    expect(make({ addresses: [] })).to.equal(null);
  });
});
