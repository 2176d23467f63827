/** Finality that is contradicted, seen from the other side of a port and from other tabs; and the host's decision. */
import { expect } from "chai";
import type { LightClient } from "../../../src/client/light-client.js";
import { isSidelightError } from "../../../src/errors.js";
import { exportEvidence, parseEvidence } from "../../../src/evidence/index.js";
import { toHex } from "../../../src/ssz/bytes.js";
import { memoryStore } from "../../../src/store/memory.js";
import { createRelay } from "../../../src/tabs/relay.js";
import { codesOf, createFakeChain, type FakeChain, type FakeSource, record } from "../client/fake-chain.js";
import { drive, passTime, rejectionOf, settle, watchUnhandled } from "../client/waiting.js";
import { createTabs } from "../tabs/tabs.js";
import { closeAll, link } from "./wires.js";

describe("a conflict of finality", () => {
  watchUnhandled();
  let chain: FakeChain;

  beforeEach(async () => {
    chain = await createFakeChain({ slot: 203 });
  });
  afterEach(async () => {
    await settle();
    expect(chain.clock.sleepers).to.equal(0);
  });

  /** The source pushes a block that is truly signed as final beside the one that is. */
  async function contradict(source: FakeSource): Promise<void> {
    const options = { attestedSlot: chain.slot() - 1, finalizedSlot: 182, finalizedEpoch: 23 };
    source.push("finality", chain.forge.finalityUpdate(options).raw());
    await settle();
    await passTime(chain.clock, chain.network.slotDurationMs / 2);
  }

  /** Nothing is trusted any more, and it is said why. */
  function expectHalted(client: LightClient, log: ReturnType<typeof record>): void {
    expect([client.head, client.finalized, client.participation]).to.deep.equal([null, null, null]);
    expect(client.status.state).to.equal("stopped");
    expect(codesOf(log)).to.deep.equal(["FINALITY_CONFLICT"]);
    expect(log.equivocation.map(({ kind }) => kind)).to.deep.equal(["finality"]);
    expect(client.evidence).to.deep.equal(log.equivocation);
    expect(parseEvidence(exportEvidence(client.evidence[0]!)).received.slot).to.equal(182);
    expect(() => client.assertFresh(1_000)).to.throw();
  }

  async function expectRefused(call: Promise<unknown>): Promise<void> {
    const thrown = await rejectionOf(drive(chain.clock, call));
    expect(isSidelightError(thrown, "FINALITY_CONFLICT"), String(thrown)).to.equal(true);
  }

  it("crosses the worker protocol with its evidence, and forgetConflict goes back", async () => {
    const source = chain.source("liar", { streams: true });
    const store = memoryStore();
    const client = chain.client({ sources: [source], store });
    const { remote } = link(client, chain.clock);
    const log = record(remote);
    await drive(chain.clock, remote.start());
    expect(remote.finalized!.slot).to.equal(184);
    await contradict(source);
    expectHalted(remote, log);
    await expectRefused(remote.start());
    await expectRefused(remote.syncOnce());
    expect(remote.head).to.equal(null);

    await drive(chain.clock, remote.forgetConflict());
    const { finalized } = await drive(chain.clock, remote.syncOnce());
    expect(finalized.slot).to.equal(184);
    expect(remote.finalized!.root).to.equal(client.finalized!.root);
    remote.disconnect();
    await client.stop();
    closeAll();
  });

  it("reaches every tab, and each may lead again once it is asked to forget it", async () => {
    const tabs = createTabs(chain);
    const [first, second] = [tabs.open({ streams: true }), tabs.open({ streams: true })];
    await drive(chain.clock, first.client.start());
    await drive(chain.clock, second.client.start());
    expect([first.client.role, second.client.role]).to.deep.equal(["leader", "follower"]);
    await contradict(first.source);
    await passTime(chain.clock, 10_000);
    for (const { client, log } of [first, second]) expectHalted(client, log);
    for (const { client } of [first, second]) await expectRefused(client.start());

    await drive(chain.clock, second.client.forgetConflict());
    const head = await drive(chain.clock, second.client.start());
    expect(head.root).to.equal(toHex(chain.forge.block({ slot: head.slot }).root));
    // the tab that found it listens to the other by now; and may lead again, once it is asked to forget as well
    await drive(chain.clock, first.client.forgetConflict());
    await drive(chain.clock, first.client.start());
    expect([first.client.role, second.client.role]).to.deep.equal(["follower", "leader"]);
    second.kill();
    await passTime(chain.clock, 10_000);
    expect(first.client.role).to.equal("leader");
    expect(first.client.status.state).to.equal("following");
    expect(first.client.finalized!.slot).to.be.at.least(184);
    expect(codesOf(first.log)).to.deep.equal(["FINALITY_CONFLICT"]);
    await tabs.closeAll();
    expect(tabs.locks.held).to.equal(0);
  });

  it("is known to a tab that slept through it: what the client took back is taken back there too", async () => {
    const source = chain.source("liar", { streams: true });
    const client = chain.client({ sources: [source] });
    const relay = createRelay(chain.clock, () => {});
    client.on("error", () => {});
    await drive(chain.clock, client.start());
    relay.listenTo(client);
    expect(relay.state("finalized")!.slot).to.equal(184);
    relay.listenTo(null);
    expect(relay.state("head")!.slot, "as it was, while nobody speaks").to.equal(client.head!.slot);
    await contradict(source);
    relay.listenTo(client);
    const { evidence, ...rest } = Object.fromEntries(
      (["head", "finalized", "participation", "evidence"] as const).map((field) => [field, relay.state(field)]),
    );
    expect(rest).to.deep.equal({ head: null, finalized: null, participation: null });
    expect(evidence).to.deep.equal(client.evidence);
    expect(() => relay.assertFresh(1_000)).to.throw();
    relay.listenTo(null);
    await client.stop();
  });
});
