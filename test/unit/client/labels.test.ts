import { expect } from "chai";
import type { Participation } from "../../../src/client/types.js";
import { fromHex } from "../../../src/ssz/bytes.js";
import { memoryStore } from "../../../src/store/memory.js";
import { decodeStatement } from "../../../src/store/statement.js";
import { testNetwork } from "../../support/networks.js";
import {
  codesOf,
  createFakeChain,
  type FakeChain,
  type FakeSource,
  hang,
  networkFailed,
  notAvailable,
  record,
} from "./fake-chain.js";
import { drive, passTime, watchUnhandled } from "./waiting.js";

const missing = () => Promise.reject(notAvailable("anything"));

describe("trust labels", () => {
  watchUnhandled();

  it("name who proved the next committee, and who signed it, also while the checkpoint is what is final", async () => {
    const chain = await createFakeChain({ checkpointSlot: 40, slot: 62 });
    const [first, second] = [chain.source("first"), chain.source("second")];
    Object.assign(first.overrides, { updates: missing, finalityUpdate: missing });
    second.overrides.finalityUpdate = missing;
    // what it finalizes is older than the checkpoint: only the committee is news
    second.overrides.updates = async () => [
      chain.forge.update({ attestedSlot: 45, finalizedSlot: 24, participants: 30 }).raw(),
    ];
    const client = chain.client({ sources: [first, second] });
    const log = record(client);
    await drive(chain.clock, client.syncOnce());
    expect(client.finalized!.slot).to.equal(40);
    expect(log.committee.map(({ period }) => period)).to.deep.equal([0, 1]);
    const labels = log.committee.map(({ trust: { source, participation, level } }) => [source, participation, level]);
    expect(labels).to.deep.equal([
      ["first", null, "finalized"],
      ["second", { count: 30, size: 32 }, "finalized"],
    ]);
  });

  describe("of a forced update", () => {
    let chain: FakeChain;
    let first: FakeSource;
    let second: FakeSource;

    /** The first knows the checkpoint and nothing else; the second has an update that 5 of 32 have signed. */
    beforeEach(async () => {
      chain = await createFakeChain({ slot: 100 });
      [first, second] = [chain.source("first"), chain.source("second")];
      Object.assign(first.overrides, { updates: missing, finalityUpdate: missing, optimisticUpdate: missing });
      Object.assign(second.overrides, { bootstrap: missing, finalityUpdate: missing, optimisticUpdate: missing });
      const update = chain.forge.update({ attestedSlot: 61, finalizedSlot: null, participants: 5 }).raw();
      second.overrides.updates = async (signal) => {
        signal?.throwIfAborted();
        return [update];
      };
    });

    async function force() {
      const store = memoryStore();
      const client = chain.client({ sources: [first, second], store, forceUpdate: true });
      const log = record(client);
      await drive(chain.clock, client.syncOnce()).catch(() => {});
      return { client, log, store };
    }

    const expected = { level: "optimistic", forced: true, source: "second", participation: { count: 5, size: 32 } };

    it("call what became final by it optimistic, and name who sent it", async () => {
      const { client, log } = await force();
      expect(log["forced-update"].map(({ slot }) => slot)).to.deep.equal([61]);
      expect(log["forced-update"][0]!.trust).to.deep.include(expected);
      expect(client.finalized!.slot).to.equal(61);
      expect(client.finalized!.trust).to.deep.include(expected);
      expect(client.head!.trust).to.deep.include({ level: "optimistic", forced: true });
      expect(log.committee.at(-1)).to.have.property("period", 1);
      expect(log.committee.at(-1)!.trust).to.deep.include(expected);
    });

    it("call it so as well when it was kept and resumed", async () => {
      const { client, store } = await force();
      await client.stop();
      const resumed = chain.client({ sources: [first, second], store });
      const log = record(resumed);
      await drive(chain.clock, resumed.syncOnce()).catch(() => {});
      expect(log.store.map(({ outcome }) => outcome)).to.deep.equal(["resumed"]);
      expect(resumed.finalized!.slot).to.equal(61);
      expect(resumed.finalized!.trust).to.deep.include({ ...expected, source: "store" });
      const next = log.committee.find(({ period }) => period === 1);
      expect(next!.trust).to.deep.include({ ...expected, source: "store" });
    });
  });
});

describe("evidence", () => {
  watchUnhandled();

  /** Another next committee of period 2, the store's own, in place of the update of period 3. */
  async function contradict(participants: number) {
    const chain = await createFakeChain({ slot: 203 });
    const [first, honest] = [chain.source("first"), chain.source("honest")];
    const other = chain.forge.otherCommittee("other");
    const conflict = chain.forge.update({ attestedSlot: 180, participants, attested: { nextCommittee: other } });
    const { updates } = first;
    first.updates = (from, count, options) =>
      from < 3 ? updates(from, count, options) : Promise.resolve([conflict.raw()]);
    first.overrides.finalityUpdate = missing;
    honest.overrides.finalityUpdate = missing;
    const client = chain.client({ sources: [first, honest] });
    const log = record(client);
    await drive(chain.clock, client.start());
    await client.stop();
    const blamed = log.error.filter(({ source }) => source === "first").map(({ error }) => error.code);
    return { chain, client, log, blamed, conflict };
  }

  it("is an update with another next committee that 2/3 have signed, sent instead of the one asked for", async () => {
    const { chain, client, log, blamed, conflict } = await contradict(22);
    expect(blamed).to.deep.equal(["NEXT_COMMITTEE_CONFLICT"]);
    expect(client.evidence).to.have.length(1);
    const [evidence] = client.evidence;
    expect(log.equivocation).to.deep.equal([evidence]);
    expect(evidence!.kind).to.equal("next-committee");
    expect(evidence!.known.root).to.equal(log.committee.find(({ period }) => period === 3)!.root);
    expect(evidence!.received).to.deep.include({ source: "first", slot: 180 });
    expect(evidence!.received.root).to.not.equal(evidence!.known.root);
    const kept = decodeStatement(chain.forge.chain, fromHex(evidence!.received.ssz));
    expect(kept.update).to.deep.equal(conflict.value());
    // and the known one stands
    expect(client.head!.slot).to.be.at.least(202);
  });

  it("is not what fewer than 2/3 have signed: that is only the wrong answer", async () => {
    const { client, blamed } = await contradict(21);
    expect(blamed).to.deep.equal(["RESPONSE_INVALID"]);
    expect(client.evidence).to.deep.equal([]);
  });
});

describe("data of Fulu in the shape of Gloas", () => {
  watchUnhandled();
  let chain: FakeChain;
  let first: FakeSource;
  let honest: FakeSource;

  async function setUp(gloas: number): Promise<void> {
    chain = await createFakeChain({ slot: 203, network: testNetwork({ forks: { fulu: 0, gloas } }) });
    [first, honest] = [chain.source("first"), chain.source("honest")];
  }

  async function sync() {
    const client = chain.client({ sources: [first, honest] });
    const log = record(client);
    const { head, finalized } = await drive(chain.clock, client.syncOnce());
    return { head, finalized, errors: log.error.map(({ error, source }) => `${source} ${error.code}`) };
  }

  const shape = "gloas";
  const routes = {
    bootstrap: () => chain.forge.bootstrap(8).raw({ shape }),
    updates: () => [chain.forge.update({ attestedSlot: 61 }).raw({ shape })],
    finalityUpdate: () => chain.forge.finalityUpdate({ attestedSlot: chain.slot() - 1 }).raw({ shape }),
  };
  for (const route of ["bootstrap", "updates", "finalityUpdate"] as const) {
    it(`is refused as ${route}, its sender blamed, and the payload header of another handed out`, async () => {
      await setUp(10_000);
      first.overrides[route] = async () => routes[route]();
      const { head, finalized, errors } = await sync();
      expect(errors).to.deep.equal(["first FORK_MISMATCH"]);
      expect(head.slot).to.equal(202);
      expect(head.trust.source).to.equal("honest");
      for (const { execution } of [head, finalized]) expect(execution!.stateRoot).to.match(/^0x[0-9a-f]{64}$/);
    });
  }

  it("is refused as optimistic update as well", async () => {
    await setUp(10_000);
    await sync();
    const client = chain.client({ sources: [first, honest] });
    await drive(chain.clock, client.syncOnce());
    const log = record(client);
    first.overrides.optimisticUpdate = async () =>
      chain.forge.optimisticUpdate({ attestedSlot: chain.slot() - 1 }).raw({ shape });
    await passTime(chain.clock, chain.network.slotDurationMs);
    const { head } = await drive(chain.clock, client.syncOnce());
    expect(codesOf(log)).to.deep.equal(["FORK_MISMATCH"]);
    expect(head).to.include({ slot: 203 });
    expect(head.execution!.stateRoot).to.not.equal(null);
  });

  it("is taken as what a block of Gloas finalizes", async () => {
    await setUp(25);
    const { head, finalized, errors } = await sync();
    expect(errors).to.deep.equal([]);
    expect([head.slot, finalized.slot]).to.deep.equal([202, 184]);
    expect(finalized.execution!.blockHash).to.match(/^0x[0-9a-f]{64}$/);
    expect(finalized.execution!.stateRoot).to.equal(null);
  });
});

describe("participation", () => {
  watchUnhandled();

  it("is told of every block after one whose signature slot was raised", async () => {
    const chain = await createFakeChain({ slot: 203 });
    const source = chain.source("first", { streams: true });
    const client = chain.client({ sources: [source] });
    await drive(chain.clock, client.start());
    Object.assign(source.overrides, { optimisticUpdate: hang, finalityUpdate: () => Promise.reject(networkFailed()) });
    chain.clock.jumpTo(chain.timeOf(207));
    const seen: Participation[] = [];
    client.on("participation", (participation) => seen.push(participation));
    const raised = chain.forge.optimisticUpdate({ attestedSlot: 203 }).edit((wire) => {
      wire.signatureSlot = 207;
    });
    source.push("optimistic", raised.raw());
    for (const attestedSlot of [204, 205, 206]) {
      await passTime(chain.clock, 500);
      source.push("optimistic", chain.forge.optimisticUpdate({ attestedSlot }).raw());
    }
    await passTime(chain.clock, 500);
    expect(seen.map(({ attestedSlot, slot }) => [attestedSlot, slot])).to.deep.equal([
      [203, 207],
      [204, 205],
      [205, 206],
      [206, 207],
    ]);
    await client.stop();
  });
});
