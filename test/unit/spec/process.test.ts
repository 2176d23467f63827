import { expect } from "chai";
import {
  applyLightClientUpdate,
  processLightClientFinalityUpdate,
  processLightClientOptimisticUpdate,
  processLightClientUpdate,
} from "../../../src/spec/process.js";
import { getSafetyThreshold, isNextSyncCommitteeKnown, type LightClientStore } from "../../../src/spec/store.js";
import { expectCode } from "../../support/expect-code.js";
import { createForge, type Forge, type UpdateOptions } from "../../support/forge.js";
import { forgeAt, storeAt, storeWithNext } from "../../support/forges.js";
import { contentOf } from "../../support/frozen.js";
import { LIGHT_CLIENT_FORKS, mainnetPreset, networkAtFork } from "../../support/networks.js";

const CLOCK = 10_000;

function process(forge: Forge, store: LightClientStore, options: UpdateOptions): LightClientStore {
  return processLightClientUpdate(forge.chain, store, forge.update(options).value(), CLOCK);
}

/** Slots of the finalized and the optimistic header. */
function slotsOf({ finalizedHeader, optimisticHeader }: LightClientStore): [number, number] {
  return [finalizedHeader.beacon.slot, optimisticHeader.beacon.slot];
}

for (const fork of LIGHT_CLIENT_FORKS) {
  describe(`processLightClientUpdate (${fork})`, () => {
    let forge: Forge;
    before(async () => {
      forge = await forgeAt(fork);
    });

    it("finalizes at exactly two thirds, and not below", () => {
      const store = storeWithNext(forge, 70);
      const enough = process(forge, store, { attestedSlot: 100, finalizedSlot: 80, participants: 22 });
      expect(slotsOf(enough)).to.deep.equal([80, 100]);
      const tooFew = process(forge, store, { attestedSlot: 100, finalizedSlot: 80, participants: 21 });
      expect(slotsOf(tooFew)).to.deep.equal([70, 100]);
    });

    it("adopts the next committee at exactly two thirds, and not below", () => {
      const store = storeAt(forge, 70);
      const next = contentOf(forge.committee(2).value);
      const enough = process(forge, store, { attestedSlot: 100, finalizedSlot: 80, participants: 22 });
      expect(contentOf(enough.nextSyncCommittee)).to.equal(next);
      const tooFew = process(forge, store, { attestedSlot: 100, finalizedSlot: 80, participants: 21 });
      expect(isNextSyncCommitteeKnown(tooFew)).to.equal(false);
    });

    it("rotates committees at exactly two thirds, and not below", () => {
      const store = storeWithNext(forge, 120);
      const options = { attestedSlot: 150, finalizedSlot: 130 };
      const tooFew = process(forge, store, { ...options, participants: 21 });
      expect(contentOf(tooFew.currentSyncCommittee)).to.equal(contentOf(forge.committee(1).value));
      expect(slotsOf(tooFew)).to.deep.equal([120, 150]);
      const enough = process(forge, store, { ...options, participants: 22 });
      expect(contentOf(enough.currentSyncCommittee)).to.equal(contentOf(forge.committee(2).value));
      expect(contentOf(enough.nextSyncCommittee)).to.equal(contentOf(forge.committee(3).value));
      expect(slotsOf(enough)).to.deep.equal([130, 150]);
    });
  });
}

describe("two thirds of 512", () => {
  it("are 342", async () => {
    const forge = await createForge({ network: networkAtFork("fulu", mainnetPreset) });
    const store = storeAt(forge, 8300);
    for (const [participants, finalized] of [
      [341, 8300],
      [342, 8400],
    ] as const) {
      const after = process(forge, store, { attestedSlot: 8500, finalizedSlot: 8400, participants });
      expect(after.finalizedHeader.beacon.slot).to.equal(finalized);
      expect(isNextSyncCommitteeKnown(after)).to.equal(finalized === 8400);
    }
  });
});

describe("processLightClientUpdate", () => {
  let forge: Forge;
  before(async () => {
    forge = await forgeAt("electra");
  });

  describe("the next committee", () => {
    it("is not adopted without finality, or with finality of the period before", () => {
      for (const finalizedSlot of [null, 0, 60]) {
        const store = storeAt(forge, 70);
        const after = process(forge, store, { attestedSlot: 100, finalizedSlot });
        expect(isNextSyncCommitteeKnown(after), `finalized ${finalizedSlot}`).to.equal(false);
        expect(slotsOf(after)).to.deep.equal([70, 100]);
      }
    });

    it("is adopted from older data, which changes nothing else", () => {
      const store = storeAt(forge, 100);
      const after = process(forge, store, { attestedSlot: 90, finalizedSlot: 72 });
      expect(isNextSyncCommitteeKnown(after)).to.equal(true);
      expect(slotsOf(after)).to.deep.equal([100, 100]);
      expect(after.finalizedHeader).to.equal(store.finalizedHeader);
    });

    it("is forgotten by a rotation without one", () => {
      const after = process(forge, storeWithNext(forge, 120), {
        attestedSlot: 150,
        finalizedSlot: 130,
        nextCommittee: false,
      });
      expect(isNextSyncCommitteeKnown(after)).to.equal(false);
      expect(contentOf(after.currentSyncCommittee)).to.equal(contentOf(forge.committee(2).value));
    });

    it("stays as it is when finality advances within the period", () => {
      const store = storeWithNext(forge, 70);
      const after = process(forge, store, { attestedSlot: 100, finalizedSlot: 80 });
      expect(after.nextSyncCommittee).to.equal(store.nextSyncCommittee);
      expect(after.currentSyncCommittee).to.equal(store.currentSyncCommittee);
    });
  });

  describe("participation", () => {
    it("is remembered as the period's maximum, and handed on by a rotation", () => {
      let store = storeWithNext(forge, 120);
      store = process(forge, store, { attestedSlot: 121, participants: 10 });
      store = process(forge, store, { attestedSlot: 122, participants: 20 });
      store = process(forge, store, { attestedSlot: 123, participants: 15 });
      expect([store.previousMaxActiveParticipants, store.currentMaxActiveParticipants]).to.deep.equal([0, 20]);
      store = process(forge, store, { attestedSlot: 150, finalizedSlot: 130, participants: 30 });
      expect([store.previousMaxActiveParticipants, store.currentMaxActiveParticipants]).to.deep.equal([30, 0]);
      expect(getSafetyThreshold(store)).to.equal(15);
    });

    it("must exceed half of the maximum for a new optimistic header", () => {
      let store = process(forge, storeWithNext(forge, 70), { attestedSlot: 101, participants: 20 });
      expect(getSafetyThreshold(store)).to.equal(10);
      store = process(forge, store, { attestedSlot: 102, participants: 10 });
      expect(slotsOf(store)).to.deep.equal([70, 101]);
      store = process(forge, store, { attestedSlot: 103, participants: 11 });
      expect(slotsOf(store)).to.deep.equal([70, 103]);
    });

    it("counts the previous period's maximum as well", () => {
      const store = { ...storeWithNext(forge, 70), previousMaxActiveParticipants: 31 };
      expect(getSafetyThreshold(store)).to.equal(15);
      expect(slotsOf(process(forge, store, { attestedSlot: 100, participants: 15 }))).to.deep.equal([70, 70]);
      expect(slotsOf(process(forge, store, { attestedSlot: 100, participants: 16 }))).to.deep.equal([70, 100]);
    });

    it("does not move the optimistic header back", () => {
      let store = process(forge, storeWithNext(forge, 70), { attestedSlot: 110 });
      store = process(forge, store, { attestedSlot: 105 });
      expect(slotsOf(store)[1]).to.equal(110);
    });

    it("moves the optimistic header along with a newer finalized one", () => {
      const store = { ...storeWithNext(forge, 70), previousMaxActiveParticipants: 32 };
      const after = applyLightClientUpdate(forge.chain, store, forge.update({ attestedSlot: 100 }).value());
      expect(after.optimisticHeader).to.equal(after.finalizedHeader);
    });
  });

  describe("the best valid update", () => {
    it("is the first, then any better one, and never a worse one", () => {
      let store = storeWithNext(forge, 70);
      const steps: [UpdateOptions, number][] = [
        [{ attestedSlot: 101, participants: 5 }, 101],
        [{ attestedSlot: 102, participants: 4 }, 101],
        [{ attestedSlot: 103, participants: 5 }, 101],
        [{ attestedSlot: 104, participants: 6 }, 104],
        [{ attestedSlot: 105, participants: 22, finalizedSlot: null, nextCommittee: false }, 105],
        [{ attestedSlot: 106, participants: 21, finalizedSlot: 80 }, 105],
        [{ attestedSlot: 107, participants: 22, finalizedSlot: null }, 107],
      ];
      for (const [options, best] of steps) {
        store = process(forge, store, options);
        expect(store.bestValidUpdate?.attestedHeader.beacon.slot, JSON.stringify(options)).to.equal(best);
      }
    });

    it("is cleared when something is finalized or a next committee is adopted", () => {
      const tried = process(forge, storeAt(forge, 100), { attestedSlot: 101, participants: 5 });
      expect(tried.bestValidUpdate).to.not.equal(null);
      expect(process(forge, tried, { attestedSlot: 120, finalizedSlot: 104 }).bestValidUpdate).to.equal(null);
      expect(process(forge, tried, { attestedSlot: 90, finalizedSlot: 72 }).bestValidUpdate).to.equal(null);
    });

    it("stays when two thirds sign what finalizes nothing new", () => {
      const after = process(forge, storeWithNext(forge, 100), { attestedSlot: 120, finalizedSlot: 100 });
      expect(after.bestValidUpdate?.attestedHeader.beacon.slot).to.equal(120);
      expect(slotsOf(after)).to.deep.equal([100, 120]);
    });
  });

  it("gives no store when the update is refused", () => {
    const store = storeAt(forge, 70);
    const before = contentOf(store);
    expectCode("SIGNATURE_INVALID", () => process(forge, store, { attestedSlot: 100, signers: [1], bits: [2] }));
    expect(contentOf(store)).to.equal(before);
  });

  describe("as a finality update", () => {
    it("finalizes, and brings no committee", () => {
      const store = storeAt(forge, 70);
      const value = forge.finalityUpdate({ attestedSlot: 100, finalizedSlot: 80 }).value();
      const after = processLightClientFinalityUpdate(forge.chain, store, value, CLOCK);
      expect(slotsOf(after)).to.deep.equal([80, 100]);
      expect(isNextSyncCommitteeKnown(after)).to.equal(false);
    });
  });

  describe("as an optimistic update", () => {
    it("moves the optimistic header alone", () => {
      const store = storeWithNext(forge, 70);
      const value = forge.optimisticUpdate({ attestedSlot: 100 }).value();
      const after = processLightClientOptimisticUpdate(forge.chain, store, value, CLOCK);
      expect(slotsOf(after)).to.deep.equal([70, 100]);
      expect(after.finalizedHeader).to.equal(store.finalizedHeader);
    });
  });
});

describe("applyLightClientUpdate", () => {
  it("refuses to finalize another period while the next committee is not known", async () => {
    const forge = await forgeAt("gloas");
    const store = storeAt(forge, 70);
    for (const [finalizedSlot, finalizedPeriod] of [
      [130, 2],
      [40, 0],
    ] as const) {
      const update = forge.update({ attestedSlot: 140, finalizedSlot }).value();
      const details = expectCode("FINALIZED_PERIOD_MISMATCH", () => applyLightClientUpdate(forge.chain, store, update));
      expect(details).to.deep.equal({ storePeriod: 1, finalizedPeriod });
    }
  });

  it("leaves the headers when the update finalizes something older", async () => {
    const forge = await forgeAt("gloas");
    const store = storeWithNext(forge, 100);
    const after = applyLightClientUpdate(
      forge.chain,
      store,
      forge.update({ attestedSlot: 90, finalizedSlot: 72 }).value(),
    );
    expect(contentOf(after)).to.equal(contentOf(store));
  });
});
