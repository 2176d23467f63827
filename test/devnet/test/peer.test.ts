/** The chain as its peers see it: asked by libp2p's own packages. */
import "../src/p2p/with-resolvers.ts";
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { multiaddr } from "@multiformats/multiaddr";
import { UnsnappyStream } from "snappystream";
import { WebSocket } from "ws";
import { type Devnet, type DevnetPeer, type Fault, startDevnet } from "../src/client.ts";
import { encodePayload } from "../src/p2p/codec.ts";
import { createNode, type Node } from "../src/p2p/node.ts";

// Node 20 has none
globalThis.WebSocket ??= WebSocket as unknown as typeof globalThis.WebSocket;

const PREFIX = "/eth2/beacon_chain/req";

describe("a peer of the devnet", () => {
  let devnet: Devnet;
  let node: Node;

  before(async () => {
    devnet = await startDevnet({ preSlots: 80 });
    node = await createNode();
  });
  after(async () => {
    await node?.stop();
    await devnet?.stop();
  });

  async function ask(peer: DevnetPeer, name: string, request?: Uint8Array): Promise<Buffer> {
    const connection = await node.dial(multiaddr(peer.url));
    const stream = await connection.newStream(`${PREFIX}/${name}/ssz_snappy`);
    if (request !== undefined) stream.send(await encodePayload(request));
    await stream.close();
    const pieces: Uint8Array[] = [];
    for await (const piece of stream) pieces.push(piece instanceof Uint8Array ? piece : piece.subarray());
    return Buffer.concat(pieces);
  }

  /** What is behind the code, the context and a length of `lengthBytes`. */
  function unframe(chunk: Buffer, contextBytes: number, lengthBytes: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const stream = new UnsnappyStream(true);
      const pieces: Buffer[] = [];
      stream.on("data", (piece: Buffer) => pieces.push(piece));
      stream.on("end", () => resolve(Buffer.concat(pieces)));
      stream.on("error", reject);
      stream.end(chunk.subarray(1 + contextBytes + lengthBytes));
    });
  }

  async function withPeer(faults: Fault[], task: (peer: DevnetPeer) => Promise<void>): Promise<void> {
    const peer = await devnet.newPeer(faults);
    try {
      await task(peer);
    } finally {
      await peer.close();
    }
  }

  it("says which fork it is on, in both versions, and answers what a node must", () =>
    withPeer([], async (peer) => {
      const head = await devnet.head();
      for (const [version, size] of [84, 92].entries()) {
        const status = await unframe(await ask(peer, `status/${version + 1}`, Buffer.alloc(size)), 0, 1);
        assert.equal(status.subarray(44, 76).toString("hex"), head.root.slice(2));
        assert.equal(Number(status.readBigUInt64LE(76)), head.slot);
      }
      assert.equal((await unframe(await ask(peer, "ping/1", Buffer.alloc(8)), 0, 1)).length, 8);
      for (const [version, size] of [16, 17, 25].entries()) {
        assert.equal((await unframe(await ask(peer, `metadata/${version + 1}`), 0, 1)).length, size);
      }
    }));

  it("comes back to the same place when it was closed, and nobody else does", async () => {
    const peer = await devnet.newPeer();
    await ask(peer, "ping/1", Buffer.alloc(8));
    await peer.close();
    await assert.rejects(ask(peer, "ping/1", Buffer.alloc(8)));
    const back = await devnet.newPeer([], peer.url);
    try {
      assert.equal(back.url, peer.url);
      assert.equal((await ask(back, "ping/1", Buffer.alloc(8)))[0], 0);
    } finally {
      await back.close();
    }
    await assert.rejects(devnet.newPeer([], peer.url.replace("/ws", "/wss")), /no peer was ever at/);
  });

  it("gives what the servers give", () =>
    withPeer([], async (peer) => {
      const response = await fetch(`${devnet.url}/eth/v1/beacon/light_client/finality_update`, {
        headers: { accept: "application/octet-stream" },
      });
      const expected = Buffer.from(await response.arrayBuffer());
      const chunk = await ask(peer, "light_client_finality_update/1");
      assert.equal(chunk[0], 0);
      assert.deepEqual(await unframe(chunk, 4, 2), expected);
      assert.equal((await peer.requests())[0]?.route, "finality_update");
    }));

  it("says that it does not have what it has not", () =>
    withPeer([], async (peer) => {
      const chunk = await ask(peer, "light_client_bootstrap/1", Buffer.alloc(32, 1));
      assert.equal(chunk[0], 3);
    }));

  it("sends wrong checksums", () =>
    withPeer([{ kind: "wrong-checksum" }], async (peer) => {
      const chunk = await ask(peer, "light_client_optimistic_update/1");
      await assert.rejects(unframe(chunk, 4, 2));
    }));

  it("sends a byte too many", async () => {
    let honest = 0;
    await withPeer([], async (peer) => {
      honest = (await ask(peer, "light_client_optimistic_update/1")).length;
    });
    await withPeer([{ kind: "trailing-bytes" }], async (peer) => {
      assert.equal((await ask(peer, "light_client_optimistic_update/1")).length, honest + 1);
    });
  });

  it("tells of another network", () =>
    withPeer([{ kind: "other-network" }], async (peer) => {
      const status = await unframe(await ask(peer, "status/1", Buffer.alloc(84)), 0, 1);
      assert.equal(status.subarray(0, 4).toString("hex"), "deadbeef");
    }));
});
