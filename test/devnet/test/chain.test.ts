import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DevnetOptions } from "../src/client.ts";
import { localDevnet, withDevnet } from "./local.ts";

/** A change here changes every chain: nothing but a change of the rules or of the defaults should make one. */
const GOLDEN = {
  root: "0xd52b18a31b8a0c10130aa690ce9a262a4e32b47de301882f585218d1eb7a6a8e",
  stateRoot: "0xe6706fb76677950eea9045bc7bbe4b724796401c06c6c00eeb4886bfb06defff",
};

describe("determinism", () => {
  const options: DevnetOptions = {
    forks: { electra: 1, fulu: 2, gloas: 4 },
    patterns: [{ from: 10, to: 30, offline: 1 / 3, missed: 5 }],
  };
  const run = () => withDevnet(options, (devnet) => devnet.advance(50));

  it("makes the same chain twice", async () => {
    const [first, second] = await Promise.all([run(), run()]);
    assert.deepEqual(first, second);
  });

  it("makes the chain that it has always made", async () => {
    const { root, stateRoot } = await run();
    assert.deepEqual({ root, stateRoot }, GOLDEN);
  });

  it("makes another network of another seed", async () => {
    const roots = await Promise.all(
      [0, 1].map((seed) => withDevnet({ seed }, async ({ info }) => info.genesisValidatorsRoot)),
    );
    assert.notEqual(roots[0], roots[1]);
  });
});

describe("finality", () => {
  it("advances with two thirds and stops without", () =>
    withDevnet({}, async (devnet) => {
      await devnet.advance(64);
      const before = (await devnet.head()).finalized.epoch;
      assert.equal(before, 6);
      const third = await devnet.advance(32, { offline: 0.3 });
      // An epoch later than with everybody: without the last slot's votes, 70 % are not two thirds in time.
      assert.ok(third.finalized.epoch >= before + 2);
      const half = await devnet.advance(32, { offline: 0.5 });
      assert.ok(half.finalized.epoch <= third.finalized.epoch + 1);
      const back = await devnet.advance(40);
      assert.ok(back.finalized.epoch > half.finalized.epoch);
    }));
});

describe("missed slots", () => {
  it("leave no block behind, and the votes of their slots come later", () =>
    withDevnet({}, async (devnet) => {
      await devnet.advance(40, { missed: 3 });
      assert.equal(await devnet.truth(3), null);
      assert.equal((await devnet.truth(4))?.parentRoot, (await devnet.truth(2))?.root);
      assert.ok((await devnet.head()).finalized.epoch >= 2);
    }));

  it("may be the first of an epoch: the checkpoint is the block before", () =>
    withDevnet({ patterns: [{ from: 23, to: 24, missed: true }] }, async (devnet) => {
      await devnet.advance(48);
      assert.equal((await devnet.checkpoint({ epoch: 3 })).slot, 22);
      assert.equal((await devnet.head()).finalized.epoch, 4);
    }));
});

describe("participation", () => {
  it("is what the pattern says", () =>
    withDevnet({}, async (devnet) => {
      await devnet.advance(1, { syncCount: 5 });
      await devnet.advance(1, { syncParticipation: 0.5 });
      await devnet.advance(1, { syncParticipation: [0, 1, 1] });
      await devnet.advance(1, { syncParticipation: 0 });
      const counts = await Promise.all([1, 2, 3, 4].map(async (slot) => (await devnet.truth(slot))?.participants));
      assert.deepEqual(counts, [5, 16, 2, 0]);
      assert.deepEqual((await devnet.truth(3))?.syncBits.slice(0, 4), [0, 1, 1, 0]);
    }));
});

describe("branches", () => {
  it("can be chosen: a reorganisation keeps the past and changes the head", () =>
    withDevnet({}, async (devnet) => {
      await devnet.advance(40);
      const past = await devnet.truth(36);
      const { ancestor, oldHead, newHead } = await devnet.reorg(4);
      assert.equal(ancestor.slot, 36);
      assert.notEqual(newHead.root, oldHead.root);
      assert.equal(newHead.slot, 40);
      assert.deepEqual(await devnet.truth(36), past);
      assert.equal((await devnet.head()).root, newHead.root);
      assert.equal((await devnet.chooseHead(oldHead.root)).root, oldHead.root);
      await devnet.advance(8);
      assert.equal((await devnet.truth(40))?.root, oldHead.root);
    }));

  it("do not reach below finality", () =>
    withDevnet({}, async (devnet) => {
      await devnet.advance(40);
      await assert.rejects(devnet.reorg(30), /below the finalized slot/);
    }));
});

describe("execution blocks", () => {
  it("form a chain of real hashes, with the state root that was asked for", () =>
    withDevnet({ forks: { electra: 1, fulu: 2, gloas: 3 } }, async (devnet) => {
      const stateRoot = `0x${"5a".repeat(32)}`;
      await devnet.advance(20);
      await devnet.setExecutionStateRoot(stateRoot);
      await devnet.advance(10);
      const truth = await devnet.truth(30);
      const block = await devnet.executionBlock(truth?.executionBlockHash as string);
      assert.equal(block?.stateRoot, stateRoot);
      // In Gloas the header commits to the parent's payload: one block behind.
      assert.equal(block?.number, "0x1d");
      const parent = await devnet.executionBlock(block?.parentHash as string);
      assert.equal(parent?.number, "0x1c");
    }));

  it("stay behind while payloads do not come, in Gloas", () =>
    withDevnet({ forks: { gloas: 0 } }, async (devnet) => {
      await devnet.advance(10);
      const before = (await devnet.truth(10))?.executionBlockHash;
      await devnet.advance(3, { parentPayload: "empty" });
      assert.equal((await devnet.truth(13))?.executionBlockHash, (await devnet.truth(11))?.executionBlockHash);
      assert.equal((await devnet.truth(11))?.executionBlockHash, before);
      await devnet.advance(2);
      assert.notEqual((await devnet.truth(15))?.executionBlockHash, before);
    }));
});

describe("fork schedules", () => {
  const refused: [string, DevnetOptions["forks"], RegExp][] = [
    ["two forks at one epoch", { electra: 2, fulu: 2 }, /only possible at genesis/],
    ["a fork before its predecessor", { electra: 3, fulu: 2 }, /comes before the one it builds on/],
    ["a fork left out between two", { capella: 1, electra: 3 }, /name them all/],
  ];
  for (const [name, forks, message] of refused) {
    it(`cannot have ${name}`, () => assert.rejects(localDevnet({ forks }), message));
  }
});

describe("states", () => {
  it("are recomputed once they are forgotten, and memory stays bounded", () =>
    withDevnet({ stateWindow: 8 }, async (devnet) => {
      await devnet.advance(600);
      const truth = await devnet.truth(300);
      const response = await fetch(`${devnet.url}/eth/v1/beacon/states/300/root`);
      const { data } = (await response.json()) as { data: { root: string } };
      assert.equal(data.root, truth?.stateRoot);
      assert.ok((await devnet.memory()).states < 90);
    }));
});
