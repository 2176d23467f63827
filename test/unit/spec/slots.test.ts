/** Participation, the order of slots, the clock, periods and relevance. */
import { expect } from "chai";
import type { LightClientStore } from "../../../src/spec/store.js";
import { validateLightClientUpdate } from "../../../src/spec/validate.js";
import type { LightClientUpdate } from "../../../src/ssz/objects.js";
import { expectCode } from "../../support/expect-code.js";
import { createForge, type Forge } from "../../support/forge.js";
import { forgeAt, storeAt, storeWithNext } from "../../support/forges.js";
import { INFINITY_SIGNATURE } from "../../support/keys.js";
import { LIGHT_CLIENT_FORKS, minimalPreset, networkAtFork } from "../../support/networks.js";

for (const fork of LIGHT_CLIENT_FORKS) {
  describe(`slots and participants of an update (${fork})`, () => {
    let forge: Forge;
    let store: LightClientStore;

    before(async () => {
      forge = await forgeAt(fork);
      store = storeAt(forge, 70);
    });

    const validate = (update: LightClientUpdate, clock = 1000, from = store) =>
      validateLightClientUpdate(forge.chain, from, update, clock);

    it("takes one participant and refuses none", () => {
      validate(forge.update({ attestedSlot: 100, participants: 1 }).value());
      validate(forge.update({ attestedSlot: 100, signers: [31] }).value());
      const none = forge.update({ attestedSlot: 100, participants: 0 });
      const details = expectCode("PARTICIPATION_TOO_LOW", () => validate(none.value()));
      expect(details).to.deep.equal({ participants: 0, required: 1, size: 32 });
      const signed = forge.update({ attestedSlot: 100, signers: [0, 1], bits: [] });
      expectCode("PARTICIPATION_TOO_LOW", () => validate(signed.value()));
      expect(none.wire.syncAggregate.syncCommitteeSignature).to.deep.equal(INFINITY_SIGNATURE);
    });

    it("refuses a signature at or before the attested slot", () => {
      for (const signatureSlot of [100, 99, 71, 0]) {
        const update = forge.update({
          attestedSlot: 100,
          signatureSlot,
          finalizedSlot: 80,
          committee: forge.committee(1),
        });
        const details = expectCode("SLOT_ORDER_INVALID", () => validate(update.value()));
        expect(details).to.deep.equal({ finalizedSlot: 80, attestedSlot: 100, signatureSlot });
      }
      validate(forge.update({ attestedSlot: 100, signatureSlot: 101, finalizedSlot: 80 }).value());
      validate(forge.update({ attestedSlot: 100, signatureSlot: 127, finalizedSlot: 80 }).value());
    });

    it("refuses a finalized slot after the attested slot, truly proven", () => {
      for (const finalizedSlot of [101, 102, 120]) {
        const update = forge.update({ attestedSlot: 100, signatureSlot: 126, finalizedSlot });
        const details = expectCode("SLOT_ORDER_INVALID", () => validate(update.value()));
        expect(details).to.deep.equal({ finalizedSlot, attestedSlot: 100, signatureSlot: 126 });
      }
    });

    it("refuses what is signed after the current slot", () => {
      const update = forge.update({ attestedSlot: 100, signatureSlot: 105 }).value();
      for (const clock of [105, 106, Number.MAX_SAFE_INTEGER, Infinity]) validate(update, clock);
      for (const clock of [104, 100, 0, -1, -Infinity]) {
        const run = () => validate(update, clock);
        if (!Number.isFinite(clock)) expect(run).to.throw().with.property("code", "UPDATE_FROM_FUTURE");
        else expect(expectCode("UPDATE_FROM_FUTURE", run)).to.deep.equal({ signatureSlot: 105, currentSlot: clock });
      }
    });

    it("refuses everything when the clock is not a number", () => {
      const update = forge.update({ attestedSlot: 100 }).value();
      expect(() => validate(update, Number.NaN)).to.throw();
    });

    describe("periods", () => {
      it("takes the store's period alone while the next committee is not known", () => {
        validate(forge.update({ attestedSlot: 126 }).value());
        const first = forge.update({ attestedSlot: 127, nextCommittee: false });
        const details = expectCode("PERIOD_SKIPPED", () => validate(first.value()));
        expect(details).to.deep.equal({ storePeriod: 1, signaturePeriod: 2, nextCommitteeKnown: false });
      });

      it("takes the next period too once its committee is known, and no more", () => {
        const known = storeWithNext(forge, 70);
        for (const attestedSlot of [126, 127, 128, 190]) validate(forge.update({ attestedSlot }).value(), 1000, known);
        const skipped = forge.update({ attestedSlot: 191, nextCommittee: false });
        const details = expectCode("PERIOD_SKIPPED", () => validate(skipped.value(), 1000, known));
        expect(details).to.deep.equal({ storePeriod: 1, signaturePeriod: 3, nextCommitteeKnown: true });
      });

      it("refuses a signature of an earlier period", () => {
        const later = storeWithNext(forge, 140);
        // not irrelevant: the attested block is newer than the store's, only the signature claims to be older
        const early = forge.update({ attestedSlot: 62, signatureSlot: 63, nextCommittee: false });
        const update = { ...early.value(), attestedHeader: forge.update({ attestedSlot: 150 }).value().attestedHeader };
        expectCode("SLOT_ORDER_INVALID", () => validate(update, 1000, later));
        expectCode("UPDATE_IRRELEVANT", () => validate(early.value(), 1000, later));
      });

      it("signs with the current committee in the store's period and with the next one in the next", () => {
        const known = storeWithNext(forge, 70);
        const wrong: [number, number][] = [
          [100, 2],
          [140, 1],
          // signed across the border: it is the signature's slot that counts, not the attested one's
          [127, 1],
        ];
        for (const [attestedSlot, period] of wrong) {
          const update = forge.update({ attestedSlot, committee: forge.committee(period) });
          expectCode("SIGNATURE_INVALID", () => validate(update.value(), 1000, known));
        }
      });
    });

    describe("relevance", () => {
      it("refuses what attests nothing newer than the finalized header", () => {
        const known = storeWithNext(forge, 100);
        for (const attestedSlot of [100, 99, 70]) {
          const update = forge.update({ attestedSlot });
          const details = expectCode("UPDATE_IRRELEVANT", () => validate(update.value(), 1000, known));
          expect(details).to.deep.equal({ attestedSlot, finalizedSlot: 100 });
        }
        validate(forge.update({ attestedSlot: 101 }).value(), 1000, known);
      });

      it("takes older data for the missing next committee of the period, and for nothing else", () => {
        const missing = storeAt(forge, 100);
        validate(forge.update({ attestedSlot: 90 }).value(), 1000, missing);
        const without = forge.update({ attestedSlot: 90, nextCommittee: false });
        expectCode("UPDATE_IRRELEVANT", () => validate(without.value(), 1000, missing));
        // signed in the store's period, but attested in the one before: its next committee is the current one
        const before = forge.update({ attestedSlot: 63, signatureSlot: 65, nextCommittee: true });
        expectCode("UPDATE_IRRELEVANT", () => validate(before.value(), 1000, missing));
      });
    });
  });
}

describe("MIN_SYNC_COMMITTEE_PARTICIPANTS", () => {
  it("is the preset's", async () => {
    const preset = { ...minimalPreset, minSyncCommitteeParticipants: 10 };
    const forge = await createForge({ network: networkAtFork("deneb", preset) });
    const store = storeAt(forge, 70);
    const update = (participants: number) => forge.update({ attestedSlot: 100, participants }).value();
    validateLightClientUpdate(forge.chain, store, update(10), 1000);
    const run = () => validateLightClientUpdate(forge.chain, store, update(9), 1000);
    expect(expectCode("PARTICIPATION_TOO_LOW", run)).to.deep.equal({ participants: 9, required: 10, size: 32 });
  });
});
