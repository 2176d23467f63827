import { expect } from "chai";
import type { LightClient } from "../../../src/client/light-client.js";
import { SidelightError } from "../../../src/errors.js";
import type { LightClientOptions } from "../../../src/options.js";
import type { Source } from "../../../src/transport/port.js";
import {
  codesOf,
  createFakeChain,
  type FakeChain,
  type FakeSource,
  networkFailed,
  notAvailable,
  type Route,
  record,
} from "./fake-chain.js";
import { drive, passTime, settle, watchUnhandled } from "./waiting.js";

describe("following", () => {
  watchUnhandled();
  let chain: FakeChain;
  let client: LightClient;
  let slotMs: number;
  /** How far the client's clock is off; timers do not care. */
  let offMs: number;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
    slotMs = chain.network.slotDurationMs;
    offMs = 0;
  });
  afterEach(async () => {
    await client.stop();
    await settle();
    expect(chain.clock.sleepers).to.equal(0);
  });

  async function follow(first: Source | Partial<LightClientOptions>, ...others: Source[]) {
    const [options, sources] = "name" in first ? [{}, [first, ...others]] : [first, others];
    const clock = { nowMs: () => chain.clock.nowMs() + offMs, sleep: chain.clock.sleep };
    client = chain.client({ sources, clock, maxCheckpointAgeSeconds: 1_209_600, ...options });
    const log = record(client);
    await drive(chain.clock, client.start());
    for (const source of sources as FakeSource[]) source.requests.splice(0);
    return log;
  }

  /** Until the middle of the slot, when polls happen, and a bit. */
  async function toSlot(slot: number): Promise<void> {
    await passTime(chain.clock, chain.timeOf(slot) + 0.6 * slotMs - chain.clock.nowMs());
  }

  function serveOldHead(source: FakeSource, slots: number): void {
    source.overrides.optimisticUpdate = async () => chain.object("optimisticUpdate", chain.slot() - slots);
    source.overrides.finalityUpdate = async () => chain.object("finalityUpdate", chain.slot() - slots);
  }

  describe("without a stream", () => {
    it("asks for the head once a slot, in its middle", async () => {
      const source = chain.source();
      await follow(source);
      await passTime(chain.clock, 0.4 * slotMs);
      expect(source.requests).to.deep.equal([]);
      for (let slot = 203; slot < 210; slot++) {
        await toSlot(slot);
        expect(client.head?.slot).to.equal(slot - 1);
      }
      // the head of slot 203 was known from the start
      expect(source.requests).to.deep.equal(Array.from({ length: 6 }, () => "optimisticUpdate"));
    });

    it("asks for finality once an epoch, which brings the head as well", async () => {
      const source = chain.source();
      await follow(source);
      await toSlot(203 + 32);
      const count = (route: Route) => source.requests.filter((asked) => asked === route).length;
      expect(count("finalityUpdate")).to.equal(4);
      expect(count("optimisticUpdate")).to.equal(28);
      expect(client.finalized?.slot).to.equal(216);
    });

    it("goes on after failures, and tells them", async () => {
      const source = chain.source();
      const log = await follow(source);
      source.overrides.optimisticUpdate = () => Promise.reject(networkFailed());
      await toSlot(206);
      delete source.overrides.optimisticUpdate;
      await toSlot(209);
      expect(client.head?.slot).to.equal(208);
      expect(codesOf(log)).to.include.members(["NETWORK_FAILED", "NO_SOURCE_ANSWERED"]);
    });

    it("is not troubled by a node that has nothing to give yet", async () => {
      const source = chain.source();
      const log = await follow(source);
      source.overrides.optimisticUpdate = () => Promise.reject(notAvailable("optimistic update"));
      await toSlot(206);
      expect(codesOf(log)).to.deep.equal([]);
      expect(client.status).to.deep.equal({ state: "following" });
    });

    it("leaves a source that is behind for one that is not", async () => {
      const [old, fresh] = [chain.source("old"), chain.source("fresh")];
      serveOldHead(old, 5);
      await follow(old, fresh);
      await toSlot(210);
      expect(client.head?.slot).to.equal(209);
      await toSlot(215);
      expect(client.head?.slot).to.equal(214);
      expect(client.head?.trust.source).to.equal("fresh");
    });

    it("leaves a source whose head stands still for one whose head moves", async () => {
      const [stuck, fresh] = [chain.source("stuck"), chain.source("fresh")];
      const [optimistic, finality] = [chain.object("optimisticUpdate"), chain.object("finalityUpdate")];
      await follow(stuck, fresh);
      stuck.overrides.optimisticUpdate = async () => optimistic;
      stuck.overrides.finalityUpdate = async () => finality;
      await toSlot(212);
      expect(client.head?.slot).to.equal(211);
    });

    it("goes on at once when a clock that ran a day ahead is set back", async () => {
      const source = chain.source();
      await follow(source);
      await toSlot(206);
      offMs = 86_400_000;
      for (const route of ["optimisticUpdate", "finalityUpdate", "updates"] as const) {
        source.overrides[route] = () => Promise.reject(networkFailed(route));
      }
      await toSlot(216);
      expect(client.status.state).to.equal("stalled");
      offMs = 0;
      for (const route of ["optimisticUpdate", "finalityUpdate", "updates"] as const) delete source.overrides[route];
      await toSlot(218);
      expect(client.head?.slot).to.equal(217);
      expect(client.status).to.deep.equal({ state: "following" });
    });

    it("says so when the clock is set back behind the head", async () => {
      const log = await follow(chain.source());
      await toSlot(206);
      offMs = -86_400_000;
      await toSlot(209);
      expect(client.status.state).to.equal("stalled");
      expect(client.status).to.have.property("reason").that.contains("set back");
      expect(codesOf(log)).to.deep.equal(["CLOCK_SKEWED"]);
      offMs = 0;
      await toSlot(212);
      expect(client.status).to.deep.equal({ state: "following" });
      expect(client.head?.slot).to.equal(211);
    });
  });

  describe("with a stream", () => {
    async function pushEachSlot(source: FakeSource, from: number, to: number, slotsOld = 0): Promise<void> {
      for (let slot = from; slot <= to; slot++) {
        await passTime(chain.clock, chain.timeOf(slot) + 0.3 * slotMs - chain.clock.nowMs());
        const { object } = { object: chain.object("optimisticUpdate", slot - slotsOld) };
        source.push("optimistic", object);
        if (slot % 8 === 2) source.push("finality", chain.object("finalityUpdate", slot - slotsOld));
        await settle();
      }
    }

    it("asks for nothing while it flows", async () => {
      const source = chain.source("streaming", { streams: true });
      await follow(source);
      await pushEachSlot(source, 204, 240);
      expect(client.head?.slot).to.equal(239);
      expect(client.finalized?.slot).to.equal(216);
      // the next committee, once it is provable
      expect(source.requests.filter((route) => route !== "updates")).to.deep.equal([]);
      expect(source.requests.length).to.be.at.most(1);
    });

    it("does not let the head grow old when it goes quiet, and asks for nothing once it speaks again", async () => {
      const source = chain.source("quiet", { streams: true });
      await follow(source);
      await pushEachSlot(source, 204, 206);
      for (let slot = 207; slot < 280; slot++) {
        await toSlot(slot);
        expect(client.head?.trust.ageSlots).to.be.at.most(4);
      }
      expect(source.requests.length).to.be.within(18, 80);
      // by then it is subscribed to again after five minutes at most
      await pushEachSlot(source, 280, 335);
      source.requests.splice(0);
      await pushEachSlot(source, 336, 350);
      expect(source.requests.filter((route) => route !== "updates")).to.deep.equal([]);
      expect(client.head?.slot).to.equal(349);
    });

    it("is one, of one source, and passes to another when it breaks", async () => {
      const [one, two] = ["one", "two"].map((name) => chain.source(name, { streams: true })) as [
        FakeSource,
        FakeSource,
      ];
      const log = await follow(one, two);
      await settle();
      expect([one.streams.size, two.streams.size]).to.deep.equal([1, 0]);
      one.push("optimistic", { encoding: "json", value: { not: "an update" } });
      await settle();
      expect(log.error.map(({ error, source }) => `${source} ${error.code}`)).to.deep.equal(["one DECODE_FAILED"]);
      expect([one.streams.size, two.streams.size]).to.deep.equal([0, 1]);
      await pushEachSlot(two, 204, 206);
      expect(client.head?.trust.source).to.equal("two");
    });

    it("is left for that of another source when what it brings is old", async () => {
      const [old, fresh] = ["old", "fresh"].map((name) => chain.source(name, { streams: true })) as [
        FakeSource,
        FakeSource,
      ];
      await follow(old, fresh);
      serveOldHead(old, 5);
      for (let slot = 204; slot <= 225; slot++) {
        await pushEachSlot(old, slot, slot, 5);
        if (fresh.streams.size > 0) await pushEachSlot(fresh, slot, slot);
      }
      expect(client.head?.slot).to.equal(224);
      expect(client.head?.trust.source).to.equal("fresh");
    });

    it("does not keep the client from asking when it only repeats what is known", async () => {
      const source = chain.source("parrot", { streams: true });
      await follow(source);
      const known = chain.object("optimisticUpdate");
      for (let slot = 204; slot <= 212; slot++) {
        await passTime(chain.clock, chain.timeOf(slot) + 0.3 * slotMs - chain.clock.nowMs());
        source.push("optimistic", known);
        await settle();
      }
      expect(client.head?.slot).to.equal(211);
    });

    it("does not make the client work more often than it has slots for, however much it sends", async () => {
      const source = chain.source("flood", { streams: true });
      await follow(source);
      let verifications = 0;
      client.on("participation", () => verifications++);
      await passTime(chain.clock, slotMs);
      for (let i = 0; i < 200; i++) {
        source.push("optimistic");
        await passTime(chain.clock, slotMs / 400);
      }
      expect(verifications).to.be.at.most(2);
    });

    it("is tried again ever more rarely when it keeps breaking", async () => {
      const source = chain.source("broken", { streams: false });
      let subscriptions = 0;
      source.subscribe = async () => {
        subscriptions++;
        throw new SidelightError("SUBSCRIPTION_FAILED", "broken: no stream", {
          source: "broken",
          message: "no stream",
        });
      };
      const log = await follow(source);
      await passTime(chain.clock, 1_200_000);
      // 1, 2, 4 ... 300 s apart, each looked at once a slot
      expect(subscriptions).to.be.within(8, 12);
      expect(codesOf(log).filter((code) => code === "SUBSCRIPTION_FAILED")).to.have.length(subscriptions);
    });

    const asking: Record<string, { wantedMs: number; waitedMs: number }> = {
      "two minutes": { wantedMs: 120_000, waitedMs: 120_000 },
      "a year, for ten minutes": { wantedMs: 31_536_000_000, waitedMs: 600_000 },
    };
    for (const [time, { wantedMs, waitedMs }] of Object.entries(asking)) {
      it(`is left alone by who is told to come back after ${time}`, async () => {
        const source = chain.source("busy", { streams: false });
        const askedMs: number[] = [];
        source.subscribe = async () => {
          askedMs.push(chain.clock.nowMs());
          const details = { source: "busy", request: "event stream", status: 429, message: "" };
          const cause = new SidelightError("HTTP_STATUS", "busy", { ...details, retryAfterMs: wantedMs });
          const message = "busy: too many streams";
          throw new SidelightError("SUBSCRIPTION_FAILED", message, { source: "busy", message }, { cause });
        };
        await follow(source);
        await passTime(chain.clock, 2.5 * waitedMs);
        expect(askedMs).to.have.length(3);
        for (const [i, atMs] of askedMs.slice(1).entries()) {
          expect(atMs - askedMs[i]!).to.be.within(waitedMs, waitedMs + 2 * slotMs);
        }
      });
    }

    it("is left at once when the bytes of an hour have come, however fast they come", async () => {
      const [maxBytesPerHour, pieceBytes] = [1_000_000, 50_000];
      const source = chain.source("flood", { streams: false });
      let bytes = 0;
      source.subscribe = async ({ signal, onOpen, onBytes }) => {
        onOpen?.();
        // as many as a fast line brings within a slot
        for (let i = 0; i < 10_000 && !signal!.aborted; i++) {
          bytes += pieceBytes;
          onBytes?.(pieceBytes);
          await Promise.resolve();
        }
      };
      await follow({ maxBytesPerHour }, source);
      await passTime(chain.clock, 2 * slotMs);
      expect(bytes).to.be.within(maxBytesPerHour - pieceBytes, maxBytesPerHour + pieceBytes);
      expect(client.status.state).to.equal("throttled");
    });

    it("is not opened at every event by a server that hangs up after each", async () => {
      const source = chain.source("brief", { streams: false });
      let subscriptions = 0;
      source.subscribe = async ({ onOpen, onEvent }) => {
        subscriptions++;
        onOpen?.();
        onEvent({ type: "optimistic", object: chain.object("optimisticUpdate") });
        throw new SidelightError("SUBSCRIPTION_FAILED", "brief: ended", { source: "brief", message: "ended" });
      };
      await follow(source);
      await passTime(chain.clock, 100 * slotMs);
      expect(subscriptions).to.be.at.most(20);
      expect(client.head?.slot).to.be.at.least(300);
    });
  });
});
