/** The hasher of the WASM against Node's own SHA-256. More with `SIDELIGHT_FUZZ=10`. */
import { createHash } from "node:crypto";
import { expect } from "chai";
import type { Engine } from "../../../src/bls/blst/engine.js";
import { digest64s, engineHasher } from "../../../src/bls/blst/hasher.js";
import { blstBls } from "../../../src/bls/blst/index.js";
import { TEST_BUILDS, testEngine } from "../../support/blst/test-engine.js";
import { fillBytes } from "../../support/fill.js";
import { FUZZ } from "../../support/fuzz.js";

const MAX_BLOCKS = 600;

function expectedOf(blocks: Uint8Array): Uint8Array {
  const digests = new Uint8Array(blocks.length / 2);
  for (let i = 0; i < blocks.length; i += 64) {
    digests.set(
      createHash("sha256")
        .update(blocks.subarray(i, i + 64))
        .digest(),
      i / 2,
    );
  }
  return digests;
}

for (const build of TEST_BUILDS) {
  describe(`digest64s of ${build}`, function () {
    this.timeout(600_000);
    let engine: Engine;
    const noise = fillBytes(64 * MAX_BLOCKS, "blocks");
    const expected = expectedOf(noise);

    before(async () => {
      engine = await testEngine(build);
    });

    it(`hashes every number of blocks from 0 to ${MAX_BLOCKS}, from anywhere in a buffer`, () => {
      for (let count = 0; count <= MAX_BLOCKS; count++) {
        const first = Math.min((count * 37) % MAX_BLOCKS, MAX_BLOCKS - count);
        const blocks = noise.subarray(64 * first, 64 * (first + count));
        const digests = digest64s(engine, blocks);
        expect(digests, `${count} blocks`).to.deep.equal(expected.slice(32 * first, 32 * (first + count)));
      }
      expect(expectedOf(noise), "the blocks are left alone").to.deep.equal(expected);
    });

    it("hashes random blocks, all bits set and none", () => {
      for (let round = 0; round < 40 * FUZZ; round++) {
        const random = fillBytes(2, "count", round);
        const blocks = fillBytes(64 * ((random[0]! * 256 + random[1]!) % 80), "random", round);
        if (round === 0) blocks.fill(0);
        if (round === 1) blocks.fill(0xff);
        expect(digest64s(engine, blocks), `round ${round}`).to.deep.equal(expectedOf(blocks));
      }
    });

    it("gives bytes of the caller's own", () => {
      const { digest64s: hash } = engineHasher(engine, "test");
      for (const count of [1, 5, 300]) {
        const digests = hash(noise.subarray(0, 64 * count));
        hash(fillBytes(64 * count, "others"));
        expect(digests, `${count} blocks`).to.deep.equal(expected.slice(0, 32 * count));
        expect(digests.buffer).to.not.equal(engine.memory.buffer);
      }
    });

    it("refuses what is no whole blocks", () => {
      for (const length of [1, 63, 65, 96, 64 * 256 + 32]) {
        expect(() => digest64s(engine, new Uint8Array(length))).to.throw(RangeError, `got ${length} bytes`);
      }
    });

    it("leaves everything alone when a call asks for more than there is room for", () => {
      const before = new Uint8Array(engine.memory.buffer).slice();
      engine.digest64s(257);
      engine.digest64s(-1);
      expect(Buffer.compare(before, new Uint8Array(engine.memory.buffer))).to.equal(0);
    });
  });
}

describe("the hasher of blstBls", () => {
  it("is there once the backend is ready, and names its build", async () => {
    const bls = blstBls();
    expect(bls.hasher).to.equal(null);
    await bls.ready();
    expect(bls.hasher!.name).to.equal(`blst ${bls.variant}`);
    const blocks = fillBytes(64 * 7, "blocks");
    expect(bls.hasher!.digest64s(blocks)).to.deep.equal(expectedOf(blocks));
  });
});
