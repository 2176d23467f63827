/** What a client trusts: a root, what is stored, or what a provider tells. */
import { expect } from "chai";
import type { Checkpoint, CheckpointProvider, CheckpointRequest } from "../../../src/checkpoint/port.js";
import { type ErrorCode, isSidelightError, SidelightError } from "../../../src/errors.js";
import type { LightClientOptions } from "../../../src/options.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { memoryStore } from "../../../src/store/memory.js";
import type { CheckpointStore } from "../../../src/store/port.js";
import { snapshotKey } from "../../../src/store/snapshot.js";
import { codesOf, createFakeChain, type FakeChain, type FakeSource, notAvailable, record } from "./fake-chain.js";
import { drive, passTime, rejectionOf, watchUnhandled } from "./waiting.js";

const EPOCH_MS = 8 * 6_000;

interface FakeProvider extends CheckpointProvider {
  readonly requests: CheckpointRequest[];
}

/** @param tell what it answers, or throws, to its nth question */
function provider(tell: (index: number) => unknown): FakeProvider {
  const requests: CheckpointRequest[] = [];
  return {
    name: "fake provider",
    requests,
    async checkpoint(request) {
      requests.push(request);
      return (await tell(requests.length - 1)) as Checkpoint;
    },
  };
}

function noQuorum(): SidelightError {
  const details = { epoch: null, required: 2, agreed: 0, statements: [] };
  return new SidelightError("CHECKPOINT_NO_QUORUM", "no checkpoint: nobody agrees", details);
}

function disagreement(): SidelightError {
  const details = { epoch: 7, required: 2, statements: [] };
  return new SidelightError("CHECKPOINT_DISAGREEMENT", "different roots", details);
}

describe("the checkpoint of a client", () => {
  watchUnhandled();
  let chain: FakeChain;
  let source: FakeSource;

  beforeEach(async () => {
    chain = await createFakeChain();
    source = chain.source();
  });

  function create(options: Partial<LightClientOptions>) {
    const client = chain.client({ sources: [source], ...options });
    return { client, log: record(client) };
  }

  async function expectFatal(code: ErrorCode, options: Partial<LightClientOptions>): Promise<void> {
    const { client } = create(options);
    const thrown = await rejectionOf(drive(chain.clock, client.start()));
    if (!isSidelightError(thrown, code)) throw thrown;
    expect(client.status.state).to.equal("stopped");
    expect(client.head).to.equal(null);
    expect(client.checkpoint).to.equal(null);
    expect(isSidelightError(await rejectionOf(drive(chain.clock, client.syncOnce())), code)).to.equal(true);
  }

  async function filledStore(): Promise<CheckpointStore> {
    const store = memoryStore();
    await drive(chain.clock, chain.client({ store }).syncOnce());
    return store;
  }

  describe("given as a root", () => {
    it("is told when it is used, with its age and the limit", async () => {
      const { client, log } = create({});
      expect(client.checkpoint).to.equal(null);
      await drive(chain.clock, client.syncOnce());
      const told = {
        root: chain.checkpoint,
        slot: chain.checkpointSlot,
        origin: "given",
        resumed: false,
        ageSeconds: 192 * 6,
        maxAgeSeconds: 256 * 48,
        stale: false,
        report: null,
      };
      expect(log.checkpoint).to.deep.equal([told]);
      expect(client.checkpoint).to.deep.equal(told);
      expect(JSON.parse(JSON.stringify(told))).to.deep.equal(told);
      await drive(chain.clock, client.syncOnce());
      expect(log.checkpoint, "once").to.have.length(1);
    });

    it("is told before anything that stands on it", async () => {
      const { client } = create({});
      const order: string[] = [];
      for (const name of ["checkpoint", "committee", "finality", "head"] as const)
        client.on(name, () => order.push(name));
      await drive(chain.clock, client.syncOnce());
      expect(order[0]).to.equal("checkpoint");
    });

    it("is told as resumed when a state that began with it was, by the age of that state", async () => {
      const store = await filledStore();
      const { client, log } = create({ store });
      await drive(chain.clock, client.syncOnce());
      const { root, origin, resumed, ageSeconds } = log.checkpoint[0]!;
      // slot 176 was final
      expect({ root, origin, resumed, ageSeconds }).to.deep.equal({
        root: chain.checkpoint,
        origin: "given",
        resumed: true,
        ageSeconds: 24 * 6,
      });
    });
  });

  describe("that a provider tells", () => {
    const told = () => ({ root: chain.checkpoint });

    it("is asked for once, with the network, the clock and a signal, and trusted", async () => {
      const report = {
        root: chain.checkpoint,
        epoch: 1,
        required: 2,
        agreed: 2,
        operators: 3,
        agreedAtMs: 5,
        statements: [],
      };
      const checkpoint = provider(() => ({ ...told(), report }));
      const { client, log } = create({ checkpoint });
      expect((await drive(chain.clock, client.start())).slot).to.equal(199);
      expect(checkpoint.requests).to.have.length(1);
      const { network, clock, signal } = checkpoint.requests[0]!;
      expect(network).to.equal(chain.network);
      expect(clock).to.equal(chain.clock);
      expect(signal).to.be.instanceOf(AbortSignal);
      expect(log.checkpoint).to.have.length(1);
      expect(log.checkpoint[0]).to.deep.include({
        root: chain.checkpoint,
        slot: 8,
        origin: "provider",
        resumed: false,
        report,
      });
      await passTime(chain.clock, 3 * EPOCH_MS);
      expect(checkpoint.requests, "never again while it runs").to.have.length(1);
      await client.stop();
    });

    it("is not asked for when a stored state can be used, whatever that began with", async () => {
      const store = await filledStore();
      const checkpoint = provider(() => ({ root: `0x${"ab".repeat(32)}` }));
      const { client, log } = create({ checkpoint, store });
      await drive(chain.clock, client.syncOnce());
      expect(checkpoint.requests).to.have.length(0);
      expect(log.checkpoint[0]).to.deep.include({
        root: chain.checkpoint,
        origin: "stored",
        resumed: true,
        report: null,
      });
      expect(source.requests).to.not.include("bootstrap");
    });

    it("is asked for when the stored state is too old, and takes its place", async () => {
      const store = await filledStore();
      await chain.clock.advanceTo(chain.timeOf(900));
      const bootstrap = chain.forge.bootstrap(880);
      source.overrides.bootstrap = async () => bootstrap.raw();
      const checkpoint = provider(() => ({ root: toHex(bootstrap.root) }));
      const { client, log } = create({ checkpoint, store, maxCheckpointAgeSeconds: 3_600 });
      expect((await drive(chain.clock, client.syncOnce())).head.slot).to.equal(899);
      expect(log.store.map(({ outcome }) => outcome)).to.deep.equal(["discarded"]);
      expect(log.store[0]!.reason).to.include("maxCheckpointAgeSeconds (3600)");
      expect(log.checkpoint[0]).to.deep.include({ slot: 880, origin: "provider", stale: false });
      expect(codesOf(log)).to.deep.equal([]);
      // what is stored now began with the new one
      const again = create({ checkpoint: "stored", store });
      await drive(chain.clock, again.client.syncOnce());
      expect(again.log.checkpoint[0]).to.deep.include({ slot: 880, origin: "stored", resumed: true });
    });

    it("is not asked for in place of an old stored state that the caller allows", async () => {
      const store = await filledStore();
      await chain.clock.advanceTo(chain.timeOf(900));
      const checkpoint = provider(told);
      const { client, log } = create({ checkpoint, store, maxCheckpointAgeSeconds: 3_600, staleCheckpoint: "allow" });
      await drive(chain.clock, client.syncOnce());
      expect(checkpoint.requests).to.have.length(0);
      expect(log.checkpoint[0]).to.include({ origin: "stored", stale: true });
    });

    it("is asked for when what is stored does not verify", async () => {
      const store = memoryStore();
      await store.save(snapshotKey(chain.network), Uint8Array.of(1, 2, 3));
      const checkpoint = provider(told);
      const { client, log } = create({ checkpoint, store });
      await drive(chain.clock, client.syncOnce());
      expect(codesOf(log)).to.deep.equal(["SNAPSHOT_INVALID"]);
      expect(checkpoint.requests).to.have.length(1);
    });

    it("is refused when it is too old, as any other", async () => {
      await expectFatal("CHECKPOINT_TOO_OLD", { checkpoint: provider(told), maxCheckpointAgeSeconds: 60 });
    });

    it("ends a start at once when the providers contradict each other", async () => {
      const checkpoint = provider(() => Promise.reject(disagreement()));
      await expectFatal("CHECKPOINT_DISAGREEMENT", { checkpoint });
      expect(checkpoint.requests, "one start, one syncOnce").to.have.length(2);
      expect(source.requests).to.deep.equal([]);
    });

    it("is asked for again, with pauses, while there is no quorum; syncOnce rejects", async () => {
      const checkpoint = provider((index) => (index < 3 ? Promise.reject(noQuorum()) : told()));
      const { client, log } = create({ checkpoint });
      expect((await drive(chain.clock, client.start())).slot).to.be.above(198);
      expect(codesOf(log)).to.deep.equal(Array(3).fill("CHECKPOINT_NO_QUORUM"));
      expect(log.status.map(({ state }) => state)).to.include("stalled");
      await client.stop();
      const never = create({ checkpoint: provider(() => Promise.reject(noQuorum())) });
      const thrown = await rejectionOf(drive(chain.clock, never.client.syncOnce()));
      expect(isSidelightError(thrown, "CHECKPOINT_NO_QUORUM")).to.equal(true);
    });

    it("is asked for once an epoch at most, however often a start fails", async () => {
      const checkpoint = provider(told);
      source.overrides.bootstrap = () => Promise.reject(new Error("down"));
      const { client } = create({ checkpoint });
      const starting = rejectionOf(client.start());
      await passTime(chain.clock, 3.5 * EPOCH_MS);
      expect(source.requests.filter((route) => route === "bootstrap").length).to.be.above(5);
      expect(checkpoint.requests.length).to.be.within(3, 4);
      await client.stop();
      await starting;
    });

    it("is asked for again after an epoch, though the clock was set back meanwhile", async () => {
      const checkpoint = provider(told);
      source.overrides.bootstrap = () => Promise.reject(new Error("down"));
      const { client } = create({ checkpoint });
      await rejectionOf(drive(chain.clock, client.syncOnce()));
      chain.clock.jumpTo(chain.clock.nowMs() - 2 * EPOCH_MS);
      await rejectionOf(drive(chain.clock, client.syncOnce()));
      expect(checkpoint.requests).to.have.length(2);
    });

    it("may be newer than what the sources know: that ends no start", async () => {
      const checkpoint = provider(told);
      source.overrides.bootstrap = () => Promise.reject(notAvailable("bootstrap"));
      const { client } = create({ checkpoint });
      const starting = client.start();
      await passTime(chain.clock, 10_000);
      expect(client.status.state).to.equal("stalled");
      delete source.overrides.bootstrap;
      expect((await drive(chain.clock, starting)).slot).to.be.above(198);
      await client.stop();
    });

    const nonsense: [string, unknown][] = [
      ["nothing", undefined],
      ["null", null],
      ["a bare root", `0x${"ab".repeat(32)}`],
      ["no root", {}],
      ["a short root", { root: "0x12" }],
      ["zeroes", { root: `0x${"00".repeat(32)}` }],
      ["bytes", { root: new Uint8Array(32) }],
    ];
    for (const [name, value] of nonsense) {
      it(`is refused when it is ${name}`, async () => {
        const { client } = create({ checkpoint: provider(() => value) });
        const thrown = await rejectionOf(drive(chain.clock, client.syncOnce()));
        if (!isSidelightError(thrown, "RESPONSE_INVALID")) throw thrown;
        expect(thrown.details).to.include({ source: "fake provider", request: "checkpoint" });
        expect(source.requests).to.deep.equal([]);
      });
    }

    it("throws whatever it throws: the client goes on trying", async () => {
      const checkpoint = provider((index) => {
        if (index === 0) throw new TypeError("oops");
        return told();
      });
      const { client, log } = create({ checkpoint });
      await drive(chain.clock, client.start());
      expect(codesOf(log)).to.deep.equal(["UNEXPECTED"]);
      await client.stop();
    });

    it("never answers, and does not look at the signal: stop ends it", async () => {
      const { client } = create({ checkpoint: provider(() => new Promise(() => {})) });
      const starting = rejectionOf(client.start());
      await passTime(chain.clock, 1_000);
      await client.stop();
      expect(isSidelightError(await starting, "CLIENT_STOPPED")).to.equal(true);
      expect(chain.clock.sleepers).to.equal(0);
    });

    it("brings a client that slept too long to the present, from a newer checkpoint", async () => {
      const roots = [chain.checkpoint, toHex(chain.forge.bootstrap(1_480).root)];
      const checkpoint = provider((index) => ({ root: roots[index] }));
      const { client, log } = create({ checkpoint, maxCheckpointAgeSeconds: 1_500 });
      await drive(chain.clock, client.syncOnce());
      chain.clock.jumpTo(chain.timeOf(1_500));
      source.overrides.bootstrap = async () => chain.forge.bootstrap(1_480).raw();
      const { head, finalized } = await drive(chain.clock, client.syncOnce());
      expect(head.slot).to.equal(1_499);
      expect(finalized.slot).to.be.at.least(1_480);
      expect(client.checkpoint).to.include({ slot: 1_480, origin: "provider" });
      expect(log.checkpoint).to.have.length(2);
      expect(log.reorg).to.deep.equal([]);
      expect(log.store.map(({ outcome }) => outcome)).to.deep.equal(["discarded"]);
      // the committee that signs now is told, though the one before it never was
      expect(log.committee.map(({ period }) => period)).to.include(Math.floor(1_499 / 64));
    });
  });

  describe("that is stored", () => {
    it("is all that is needed", async () => {
      const store = await filledStore();
      const { client, log } = create({ checkpoint: "stored", store });
      expect((await drive(chain.clock, client.start())).slot).to.equal(199);
      expect(log.checkpoint[0]).to.deep.include({ root: chain.checkpoint, slot: 8, origin: "stored", resumed: true });
      expect(source.requests).to.not.include("bootstrap");
      await client.stop();
    });

    it("is missing in an empty store: CHECKPOINT_NOT_STORED, and nobody is asked", async () => {
      await expectFatal("CHECKPOINT_NOT_STORED", { checkpoint: "stored" });
      expect(source.requests).to.deep.equal([]);
    });

    it("is missing in a store that fails, which is told", async () => {
      const store = { ...memoryStore(), load: () => Promise.reject(new Error("disk on fire")) };
      const { client, log } = create({ checkpoint: "stored", store });
      const thrown = await rejectionOf(drive(chain.clock, client.syncOnce()));
      expect(isSidelightError(thrown, "CHECKPOINT_NOT_STORED")).to.equal(true);
      expect(log.error[0]!.error.message).to.include("disk on fire");
    });

    it("does not verify: SNAPSHOT_INVALID, and it is left for whoever wants to look", async () => {
      const store = memoryStore();
      const bytes = Uint8Array.of(1, 2, 3);
      await store.save(snapshotKey(chain.network), bytes);
      await expectFatal("SNAPSHOT_INVALID", { checkpoint: "stored", store });
      expect(await store.load(snapshotKey(chain.network))).to.deep.equal(bytes);
      expect(source.requests).to.deep.equal([]);
    });

    it("is too old: CHECKPOINT_TOO_OLD", async () => {
      const store = await filledStore();
      await chain.clock.advanceTo(chain.timeOf(900));
      await expectFatal("CHECKPOINT_TOO_OLD", { checkpoint: "stored", store, maxCheckpointAgeSeconds: 60 });
    });
  });

  describe("when nothing becomes final for longer than the limit", () => {
    it("goes on while heads come in, and ends only when it has slept besides", async () => {
      chain = await createFakeChain({ slot: 203, checkpointSlot: 184 });
      source = chain.source();
      const { client, log } = create({ maxCheckpointAgeSeconds: 300 });
      await drive(chain.clock, client.start());
      const finality = chain.object("finalityUpdate");
      source.overrides.finalityUpdate = async () => finality;
      source.overrides.updates = () => Promise.reject(notAvailable("updates"));
      for (let slot = 204; slot <= 245; slot++)
        await passTime(chain.clock, chain.timeOf(slot) + 4_000 - chain.clock.nowMs());
      expect(client.finalized!.slot).to.equal(184);
      expect(client.head!.slot, "final 6 minutes ago, and the head is here").to.equal(244);
      expect(client.status).to.include({ state: "stalled", what: "finality", cause: "sources-stale" });
      await drive(chain.clock, client.syncOnce());
      chain.clock.jumpTo(chain.timeOf(345));
      await passTime(chain.clock, 12_000);
      expect(client.status.state).to.equal("stopped");
      expect(client.head!.slot).to.equal(244);
      expect(codesOf(log)).to.include("CHECKPOINT_TOO_OLD");
      await client.stop();
    });
  });
});
