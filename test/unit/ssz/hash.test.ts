/** SHA-256 behind SSZ: the standard's answers, whoever computes them. */
import { createHash } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import { hashBlocks, hashPair, plainHasher, sha256, useHasher } from "../../../src/ssz/hash.js";
import { depthOfCount, merkleize } from "../../../src/ssz/merkleize.js";
import { plainSha256 } from "../../../src/ssz/sha256.js";
import { fillBytes } from "../../support/fill.js";

const node = (data: Uint8Array) => new Uint8Array(createHash("sha256").update(data).digest());

describe("plainHasher", () => {
  it("hashes each block of 64 bytes, any number of them", () => {
    for (const count of [0, 1, 2, 3, 5, 64]) {
      const blocks = fillBytes(64 * count, `blocks ${count}`);
      const digests = plainHasher.digest64s(blocks);
      expect(digests.length).to.equal(32 * count);
      for (let i = 0; i < count; i++) {
        expect(digests.slice(32 * i, 32 * i + 32)).to.deep.equal(node(blocks.subarray(64 * i, 64 * i + 64)));
      }
    }
  });
});

describe("sha256", () => {
  it("is what the platform computes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (data) => {
        expect(sha256(data)).to.deep.equal(node(data));
      }),
    );
  });
});

describe("plainSha256", () => {
  it("is what the platform computes, for every length of three blocks, and for a megabyte", () => {
    for (let length = 0; length <= 192; length++) {
      const data = fillBytes(length, `length ${length}`);
      expect(plainSha256(data), `${length} bytes`).to.deep.equal(node(data));
    }
    const large = new Uint8Array(1_000_003).fill(0xa5);
    expect(plainSha256(large.subarray(1))).to.deep.equal(node(large.subarray(1)));
  });

  it("computes the answers of the standard's examples", () => {
    const hexOf = (text: string) => Buffer.from(plainSha256(new TextEncoder().encode(text))).toString("hex");
    expect(hexOf("abc")).to.equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    expect(hexOf(two)).to.equal("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  });
});

describe("useHasher", () => {
  it("hands every node of a tree to the hasher that is in use, and gives back the one before", () => {
    let blocksSeen = 0;
    const before = useHasher({
      name: "counting",
      digest64s(blocks) {
        blocksSeen += blocks.length / 64;
        return plainHasher.digest64s(blocks);
      },
    });
    try {
      expect(hashPair(new Uint8Array(32), new Uint8Array(32))).to.deep.equal(node(new Uint8Array(64)));
      expect(blocksSeen).to.equal(1);
      hashBlocks(new Uint8Array(64 * 7));
      expect(blocksSeen).to.equal(8);
    } finally {
      expect(useHasher(before).name).to.equal("counting");
    }
    hashPair(new Uint8Array(32), new Uint8Array(32));
    expect(blocksSeen).to.equal(8);
  });
});

describe("merkleize", () => {
  /** By the book: all leaves there, hashed pair by pair. */
  function rootOf(chunks: Uint8Array, depth: number): Uint8Array {
    let nodes = new Uint8Array(32 * 2 ** depth);
    nodes.set(chunks);
    for (; nodes.length > 32; ) {
      const above = new Uint8Array(nodes.length / 2);
      for (let at = 0; at < nodes.length; at += 64) above.set(node(nodes.subarray(at, at + 64)), at / 2);
      nodes = above;
    }
    return nodes;
  }

  it("is the root of the whole tree, whatever part of its leaves is there", () => {
    for (let depth = 0; depth <= 6; depth++) {
      for (let count = 0; count <= 2 ** depth; count++) {
        const chunks = fillBytes(32 * count, `chunks ${count}`);
        expect(merkleize(chunks, depth), `${count} of depth ${depth}`).to.deep.equal(rootOf(chunks, depth));
      }
    }
  });

  it("leaves the chunks alone, and hands out nothing that is kept", () => {
    const chunks = fillBytes(96, "chunks");
    const copy = chunks.slice();
    merkleize(chunks, 3);
    expect(chunks).to.deep.equal(copy);
    merkleize(new Uint8Array(), 3).fill(1);
    expect(merkleize(new Uint8Array(), 3)).to.deep.equal(rootOf(new Uint8Array(), 3));
  });
});

describe("depthOfCount", () => {
  it("is the least depth with room", () => {
    const counts = [0, 1, 2, 3, 4, 5, 8, 9, 512, 513];
    expect(counts.map(depthOfCount)).to.deep.equal([0, 0, 1, 2, 2, 3, 3, 4, 9, 10]);
  });
});
