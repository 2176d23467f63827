import { expect } from "chai";
import type { LightClient } from "../../../src/client/light-client.js";
import type { StallCause } from "../../../src/client/types.js";
import { isSidelightError, SidelightError } from "../../../src/errors.js";
import { codesOf, createFakeChain, type FakeChain, type FakeSource, networkFailed, record } from "./fake-chain.js";
import { drive, passTime, rejectionOf, watchUnhandled } from "./waiting.js";

describe("a client that is never quiet", () => {
  watchUnhandled();
  let chain: FakeChain;
  let source: FakeSource;
  let client: LightClient;
  let log: ReturnType<typeof record>;

  async function begin(options: Parameters<typeof createFakeChain>[0] = {}): Promise<void> {
    chain = await createFakeChain({ slot: 203, ...options });
    source = chain.source();
    client = chain.client({ sources: [source] });
    log = record(client);
    await drive(chain.clock, client.start());
  }

  const passSlots = (slots: number) => passTime(chain.clock, slots * chain.network.slotDurationMs);
  const ROUTES = ["updates", "finalityUpdate", "optimisticUpdate"] as const;

  /** What goes wrong, and what is said of it. Each one ends by itself when the source is honest again. */
  const HEAD_STALLS: Record<string, [cause: StallCause, spoil: () => void]> = {
    "nobody can be reached": [
      "no-source-answers",
      () => {
        for (const route of ROUTES) source.overrides[route] = () => Promise.reject(networkFailed(route));
      },
    ],
    "what comes is old": [
      "sources-stale",
      () => {
        const [head, final] = [chain.object("optimisticUpdate"), chain.object("finalityUpdate")];
        source.overrides.optimisticUpdate = async () => head;
        source.overrides.finalityUpdate = async () => final;
      },
    ],
    "what comes does not hold": [
      "sources-invalid",
      () => {
        for (const route of ["finalityUpdate", "optimisticUpdate"] as const) {
          source.overrides[route] = async () => ({ encoding: "json", fork: "electra", value: {} });
        }
      },
    ],
    "too few sign": [
      "low-participation",
      () => {
        source.overrides.finalityUpdate = () => Promise.reject(networkFailed("finalityUpdate"));
        source.overrides.optimisticUpdate = async () =>
          chain.forge.optimisticUpdate({ attestedSlot: chain.slot() - 1, participants: 10 }).raw();
      },
    ],
  };

  for (const [what, [cause, spoil]] of Object.entries(HEAD_STALLS)) {
    it(`says that ${what}, and when it is over`, async () => {
      await begin();
      spoil();
      await passSlots(13);
      expect(client.status).to.include({ state: "stalled", what: "head", cause });
      expect(codesOf(log).filter((code) => code === "HEAD_STALLED")).to.have.length(1);
      for (const route of ROUTES) delete source.overrides[route];
      await passSlots(30);
      expect(client.status).to.deep.equal({ state: "following" });
      expect(client.assertFresh(2).slot).to.be.at.least(chain.slot() - 2);
      await client.stop();
    });
  }

  it("says so while it cannot start", async () => {
    chain = await createFakeChain();
    source = chain.source();
    source.overrides.bootstrap = () => Promise.reject(networkFailed("bootstrap"));
    client = chain.client({ sources: [source] });
    log = record(client);
    const starting = client.start();
    await passTime(chain.clock, 500);
    expect(client.status).to.include({ state: "stalled", what: "head", cause: "no-source-answers" });
    delete source.overrides.bootstrap;
    await drive(chain.clock, starting);
    expect(log.status.at(-1)).to.deep.equal({ state: "following" });
    await client.stop();
  });

  it("says that nothing becomes final while the head moves, once, and when it does again", async () => {
    await begin();
    source.overrides.finalityUpdate = async () =>
      chain.forge.finalityUpdate({ attestedSlot: chain.slot() - 1, finalizedSlot: 184 }).raw();
    source.overrides.updates = () => Promise.reject(networkFailed("updates"));
    source.overrides.optimisticUpdate = async () =>
      chain.forge.optimisticUpdate({ attestedSlot: chain.slot() - 1, attested: {} }).raw();
    await passSlots(3 * 8 + 2);
    expect(client.status.state).to.equal("following");
    await passSlots(3 * 8);
    expect(client.status).to.include({ state: "stalled", what: "finality", cause: "not-finalizing" });
    const told = log.error.filter(({ error }) => error.code === "FINALITY_STALLED");
    expect(told).to.have.length(1);
    expect(told[0]!.error.details).to.include({ finalizedSlot: 184, cause: "not-finalizing" });
    expect(client.head!.trust.ageSlots).to.be.at.most(2);
    for (const route of ROUTES) delete source.overrides[route];
    await passSlots(12);
    expect(log.status.at(-1)).to.deep.equal({ state: "following" });
    await client.stop();
  });
});

describe("assertFresh", () => {
  watchUnhandled();

  const codeOf = (call: () => unknown): string | null => {
    try {
      call();
      return null;
    } catch (error) {
      return isSidelightError(error) ? error.code : String(error);
    }
  };

  it("gives the head up to the age that is asked for, and nothing beyond, or before there is one", async () => {
    const chain = await createFakeChain({ slot: 203 });
    const client = chain.client();
    expect(codeOf(() => client.assertFresh(Infinity))).to.equal("HEAD_STALLED");
    await drive(chain.clock, client.syncOnce());
    expect(client.assertFresh(1)).to.deep.equal(client.head);
    chain.clock.jumpTo(chain.timeOf(212));
    expect(client.assertFresh(10).trust.ageSlots).to.equal(10);
    expect(codeOf(() => client.assertFresh(9))).to.equal("HEAD_STALLED");
    for (const nonsense of [Number.NaN, undefined, "x", -1]) {
      expect(codeOf(() => client.assertFresh(nonsense as number))).to.equal("HEAD_STALLED");
    }
  });

  it("fails for a head that the clock has not reached", async () => {
    const chain = await createFakeChain({ slot: 203 });
    const client = chain.client();
    await drive(chain.clock, client.syncOnce());
    chain.clock.jumpTo(chain.timeOf(150));
    expect(client.head!.trust.ageSlots).to.equal(0);
    expect(codeOf(() => client.assertFresh(1_000))).to.equal("CLOCK_SKEWED");
  });
});

describe("a clock that is off", () => {
  watchUnhandled();

  /** A client of a chain whose other clock is `offMs` ahead of the client's. */
  async function behind(offMs: number, options: object = {}) {
    const chain = await createFakeChain({ slot: 203 });
    const source = chain.source();
    const client = chain.client({
      sources: [source],
      clock: { ...chain.clock, nowMs: () => chain.clock.nowMs() - offMs },
      ...options,
    });
    return { chain, source, client, log: record(client) };
  }

  const skewsOf = (log: ReturnType<typeof record>) =>
    log.error.flatMap(({ error }) => (isSidelightError(error, "CLOCK_SKEWED") ? [error.details] : []));

  it("is proven to be behind by what is signed, told once, and is why the head stands still", async () => {
    const { chain, client, log } = await behind(60_000, { maxHeadAgeSlots: 4 });
    await drive(chain.clock, client.start()); // with what the last period has
    await passTime(chain.clock, 60_000);
    expect(client.status).to.include({ state: "stalled", what: "head", cause: "clock-skewed" });
    const skews = skewsOf(log);
    expect(skews).to.have.length(1);
    expect(skews[0]).to.include({ basis: "signature" });
    expect(skews[0]!.skewMs).to.be.within(-60_000, -50_000);
    await client.stop();
  });

  it("is tolerated by as much as clockToleranceMs says", async () => {
    const { chain, client, log } = await behind(60_000, { clockToleranceMs: 61_000 });
    await drive(chain.clock, client.syncOnce());
    expect(skewsOf(log)).to.deep.equal([]);
    expect(client.head!.slot).to.equal(202);
  });

  it("is not proven by what nobody, or fewer than 2/3, signed", async () => {
    const { chain, source, client, log } = await behind(60_000);
    source.overrides.optimisticUpdate = async () =>
      chain.forge.optimisticUpdate({ attestedSlot: chain.slot() - 1, participants: 21 }).raw();
    source.overrides.finalityUpdate = () => Promise.reject(networkFailed());
    await rejectionOf(drive(chain.clock, client.syncOnce()));
    expect(skewsOf(log)).to.deep.equal([]);
  });

  /** Sources that say it is so many milliseconds later than here. */
  async function dated(aheadMs: readonly number[], options: object = {}) {
    const chain = await createFakeChain({ slot: 203 });
    const sources = aheadMs.map((ms, i) => {
      const source = chain.source(`source ${i}`);
      const { optimisticUpdate, bootstrap } = source;
      // servers cut to whole seconds
      const say = () => Math.floor((chain.clock.nowMs() + ms) / 1_000) * 1_000;
      source.bootstrap = (root, request) => {
        request?.onDate?.(say());
        return bootstrap(root, request);
      };
      source.optimisticUpdate = async (request) => {
        request?.onDate?.(say());
        if (i < aheadMs.length - 1)
          throw new SidelightError("NOT_AVAILABLE", "no", { source: "", request: "", message: "" });
        return optimisticUpdate(request);
      };
      return source;
    });
    const client = chain.client({ sources, ...options });
    const log = record(client);
    await drive(chain.clock, client.syncOnce());
    return { client, skews: skewsOf(log) };
  }

  it("is told by what most servers say, either way, and changes nothing", async () => {
    for (const [ahead, basis] of [
      [60_000, -1],
      [-60_000, 1],
    ] as const) {
      const { client, skews } = await dated([ahead, ahead, 0]);
      expect(skews).to.have.length(1);
      expect(skews[0]!.basis).to.equal("dates");
      expect(Math.sign(skews[0]!.skewMs!)).to.equal(basis);
      expect(Math.abs(skews[0]!.skewMs!)).to.be.within(58_000, 61_000);
      expect(client.head!.slot).to.equal(202);
    }
  });

  it("is not told by one liar of three, within the tolerance, or while old data is verified as of its time", async () => {
    expect((await dated([0, 60_000, 0])).skews).to.deep.equal([]);
    expect((await dated([1_900])).skews).to.deep.equal([]);
    expect((await dated([60_000], { clockToleranceMs: 62_000 })).skews).to.deep.equal([]);
    expect((await dated([60_000], { maxHeadAgeSlots: Infinity })).skews).to.deep.equal([]);
  });
});
