/** A client that begins with what several faces of a real chain agree on. */
import { expect } from "chai";
import { checkpointQuorum } from "../../../src/checkpoint/quorum.js";
import type { CheckpointQuorumOptions } from "../../../src/checkpoint/quorum-options.js";
import { isSidelightError } from "../../../src/errors.js";
import type { LightClientOptions } from "../../../src/options.js";
import { memoryStore } from "../../../src/store/memory.js";
import { type Devnet, type Fault, startDevnet } from "../../devnet/src/client.ts";
import { codesOf, record } from "../../unit/client/fake-chain.js";
import { rejectionOf, watchUnhandled } from "../../unit/client/waiting.js";
import { closeServers } from "../../unit/transport/lying-server.js";
import { FALSE_ROOT, startParrot } from "../parrot.js";
import { expectTrueHeader } from "./expect-truth.js";
import { createWorld, type Node, type World } from "./world.js";

const EPOCH = 8;

describe("a client whose checkpoint is a quorum of a real chain's faces", () => {
  watchUnhandled();
  let world: World;
  let stranger: Devnet;

  before(async () => {
    world = await createWorld({ forks: { electra: 0 }, preSlots: 200 });
    const { genesisTime } = world.devnet.info;
    stranger = await startDevnet({ forks: { electra: 0 }, preSlots: 200, seed: 7, genesisTime });
  });
  after(async () => {
    await stranger?.stop();
    await world?.stop();
  });
  afterEach(closeServers);

  async function faces(...faults: Fault[][]): Promise<Node[]> {
    return Promise.all(faults.map((list, i) => world.node(`face ${i}`, list)));
  }

  /** Everything of it is at one address: who runs what has to be said. */
  function quorumOf(nodes: readonly Pick<Node, "url" | "fetch">[], options: Partial<CheckpointQuorumOptions> = {}) {
    const providers = nodes.map(({ url }, i) => ({ url, name: `p${i}`, operator: `p${i}` }));
    const fetch: Node["fetch"] = (url, init) => nodes.find((node) => url.startsWith(node.url))!.fetch(url, init);
    return checkpointQuorum({ providers, fetch, ...options });
  }

  async function begin(checkpoint: LightClientOptions["checkpoint"], options: Partial<LightClientOptions> = {}) {
    const [source] = await faces([]);
    const client = world.client({ checkpoint, sources: [source!.source], ...options });
    return { client, source: source!, log: record(client) };
  }

  /** Where the chain's own finality is. */
  async function finalizedEpoch(): Promise<number> {
    return (await world.devnet.finalized()).epoch;
  }

  it("begins with the newest finalized root, and verifies the head from there", async () => {
    const nodes = await faces([], [], []);
    const { client, log } = await begin(quorumOf(nodes));
    const { head, finalized } = await world.drive(client.syncOnce());
    await expectTrueHeader(world, head);
    await expectTrueHeader(world, finalized);
    const truth = await world.devnet.finalized();
    expect(log.checkpoint).to.have.length(1);
    const { root, slot, origin, report } = log.checkpoint[0]!;
    expect({ root, slot, origin }).to.deep.equal({ root: truth.root, slot: truth.slot, origin: "provider" });
    expect(report).to.include({ epoch: truth.epoch, agreed: 3, operators: 3, required: 2, root });
    for (const node of nodes) {
      const routes = (await node.log()).map(({ route }) => route).sort();
      expect(routes).to.deep.equal(["finality_checkpoints", "genesis"]);
    }
  });

  it("agrees where the faces are an epoch apart, on the older one", async () => {
    const nodes = await faces([], [{ kind: "stale-head", slots: EPOCH }], []);
    const { client, log } = await begin(quorumOf(nodes, { required: 3 }));
    await world.drive(client.syncOnce());
    const { report, slot } = log.checkpoint[0]!;
    const epoch = (await finalizedEpoch()) - 1;
    expect(report).to.include({ epoch, agreed: 3 });
    expect(slot).to.equal(epoch * EPOCH);
    expect((await world.truth(slot)).root).to.equal(report!.root);
    expect(report!.statements.map(({ finalized }) => finalized!.epoch)).to.deep.equal([epoch + 1, epoch, epoch + 1]);
    expect((await nodes[0]!.log()).map(({ route }) => route).sort()).to.deep.equal([
      "block_root",
      "finality_checkpoints",
      "genesis",
    ]);
  });

  it("leaves behind a face that is hours behind", async () => {
    const { client, log } = await begin(quorumOf(await faces([], [], [{ kind: "stale-head", slots: 120 }])));
    await world.drive(client.syncOnce());
    expect(log.checkpoint[0]!.report).to.include({ epoch: await finalizedEpoch(), agreed: 2 });
    expect(log.checkpoint[0]!.report!.statements[2]).to.include({ verdict: "other" });
  });

  it("trusts nothing when one of three tells other roots, and asks no source for anything", async () => {
    const [a, b] = await faces([], []);
    const parrot = await startParrot(world.devnet.url);
    const { client, source } = await begin(quorumOf([a!, b!, { url: parrot.url, fetch: a!.fetch }]));
    const thrown = await rejectionOf(world.drive(client.start()));
    if (!isSidelightError(thrown, "CHECKPOINT_DISAGREEMENT")) throw thrown;
    expect(thrown.details.statements.map(({ verdict }) => verdict)).to.deep.equal(["agrees", "agrees", "contradicts"]);
    expect(thrown.details.statements[2]!.finalized!.root).to.equal(FALSE_ROOT);
    expect(client.status.state).to.equal("stopped");
    expect(client.head).to.equal(null);
    expect(await source.log()).to.deep.equal([]);
  });

  it("is not led astray by two liars of three, even when the caller tolerates dissent: no source has their block", async () => {
    const [honest] = await faces([]);
    const parrots = await Promise.all([startParrot(world.devnet.url), startParrot(world.devnet.url)]);
    const nodes = [honest!, ...parrots.map(({ url }) => ({ url, fetch: honest!.fetch }))];
    const strict = await begin(quorumOf(nodes));
    const refused = await rejectionOf(world.drive(strict.client.syncOnce()));
    expect(isSidelightError(refused, "CHECKPOINT_DISAGREEMENT")).to.equal(true);
    const { client, source } = await begin(quorumOf(nodes, { required: 2, tolerateDissent: 1 }));
    const thrown = await rejectionOf(world.drive(client.syncOnce()));
    expect(isSidelightError(thrown, "NO_SOURCE_ANSWERED")).to.equal(true);
    expect((await source.log()).map(({ path }) => path)).to.deep.equal([
      `/eth/v1/beacon/light_client/bootstrap/${FALSE_ROOT}`,
    ]);
    expect(client.head).to.equal(null);
  });

  it("does not listen to a face of another chain", async () => {
    const [a, b] = await faces([], []);
    const { client, log } = await begin(quorumOf([a!, { url: stranger.url, fetch: a!.fetch }, b!]));
    await world.drive(client.syncOnce());
    const { report } = log.checkpoint[0]!;
    expect(report).to.include({ agreed: 2 });
    expect(report!.statements[1]).to.include({ verdict: "silent" });
    expect(report!.statements[1]!.error!.message).to.include(world.network.genesisValidatorsRoot);
  });

  const faults: [string, Fault, string][] = [
    ["hangs", { kind: "hang" }, "REQUEST_TIMEOUT"],
    ["drips", { kind: "drip" }, "REQUEST_TIMEOUT"],
    ["is oversized", { kind: "oversized" }, "INPUT_TOO_LARGE"],
    ["declares too much", { kind: "oversized", variant: "declared" }, "INPUT_TOO_LARGE"],
    ["is cut off", { kind: "truncated" }, "NETWORK_FAILED"],
    ["is half of one", { kind: "truncated", variant: "clean" }, "RESPONSE_INVALID"],
    ["is noise", { kind: "garbage" }, "RESPONSE_INVALID"],
    ["is refused", { kind: "status", status: 503, retryAfterSeconds: 3_600 }, "HTTP_STATUS"],
    ["is reset", { kind: "reset" }, "NETWORK_FAILED"],
    ["is in SSZ only", { kind: "ssz-only" }, "HTTP_STATUS"],
  ];
  for (const [name, fault, code] of faults) {
    it(`does without a face whose answer ${name}`, async () => {
      const { client, log } = await begin(quorumOf(await faces([], [fault], [])));
      await world.drive(client.syncOnce());
      const { report } = log.checkpoint[0]!;
      expect(report).to.include({ agreed: 2, epoch: await finalizedEpoch() });
      expect(report!.statements[1]!.error!.code).to.equal(code);
    });
  }

  it("waits, and says why, while too few answer; begins when they do", async () => {
    const nodes = await faces([], [{ kind: "reset" }], [{ kind: "status", status: 500 }]);
    const { client, log } = await begin(quorumOf(nodes));
    const starting = client.start();
    await world.clock.advance(1);
    await world.idle();
    // not for long: the chain stands still meanwhile, and its head must not get too old before the attempt that succeeds
    for (let i = 0; i < 3; i++) {
      await world.clock.advance(2_000);
      await world.idle();
    }
    expect(client.status.state).to.equal("stalled");
    expect(new Set(codesOf(log))).to.deep.equal(new Set(["CHECKPOINT_NO_QUORUM"]));
    await nodes[1]!.setFaults();
    await expectTrueHeader(world, await world.drive(starting));
    // two requests an attempt, none repeated; 1, 2, 4, 8, 16, 32 s apart
    expect((await nodes[0]!.log()).length).to.be.within(4, 14);
    await client.stop();
  });

  it("agrees on an epoch whose first slot is empty", async () => {
    const toBoundary = EPOCH - 1 - (world.slot() % EPOCH);
    await world.ticks(toBoundary);
    await world.tick({ missed: true });
    const epoch = world.slot() / EPOCH;
    for (let i = 0; (await finalizedEpoch()) < epoch && i < 40; i++) await world.tick();
    const { client, log } = await begin(quorumOf(await faces([], [], [])));
    await world.drive(client.syncOnce());
    const { report, slot, root } = log.checkpoint[0]!;
    expect(report).to.include({ epoch, agreed: 3 });
    expect(slot).to.equal(epoch * EPOCH - 1);
    expect((await world.truth(slot)).root).to.equal(root);
    await world.ticks(EPOCH);
  });

  it("asks nobody when it goes on from its store, and somebody when that is too old", async () => {
    const nodes = await faces([], []);
    const store = memoryStore();
    const first = await begin(quorumOf(nodes), { store });
    await world.drive(first.client.syncOnce());
    await first.client.stop();
    for (const node of nodes) await node.takeLog();
    const second = await begin(quorumOf(nodes), { store });
    await world.drive(second.client.syncOnce());
    await second.client.stop();
    for (const node of nodes) expect(await node.takeLog()).to.deep.equal([]);
    expect(second.log.checkpoint[0]).to.include({ origin: "stored", resumed: true });
    await world.leap(40);
    const third = await begin(quorumOf(nodes), { store, maxCheckpointAgeSeconds: 30 * 6 });
    await expectTrueHeader(world, (await world.drive(third.client.syncOnce())).head);
    await third.client.stop();
    expect(third.log.checkpoint[0]).to.include({ origin: "provider", resumed: false });
    for (const node of nodes) expect((await node.takeLog()).length).to.be.within(2, 3);
  });
});
