import { expect } from "chai";
import type { LightClientStore } from "../../../src/spec/store.js";
import { validateLightClientUpdate } from "../../../src/spec/validate.js";
import type { LightClientUpdate } from "../../../src/ssz/objects.js";
import { createContainers } from "../../support/containers.js";
import { expectCode } from "../../support/expect-code.js";
import { fill } from "../../support/fill.js";
import type { Forge, ForgedUpdate, TestCommittee } from "../../support/forge.js";
import { forgeAt, storeAt, storeWithNext } from "../../support/forges.js";
import { LIGHT_CLIENT_FORKS } from "../../support/networks.js";
import { bytesHex, depthOf, stateGindices } from "../../support/protocol.js";

const ATTESTED = 100;
const PERIOD = 1;

for (const fork of LIGHT_CLIENT_FORKS) {
  describe(`next committee of an update (${fork})`, () => {
    let forge: Forge;
    let honest: ForgedUpdate;
    let other: TestCommittee;

    before(async () => {
      forge = await forgeAt(fork);
      honest = forge.update({ attestedSlot: ATTESTED });
      other = forge.otherCommittee("other");
    });

    const validate = (update: LightClientUpdate, store: LightClientStore = storeAt(forge, 70)) =>
      validateLightClientUpdate(forge.chain, store, update, 1000);

    it("takes the one in the attested state, and none", () => {
      for (const store of [storeAt(forge, 70), storeWithNext(forge, 70)]) {
        validate(honest.value(), store);
        validate(forge.update({ attestedSlot: ATTESTED, nextCommittee: false }).value(), store);
      }
    });

    it("refuses another committee", () => {
      const changes: Parameters<ForgedUpdate["edit"]>[0][] = [
        (wire) => Object.assign(wire.nextSyncCommittee, other.value),
        (wire) => wire.nextSyncCommittee.pubkeys.reverse(),
        (wire) => wire.nextSyncCommittee.pubkeys[31]!.set(other.value.pubkeys[0]!),
        (wire) => wire.nextSyncCommittee.aggregatePubkey.set(other.value.aggregatePubkey),
        (wire) => Object.assign(wire.nextSyncCommittee, forge.committee(PERIOD).value),
      ];
      const stateRoot = bytesHex(honest.wire.attestedHeader.beacon.stateRoot);
      for (const change of changes) {
        for (const store of [storeAt(forge, 70), storeWithNext(forge, 70)]) {
          const run = () => validate(honest.edit(change).value(), store);
          const details = expectCode("NEXT_COMMITTEE_BRANCH_INVALID", run);
          expect(details).to.deep.equal({ slot: ATTESTED, gindex: stateGindices(fork).nextSyncCommittee, stateRoot });
        }
      }
    });

    it("refuses the empty committee with a branch", () => {
      const update = honest.edit((wire) => {
        for (const key of [...wire.nextSyncCommittee.pubkeys, wire.nextSyncCommittee.aggregatePubkey]) key.fill(0);
      });
      expectCode("NEXT_COMMITTEE_BRANCH_INVALID", () => validate(update.value()));
      expectCode("NEXT_COMMITTEE_BRANCH_INVALID", () => validate({ ...honest.value(), nextSyncCommittee: null }));
    });

    it("refuses the current committee of the same state, with its own branch", () => {
      const block = forge.block({ slot: ATTESTED });
      const update = honest.edit((wire) => {
        wire.nextSyncCommittee = block.currentCommittee.value;
        wire.nextSyncCommitteeBranch = block.currentCommitteeBranch;
      });
      expectCode("NEXT_COMMITTEE_BRANCH_INVALID", () => validate(update.value()));
    });

    it("refuses a change of any node of the branch", () => {
      for (let node = 0; node < depthOf(stateGindices(fork).nextSyncCommittee); node++) {
        const update = honest.edit((wire) => wire.nextSyncCommitteeBranch[node]!.fill(1, 31));
        expectCode("NEXT_COMMITTEE_BRANCH_INVALID", () => validate(update.value()));
      }
    });

    it("refuses something in front of the branch, and a branch that is too short", () => {
      const value = honest.value();
      const depth = depthOf(stateGindices(fork).nextSyncCommittee);
      const { nextSyncCommitteeBranch: branch } = value;
      for (let node = 0; node < 11 - depth; node++) {
        const nextSyncCommitteeBranch = branch.map((known, i) => (i === node ? fill("node") : known));
        const run = () => validate({ ...value, nextSyncCommitteeBranch });
        expect(expectCode("BRANCH_LENGTH_INVALID", run)).to.include({ expected: depth, actual: 11 - node });
      }
      const run = () => validate({ ...value, nextSyncCommitteeBranch: branch.slice(12 - depth) });
      expect(expectCode("BRANCH_LENGTH_INVALID", run)).to.include({ expected: depth, actual: depth - 1 });
    });

    it("refuses a committee without a branch, even one key of it", () => {
      const none = forge.update({ attestedSlot: ATTESTED, nextCommittee: false });
      const changes: Parameters<ForgedUpdate["edit"]>[0][] = [
        (wire) => Object.assign(wire.nextSyncCommittee, honest.wire.nextSyncCommittee),
        (wire) => wire.nextSyncCommittee.pubkeys[31]!.fill(1, 47),
        (wire) => wire.nextSyncCommittee.aggregatePubkey.fill(1, 47),
      ];
      for (const change of changes) {
        const details = expectCode("NEXT_COMMITTEE_UNEXPECTED", () => validate(none.edit(change).value()));
        expect(details).to.deep.equal({ attestedSlot: ATTESTED });
      }
    });

    describe("that contradicts the known one", () => {
      const conflict = (options = {}) =>
        forge.update({ attestedSlot: ATTESTED, attested: { nextCommittee: other }, ...options });

      it("is refused as evidence when truly signed", () => {
        const run = () => validate(conflict().value(), storeWithNext(forge, 70));
        const { SyncCommittee } = createContainers(32);
        expect(expectCode("NEXT_COMMITTEE_CONFLICT", run)).to.deep.equal({
          period: PERIOD,
          known: bytesHex(SyncCommittee.hashTreeRoot(forge.committee(PERIOD + 1).value)),
          received: bytesHex(SyncCommittee.hashTreeRoot(other.value)),
        });
      });

      it("is evidence with a single true signer, and with finality or without", () => {
        for (const options of [
          { participants: 1 },
          { finalizedSlot: null },
          { finalizedSlot: 0 },
          { finalizedSlot: 80 },
        ]) {
          expectCode("NEXT_COMMITTEE_CONFLICT", () => validate(conflict(options).value(), storeWithNext(forge, 70)));
        }
      });

      it("is no evidence when not truly signed", () => {
        const forgeries = [
          conflict({ committee: other }),
          conflict({ participants: 20, bits: [0, 1, 2] }),
          conflict({ validatorsRoot: fill("another chain") }),
        ];
        for (const forgery of forgeries) {
          expectCode("SIGNATURE_INVALID", () => validate(forgery.value(), storeWithNext(forge, 70)));
        }
      });

      it("is no evidence when its branch is not true", () => {
        const update = honest.edit((wire) => Object.assign(wire.nextSyncCommittee, other.value));
        expectCode("NEXT_COMMITTEE_BRANCH_INVALID", () => validate(update.value(), storeWithNext(forge, 70)));
      });

      it("is none while nothing is known", () => {
        validate(conflict().value(), storeAt(forge, 70));
      });

      it("is none when it is of the next period", () => {
        const update = forge.update({ attestedSlot: 140, attested: { nextCommittee: other } });
        validate(update.value(), storeWithNext(forge, 70));
      });
    });
  });
}
