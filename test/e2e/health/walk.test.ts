/** Blocks fetched, proven and measured over the Beacon API: a range backwards, and a head that is followed. */
import { expect } from "chai";
import type { BlockEpoch } from "../../../src/health/blocks/block-health.js";
import type { BlockFault, BlockSource } from "../../../src/health/blocks/fetch-block.js";
import { createBlockFollower } from "../../../src/health/blocks/follow.js";
import { type BlockProgress, type MeasureOptions, measureBlocks } from "../../../src/health/blocks/walk.js";
import type { Network } from "../../../src/networks/types.js";
import { restBlocks } from "../../../src/transport/rest-blocks.js";
import { type Devnet, startDevnet } from "../../devnet/src/client.ts";
import { networkOf } from "../../support/network-of.js";

const SLOTS_PER_EPOCH = 8;

const rejectionOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "nothing",
    (thrown: unknown) => thrown,
  );

describe("measuring blocks of a real chain", function () {
  this.timeout(120_000);
  let devnet: Devnet;
  let network: Network;
  let honest: BlockSource;

  before(async () => {
    devnet = await startDevnet({ patterns: [{ from: 40, to: 47, missed: 3, offline: 0.3 }] });
    await devnet.produceTo(12 * SLOTS_PER_EPOCH);
    network = networkOf(devnet);
    honest = restBlocks(devnet.url);
  });
  after(() => devnet?.stop());

  const measure = async (options: Partial<MeasureOptions> = {}) =>
    measureBlocks({
      network,
      from: await devnet.head(),
      fromEpoch: 3,
      toEpoch: 8,
      sources: [honest],
      nowMs: Date.now,
      ...options,
    });

  it("measures every epoch of a range, and tells how far it is", async () => {
    const told: BlockProgress[] = [];
    const epochs = await measure({ onProgress: (progress) => told.push(progress) });
    expect(epochs.map(({ epoch }) => epoch)).to.deep.equal([3, 4, 5, 6, 7, 8]);
    for (const { epoch, voted, seats, blocks } of epochs) {
      const truth = await devnet.votes(epoch);
      expect({ seats, voted, blocks }).to.deep.equal({
        seats: truth.votes.length,
        voted: truth.votes.filter(({ includedAt }) => includedAt !== null).length,
        blocks: truth.blocks.length,
      });
    }
    expect(told.map(({ done }) => done)).to.deep.equal([...told.keys()].map((i) => Math.min(i + 1, 9)));
    expect(told.at(-1)).to.include({ done: 9, total: 9, remainingMs: 0 });
  });

  it("asks for each block once when its source is right", async () => {
    const server = await devnet.newServer();
    await measure({ sources: [restBlocks(server.url)] });
    const requests = await server.requests();
    const answered = requests.filter(({ status }) => status === 200);
    expect(answered.length).to.equal(12 * SLOTS_PER_EPOCH - 3 * SLOTS_PER_EPOCH + 1 - 2);
    await server.close();
  });

  it("believes no source: other blocks, cut ones and silence cost a request, not the truth", async () => {
    const expected = await measure();
    const other = (await honest.block((await devnet.checkpoint({ epoch: 2 })).root))!;
    const liars: Record<string, BlockSource["block"]> = {
      "another block": async () => other,
      "a cut one": async (id) => (await honest.block(id))?.slice(0, -7) ?? null,
      nothing: async () => null,
      noise: async () => Uint8Array.from({ length: 300 }, (_, i) => i),
    };
    for (const [name, block] of Object.entries(liars)) {
      const faults: BlockFault[] = [];
      const sources = [{ name, block }, honest];
      expect(await measure({ sources, onFault: (fault) => faults.push(fault) }), name).to.deep.equal(expected);
      expect(new Set(faults.map(({ source }) => source)), name).to.deep.equal(
        new Set(name === "nothing" ? [] : [name]),
      );
    }
    const alone = rejectionOf(measure({ sources: [{ name: "liar", block: async () => other }] }));
    expect(await alone).to.include({ code: "NO_SOURCE_ANSWERED" });
  });

  it("refuses a range that is not over, and nonsense", async () => {
    for (const wrong of [{ toEpoch: 11 }, { toEpoch: 2 }, { fromEpoch: -1 }, { sources: [] }, { ahead: 0 }]) {
      expect(await rejectionOf(measure(wrong)), JSON.stringify(wrong)).to.include({ code: "OPTION_INVALID" });
    }
  });

  it("follows a head, through a reorganisation, to the same values", async () => {
    const follower = createBlockFollower({ network, sources: [honest] });
    const epochs: BlockEpoch[] = [];
    const advance = async (slots: number) => {
      await devnet.advance(slots);
      epochs.push(...(await follower.head(await devnet.head())));
    };
    await advance(1);
    for (let i = 0; i < 10; i++) await advance(1 + (i % 3));
    const { oldHead, ancestor } = await devnet.reorg(3);
    epochs.push(...(await follower.head(await devnet.head())));
    for (let i = 0; i < 24; i++) await advance(1);
    expect(epochs.length).to.be.at.least(3);
    const orphans = epochs.reduce((sum, { values }) => sum + (values.orphanedBlocks ?? 0), 0);
    expect(orphans).to.equal(3);
    expect(oldHead.slot - ancestor.slot).to.equal(3);
    const [first, last] = [epochs[0]!.epoch, epochs.at(-1)!.epoch];
    const again = await measure({ fromEpoch: first, toEpoch: last });
    expect(epochs.map(({ values: { orphanedBlocks: _, ...values } }) => values)).to.deep.equal(
      again.map(({ values }) => values),
    );
  });
});
