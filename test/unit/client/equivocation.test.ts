import { expect } from "chai";
import type { LightClient } from "../../../src/client/light-client.js";
import { isSidelightError } from "../../../src/errors.js";
import { exportEvidence, parseEvidence, verifyEquivocation } from "../../../src/evidence/index.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { memoryStore } from "../../../src/store/memory.js";
import type { RawObject } from "../../../src/transport/port.js";
import { stubBls } from "../../support/stub-bls.js";
import { codesOf, createFakeChain, type FakeChain, type FakeSource, record } from "./fake-chain.js";
import { drive, passTime, rejectionOf, settle, watchUnhandled } from "./waiting.js";

const done = Promise.resolve();

describe("equivocation", () => {
  watchUnhandled();
  let chain: FakeChain;
  let source: FakeSource;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
    source = chain.source("liar", { streams: true });
  });

  /** A client that follows by the stream. */
  async function following(options: Parameters<FakeChain["client"]>[0] = {}) {
    const client = chain.client({ sources: [source], ...options });
    const log = record(client);
    await drive(chain.clock, client.start());
    return { client, log };
  }

  async function push(type: "optimistic" | "finality", object: RawObject): Promise<void> {
    source.push(type, object);
    await settle();
    await passTime(chain.clock, chain.network.slotDurationMs / 8);
  }

  /** The block of a slot, but another one. */
  function otherHead(attestedSlot: number, participants = 32): RawObject {
    const beacon = (header: { proposerIndex: number }) => ({ ...header, proposerIndex: 999 });
    return chain.forge.optimisticUpdate({ attestedSlot, participants, attested: { beacon: beacon as never } }).raw();
  }

  /** Truly signed, and finalizes something else. */
  function otherFinality(options: {
    finalizedSlot: number;
    finalizedEpoch?: number;
    participants?: number;
  }): RawObject {
    return chain.forge.finalityUpdate({ attestedSlot: chain.slot() - 1, ...options }).raw();
  }

  function verify(client: LightClient, trusted: readonly string[]) {
    const { network } = chain;
    return verifyEquivocation(parseEvidence(exportEvidence(client.evidence.at(-1)!)), {
      network,
      bls: stubBls(),
      trusted,
    });
  }

  const committeeRoot = (log: ReturnType<typeof record>, period: number) =>
    log.committee.find((each) => each.period === period)!.root;

  it("of heads is told with both, verifiable by whoever trusts the committee, and changes nothing", async () => {
    const { client, log } = await following();
    const before = client.head!;
    await push("optimistic", otherHead(before.slot));
    expect(log.equivocation).to.have.length(1);
    const [evidence] = client.evidence;
    expect(evidence).to.equal(log.equivocation[0]);
    expect(evidence).to.include({
      version: 1,
      kind: "head",
      genesisValidatorsRoot: chain.network.genesisValidatorsRoot,
    });
    expect(evidence!.known).to.include({ slot: before.slot, root: before.root });
    expect(evidence!.received).to.include({ slot: before.slot, source: "liar" });
    expect(client.head!.root).to.equal(before.root);
    expect(client.status.state).to.equal("following");
    const proven = verify(client, [committeeRoot(log, 3)]);
    expect(proven).to.deep.include({ kind: "head" });
    expect(proven.signedBoth).to.have.length(32);
    await client.stop();
  });

  it("of heads is none where fewer than 2/3 signed, where slots differ, and for what nobody signed", async () => {
    const bls = stubBls();
    const { client, log } = await following({ bls });
    const { slot } = client.head!;
    await push("optimistic", otherHead(slot, 21));
    await push("optimistic", otherHead(slot - 5));
    await push("optimistic", chain.object("optimisticUpdate"));
    expect(codesOf(log)).to.deep.equal([]);
    bls.answer = "mismatch";
    await push("optimistic", otherHead(slot));
    expect(codesOf(log)).to.deep.equal(["SIGNATURE_INVALID"]);
    expect(log.equivocation).to.deep.equal([]);
    await client.stop();
  });

  describe("of finality", () => {
    /** Follows, and is told of another block as final. */
    async function conflict(
      options: Parameters<FakeChain["client"]>[0] = {},
      lie = { finalizedSlot: 182, finalizedEpoch: 23 },
    ) {
      const { client, log } = await following(options);
      expect(client.finalized!.slot).to.equal(184);
      await push("finality", otherFinality(lie));
      await settle();
      return { client, log };
    }

    for (const [what, lie] of [
      ["another block of the same epoch", { finalizedSlot: 182, finalizedEpoch: 23 }],
      ["an epoch's block that leaves out what is final", { finalizedSlot: 183, finalizedEpoch: 24 }],
    ] as const) {
      it(`ends everything for ${what}`, async () => {
        const { client, log } = await conflict({}, lie);
        expect(codesOf(log)).to.deep.equal(["FINALITY_CONFLICT"]);
        expect(log.equivocation.map(({ kind }) => kind)).to.deep.equal(["finality"]);
        expect(client.status.state).to.equal("stopped");
        expect([client.head, client.finalized]).to.deep.equal([null, null]);
        expect(() => client.assertFresh(1_000)).to.throw("signed as final");
        const requests = source.requests.length;
        await passTime(chain.clock, 10 * chain.network.slotDurationMs);
        for (const call of [() => client.start(), () => client.syncOnce()]) {
          expect(isSidelightError(await rejectionOf(call()), "FINALITY_CONFLICT")).to.equal(true);
        }
        expect(source.requests).to.have.length(requests);
        const proven = verify(client, [committeeRoot(log, 3)]);
        expect(proven.received).to.include({ slot: lie.finalizedSlot });
        expect(proven.known).to.include({ slot: 184 });
        await client.stop();
      });
    }

    it("is none where fewer than 2/3 signed, nor for what is older", async () => {
      const { client, log } = await following();
      await push("finality", otherFinality({ finalizedSlot: 182, finalizedEpoch: 23, participants: 21 }));
      await push("finality", otherFinality({ finalizedSlot: 176 }));
      await push("finality", otherFinality({ finalizedSlot: 168 }));
      // one who forges finality shows another head, too
      expect(log.equivocation.map(({ kind }) => kind)).to.not.include("finality");
      expect(codesOf(log)).to.deep.equal([]);
      expect(client.status.state).to.equal("following");
      await client.stop();
    });

    it("is found where it contradicts the checkpoint itself, which nobody signed here", async () => {
      chain = await createFakeChain({ slot: 187, checkpointSlot: 160 });
      source = chain.source("liar");
      source.overrides.finalityUpdate = async () => otherFinality({ finalizedSlot: 159, finalizedEpoch: 20 });
      const client = chain.client({ sources: [source] });
      source.overrides.updates = () => Promise.reject(new Error("none"));
      expect(isSidelightError(await rejectionOf(drive(chain.clock, client.syncOnce())), "FINALITY_CONFLICT")).to.equal(
        true,
      );
      expect(client.status.state).to.equal("stopped");
      const proven = verify(client, [chain.checkpoint]);
      expect(proven.known).to.include({ slot: 160, root: chain.checkpoint, participants: null });
      expect(proven.signedBoth).to.equal(null);
      await client.stop();
    });

    it("is still there for a later run with the same store, until the host decides", async () => {
      const store = memoryStore();
      const { client } = await conflict({ store });
      await client.stop();
      const again = chain.client({ sources: [source], store });
      const log = record(again);
      const requests = source.requests.length;
      expect(isSidelightError(await rejectionOf(drive(chain.clock, again.syncOnce())), "FINALITY_CONFLICT")).to.equal(
        true,
      );
      expect(source.requests).to.have.length(requests);
      expect([again.head, again.evidence.length, log.equivocation.length]).to.deep.equal([null, 1, 1]);
      await again.forgetConflict();
      await drive(chain.clock, again.syncOnce());
      expect(log.store).to.deep.equal([]); // begun anew: what was stored is forgotten
      expect(again.head!.slot).to.equal(202);
      expect(again.evidence).to.have.length(1);
      const third = chain.client({ sources: [source], store });
      await drive(chain.clock, third.syncOnce());
      expect(third.evidence).to.deep.equal([]);
    });

    it("does not concern whoever names another checkpoint", async () => {
      const store = memoryStore();
      const { client } = await conflict({ store });
      await client.stop();
      const bootstrap = chain.forge.bootstrap(16);
      source.overrides.bootstrap = async () => bootstrap.raw();
      const other = chain.client({ sources: [source], store, checkpoint: toHex(bootstrap.root) });
      await drive(chain.clock, other.syncOnce());
      expect(other.head!.slot).to.equal(202);
      await other.stop();
      // nor does that decide for the others: it may be an old page, with an old checkpoint
      const again = chain.client({ sources: [source], store });
      expect(isSidelightError(await rejectionOf(drive(chain.clock, again.syncOnce())), "FINALITY_CONFLICT")).to.equal(
        true,
      );
      await again.stop();
    });

    it("reaches a store that fails as well: it is told, and holds in memory", async () => {
      const full = { ...memoryStore(), save: () => Promise.reject(new Error("full")) };
      const { client, log } = await conflict({ store: full });
      expect(codesOf(log)).to.include("FINALITY_CONFLICT");
      expect(isSidelightError(await rejectionOf(client.start()), "FINALITY_CONFLICT")).to.equal(true);
      await client.stop();
    });

    it("ends a client that polls, through the pool, without blaming its source", async () => {
      source = chain.source("liar");
      const { client, log } = await following();
      source.overrides.finalityUpdate = async () => otherFinality({ finalizedSlot: 190, finalizedEpoch: 23 });
      await passTime(chain.clock, 12 * chain.network.slotDurationMs);
      expect(client.status.state).to.equal("stopped");
      expect(codesOf(log)).to.deep.equal(["FINALITY_CONFLICT"]);
      expect(log.peer).to.deep.equal([]);
      await client.stop();
    });

    it("is found within a pass: what the pass had taken before is not told as head or final any more", async () => {
      source.overrides.finalityUpdate = async () => otherFinality({ finalizedSlot: 176 });
      const other = chain.source("other");
      other.overrides.finalityUpdate = async () => otherFinality({ finalizedSlot: 175, finalizedEpoch: 22 });
      const client = chain.client({ sources: [source, other] });
      source.overrides.updates = other.overrides.updates = async () => [0, 1, 2].map((period) => chain.update(period)!);
      const log = record(client);
      const thrown = await rejectionOf(drive(chain.clock, client.syncOnce()));
      expect(isSidelightError(thrown, "FINALITY_CONFLICT")).to.equal(true);
      expect(log.equivocation).to.have.length(1);
      expect([log.finality, log.head]).to.deep.equal([[], []]);
      await client.stop();
    });

    it("is one again where the same is said after the host has decided", async () => {
      const { client, log } = await conflict();
      const lie = otherFinality({ finalizedSlot: 182, finalizedEpoch: 23 });
      await client.forgetConflict();
      await drive(chain.clock, client.start());
      expect(client.finalized!.slot).to.equal(184);
      await push("finality", lie);
      await settle();
      expect(client.status.state).to.equal("stopped");
      expect([client.head, client.finalized]).to.deep.equal([null, null]);
      expect(codesOf(log)).to.deep.equal(["FINALITY_CONFLICT", "FINALITY_CONFLICT"]);
      expect(client.evidence).to.have.length(1);
      await client.stop();
    });

    it("is not forgotten by a run that was given up while the store was read", async () => {
      const store = memoryStore();
      const { client } = await conflict({ store });
      await client.stop();
      const giveUp = new AbortController();
      const load = (key: string) => {
        if (key.endsWith("-conflict")) giveUp.abort(new Error("given up"));
        return store.load(key);
      };
      const again = chain.client({ sources: [source], store: { ...store, load } });
      expect(await rejectionOf(again.syncOnce({ signal: giveUp.signal }))).to.equal(giveUp.signal.reason);
      await settle();
      expect(isSidelightError(await rejectionOf(drive(chain.clock, again.syncOnce())), "FINALITY_CONFLICT")).to.equal(
        true,
      );
      expect(again.head).to.equal(null);
    });

    for (const [what, failures] of [
      ["while it begins", 1],
      ["in its first two passes", 2],
    ] as const) {
      it(`is not overlooked by a run whose store cannot be read ${what}`, async () => {
        const store = memoryStore();
        const { client } = await conflict({ store });
        await client.stop();
        let left: number = failures;
        const load = (key: string) =>
          key.endsWith("-conflict") && left-- > 0 ? Promise.reject(new Error("busy")) : store.load(key);
        const again = chain.client({ sources: [source], store: { ...store, load } });
        const log = record(again);
        for (let pass = 1; pass < failures; pass++) await drive(chain.clock, again.syncOnce());
        await drive(chain.clock, again.start());
        await passTime(chain.clock, 10 * chain.network.slotDurationMs);
        expect(again.status.state).to.equal("stopped");
        expect([again.head, again.finalized, again.evidence.length]).to.deep.equal([null, null, 1]);
        expect(codesOf(log)).to.deep.equal([...Array<string>(failures).fill("UNEXPECTED"), "FINALITY_CONFLICT"]);
        await again.stop();
      });
    }

    it("is one where nothing has become final for long, and the client has heard of that only now", async () => {
      chain = await createFakeChain({ slot: 215, checkpointSlot: 136 });
      source = chain.source("liar", { streams: true });
      source.overrides.updates = async () => [chain.forge.update({ attestedSlot: 150, finalizedSlot: 136 }).raw()];
      source.overrides.finalityUpdate = async () => otherFinality({ finalizedSlot: 144, finalizedEpoch: 18 });
      const { client, log } = await following();
      expect(client.finalized!.slot).to.equal(144);
      await push("finality", otherFinality({ finalizedSlot: 142, finalizedEpoch: 18 }));
      await settle();
      expect(log.equivocation.map(({ kind }) => kind)).to.deep.equal(["finality"]);
      expect(client.head).to.equal(null);
      await client.stop();
    });

    it("keeps a pass from resolving that ended just before it was found", async () => {
      const { client } = await following();
      let answer!: (raw: RawObject) => void;
      source.overrides.optimisticUpdate = () => new Promise((resolve) => (answer = resolve));
      // the client that follows asks; the pass waits for it, and what is pushed for the pass
      await passTime(chain.clock, 5 * chain.network.slotDurationMs);
      const passing = client.syncOnce();
      passing.catch(() => {});
      await settle();
      source.push("finality", otherFinality({ finalizedSlot: 182, finalizedEpoch: 23 }));
      await passTime(chain.clock, chain.network.slotDurationMs / 4);
      answer(chain.object("optimisticUpdate"));
      expect(isSidelightError(await rejectionOf(passing), "FINALITY_CONFLICT")).to.equal(true);
      await client.stop();
    });

    describe("that is forgotten", () => {
      /** What each call of a store waits for. */
      type Gates = Partial<Record<"save" | "clear", (key: string) => Promise<void>>>;

      function gatedStore() {
        const store = memoryStore();
        const gates: Gates = {};
        return {
          gates,
          store: {
            ...store,
            save: async (key: string, bytes: Uint8Array) => {
              await gates.save?.(key);
              return store.save(key, bytes);
            },
            clear: async (key: string) => {
              await gates.clear?.(key);
              return store.clear(key);
            },
          },
        };
      }

      it("within its own event is not there again once the store has kept it", async () => {
        const { gates, store } = gatedStore();
        const { client } = await following({ store });
        let saved!: () => void;
        gates.save = (key) => (key.endsWith("-conflict") ? new Promise((resolve) => (saved = resolve)) : done);
        const forgotten = client.once("equivocation").then(() => client.forgetConflict());
        await push("finality", otherFinality({ finalizedSlot: 182, finalizedEpoch: 23 }));
        saved();
        await forgotten;
        await client.stop();
        delete gates.save;
        const again = chain.client({ sources: [source], store });
        expect((await drive(chain.clock, again.syncOnce())).head.slot).to.equal(202);
      });

      it("takes the state with it that is being kept", async () => {
        const { gates, store } = gatedStore();
        let saved!: () => void;
        gates.save = (key) => (/-(conflict|sources)$/.test(key) ? done : new Promise((resolve) => (saved = resolve)));
        chain = await createFakeChain({ slot: 35 });
        source = chain.source("liar");
        source.overrides.finalityUpdate = async () => otherFinality({ finalizedSlot: 7, finalizedEpoch: 1 });
        const client = chain.client({ sources: [source], store });
        const thrown = rejectionOf(client.syncOnce());
        await settle();
        const forgotten = client.forgetConflict();
        await settle();
        saved();
        delete gates.save;
        expect(isSidelightError(await drive(chain.clock, thrown), "FINALITY_CONFLICT")).to.equal(true);
        await drive(chain.clock, forgotten);
        const again = chain.client({ sources: [chain.source("honest")], store });
        const log = record(again);
        await drive(chain.clock, again.syncOnce());
        expect(log.store).to.deep.equal([]);
        await client.stop();
      });

      it("is still known to a later run where the host was cut off before the state was forgotten", async () => {
        const { gates, store } = gatedStore();
        const { client } = await conflict({ store });
        gates.clear = (key) => (key.endsWith("-conflict") ? done : new Promise(() => {}));
        const controller = new AbortController();
        const forgotten = rejectionOf(client.forgetConflict({ signal: controller.signal }));
        await settle();
        controller.abort("killed");
        expect(await forgotten).to.equal("killed");
        await client.stop();
        const again = chain.client({ sources: [source], store });
        const thrown = await rejectionOf(drive(chain.clock, again.syncOnce()));
        expect(isSidelightError(thrown, "FINALITY_CONFLICT")).to.equal(true);
      });

      it("takes the state with it in a store that cannot clear anything", async () => {
        const { gates, store } = gatedStore();
        const { client, log } = await conflict({ store });
        gates.clear = () => Promise.reject(new Error("read-only"));
        await client.forgetConflict();
        await drive(chain.clock, client.syncOnce());
        expect(log.store.map(({ outcome }) => outcome)).not.to.include("resumed");
        await client.stop();
      });
    });

    it("does nothing to forget where nothing was contradicted", async () => {
      const { client } = await following();
      const { root } = client.head!;
      await client.forgetConflict();
      expect(client.head!.root).to.equal(root);
      await client.stop();
    });
  });
});
