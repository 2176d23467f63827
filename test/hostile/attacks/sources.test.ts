/** What sources can do with true data alone: repeat it, leave it out, tell it of another time, or all of them together. */
import { expect } from "chai";
import { isSidelightError } from "../../../src/errors.js";
import { toHex } from "../../../src/ssz/bytes.js";
import type { Forge } from "../../support/forge.js";
import { createForge } from "../../support/forge.js";
import { codesOf, networkFailed, notAvailable, type Route } from "../../unit/client/fake-chain.js";
import { rejectionOf, watchUnhandled } from "../../unit/client/waiting.js";
import { createScene, EPOCH, PERIOD, type Scene } from "./scene.js";

const ROUTES: readonly Route[] = ["bootstrap", "updates", "finalityUpdate", "optimisticUpdate"];

describe("sources that lie without forging", () => {
  watchUnhandled();
  let scene: Scene;

  beforeEach(async () => {
    scene = await createScene();
  });
  afterEach(() => scene.stop());

  /** From now on the liar says what it says now. */
  function repeat(): void {
    const { chain, liar } = scene;
    const [finality, optimistic] = [chain.object("finalityUpdate"), chain.object("optimisticUpdate")];
    const period = chain.forge.periodOf(chain.slot());
    const updates = [0, 1, 2, 3].map((back) => chain.update(period - back));
    liar.overrides.finalityUpdate = async () => finality;
    liar.overrides.optimisticUpdate = async () => optimistic;
    liar.updates = async (start, count) => {
      const known = updates.slice(Math.max(0, period - start - count + 1), period - start + 1).reverse();
      const answer = known.filter((raw) => raw !== null);
      if (answer.length === 0) throw notAvailable("updates");
      return answer;
    };
  }

  describe("a replay of what was true", () => {
    it("beside an honest source, does not hold the head or finality still", async () => {
      const { client } = scene.client(true);
      await scene.drive(client.start());
      repeat();
      for (let slot = 204; slot < 204 + PERIOD; slot++) {
        await scene.toSlot(slot);
        expect(client.head!.slot).to.equal(slot - 1);
      }
      expect(client.finalized!.trust.ageSlots).to.be.below(4 * EPOCH);
      expect(client.status).to.deep.equal({ state: "following" });
    });

    it("alone, moves nothing back, and is told as soon as the head is too old", async () => {
      const { client, log } = scene.client(false);
      await scene.drive(client.start());
      const { slot: headSlot } = client.head!;
      repeat();
      await scene.toSlot(203 + EPOCH + 1);
      expect(client.status.state).to.equal("stalled");
      expect(codesOf(log)).to.include("HEAD_STALLED");
      expect(client.head!.slot).to.equal(headSlot);
      expect(client.head!.trust.ageSlots).to.be.greaterThan(EPOCH);
    });

    it("of an update of another period is refused", async () => {
      scene.liar.updates = async (_, count) => Array.from({ length: count }, () => scene.chain.update(0)!);
      const { client, log } = scene.client(true);
      await scene.drive(client.start());
      expect(client.head!.slot).to.equal(scene.chain.slot() - 1);
      expect(codesOf(log)).to.include("RESPONSE_INVALID");
    });
  });

  describe("a period that is skipped", () => {
    it("is not followed: the head of a committee that nobody has proven is refused", async () => {
      const { client, log } = scene.client(false);
      await scene.drive(client.start());
      // it sleeps for two periods, and is then told nothing but the newest head
      scene.liar.overrides.updates = () => Promise.reject(notAvailable("updates"));
      scene.chain.clock.jumpTo(scene.chain.timeOf(203 + 2 * PERIOD));
      await scene.toSlot(203 + 2 * PERIOD + 4);
      expect(codesOf(log)).to.include("PERIOD_SKIPPED");
      expect(client.head!.slot).to.equal(202);
      expect(client.status.state).to.equal("stalled");
      // as soon as somebody proves the committees in between, it goes on
      delete scene.liar.overrides.updates;
      await scene.toSlot(203 + 2 * PERIOD + 40);
      expect(client.head!.slot).to.equal(scene.chain.slot() - 1);
      expect(client.status).to.deep.equal({ state: "following" });
    });
  });

  describe("a period that is withheld", () => {
    /** The liar has every update but that of period 1; what it says of the others is true. */
    function withhold(): void {
      const { updates } = scene.liar;
      scene.liar.updates = async (start, count, options) => {
        if (start <= 1 && start + count > 1) throw notAvailable("updates");
        return updates(start, count, options);
      };
    }

    it("alone, keeps a client from starting, which says what is missing", async () => {
      withhold();
      const { client, log } = scene.client(false);
      const thrown = await scene.drive(rejectionOf(client.syncOnce()));
      expect(isSidelightError(thrown, "NO_SOURCE_ANSWERED")).to.equal(true);
      expect((thrown as Error).message).to.include("period 1");
      // nothing that was told goes beyond what was proven
      for (const { slot } of [...log.head, ...log.finality]) expect(slot).to.be.below(PERIOD);
    });

    it("beside an honest source, costs one more request", async () => {
      withhold();
      const { client } = scene.client(true);
      const { periods } = await scene.drive(client.syncOnce());
      expect(periods).to.equal(3);
      expect(scene.honest.requests.filter((route) => route === "updates").length).to.be.within(1, 2);
      expect(scene.isTrue(client.head!)).to.equal(true);
    });
  });

  describe("a long-range fork", () => {
    let fork: Forge;

    /** Another history since the checkpoint, signed by the real committee of then and by committees of the liar's own. */
    beforeEach(async () => {
      fork = await createForge({ network: scene.chain.network, seed: "fork", bls: scene.chain.forge.bls });
      const { chain, liar } = scene;
      const past = chain.forge.committee(0);
      const signedBy = (slot: number) => (fork.periodOf(slot) === 0 ? { committee: past } : {});
      const head = () => ({ attestedSlot: chain.slot() - 1, ...signedBy(chain.slot()) });
      liar.overrides.optimisticUpdate = async () => fork.optimisticUpdate(head()).raw();
      liar.overrides.finalityUpdate = async () => fork.finalityUpdate(head()).raw();
      liar.updates = async (start, count) =>
        Array.from({ length: count }, (_, i) => (start + i) * PERIOD + PERIOD - 3).map((attestedSlot) =>
          fork.update({ attestedSlot, ...signedBy(attestedSlot + 1) }).raw(),
        );
    });

    it("from a checkpoint older than the limit is refused before anything is believed", async () => {
      const { client, log } = scene.client(false, { maxCheckpointAgeSeconds: 600 });
      const thrown = await scene.drive(rejectionOf(client.start()));
      expect(isSidelightError(thrown, "CHECKPOINT_TOO_OLD")).to.equal(true);
      expect(log.head).to.deep.equal([]);
      expect(log.finality).to.deep.equal([]);
    });

    it("is refused by who has verified a later state", async () => {
      const { client, log } = scene.client(true);
      const { liar } = scene;
      const lies = { ...liar.overrides, updates: liar.updates };
      for (const route of ROUTES) delete liar.overrides[route];
      liar.updates = scene.honest.updates;
      await scene.drive(client.start());
      Object.assign(liar.overrides, { ...lies, updates: undefined });
      liar.updates = lies.updates;
      await scene.toSlot(203 + PERIOD + 20);
      for (const header of [...log.head, ...log.finality]) expect(scene.isTrue(header)).to.equal(true);
      expect(client.head!.slot).to.equal(scene.chain.slot() - 1);
      expect(codesOf(log)).to.include("SIGNATURE_INVALID");
    });

    it("is believed by who insists on an old checkpoint and asks nobody else: it says that it is stale", async () => {
      const { client, log } = scene.client(false, { maxCheckpointAgeSeconds: 600, staleCheckpoint: "warn" });
      const head = await scene.drive(client.start());
      expect(scene.isTrue(head)).to.equal(false);
      expect(head.root).to.equal(toHex(fork.block({ slot: head.slot }).root));
      expect(log.checkpoint.map(({ stale }) => stale)).to.deep.equal([true]);
      expect(codesOf(log)).to.include("CHECKPOINT_TOO_OLD");
    });
  });

  describe("an eclipse by all sources", () => {
    for (const [name, isRepeated] of [
      ["that fall silent", false],
      ["that repeat themselves", true],
    ] as const) {
      it(`${name} is told within an epoch, and ends when one of them is honest again`, async () => {
        const { client, log } = scene.client(true);
        await scene.drive(client.start());
        const { slot: headSlot } = client.head!;
        const old = {
          finality: scene.chain.object("finalityUpdate"),
          optimistic: scene.chain.object("optimisticUpdate"),
        };
        for (const source of [scene.liar, scene.honest]) {
          const fail = () => Promise.reject(networkFailed());
          source.overrides.updates = () => Promise.reject(notAvailable("updates"));
          source.overrides.finalityUpdate = isRepeated ? async () => old.finality : fail;
          source.overrides.optimisticUpdate = isRepeated ? async () => old.optimistic : fail;
        }
        for (let slot = 204; slot < 204 + EPOCH; slot++) {
          await scene.toSlot(slot);
          expect(client.head!.slot).to.equal(headSlot);
          expect(client.head!.trust.ageSlots).to.equal(slot - headSlot);
        }
        await scene.toSlot(204 + EPOCH + 1);
        expect(client.status.state).to.equal("stalled");
        expect(codesOf(log)).to.include("HEAD_STALLED");
        for (const route of ROUTES) delete scene.honest.overrides[route];
        await scene.toSlot(204 + 3 * EPOCH);
        expect(client.status).to.deep.equal({ state: "following" });
        expect(client.head!.slot).to.equal(scene.chain.slot() - 1);
        for (const header of [...log.head, ...log.finality]) expect(scene.isTrue(header)).to.equal(true);
      });
    }

    it("that serve a minority's chain makes nothing final, and the head says how few signed it", async () => {
      const { client, log } = scene.client(true);
      await scene.drive(client.start());
      const { slot: finalSlot } = client.finalized!;
      const { forge } = scene.chain;
      const minority = () => ({
        attestedSlot: scene.chain.slot() - 1,
        participants: 20,
        attested: { beacon: <B>(block: B) => ({ ...block, proposerIndex: 666 }) },
      });
      for (const { overrides } of [scene.liar, scene.honest]) {
        overrides.optimisticUpdate = async () => forge.optimisticUpdate(minority()).raw();
        overrides.finalityUpdate = async () => forge.finalityUpdate(minority()).raw();
        overrides.updates = () => Promise.reject(notAvailable("updates"));
      }
      for (let slot = 204; slot < 240; slot++) await scene.toSlot(slot);
      expect(client.finalized!.slot).to.equal(finalSlot);
      expect(client.finalized!.trust.ageSlots).to.be.greaterThan(4 * EPOCH);
      const shown = log.head.filter(({ proposerIndex }) => proposerIndex === 666);
      expect(shown.length).to.be.greaterThan(0);
      for (const { trust } of shown) expect(trust.participation).to.deep.equal({ count: 20, size: 32 });
    });
  });
});
