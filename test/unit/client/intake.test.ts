import { expect } from "chai";
import { type Agreement, createAgreement } from "../../../src/client/agreement.js";
import type { Context } from "../../../src/client/context.js";
import { createIntake, type Intake } from "../../../src/client/intake.js";
import { createSkew } from "../../../src/client/skew.js";
import { stateFromBootstrap } from "../../../src/client/state.js";
import type { LightClientEvents, Participation } from "../../../src/client/types.js";
import { createVerified, type Verified } from "../../../src/client/verified.js";
import { createEmitter, type Emitter } from "../../../src/events.js";
import type { ResolvedOptions } from "../../../src/options.js";
import { fromHex, toHex } from "../../../src/ssz/bytes.js";
import { syncCommitteeRoot } from "../../../src/ssz/roots.js";
import { decodeStatement } from "../../../src/store/statement.js";
import type { RawObject } from "../../../src/transport/port.js";
import { manualClock } from "../../support/clock.js";
import { expectCode } from "../../support/expect-code.js";
import { createForge, type Forge, type UpdateOptions } from "../../support/forge.js";
import { networkAtFork } from "../../support/networks.js";
import { type StubBls, stubBls } from "../../support/stub-bls.js";
import type { FakeSource } from "./fake-chain.js";

const SOURCE = { name: "liar" } as FakeSource;

describe("createIntake", () => {
  let forge: Forge;
  let bls: StubBls;
  let emitter: Emitter<LightClientEvents>;
  let verified: Verified;
  let intake: Intake;
  let agreement: Agreement;

  beforeEach(async () => {
    bls = stubBls();
    forge = await createForge({ network: networkAtFork("electra"), bls });
    const { chain, network } = forge;
    const clock = manualClock(network.genesisTime * 1000 + 100 * network.slotDurationMs);
    emitter = createEmitter<LightClientEvents>(({ message }) => expect.fail(message));
    agreement = createAgreement(chain, clock, () => {});
    verified = createVerified(chain, emitter, () => ({ chain, nowMs: clock.nowMs() }), agreement.admit);
    const bootstrap = forge.bootstrap(8);
    const state = stateFromBootstrap(chain, bootstrap.root, bootstrap.value(), "honest");
    agreement.begin(state);
    verified.become(state);
    const options = { clockToleranceMs: 0, maxHeadAgeSlots: 8 } as ResolvedOptions;
    const skew = createSkew({ chain, clock, options, report: () => expect.fail("reported") });
    intake = createIntake({ chain, clock, verified, agreement, skew, options } as unknown as Context);
  });

  function update(attestedSlot: number, options: Partial<UpdateOptions> = {}): RawObject {
    return forge.update({ attestedSlot, ...options }).raw();
  }

  function optimistic(attestedSlot: number, participants = 32): RawObject {
    return forge.optimisticUpdate({ attestedSlot, participants }).raw();
  }

  /** Truly signed by the committee of period 0, but naming another next committee. */
  function conflicting(name: string, attestedSlot = 50): RawObject {
    return update(attestedSlot, { attested: { nextCommittee: forge.otherCommittee(name) } });
  }

  it("refuses an update of another period than was asked for", () => {
    const details = expectCode("RESPONSE_INVALID", () => intake.takeUpdate(update(40), 1, SOURCE));
    expect(details).to.deep.equal({ source: "liar", request: "updates", expected: "1", actual: "0" });
  });

  it("changes nothing when it refuses", () => {
    const before = verified.state();
    bls.answer = "mismatch";
    expectCode("SIGNATURE_INVALID", () => intake.takeUpdate(update(40), 0, SOURCE));
    expectCode("SIGNATURE_INVALID", () => intake.takeNews({ type: "optimistic", object: optimistic(40) }, SOURCE));
    expect(verified.state()).to.equal(before);
    expect(verified.participation()).to.equal(null);
  });

  it("does not verify a second time what is known", () => {
    expect(intake.takeNews({ type: "optimistic", object: optimistic(40) }, SOURCE)).to.deep.equal(["optimistic"]);
    const { calls } = bls;
    for (const slot of [40, 39, 9]) {
      expect(intake.takeNews({ type: "optimistic", object: optimistic(slot) }, SOURCE)).to.deep.equal([]);
    }
    expect(bls.calls).to.equal(calls);
  });

  it("takes a finality update for the finality alone, when its head is known", () => {
    intake.takeNews({ type: "optimistic", object: optimistic(40) }, SOURCE);
    const object = forge.finalityUpdate({ attestedSlot: 40 }).raw();
    expect(intake.takeNews({ type: "finality", object }, SOURCE)).to.deep.equal(["finality"]);
    expect(verified.state()!.store.finalizedHeader.beacon.slot).to.equal(24);
  });

  it("refuses a signature from the future of the clock", () => {
    const object = optimistic(100);
    const details = expectCode("UPDATE_FROM_FUTURE", () => intake.takeNews({ type: "optimistic", object }, SOURCE));
    expect(details).to.deep.equal({ signatureSlot: 101, currentSlot: 100 });
  });

  it("tells who signed each block, again when more turn out to have, with who was absent", () => {
    const seen: Participation[] = [];
    emitter.on("participation", (participation) => seen.push(participation));
    intake.takeNews({ type: "optimistic", object: optimistic(40, 30) }, SOURCE);
    intake.takeNews({ type: "finality", object: forge.finalityUpdate({ attestedSlot: 40 }).raw() }, SOURCE);
    intake.takeNews({ type: "optimistic", object: optimistic(41, 31) }, SOURCE);
    expect(seen.map(({ slot, count }) => [slot, count])).to.deep.equal([
      [41, 30],
      [41, 32],
      [42, 31],
    ]);
    const members = forge.committee(0).value.pubkeys.map((pubkey) => toHex(pubkey));
    expect(seen[0]!.absent).to.deep.equal([30, 31].map((index) => ({ index, pubkey: members[index] })));
    expect(seen[0]).to.include({ size: 32, rate: 30 / 32, bits: "0xffffff3f", period: 0, attestedSlot: 40 });
    expect(verified.participation()).to.equal(seen[2]);
  });

  it("hands out a participation for a head that too few signed, and no head", () => {
    const heads: number[] = [];
    emitter.on("head", ({ slot }) => heads.push(slot));
    intake.takeNews({ type: "optimistic", object: optimistic(40) }, SOURCE);
    expect(intake.takeNews({ type: "optimistic", object: optimistic(41, 16) }, SOURCE)).to.deep.equal([]);
    expect(heads).to.deep.equal([40]);
    expect(verified.participation()).to.include({ slot: 42, count: 16 });
  });

  describe("evidence", () => {
    beforeEach(() => intake.takeUpdate(update(40), 0, SOURCE));

    it("keeps a truly signed next committee that conflicts with the known one, as it came", () => {
      const raw = conflicting("traitors");
      const details = expectCode("NEXT_COMMITTEE_CONFLICT", () => intake.takeUpdate(raw, 0, SOURCE));
      const { chain } = forge;
      const [known, received] = [forge.committee(1), forge.otherCommittee("traitors")].map(({ value }) =>
        toHex(syncCommitteeRoot(chain.types, value)),
      );
      expect(details).to.deep.equal({ period: 0, known, received });
      expect(agreement.evidence).to.have.length(1);
      const [evidence] = agreement.evidence;
      expect(evidence).to.include({ version: 1, kind: "next-committee", network: forge.network.name });
      expect(evidence!.known).to.include({ source: "liar", slot: 40, root: known });
      expect(evidence!.received).to.include({ source: "liar", slot: 50, root: received });
      expect(evidence!.receivedAtMs).to.equal(forge.network.genesisTime * 1000 + 600_000);
      expect(JSON.parse(JSON.stringify(evidence))).to.deep.equal(evidence);
      // enough to convince somebody else: it decodes to what was signed
      const again = decodeStatement(chain, fromHex(evidence!.received.ssz));
      expect(toHex(syncCommitteeRoot(chain.types, again.update!.nextSyncCommittee!))).to.equal(received);
    });

    it("keeps one that nobody asked for: an update of a period whose committee is known", () => {
      expectCode("NEXT_COMMITTEE_CONFLICT", () => intake.takeUpdate(conflicting("unasked"), 1, SOURCE));
      expect(agreement.evidence).to.have.length(1);
    });

    it("keeps none that fewer than 2/3 signed: some members sign anything", () => {
      const few = update(50, { attested: { nextCommittee: forge.otherCommittee("few") }, participants: 21 });
      expectCode("RESPONSE_INVALID", () => intake.takeUpdate(few, 1, SOURCE));
      expect(agreement.evidence).to.deep.equal([]);
    });

    it("keeps nothing of a conflict that nobody signed", () => {
      bls.answer = "mismatch";
      expectCode("SIGNATURE_INVALID", () => intake.takeUpdate(conflicting("invented"), 0, SOURCE));
      expect(agreement.evidence).to.deep.equal([]);
    });

    it("keeps each contradiction once, however often it is sent", () => {
      const raw = conflicting("traitors");
      for (let i = 0; i < 3; i++) expectCode("NEXT_COMMITTEE_CONFLICT", () => intake.takeUpdate(raw, 0, SOURCE));
      expect(agreement.evidence).to.have.length(1);
    });

    it("keeps the newest 8", () => {
      const names = Array.from({ length: 18 }, (_, i) => `traitors ${i}`);
      for (const name of names) {
        expectCode("NEXT_COMMITTEE_CONFLICT", () => intake.takeUpdate(conflicting(name), 0, SOURCE));
      }
      const roots = names
        .slice(-8)
        .map((name) => syncCommitteeRoot(forge.chain.types, forge.otherCommittee(name).value));
      expect(agreement.evidence.map(({ received }) => received.root)).to.deep.equal(roots.map((root) => toHex(root)));
    });
  });
});
