/** What members of a sync committee can do with their real keys, by how many they are, and by when. */
import { expect } from "chai";
import { toHex } from "../../../src/ssz/bytes.js";
import type { RawObject } from "../../../src/transport/port.js";
import type { SignedOptions } from "../../support/forge.js";
import { codesOf } from "../../unit/client/fake-chain.js";
import { watchUnhandled } from "../../unit/client/waiting.js";
import { createScene, ENOUGH, EPOCH, HALF, PERIOD, type Scene, SIZE } from "./scene.js";

/** Nobody's real proposer: a header that the chain does not have. */
const FORGED = 666;
const forgedBlock = { beacon: <B>(block: B) => ({ ...block, proposerIndex: FORGED }) };

describe("members of a sync committee who lie", () => {
  watchUnhandled();
  let scene: Scene;

  beforeEach(async () => {
    scene = await createScene();
  });
  afterEach(() => scene.stop());

  /** The liar's newest head and finality update, as `signed` says. */
  function lie(signed: () => Partial<SignedOptions>): void {
    const { forge } = scene.chain;
    const options = () => ({ attestedSlot: scene.chain.slot() - 1, ...signed() });
    scene.liar.overrides.optimisticUpdate = async () => forge.optimisticUpdate(options()).raw();
    scene.liar.overrides.finalityUpdate = async () => forge.finalityUpdate(options()).raw();
  }

  /** The liar's update of each period, as `signed` says. */
  function lieAboutPeriods(signed: (period: number) => Partial<SignedOptions>): void {
    const { forge } = scene.chain;
    scene.liar.updates = async (period) => [
      forge.update({ attestedSlot: period * PERIOD + PERIOD - 3, ...signed(period) }).raw(),
    ];
  }

  const proposers = (headers: readonly { proposerIndex: number }[]) =>
    headers.map(({ proposerIndex }) => proposerIndex);

  for (const withHelp of [false, true]) {
    const company = withHelp ? "beside an honest source" : "alone";

    describe(`a forged header, ${company}`, () => {
      for (const signers of [1, 10, HALF]) {
        it(`that ${signers} of ${SIZE} signed is no head`, async () => {
          const { client, log } = scene.client(withHelp);
          await scene.drive(client.start());
          const before = client.head!;
          lie(() => ({ participants: signers, attested: forgedBlock }));
          for (let slot = 204; slot < 216; slot++) await scene.toSlot(slot);
          expect(proposers([...log.head, ...log.finality])).to.not.include(FORGED);
          if (withHelp) {
            expect(client.head!.slot).to.equal(scene.chain.slot() - 1);
            expect(client.status).to.deep.equal({ state: "following" });
          } else {
            expect(client.head!.root).to.equal(before.root);
            expect(client.status.state).to.equal("stalled");
            expect(codesOf(log)).to.include("HEAD_STALLED");
          }
        });
      }

      it(`that ${ENOUGH - 1} of ${SIZE} signed is a head whose label says so, and never final`, async () => {
        const { client, log } = scene.client(withHelp);
        await scene.drive(client.start());
        lie(() => ({ participants: ENOUGH - 1, attested: forgedBlock }));
        for (let slot = 204; slot < 224; slot++) await scene.toSlot(slot);
        const forged = log.head.filter(({ proposerIndex }) => proposerIndex === FORGED);
        expect(forged.length).to.be.greaterThan(0);
        for (const { trust } of forged) {
          expect(trust).to.deep.include({ level: "optimistic", participation: { count: ENOUGH - 1, size: SIZE } });
          expect(trust.source).to.equal("liar");
        }
        for (const header of log.finality) expect(scene.isTrue(header)).to.equal(true);
        // who forges finality no more than this is asked nothing that it could keep from the honest one
        if (withHelp) expect(client.finalized!.slot).to.be.at.least(200);
      });
    });

    describe(`a forged finality, ${company}`, () => {
      it(`that ${ENOUGH - 1} of ${SIZE} signed makes nothing final`, async () => {
        const { client, log } = scene.client(withHelp);
        await scene.drive(client.start());
        const { slot: before } = client.finalized!;
        // a block of three slots ago is not final, and may never be
        lie(() => ({ participants: ENOUGH - 1, finalizedSlot: scene.chain.slot() - 3 }));
        for (let slot = 204; slot < 224; slot++) await scene.toSlot(slot);
        for (const { slot } of log.finality) expect(slot % EPOCH, `slot ${slot}`).to.equal(0);
        expect(client.finalized!.slot).to.equal(withHelp ? 200 : before);
      });
    });

    describe(`a forged next committee, ${company}`, () => {
      for (const signers of [1, HALF, ENOUGH - 1]) {
        it(`that ${signers} of ${SIZE} signed is not taken over`, async () => {
          const nextCommittee = scene.chain.forge.otherCommittee("evil");
          lieAboutPeriods(() => ({ participants: signers, attested: { nextCommittee } }));
          const { client, log } = scene.client(withHelp);
          const started = client.start();
          started.catch(() => {});
          const evil = toHex(nextCommittee.value.pubkeys[0]!);
          if (withHelp) {
            await scene.drive(started);
            expect(client.head!.slot).to.equal(scene.chain.slot() - 1);
            expect(client.head!.trust.forced).to.equal(false);
          } else {
            await scene.toSlot(213);
            expect(codesOf(log)).to.include("CATCH_UP_INCOMPLETE");
            expect(client.status.state).to.equal("stalled");
          }
          expect(log.committee.flatMap(({ pubkeys }) => pubkeys)).to.not.include(evil);
        });
      }
    });
  }

  it(`${ENOUGH} of ${SIZE} are believed whatever they sign: that is what a light client trusts`, async () => {
    const { client, log } = scene.client(false);
    await scene.drive(client.start());
    lie(() => ({ participants: ENOUGH, finalizedSlot: scene.chain.slot() - 3, attested: forgedBlock }));
    for (let slot = 204; slot < 214; slot++) await scene.toSlot(slot);
    expect(proposers(log.head)).to.include(FORGED);
    expect(log.finality.some(({ slot }) => slot % EPOCH !== 0)).to.equal(true);
  });

  it(`two next committees that ${ENOUGH} of ${SIZE} signed are kept as evidence, and the second is refused`, async () => {
    const nextCommittee = scene.chain.forge.otherCommittee("evil");
    const second = scene.chain.forge.update({ attestedSlot: 50, participants: ENOUGH, attested: { nextCommittee } });
    scene.liar.updates = async () => [scene.chain.update(0)!, second.raw()];
    const { client, log } = scene.client(true);
    await scene.drive(client.start());
    const known = log.committee.flatMap(({ pubkeys }) => pubkeys);
    expect(known).to.not.include(toHex(nextCommittee.value.pubkeys[0]!));
    expect(scene.isTrue(client.head!)).to.equal(true);
    expect(client.evidence.map(({ kind, received }) => `${kind} ${received.source}`)).to.deep.equal([
      "next-committee liar",
    ]);
    expect(log.peer.map(({ source, action }) => `${source} ${action}`)).to.include("liar evicted");
  });

  describe("a committee of the past", () => {
    /** The keys of period 0, years later. */
    const past = () => scene.chain.forge.committee(0);

    for (const withHelp of [false, true]) {
      it(`signs new heads and finality: refused, ${withHelp ? "and the honest source is followed" : "and told"}`, async () => {
        const { client, log } = scene.client(withHelp);
        await scene.drive(client.start());
        const before = client.head!;
        lie(() => ({ committee: past(), attested: forgedBlock }));
        for (let slot = 204; slot < 214; slot++) await scene.toSlot(slot);
        expect(proposers([...log.head, ...log.finality])).to.not.include(FORGED);
        const offences = log.error.filter(({ source }) => source === "liar").map(({ error }) => error.code);
        expect(new Set(offences)).to.deep.equal(new Set(["SIGNATURE_INVALID"]));
        expect(log.peer.some(({ action, source }) => action === "evicted" && source === "liar")).to.equal(true);
        if (withHelp) expect(client.head!.slot).to.equal(213 - 1);
        else expect(client.head!.root).to.equal(before.root);
      });
    }

    it("signs another history of its own period: nothing that was decided then is decided again", async () => {
      const { client, log } = scene.client(true);
      await scene.drive(client.start());
      const nextCommittee = scene.chain.forge.otherCommittee("evil");
      const rewritten = (): RawObject =>
        scene.chain.forge.update({ attestedSlot: 50, attested: { ...forgedBlock, nextCommittee } }).raw();
      lie(() => ({ attestedSlot: 50, attested: forgedBlock }));
      scene.liar.updates = async () => [rewritten()];
      for (let slot = 204; slot < 250; slot++) await scene.toSlot(slot);
      expect(client.head!.slot).to.equal(248);
      for (const header of [...log.head, ...log.finality]) expect(scene.isTrue(header)).to.equal(true);
    });
  });
});
