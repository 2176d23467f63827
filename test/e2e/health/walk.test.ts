/** Blocks fetched, proven and measured over the Beacon API: a range backwards, and a head that is followed. */
import { expect } from "chai";
import type { BlockEpoch } from "../../../src/health/blocks/block-health.js";
import { createBlockFollower } from "../../../src/health/blocks/follow.js";
import { type BlockProgress, type MeasureOptions, measureBlocks } from "../../../src/health/blocks/walk.js";
import type { Network } from "../../../src/networks/types.js";
import type { PeerEvent } from "../../../src/transport/pool/types.js";
import { type BlockPool, blockPool, restBlocks } from "../../../src/transport/rest-blocks.js";
import { type Devnet, type Fault, startDevnet } from "../../devnet/src/client.ts";
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
  let honest: BlockPool;

  before(async () => {
    devnet = await startDevnet({ patterns: [{ from: 40, to: 47, missed: 3, offline: 0.3 }] });
    await devnet.produceTo(12 * SLOTS_PER_EPOCH);
    network = networkOf(devnet);
    honest = blockPool({ sources: [restBlocks(devnet.url)] });
  });
  after(() => devnet?.stop());

  const measure = async (options: Partial<MeasureOptions> = {}) =>
    measureBlocks({
      network,
      from: await devnet.head(),
      fromEpoch: 3,
      toEpoch: 8,
      blocks: honest,
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
    await measure({ blocks: blockPool({ sources: [restBlocks(server.url)] }) });
    const requests = await server.requests();
    const answered = requests.filter(({ status }) => status === 200);
    expect(answered.length).to.equal(12 * SLOTS_PER_EPOCH - 3 * SLOTS_PER_EPOCH + 1 - 2);
    await server.close();
  });

  /** What a server does to its blocks, and the checks that may evict it for that; none, where it is no lie. */
  const FAULTS: [Fault, string[]][] = [
    [{ kind: "garbage" }, ["DECODE_FAILED"]],
    [{ kind: "truncated", variant: "clean" }, ["DECODE_FAILED"]],
    [{ kind: "truncated", variant: "cut" }, []],
    [{ kind: "oversized" }, []],
    [{ kind: "stale-head", slots: 30 }, []],
    [{ kind: "status", status: 404 }, []],
    [{ kind: "status", status: 429, retryAfterSeconds: 1 }, []],
    [{ kind: "status", status: 500 }, []],
    [{ kind: "wrong-content-type", contentType: "text/html" }, []],
    [{ kind: "json-only" }, []],
    [{ kind: "reset" }, []],
    [{ kind: "hang" }, []],
    [{ kind: "slow", ms: 400 }, []],
    [{ kind: "drip", chunkBytes: 512, ms: 10 }, []],
  ];
  let expected: BlockEpoch[] | undefined;
  for (const [fault, codes] of FAULTS) {
    const named = Object.values(fault).join(" ");
    it(`gives the same beside a server that does this: ${named}`, async () => {
      expected ??= await measure();
      const [liar, other] = await Promise.all([
        devnet.newServer([{ ...fault, routes: ["block"] } as Fault]),
        devnet.newServer(),
      ]);
      const peers: PeerEvent[] = [];
      const ended = new AbortController();
      const blocks = blockPool({
        sources: [liar, other].map(({ url }, i) => restBlocks(url, { name: `source ${i}`, timeoutMs: 5_000 })),
        signal: ended.signal,
        onPeer: (event) => peers.push(event),
      });
      expect(await measure({ blocks })).to.deep.equal(expected);
      ended.abort();
      for (const server of [liar, other]) {
        const asked = (await server.requests()).map(({ path }) => path);
        expect(new Set(asked).size, "each question once").to.equal(asked.length);
      }
      for (const { source, action, code } of peers) {
        if (action !== "evicted") continue;
        expect(source).to.equal("source 0");
        expect(codes).to.include(code);
      }
      if (codes.length > 0) expect(peers.some(({ action }) => action === "evicted")).to.equal(true);
      expect(blocks.sources[1]).to.include({ invalid: 0 });
      for (const server of [liar, other]) await server.close();
    });
  }

  it("has no answer where all lie, and says so", async () => {
    const liar = await devnet.newServer([{ kind: "garbage", routes: ["block"] }]);
    const blocks = blockPool({ sources: [restBlocks(liar.url)] });
    expect(await rejectionOf(measure({ blocks }))).to.include({ code: "NO_SOURCE_ANSWERED" });
    await liar.close();
  });

  it("refuses a range that is not over, and nonsense", async () => {
    for (const wrong of [{ toEpoch: 11 }, { toEpoch: 2 }, { fromEpoch: -1 }, { ahead: 0 }]) {
      expect(await rejectionOf(measure(wrong)), JSON.stringify(wrong)).to.include({ code: "OPTION_INVALID" });
    }
  });

  it("follows a head, through a reorganisation, to the same values", async () => {
    const follower = createBlockFollower({ network, blocks: honest });
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
