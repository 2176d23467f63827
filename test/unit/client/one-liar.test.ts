import { expect } from "chai";
import type { LightClient } from "../../../src/client/light-client.js";
import { toHex } from "../../../src/ssz/bytes.js";
import type { RawObject } from "../../../src/transport/port.js";
import { minimalPreset, testNetwork } from "../../support/networks.js";
import {
  codesOf,
  createFakeChain,
  type FakeChain,
  type FakeSource,
  networkFailed,
  notAvailable,
  record,
} from "./fake-chain.js";
import { drive, passTime, watchUnhandled } from "./waiting.js";

describe("one liar before an honest source", () => {
  watchUnhandled();
  let chain: FakeChain;
  let liar: FakeSource;
  let honest: FakeSource;
  let client: LightClient;
  let slotMs: number;

  async function setUp(...[options]: Parameters<typeof createFakeChain>): Promise<void> {
    chain = await createFakeChain({ slot: 203, ...options });
    liar = chain.source("liar");
    honest = chain.source("honest");
    slotMs = chain.network.slotDurationMs;
  }

  function start(options: { forceUpdate?: boolean } = {}) {
    client = chain.client({ sources: [liar, honest], ...options });
    const log = record(client);
    const started = drive(chain.clock, client.start(), { limitMs: 20 * slotMs });
    return { log, started };
  }

  const toSlot = (slot: number) => passTime(chain.clock, chain.timeOf(slot) + 0.6 * slotMs - chain.clock.nowMs());

  beforeEach(() => setUp());
  afterEach(() => client.stop());

  describe("whose real heads one member of 32 has signed", () => {
    beforeEach(() => {
      const one = () => ({ attestedSlot: chain.slot() - 1, participants: 1 });
      liar.overrides.optimisticUpdate = async () => chain.forge.optimisticUpdate(one()).raw();
      liar.overrides.finalityUpdate = async () => chain.forge.finalityUpdate(one()).raw();
    });

    it("does not keep start from resolving with the honest one's head", async () => {
      const head = await start().started;
      expect(head.slot).to.equal(chain.slot() - 1);
      expect(head.trust).to.deep.include({ source: "honest", participation: { count: 32, size: 32 } });
      expect(client.finalized!.slot).to.equal(184);
    });

    it("does not keep the head from moving, every slot", async () => {
      const { log, started } = start();
      await started;
      for (let slot = 204; slot < 224; slot++) {
        await toSlot(slot);
        expect(client.head!.slot).to.equal(slot - 1);
      }
      expect(client.status).to.deep.equal({ state: "following" });
      expect(client.finalized!.slot).to.equal(200);
      expect(codesOf(log)).to.deep.equal([]);
    });
  });

  describe("that holds back finality while its heads are the newest", () => {
    const none = () => chain.forge.finalityUpdate({ attestedSlot: chain.slot() - 1, finalizedSlot: null }).raw();
    for (const name of ["an old one", "a new head without its finality"]) {
      it(`does not keep finality from moving, when polled: ${name}`, async () => {
        await start().started;
        const old = chain.object("finalityUpdate");
        liar.overrides.finalityUpdate = async () => (name === "an old one" ? old : none());
        for (const epoch of [26, 27, 28]) {
          await toSlot(epoch * 8 + 4);
          expect(client.finalized!.slot).to.equal((epoch - 2) * 8);
        }
      });
    }

    it("does not keep finality from moving, when it streams", async () => {
      liar = chain.source("liar", { streams: true });
      await start().started;
      const old = chain.object("finalityUpdate");
      liar.overrides.finalityUpdate = async () => old;
      for (let slot = 204; slot < 240; slot++) {
        await passTime(chain.clock, chain.timeOf(slot) + 0.3 * slotMs - chain.clock.nowMs());
        liar.push("finality", old);
        liar.push("optimistic");
        await toSlot(slot);
        expect(client.head!.slot).to.equal(slot - 1);
        // asked for from the middle of the epoch on
        if (slot % 8 >= 5) expect(client.finalized!.slot).to.equal((Math.floor(slot / 8) - 2) * 8);
      }
      expect(client.head!.trust.source).to.equal("liar");
    });
  });

  it("does not hold start back by old updates, each a little newer than the one before", async () => {
    const preset = { ...minimalPreset, epochsPerSyncCommitteePeriod: 256 };
    await setUp({ slot: 1603, network: testNetwork({ preset, forks: { electra: 0 } }) });
    // all of it is real: only that it could say more
    let epoch = 3;
    const { finalityUpdate, optimisticUpdate, update } = chain.forge;
    liar.overrides.finalityUpdate = async () => finalityUpdate({ attestedSlot: ++epoch * 8 + 2 }).raw();
    liar.overrides.optimisticUpdate = async () => optimisticUpdate({ attestedSlot: epoch * 8 + 4 }).raw();
    liar.overrides.updates = async () => [update({ attestedSlot: epoch * 8 + 3 }).raw()];
    const head = await start().started;
    expect(head.trust.source).to.equal("honest");
    expect(honest.requests).to.not.deep.equal([]);
  });

  describe("that does not answer while the honest one has nothing newer, since the slots are empty", () => {
    beforeEach(async () => {
      // as after a start: the head is polled for first
      client = chain.client({ sources: [liar, honest] });
      await drive(chain.clock, client.syncOnce());
      const newest = chain.object("optimisticUpdate");
      honest.overrides.optimisticUpdate = async () => newest;
      liar.overrides.optimisticUpdate = () => Promise.reject(networkFailed("optimistic update"));
    });

    it("does not make syncOnce reject: the head is fresh", async () => {
      const log = record(client);
      await chain.clock.advanceTo(chain.timeOf(205));
      expect((await drive(chain.clock, client.syncOnce())).head.slot).to.equal(202);
      expect(codesOf(log)).to.deep.equal(["NETWORK_FAILED"]);
    });

    it("does not make a client that follows report that nobody answered", async () => {
      const log = record(client);
      await drive(chain.clock, client.start());
      await toSlot(206);
      expect(new Set(codesOf(log))).to.deep.equal(new Set(["NETWORK_FAILED"]));
    });
  });

  describe("when nobody has been seen to sign yet", () => {
    beforeEach(async () => {
      await setUp({ checkpointSlot: 136, slot: 150 });
      for (const source of [liar, honest]) source.overrides.updates = () => Promise.reject(notAvailable("updates"));
    });

    function invented(participants: number): RawObject {
      const beacon = <B>(block: B) => ({ ...block, proposerIndex: 666 });
      return chain.forge.optimisticUpdate({ attestedSlot: chain.slot() - 1, participants, attested: { beacon } }).raw();
    }

    it("never shows what one member invented", async () => {
      liar.overrides.optimisticUpdate = async () => invented(1);
      const { log, started } = start();
      expect((await started).trust.source).to.equal("honest");
      await toSlot(152);
      expect(log.head.map(({ proposerIndex }) => proposerIndex)).to.not.include(666);
      expect(client.head!.slot).to.equal(151);
    });

    it("shows a head that more than half have signed, and none that half have", async () => {
      for (const [participants, slot] of [
        [16, 136],
        [17, 149],
      ] as const) {
        client = chain.client({ sources: [liar], maxHeadAgeSlots: Number.POSITIVE_INFINITY });
        liar.overrides.optimisticUpdate = async () =>
          chain.forge.optimisticUpdate({ attestedSlot: chain.slot() - 1, participants }).raw();
        const { head } = await drive(chain.clock, client.syncOnce());
        expect(head.slot).to.equal(slot);
      }
    });
  });

  describe("who names a committee of its own that one member has signed, with forceUpdate", () => {
    let evil: string;

    beforeEach(() => {
      const nextCommittee = chain.forge.otherCommittee("evil");
      evil = toHex(nextCommittee.value.pubkeys[0]!);
      liar.updates = async (period) => {
        const attestedSlot = period * 64 + 61;
        return [
          chain.forge.update({ attestedSlot, finalizedSlot: null, participants: 1, attested: { nextCommittee } }).raw(),
        ];
      };
    });

    const forced = ({ log }: Pick<ReturnType<typeof start>, "log">) => ({
      times: log["forced-update"].length,
      evil: log.committee.some(({ pubkeys }) => pubkeys[0] === evil),
    });

    it("is not believed by a start while the honest one fails to answer, or is on pause", async () => {
      let failures = 0;
      honest.overrides.updates = async () => {
        if (++failures === 3) delete honest.overrides.updates;
        throw networkFailed("updates");
      };
      const { log, started } = start({ forceUpdate: true });
      expect((await started).slot).to.equal(chain.slot() - 1);
      expect(forced({ log })).to.deep.equal({ times: 0, evil: false });
      expect(codesOf(log)).to.include("NETWORK_FAILED");
    });

    it("is not believed by a client that wakes up when the honest one cannot be reached", async () => {
      const { log, started } = start({ forceUpdate: true });
      await started;
      const fail = () => Promise.reject(networkFailed());
      Object.assign(honest.overrides, { updates: fail, finalityUpdate: fail, optimisticUpdate: fail });
      chain.clock.jumpTo(chain.timeOf(203 + 130));
      await passTime(chain.clock, 20 * slotMs);
      expect(forced({ log })).to.deep.equal({ times: 0, evil: false });
      for (const route of ["updates", "finalityUpdate", "optimisticUpdate"] as const) delete honest.overrides[route];
      await passTime(chain.clock, 20 * slotMs);
      expect(forced({ log })).to.deep.equal({ times: 0, evil: false });
      expect(client.status).to.deep.equal({ state: "following" });
    });

    it("is forced when every source was asked and had nothing better", async () => {
      honest.overrides.updates = () => Promise.reject(notAvailable("updates"));
      const { log, started } = start({ forceUpdate: true });
      await started.catch(() => {});
      expect(forced({ log })).to.include({ evil: true });
    });

    it("is not forced over a better one that the honest one has", async () => {
      const { log, started } = start({ forceUpdate: true });
      expect((await started).slot).to.equal(202);
      expect(forced({ log })).to.deep.equal({ times: 0, evil: false });
    });
  });

  describe("while catching up", () => {
    let asked: [number, number][];

    beforeEach(() => {
      asked = [];
      const { updates } = honest;
      honest.updates = (from, count, options) => {
        asked.push([from, count]);
        return updates(from, count, options);
      };
    });

    const sync = () => {
      client = chain.client({ sources: [liar, honest] });
      record(client);
      return drive(chain.clock, client.syncOnce());
    };

    it("does not keep a range from being halved by what is from the future", async () => {
      const { updates } = honest;
      honest.updates = async (from, count, options) => {
        if (count === 1) return updates(from, count, options);
        asked.push([from, count]);
        throw notAvailable("updates");
      };
      liar.updates = async (from) => [
        chain.forge
          .update({ attestedSlot: from * 64 + 61 })
          .edit((wire) => {
            wire.signatureSlot = 10_000_000;
          })
          .raw(),
      ];
      expect(await sync()).to.have.nested.property("head.slot", 202);
      expect(asked).to.deep.equal([
        [0, 3],
        [0, 2],
        [0, 1],
        [1, 2],
        [1, 1],
        [2, 1],
      ]);
    });

    for (const good of [1, 2]) {
      it(`is followed by the honest one for the rest of the range alone, after ${good} of 3 periods`, async () => {
        // what it sends after the good ones is of another period
        liar.overrides.updates = async () =>
          [0, 1]
            .slice(0, good)
            .concat(0)
            .map((period) => chain.update(period)!);
        const result = await sync();
        expect(result).to.deep.include({ periods: 3 });
        expect(asked).to.deep.equal([[good, 3 - good]]);
      });
    }

    it("is followed by the honest one for all of it, where it was nothing", async () => {
      liar.overrides.updates = async () => [];
      const result = await sync();
      expect(result).to.deep.include({ periods: 3 });
      expect(asked).to.deep.equal([[0, 3]]);
    });

    it("is not followed by a question for nothing, after all of the range and more", async () => {
      liar.overrides.updates = async () => [0, 1, 2, 0].map((period) => chain.update(period)!);
      const result = await sync();
      expect(result).to.deep.include({ periods: 3 });
      expect(asked.filter(([, count]) => count === 0)).to.deep.equal([]);
    });
  });
});
