import { expect } from "chai";
import { isSidelightError } from "../../../src/errors.js";
import type { CheckpointStore } from "../../../src/store/port.js";
import type { Source } from "../../../src/transport/port.js";
import { codesOf, createFakeChain, type FakeChain, record } from "./fake-chain.js";
import { drive, passTime, rejectionOf, settle, until, watchUnhandled } from "./waiting.js";

/** Never settles, whatever is aborted. */
function never(): Promise<never> {
  return new Promise(() => {});
}

describe("createLightClient with ports that break their contract", () => {
  watchUnhandled();
  let chain: FakeChain;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
  });

  describe("a source that does not look at its signal", () => {
    for (const route of ["bootstrap", "updates", "finalityUpdate"] as const) {
      it(`does not hold stop: ${route}`, async () => {
        const source: Source = { ...chain.source(), [route]: never };
        const client = chain.client({ sources: [source] });
        record(client);
        const starting = rejectionOf(client.start());
        await settle();
        await client.stop();
        expect(isSidelightError(await starting, "CLIENT_STOPPED")).to.equal(true);
        expect(chain.clock.sleepers).to.equal(0);
      });
    }

    it("does not hold stop: subscribe", async () => {
      let isSubscribed = false;
      const source: Source = {
        ...chain.source(),
        subscribe({ onOpen }) {
          isSubscribed = true;
          onOpen?.();
          return never();
        },
      };
      const client = chain.client({ sources: [source] });
      await drive(chain.clock, client.start());
      await until(() => isSubscribed);
      await client.stop();
      expect(chain.clock.sleepers).to.equal(0);
    });

    it("is not listened to after stop, and cannot wake the client", async () => {
      const pushed: (() => void)[] = [];
      const source: Source = {
        ...chain.source(),
        subscribe({ onOpen, onEvent }) {
          onOpen?.();
          pushed.push(() => onEvent({ type: "optimistic", object: chain.object("optimisticUpdate") }));
          return never();
        },
      };
      const client = chain.client({ sources: [source] });
      await drive(chain.clock, client.start());
      await until(() => pushed.length > 0);
      await client.stop();
      const log = record(client);
      await chain.clock.advance(chain.network.slotDurationMs);
      for (const push of pushed) push();
      await settle();
      expect(log.head).to.deep.equal([]);
      expect(client.status.state).to.equal("stopped");
    });
  });

  describe("a source that throws instead of rejecting", () => {
    it("is one that failed", async () => {
      const throwing = () => {
        throw new TypeError("not a promise");
      };
      const broken: Source = {
        name: "broken",
        bootstrap: throwing,
        updates: throwing,
        finalityUpdate: throwing,
        optimisticUpdate: throwing,
        subscribe: throwing,
      };
      const client = chain.client({ sources: [broken, chain.source("good")] });
      const log = record(client);
      await drive(chain.clock, client.start());
      await passTime(chain.clock, 3 * chain.network.slotDurationMs);
      expect(client.head?.slot).to.equal(204);
      expect(log.error.every(({ source }) => source === "broken")).to.equal(true);
      expect(new Set(codesOf(log))).to.deep.equal(new Set(["UNEXPECTED"]));
      await client.stop();
    });
  });

  describe("a source whose `subscribe` cannot even be looked at", () => {
    it("is told of, and asked in turn, while another one is subscribed to", async () => {
      const broken: Source = {
        ...chain.source("broken"),
        get subscribe(): never {
          throw new TypeError("no such thing");
        },
      };
      let isSubscribed = false;
      const other: Source = {
        ...chain.source("other"),
        subscribe({ onOpen }) {
          isSubscribed = true;
          onOpen?.();
          return never();
        },
      };
      const client = chain.client({ sources: [broken, other] });
      const log = record(client);
      await drive(chain.clock, client.start());
      await until(() => isSubscribed);
      expect(log.error.map(({ source, error }) => [source, error.code])).to.deep.equal([["broken", "UNEXPECTED"]]);
      await passTime(chain.clock, 3 * chain.network.slotDurationMs);
      expect(client.status.state).to.equal("following");
      await client.stop();
      expect(chain.clock.sleepers).to.equal(0);
    });
  });

  describe("a source that answers with anything", () => {
    for (const answer of [undefined, null, 7, "text", {}, [], { encoding: "ssz" }, { encoding: "xml", bytes: 1 }]) {
      it(`is one that sent something invalid: ${JSON.stringify(answer) ?? "undefined"}`, async () => {
        const anything = () => Promise.resolve(answer as never);
        const broken: Source = {
          name: "broken",
          bootstrap: anything,
          updates: anything,
          finalityUpdate: anything,
          optimisticUpdate: anything,
        };
        const client = chain.client({ sources: [broken, chain.source("good")] });
        const log = record(client);
        expect((await drive(chain.clock, client.syncOnce())).head.slot).to.equal(202);
        expect(log.error.map(({ source }) => source)).to.deep.equal(["broken"]);
      });
    }
  });

  describe("a store that never answers", () => {
    const parts = { load: async () => null, save: async () => {}, clear: async () => {}, close: async () => {} };
    for (const operation of ["save", "close"] as const) {
      it(`does not hold stop for longer than its time limit: ${operation}`, async () => {
        const store: CheckpointStore = { ...parts, [operation]: never };
        const client = chain.client({ store });
        const log = record(client);
        await drive(chain.clock, client.start(), { limitMs: 60_000 });
        await drive(chain.clock, client.stop(), { limitMs: 60_000 });
        expect(client.status.state).to.equal("stopped");
        expect(codesOf(log)).to.include("STORE_FAILED");
        expect(chain.clock.sleepers).to.equal(0);
      });
    }
  });

  it("keeps its own state, whatever a listener does to what it was told", async () => {
    const client = chain.client();
    client.on("head", (head) => {
      Object.assign(head, { slot: 1, root: "0x" });
    });
    client.on("committee", (committee) => {
      (committee.pubkeys as string[]).length = 0;
    });
    await drive(chain.clock, client.start());
    await passTime(chain.clock, 3 * chain.network.slotDurationMs);
    expect(client.head?.slot).to.equal(204);
    expect(client.status).to.deep.equal({ state: "following" });
    await client.stop();
  });

  it("does not deadlock when a listener calls the client back", async () => {
    const client = chain.client();
    const slots: number[] = [];
    client.on("head", async ({ slot }) => {
      slots.push(slot);
      if (slots.length === 1) await client.syncOnce();
      if (slots.length === 3) await client.stop();
    });
    await drive(chain.clock, client.start());
    await passTime(chain.clock, 6 * chain.network.slotDurationMs);
    await until(() => client.status.state === "stopped");
    expect(slots).to.deep.equal([202, 203, 204]);
    expect(chain.clock.sleepers).to.equal(0);
  });

  describe("a machine that sleeps", () => {
    it("for longer than maxCheckpointAgeSeconds: the client ends, and says why", async () => {
      const source = chain.source("fake", { streams: true });
      const client = chain.client({ sources: [source], maxCheckpointAgeSeconds: 3_600 });
      record(client);
      await drive(chain.clock, client.start());
      await until(() => source.streams.size === 1);
      chain.clock.jumpTo(chain.clock.nowMs() + 7_200_000);
      await chain.clock.advance(1);
      await until(() => client.status.state === "stopped");
      expect(client.status).to.have.property("reason").that.contains("maxCheckpointAgeSeconds");
      await settle();
      expect({ streams: source.streams.size, sleepers: chain.clock.sleepers }).to.deep.equal({
        streams: 0,
        sleepers: 0,
      });
      const thrown = await rejectionOf(drive(chain.clock, client.start()));
      expect(isSidelightError(thrown, "CHECKPOINT_TOO_OLD")).to.equal(true);
    });

    it("for longer than that, but allowed to: the client goes on", async () => {
      const client = chain.client({ maxCheckpointAgeSeconds: 3_600, staleCheckpoint: "allow" });
      await drive(chain.clock, client.start());
      chain.clock.jumpTo(chain.clock.nowMs() + 7_200_000);
      await passTime(chain.clock, 3 * chain.network.slotDurationMs);
      expect(client.head?.trust.ageSlots).to.be.at.most(2);
      await client.stop();
    });
  });
});
