import { expect } from "chai";
import { isSidelightError, type SidelightError } from "../../../src/errors.js";
import type { LightClientOptions } from "../../../src/options.js";
import { memoryStore } from "../../../src/store/memory.js";
import { codesOf, createFakeChain, type FakeChain, record } from "./fake-chain.js";
import { drive, passTime, rejectionOf, watchUnhandled } from "./waiting.js";

/** Slot 8 to slot 200, 6 s each. */
const CHECKPOINT_AGE_SECONDS = 192 * 6;

describe("weak subjectivity", () => {
  watchUnhandled();
  let chain: FakeChain;

  beforeEach(async () => {
    chain = await createFakeChain();
  });

  async function start(options: Partial<LightClientOptions>) {
    const source = chain.source();
    const client = chain.client({ sources: [source], ...options });
    const log = record(client);
    const outcome = await drive(chain.clock, client.start()).catch((thrown: unknown) => thrown);
    await client.stop();
    return { outcome, log, source, client };
  }

  function tooOld(outcome: unknown): SidelightError<"CHECKPOINT_TOO_OLD">["details"] {
    if (!isSidelightError(outcome, "CHECKPOINT_TOO_OLD")) expect.fail(`expected CHECKPOINT_TOO_OLD, got ${outcome}`);
    return outcome.details;
  }

  it("takes a checkpoint as old as maxCheckpointAgeSeconds, and none a second older", async () => {
    const { outcome: taken } = await start({ maxCheckpointAgeSeconds: CHECKPOINT_AGE_SECONDS });
    expect(taken).to.have.property("slot", 199);
    const { outcome: refused, source, client } = await start({ maxCheckpointAgeSeconds: CHECKPOINT_AGE_SECONDS - 1 });
    expect(tooOld(refused)).to.deep.equal({
      slot: 8,
      ageSeconds: CHECKPOINT_AGE_SECONDS,
      maxAgeSeconds: CHECKPOINT_AGE_SECONDS - 1,
      stored: false,
    });
    expect(client.status.state).to.equal("stopped");
    expect(client.head).to.equal(null);
    expect(source.requests).to.deep.equal(["bootstrap"]);
  });

  it("takes 256 epochs by default on a network of whose stake nothing is known", async () => {
    const limit = 256 * 8 * 6;
    await chain.clock.advanceTo(chain.timeOf(chain.checkpointSlot) + (limit + 1) * 1_000);
    expect(tooOld((await start({})).outcome)).to.include({ maxAgeSeconds: limit, ageSeconds: limit + 1 });
    expect((await start({ maxCheckpointAgeSeconds: limit + 1 })).outcome).to.have.property("slot");
  });

  it("takes as long as the network's stake allows, but never more than two weeks", async () => {
    for (const [activeBalanceFloorEth, limit] of [
      [1_048_576, 665 * 48],
      [2 ** 40, 1_209_600],
    ] as const) {
      // 128 ETH an epoch, whatever is staked: the second one's period would be centuries
      const stake = { churn: { quotient: 2 ** 50, minPerEpochEth: 128 }, activeBalanceFloorEth };
      const network = { ...chain.network, stake };
      await chain.clock.advanceTo(chain.timeOf(chain.checkpointSlot) + (limit + 1) * 1_000);
      expect(tooOld((await start({ network })).outcome)).to.include({ maxAgeSeconds: limit });
    }
  });

  it("takes an older one with a warning when the caller says so", async () => {
    const { outcome, log, client } = await start({ maxCheckpointAgeSeconds: 60, staleCheckpoint: "warn" });
    expect(outcome).to.have.property("slot", 199);
    expect(codesOf(log)).to.deep.equal(["CHECKPOINT_TOO_OLD"]);
    const age = { ageSeconds: CHECKPOINT_AGE_SECONDS, maxAgeSeconds: 60, stale: true };
    expect(log.checkpoint).to.have.length(1);
    expect(log.checkpoint[0]).to.deep.include(age);
    expect(client.checkpoint).to.deep.include(age);
  });

  it("warns of none that is young enough", async () => {
    const { log } = await start({ staleCheckpoint: "warn" });
    expect(codesOf(log)).to.deep.equal([]);
    expect(log.checkpoint[0]).to.include({ stale: false });
  });

  it("takes an older one when the caller says so", async () => {
    const { outcome, log } = await start({ maxCheckpointAgeSeconds: 60, staleCheckpoint: "allow" });
    expect(codesOf(log)).to.deep.equal([]);
    expect(outcome).to.have.nested.property("trust.checkpointAgeSeconds", CHECKPOINT_AGE_SECONDS);
  });

  it("refuses a stored state that is too old, although it could be verified", async () => {
    const store = memoryStore();
    await start({ store });
    await chain.clock.advanceTo(chain.timeOf(200 + 640));
    const { outcome, source } = await start({ store, maxCheckpointAgeSeconds: 3_600 });
    // slot 176 was final when it was stored
    expect(tooOld(outcome)).to.deep.equal({ slot: 176, ageSeconds: 3_984, maxAgeSeconds: 3_600, stored: true });
    expect(source.requests).to.deep.equal([]);
    const { outcome: allowed, log } = await start({
      store,
      maxCheckpointAgeSeconds: 3_600,
      staleCheckpoint: "allow",
    });
    expect(allowed).to.have.property("slot", 839);
    expect(log.store.map(({ outcome }) => outcome)).to.deep.equal(["resumed"]);
  });

  it("goes by the age of the stored state, not by that of the checkpoint behind it", async () => {
    const store = memoryStore();
    await start({ store });
    await chain.clock.advanceTo(chain.timeOf(210));
    const { outcome } = await start({ store, maxCheckpointAgeSeconds: 300 });
    expect(outcome).to.have.property("slot", 209);
  });

  it("does not end a client that has followed longer than that", async () => {
    const client = chain.client({ maxCheckpointAgeSeconds: CHECKPOINT_AGE_SECONDS + 60 });
    await drive(chain.clock, client.start());
    await passTime(chain.clock, 120_000);
    expect(client.status).to.deep.equal({ state: "following" });
    expect(client.head?.trust.checkpointAgeSeconds).to.equal(CHECKPOINT_AGE_SECONDS + 120);
    await client.stop();
  });
});

describe("a clock that is off", () => {
  watchUnhandled();
  let chain: FakeChain;

  beforeEach(async () => {
    chain = await createFakeChain();
  });

  /** The client's clock, while the chain goes by the right one. */
  function clockOff(byMs: number): LightClientOptions["clock"] & object {
    return { nowMs: () => chain.clock.nowMs() + byMs, sleep: chain.clock.sleep };
  }

  function off(slots: number, options: Partial<LightClientOptions> = {}) {
    const byMs = slots * chain.network.slotDurationMs;
    const client = chain.client({ clock: clockOff(byMs), ...options });
    return { client, log: record(client) };
  }

  it("before the checkpoint is refused: CLOCK_SKEWED", async () => {
    const { client } = off(-193);
    const thrown = await rejectionOf(drive(chain.clock, client.start()));
    if (!isSidelightError(thrown, "CLOCK_SKEWED")) throw thrown;
    expect(thrown.details).to.deep.equal({ slot: 8, currentSlot: 7 });
    expect(client.status.state).to.equal("stopped");
    expect(client.head).to.equal(null);
    expect(isSidelightError(await rejectionOf(client.syncOnce()), "CLOCK_SKEWED")).to.equal(true);
  });

  it("before genesis is refused too", async () => {
    const { client } = off(-10_000);
    const thrown = await rejectionOf(drive(chain.clock, client.start()));
    expect(isSidelightError(thrown, "CLOCK_SKEWED")).to.equal(true);
  });

  it("before a stored state is refused: CLOCK_SKEWED", async () => {
    const store = memoryStore();
    await drive(chain.clock, chain.client({ store }).syncOnce());
    for (const slots of [-1, -30]) {
      const { client, log } = off(slots, { store });
      const thrown = await rejectionOf(drive(chain.clock, client.start()));
      if (!isSidelightError(thrown, "CLOCK_SKEWED")) throw thrown;
      // signed at slot 200
      expect(thrown.details).to.deep.equal({ slot: 200, currentSlot: 200 + slots });
      expect(log.store, "kept for when the clock is right").to.deep.equal([]);
    }
    const { client, log } = off(0, { store });
    await drive(chain.clock, client.syncOnce());
    expect(log.store.map(({ outcome }) => outcome)).to.deep.equal(["resumed"]);
  });

  it("behind the signers by less than clockToleranceMs is borne", async () => {
    const clock = clockOff(-2_000);
    const [tolerant, strict] = [chain.client({ clock }), chain.client({ clock, clockToleranceMs: 1_999 })];
    record(strict);
    expect((await drive(chain.clock, tolerant.syncOnce())).head.slot).to.equal(199);
    const log = record(strict);
    await drive(chain.clock, strict.syncOnce()).catch(() => {});
    expect(codesOf(log)).to.include("UPDATE_FROM_FUTURE");
    expect(strict.head?.slot ?? 0).to.be.below(199);
  });

  it("behind by more makes everything new look signed in the future, and nothing of it is taken", async () => {
    const { client, log } = off(-20);
    const outcome = await drive(chain.clock, client.syncOnce()).catch((thrown: unknown) => thrown);
    expect(isSidelightError(outcome, "HEAD_STALLED"), String(outcome)).to.equal(true);
    expect(codesOf(log)).to.include("UPDATE_FROM_FUTURE");
    for (const { slot } of log.head) expect(slot).to.be.at.most(180);
  });

  it("ahead makes every head look old: HEAD_STALLED, and the status says so", async () => {
    const { client } = off(20);
    const thrown = await rejectionOf(drive(chain.clock, client.syncOnce()));
    if (!isSidelightError(thrown, "HEAD_STALLED")) throw thrown;
    expect(thrown.details).to.deep.equal({ headSlot: 199, currentSlot: 220, maxAgeSlots: 8 });

    const { client: starting, log } = off(20);
    const started = rejectionOf(starting.start());
    await passTime(chain.clock, 300_000);
    expect(starting.status.state).to.equal("stalled");
    expect(codesOf(log)).to.include("HEAD_STALLED");
    await starting.stop();
    expect(isSidelightError(await started, "CLIENT_STOPPED")).to.equal(true);
  });
});

describe("maxHeadAgeSlots", () => {
  watchUnhandled();

  it("bounds what start and syncOnce hand out, to the slot", async () => {
    const chain = await createFakeChain();
    const source = chain.source();
    const [finality, optimistic] = [chain.object("finalityUpdate"), chain.object("optimisticUpdate")];
    source.overrides.finalityUpdate = async () => finality;
    source.overrides.optimisticUpdate = async () => optimistic;
    await chain.clock.advanceTo(chain.timeOf(204));
    const sync = (maxHeadAgeSlots: number) =>
      drive(chain.clock, chain.client({ sources: [source], maxHeadAgeSlots }).syncOnce());
    expect((await sync(5)).head.trust.ageSlots).to.equal(5);
    expect(isSidelightError(await rejectionOf(sync(4)), "HEAD_STALLED")).to.equal(true);
    expect((await sync(Infinity)).head.slot).to.equal(199);
  });

  it("makes a client that follows stall when the head stops, and follow again when it moves on", async () => {
    const chain = await createFakeChain();
    const source = chain.source();
    const client = chain.client({ sources: [source], maxHeadAgeSlots: 4 });
    const log = record(client);
    await drive(chain.clock, client.start());
    const [finality, optimistic] = [chain.object("finalityUpdate"), chain.object("optimisticUpdate")];
    source.overrides.finalityUpdate = async () => finality;
    source.overrides.optimisticUpdate = async () => optimistic;
    await passTime(chain.clock, 10 * chain.network.slotDurationMs);
    expect(client.status.state).to.equal("stalled");
    expect(codesOf(log).filter((code) => code === "HEAD_STALLED")).to.have.length(1);
    delete source.overrides.finalityUpdate;
    delete source.overrides.optimisticUpdate;
    await passTime(chain.clock, 2 * chain.network.slotDurationMs);
    expect(client.status).to.deep.equal({ state: "following" });
    await client.stop();
  });
});
