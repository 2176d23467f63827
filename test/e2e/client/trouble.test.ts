import { expect } from "chai";
import type { LightClient } from "../../../src/client/light-client.js";
import { isSidelightError } from "../../../src/errors.js";
import type { SlotPattern } from "../../devnet/src/client.ts";
import { codesOf, record } from "../../unit/client/fake-chain.js";
import { watchUnhandled } from "../../unit/client/waiting.js";
import { expectTrueHeader, expectTrueParticipation, slotsOf } from "./expect-truth.js";
import { createWorld, type Node, type World } from "./world.js";

interface Follower {
  readonly node: Node;
  readonly client: LightClient;
  readonly log: ReturnType<typeof record>;
}

describe("a client that follows a real chain in trouble", () => {
  watchUnhandled();
  let world: World;
  let checkpoint: string;
  let followers: Follower[] = [];

  before(async () => {
    world = await createWorld({ forks: { electra: 0 }, preSlots: 90 });
    checkpoint = (await world.devnet.checkpoint()).root;
  });
  after(() => world?.stop());

  /** One by stream, one by polling. */
  async function follow(options: { forceUpdate?: boolean } = {}): Promise<Follower[]> {
    followers = [];
    for (const faults of [[], [{ kind: "sse-refused" } as const]]) {
      const node = await world.node(`node ${followers.length}`, faults);
      const client = world.client({ checkpoint, sources: [node.source], ...options });
      followers.push({ node, client, log: record(client) });
    }
    await world.drive(Promise.all(followers.map(({ client }) => client.start())));
    return followers;
  }
  afterEach(async () => {
    await Promise.all(followers.map(({ client }) => client.stop()));
    followers = [];
  });

  async function expectAllTrue({ log }: Follower): Promise<void> {
    const members = new Map(log.committee.map(({ period, pubkeys }) => [period, pubkeys]));
    for (const header of [...log.head, ...log.finality]) await expectTrueHeader(world, header);
    for (const participation of log.participation) await expectTrueParticipation(world, participation, members);
  }

  it("tells who took part, whoever it was", async () => {
    const all = await follow();
    const everyThird = Array.from({ length: 32 }, (_, i) => (i % 3 === 0 ? 0 : 1) as 0 | 1);
    const patterns: SlotPattern[] = [
      { syncCount: 32 },
      { syncCount: 31 },
      { syncCount: 22 },
      { syncParticipation: everyThird },
      { syncParticipation: [...everyThird].reverse() },
      { syncParticipation: 0.75 },
      { offline: 0.25 },
      { syncCount: 1 },
      { syncCount: 16 },
      { syncCount: 17 },
    ];
    const first = world.slot() + 1;
    for (const pattern of patterns) await world.tick(pattern);
    await world.ticks(2);
    for (const follower of all) {
      await expectAllTrue(follower);
      const seen = follower.log.participation.filter(({ slot }) => slot >= first).map(({ slot }) => slot);
      expect(seen).to.deep.equal(Array.from({ length: 12 }, (_, i) => first + i));
      // 16 of 32 are no more than half as many as usual: their head is not taken for one
      const heads = follower.log.head.map(({ slot }) => slot);
      expect(heads).to.not.include.members([first + 6]);
      expect(heads).to.not.include.members([first + 7]);
      expect(heads).to.include.members([first + 8, first + 10]);
    }
  });

  it("bears missed slots, alone and several in a row", async () => {
    const all = await follow();
    await world.ticks(2, { missed: true });
    await world.ticks(3);
    await world.ticks(5, { missed: true });
    await world.ticks(4);
    for (let i = 0; i < 8; i++) await world.tick({ missed: i % 2 === 0 });
    await world.ticks(2);
    const head = await world.devnet.head();
    for (const follower of all) {
      expect(follower.client.head?.root).to.equal(head.parentRoot);
      expect(follower.log.reorg).to.deep.equal([]);
      await expectAllTrue(follower);
      const codes = codesOf(follower.log).filter((code) => code !== "SUBSCRIPTION_FAILED");
      expect(codes).to.deep.equal([]);
    }
  });

  it("tells a reorganisation, and that it is one", async () => {
    const all = await follow();
    await world.ticks(4);
    const { ancestor, oldHead, newHead } = await world.devnet.reorg(3);
    const told = world.slot() - 1;
    await world.ticks(4);
    for (const { client, log } of all) {
      expect(oldHead.slot).to.equal(newHead.slot);
      const [reorg] = slotsOf(log.reorg);
      expect(log.reorg).to.have.length(1);
      expect(reorg).to.include({ from: told });
      // the stream told the new head of the same slot's branch, a poll the one after it
      expect(reorg!.to).to.be.within(told + 1, told + 2);
      expect(reorg!.ancestor === null || reorg!.ancestor === ancestor.slot).to.equal(true);
      expect(client.head?.root).to.equal((await world.devnet.head()).parentRoot);
      await expectTrueHeader(world, log.head.at(-1)!);
    }
  });

  /** Two thirds of the committee sign, but too few attest: nothing becomes final. */
  const SILENCE: SlotPattern = { attestationParticipation: 0.6, syncCount: 22 };

  async function ticksTo(slot: number, pattern?: SlotPattern): Promise<void> {
    await world.ticks(slot - world.slot(), pattern);
  }

  it("keeps following the head while nothing becomes final, into the next period, and tells finality again", async () => {
    const period = Math.floor(world.slot() / 64) + 1;
    // by the middle of the period the committee of the next one is known
    await world.leap(period * 64 + 44 - world.slot());
    const all = await follow();
    const before = await world.devnet.finalized();
    await ticksTo(period * 64 + 64 + 16, SILENCE);
    expect((await world.devnet.finalized()).epoch - before.epoch).to.be.below(3);
    for (const { client, log } of all) {
      expect(client.head?.slot).to.equal(world.slot() - 1);
      expect(client.status).to.include({ state: "stalled", what: "finality", cause: "not-finalizing" });
      expect(codesOf(log)).to.include("FINALITY_STALLED");
      expect(client.finalized?.trust.ageSlots).to.be.greaterThan(40);
      expect(log["forced-update"]).to.deep.equal([]);
    }
    await world.ticks(36);
    for (const follower of all) {
      expect(follower.client.status.state).to.equal("following");
      expect(follower.client.finalized?.trust.ageSlots).to.be.below(40);
      expect(follower.client.head?.slot).to.equal(world.slot() - 1);
      await expectAllTrue(follower);
    }
  });

  it("forces an update if it may and must, and says so; the chain proves it right", async () => {
    const period = Math.floor(world.slot() / 64) + 1;
    await world.leap(period * 64 + 44 - world.slot());
    const all = await follow({ forceUpdate: true });
    const finalSlot = all[0]!.client.finalized!.slot;
    // fewer than 2/3 of the committee: their signatures finalize nothing, whatever the chain has
    await world.leap((period + 2) * 64 - 8 - world.slot(), { syncCount: 20 });
    await ticksTo((period + 2) * 64 - 1, { syncCount: 20 });
    for (const { client, log } of all) {
      expect(client.finalized!.trust.ageSlots).to.be.greaterThan(64);
      expect(client.finalized!.slot).to.equal(finalSlot);
      expect(client.head?.slot).to.equal(world.slot() - 1);
      expect(log["forced-update"]).to.deep.equal([]);
    }
    await world.ticks(24, { syncCount: 20 });
    for (const follower of all) {
      const { client, log } = follower;
      const forced = log["forced-update"];
      expect(forced.length).to.be.greaterThan(0);
      for (const { slot, trust } of forced) {
        expect(slot).to.be.greaterThan(finalSlot);
        expect(trust).to.deep.include({ forced: true, participation: { count: 20, size: 32 } });
      }
      for (const header of forced) await expectTrueHeader(world, header);
      expect(client.head?.slot).to.equal(world.slot() - 1);
      expect(client.head?.trust.forced).to.equal(true);
      await expectAllTrue(follower);
    }
  });

  it("says so when a whole period had no finality, which only a forced update can cross", async () => {
    const period = Math.floor(world.slot() / 64) + 1;
    await world.leap(period * 64 + 32 - world.slot());
    const fresh = (await world.devnet.checkpoint()).root;
    await world.leap((period + 2) * 64 - world.slot(), SILENCE);
    await world.leap(48);
    checkpoint = fresh;
    const node = await world.node("node");
    const careful = world.client({ checkpoint, sources: [node.source] });
    const log = record(careful);
    const thrown = await world.drive(careful.syncOnce()).catch((error: unknown) => error);
    if (!isSidelightError(thrown, "CATCH_UP_INCOMPLETE")) throw thrown;
    expect(thrown.details).to.deep.equal({ period: period + 1, targetPeriod: period + 2 });
    for (const header of [careful.head!, careful.finalized!]) await expectTrueHeader(world, header);
    expect(log["forced-update"]).to.deep.equal([]);

    const bold = world.client({ checkpoint, sources: [node.source], forceUpdate: true });
    const forced = record(bold)["forced-update"];
    await world.drive(bold.start());
    expect(forced.length).to.be.greaterThan(0);
    expect(bold.head?.slot).to.equal(world.slot() - 1);
    expect(bold.head?.trust.forced).to.equal(true);
    for (const header of [...forced, bold.head!, bold.finalized!]) await expectTrueHeader(world, header);
    await Promise.all([careful.stop(), bold.stop()]);
  });
});
