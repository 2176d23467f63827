import { expect } from "chai";
import { processLightClientStoreForceUpdate, processLightClientUpdate } from "../../../src/spec/process.js";
import type { LightClientStore } from "../../../src/spec/store.js";
import { expectCode } from "../../support/expect-code.js";
import type { Forge, UpdateOptions } from "../../support/forge.js";
import { forgeAt, storeAt, storeWithNext } from "../../support/forges.js";
import { contentOf } from "../../support/frozen.js";

const TIMEOUT = 64;

for (const fork of ["altair", "capella", "electra", "gloas"] as const) {
  describe(`processLightClientStoreForceUpdate (${fork})`, () => {
    let forge: Forge;
    before(async () => {
      forge = await forgeAt(fork);
    });

    const force = (store: LightClientStore, clock: number) =>
      processLightClientStoreForceUpdate(forge.chain, store, clock);
    const expectUnchanged = (store: LightClientStore, clock: number) =>
      expect(force(store, clock) === store, `slot ${clock}: the same store`).to.equal(true);
    const processed = (store: LightClientStore, options: UpdateOptions) =>
      processLightClientUpdate(forge.chain, store, forge.update(options).value(), 10_000);

    it("waits until the timeout is over, and not a slot longer", () => {
      const store = processed(storeWithNext(forge, 70), { attestedSlot: 100, finalizedSlot: 80, participants: 5 });
      for (const clock of [0, 100, 70 + TIMEOUT - 1, 70 + TIMEOUT]) expectUnchanged(store, clock);
      const forced = force(store, 70 + TIMEOUT + 1);
      expect(forced.finalizedHeader).to.deep.equal(
        forge.update({ attestedSlot: 100, finalizedSlot: 80 }).value().finalizedHeader,
      );
      expect(forced.bestValidUpdate).to.equal(null);
    });

    it("does nothing without a best update", () => {
      expectUnchanged(storeWithNext(forge, 70), 10_000);
    });

    it("does nothing when the clock is not a number", () => {
      const waiting = processed(storeWithNext(forge, 70), { attestedSlot: 100, participants: 5 });
      expectUnchanged(waiting, Number.NaN);
    });

    it("treats the attested header as finalized when the update finalizes nothing new", () => {
      for (const finalizedSlot of [null, 0, 64, 70]) {
        const store = processed(storeWithNext(forge, 70), { attestedSlot: 100, finalizedSlot, participants: 5 });
        const best = contentOf(store.bestValidUpdate);
        const forced = force(store, 200);
        expect(forced.finalizedHeader).to.equal(store.bestValidUpdate!.attestedHeader);
        expect(forced.optimisticHeader.beacon.slot).to.equal(100);
        expect(contentOf(store.bestValidUpdate), "the update itself").to.equal(best);
      }
    });

    it("adopts the next committee that fewer than two thirds signed", () => {
      const store = processed(storeAt(forge, 70), { attestedSlot: 100, finalizedSlot: 80, participants: 1 });
      const forced = force(store, 200);
      expect(contentOf(forced.nextSyncCommittee)).to.equal(contentOf(forge.committee(2).value));
      expect(forced.finalizedHeader.beacon.slot).to.equal(80);
    });

    it("rotates into the next period, by finality or by the attested header", () => {
      for (const finalizedSlot of [130, null]) {
        const store = processed(storeWithNext(forge, 120), { attestedSlot: 150, finalizedSlot, participants: 7 });
        const forced = force(store, 200);
        expect(contentOf(forced.currentSyncCommittee)).to.equal(contentOf(forge.committee(2).value));
        expect(contentOf(forced.nextSyncCommittee)).to.equal(contentOf(forge.committee(3).value));
        expect(forced.finalizedHeader.beacon.slot).to.equal(finalizedSlot ?? 150);
        expect([forced.previousMaxActiveParticipants, forced.currentMaxActiveParticipants]).to.deep.equal([7, 0]);
      }
    });

    it("does not move headers back for a missing committee from older data", () => {
      const store = processed(storeAt(forge, 100), { attestedSlot: 90, finalizedSlot: null, participants: 32 });
      const forced = force(store, 200);
      expect(forced.finalizedHeader.beacon.slot).to.equal(100);
      expect(contentOf(forced.nextSyncCommittee)).to.equal(contentOf(forge.committee(2).value));
    });

    it("forces once: the next time it has to wait for an update and the timeout again", () => {
      const store = processed(storeWithNext(forge, 70), { attestedSlot: 100, finalizedSlot: null, participants: 5 });
      const forced = force(store, 200);
      expectUnchanged(forced, 10_000);
      const again = processed(forced, { attestedSlot: 110, finalizedSlot: null, participants: 5 });
      expectUnchanged(again, 100 + TIMEOUT);
      expect(force(again, 100 + TIMEOUT + 1).finalizedHeader.beacon.slot).to.equal(110);
    });

    it("refuses a best update of another period while the next committee is not known", () => {
      // no valid update can be one: a store that was put together by hand
      const best = forge.update({ attestedSlot: 140, finalizedSlot: 130 }).value();
      const store = { ...storeAt(forge, 70), bestValidUpdate: best };
      const details = expectCode("FINALIZED_PERIOD_MISMATCH", () => force(store, 1000));
      expect(details).to.deep.equal({ storePeriod: 1, finalizedPeriod: 2 });
    });
  });
}
