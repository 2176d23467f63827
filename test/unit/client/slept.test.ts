import { expect } from "chai";
import { isSidelightError } from "../../../src/errors.js";
import { memoryStore } from "../../../src/store/memory.js";
import { type Snapshot, snapshotCodec, snapshotKey } from "../../../src/store/snapshot.js";
import { codesOf, createFakeChain, type FakeChain, type FakeSource, record } from "./fake-chain.js";
import { drive, passTime, rejectionOf, settle, watchUnhandled } from "./waiting.js";

/** Slot 8 to slot 203 is younger than this, the sleep is longer. */
const LIMIT_SECONDS = 1_500;
const SLEPT_SLOTS = 20 * 64;

describe("a client whose machine slept for longer than maxCheckpointAgeSeconds", () => {
  watchUnhandled();
  let chain: FakeChain;
  let source: FakeSource;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
    source = chain.source("first", { streams: true });
  });

  function create(staleCheckpoint: "refuse" | "allow" = "refuse") {
    const options = { sources: [source], maxCheckpointAgeSeconds: LIMIT_SECONDS, staleCheckpoint };
    const client = chain.client(options);
    return { client, log: record(client) };
  }

  function sleep(): void {
    chain.clock.jumpTo(chain.timeOf(203 + SLEPT_SLOTS));
    source.requests.splice(0);
  }

  async function expectTooOld(promise: Promise<unknown>): Promise<void> {
    const thrown = await rejectionOf(drive(chain.clock, promise));
    if (!isSidelightError(thrown, "CHECKPOINT_TOO_OLD")) throw thrown;
    expect(thrown.details).to.deep.include({ slot: 184, maxAgeSeconds: LIMIT_SECONDS, stored: true });
    expect(source.requests).to.deep.equal([]);
  }

  it("rejects syncOnce, for the state in memory as for a stored one", async () => {
    const { client } = create();
    await drive(chain.clock, client.syncOnce());
    sleep();
    await expectTooOld(client.syncOnce());
    expect(client.head!.slot).to.equal(202);
  });

  it("rejects start after stop", async () => {
    const { client } = create();
    await drive(chain.clock, client.start());
    await client.stop();
    sleep();
    await expectTooOld(client.start());
    expect(client.status.state).to.equal("stopped");
  });

  it("goes on when the caller allows it", async () => {
    const { client } = create("allow");
    await drive(chain.clock, client.syncOnce());
    sleep();
    expect((await drive(chain.clock, client.syncOnce())).head.slot).to.equal(203 + SLEPT_SLOTS - 1);
  });

  describe("while it followed", () => {
    async function wake() {
      const { client, log } = create();
      await drive(chain.clock, client.start());
      sleep();
      await passTime(chain.clock, 10 * chain.network.slotDurationMs);
      return { client, log };
    }

    it("asks nobody for anything, and takes no newer head", async () => {
      const { client } = await wake();
      expect(source.requests).to.deep.equal([]);
      expect(client.head!.slot).to.equal(202);
      await client.stop();
    });

    it("is stopped, and says why", async () => {
      const { client, log } = await wake();
      try {
        expect(client.status.state).to.equal("stopped");
        expect(client.status).to.have.property("reason").that.includes("maxCheckpointAgeSeconds");
        expect(codesOf(log)).to.deep.equal(["CHECKPOINT_TOO_OLD"]);
      } finally {
        await client.stop();
      }
    });

    it("leaves no stream and no timer behind", async () => {
      const { client } = await wake();
      try {
        expect(source.streams.size).to.equal(0);
        expect(chain.clock.sleepers).to.equal(0);
      } finally {
        await client.stop();
      }
    });

    it("does not start again with its old head", async () => {
      const { client } = await wake();
      try {
        await expectTooOld(client.start());
      } finally {
        await client.stop();
      }
    });
  });
});

describe("a client that wakes to a pushed head", () => {
  watchUnhandled();

  it("looks at how long it slept before it takes the head", async () => {
    // the committee of slot 245 is known from before the sleep: its keys may have changed hands
    const chain = await createFakeChain({ slot: 203, checkpointSlot: 184 });
    const source = chain.source("first", { streams: true });
    const client = chain.client({ sources: [source], maxCheckpointAgeSeconds: 300 });
    const log = record(client);
    await drive(chain.clock, client.start());
    chain.clock.jumpTo(chain.timeOf(245) + 3_000);
    source.push("finality");
    source.push("optimistic");
    await passTime(chain.clock, 6_000);
    expect(client.status.state).to.equal("stopped");
    expect(client.head!.slot).to.equal(202);
    expect(codesOf(log)).to.deep.equal(["CHECKPOINT_TOO_OLD"]);
    await client.stop();
  });
});

describe("a stored state with impossible numbers", () => {
  watchUnhandled();
  let chain: FakeChain;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
  });

  /** Its checksum is right, and so is all that is proven. */
  const cases: Record<string, (snapshot: Snapshot) => Snapshot> = {
    "more lately signed than there are members": (snapshot) => ({
      ...snapshot,
      store: { ...snapshot.store, currentMaxActiveParticipants: 33 },
    }),
    "more signed before than there are members": (snapshot) => ({
      ...snapshot,
      store: { ...snapshot.store, previousMaxActiveParticipants: 2 ** 40 },
    }),
    "the checkpoint is after what is final": (snapshot) => ({
      ...snapshot,
      checkpointSlot: snapshot.store.finalizedHeader.beacon.slot + 1,
    }),
  };
  for (const [name, spoil] of Object.entries(cases)) {
    it(`is discarded: ${name}`, async () => {
      const store = memoryStore();
      await drive(chain.clock, chain.client({ store }).syncOnce());
      const [codec, key] = [snapshotCodec(chain.forge.chain), snapshotKey(chain.network)];
      const snapshot = codec.decode((await store.load(key))!);
      await store.save(key, codec.encode(spoil(snapshot)));
      const source = chain.source();
      const client = chain.client({ store, sources: [source] });
      const log = record(client);
      const { head } = await drive(chain.clock, client.syncOnce());
      expect(log.store.map(({ outcome }) => outcome)).to.deep.equal(["discarded"]);
      expect(codesOf(log)).to.deep.equal(["SNAPSHOT_INVALID"]);
      expect(source.requests).to.include("bootstrap");
      expect(head.slot).to.equal(202);
      // an impossible number would have been a threshold that nobody reaches
      await passTime(chain.clock, chain.network.slotDurationMs);
      expect((await drive(chain.clock, client.syncOnce())).head.slot).to.equal(203);
    });
  }

  it("is replaced in the store, and not removed before there is something to take its place", async () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const done: string[] = [];
    const store = {
      load: async () => bytes,
      save: async () => void done.push("save"),
      clear: async () => void done.push("clear"),
    };
    const client = chain.client({ store });
    record(client);
    await drive(chain.clock, client.syncOnce());
    await settle();
    expect(new Set(done)).to.deep.equal(new Set(["save"]));
  });
});
