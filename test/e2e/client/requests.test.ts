import { expect } from "chai";
import type { LightClient } from "../../../src/client/light-client.js";
import type { RestSourceOptions } from "../../../src/transport/rest.js";
import type { Fault, RequestRecord, SlotPattern } from "../../devnet/src/client.ts";
import { record } from "../../unit/client/fake-chain.js";
import { watchUnhandled } from "../../unit/client/waiting.js";
import { createWorld, type Node, type World } from "./world.js";

const EPOCH = 8;
const PERIOD = 64;

/** Requests by route. */
type Counts = Record<string, number>;

function countsOf(log: readonly RequestRecord[]): Counts {
  const counts: Counts = { bootstrap: 0, updates: 0, finality_update: 0, optimistic_update: 0, events: 0 };
  for (const { route } of log) counts[route] = (counts[route] ?? 0) + 1;
  return counts;
}

/** The bounds that docs/requests.md and the header of src/client/follow.ts state. */
describe("the requests of a client that follows", () => {
  watchUnhandled();
  let world: World;
  let checkpoint: string;
  let client: LightClient | undefined;

  before(async () => {
    world = await createWorld({ forks: { electra: 0 }, preSlots: 130 });
    checkpoint = (await world.devnet.checkpoint()).root;
  });
  after(() => world?.stop());
  afterEach(() => client?.stop());

  async function follow(...faults: Fault[]): Promise<Node> {
    return followWith({ retries: 0 }, ...faults);
  }

  async function followWith(options: RestSourceOptions, ...faults: Fault[]): Promise<Node> {
    const node = await world.node("node", faults, options);
    client = world.client({ checkpoint, sources: [node.source] });
    record(client);
    await world.drive(client.start());
    await node.takeLog();
    return node;
  }

  /** To the first slot of the next epoch. */
  async function alignEpoch(): Promise<void> {
    await world.ticks(EPOCH - (world.slot() % EPOCH));
  }

  /** Counts of each of some epochs. */
  async function countEpochs(node: Node, epochs: number, pattern?: SlotPattern): Promise<Counts[]> {
    const all: Counts[] = [];
    await node.takeLog();
    for (let i = 0; i < epochs; i++) {
      await world.ticks(EPOCH, pattern);
      all.push(countsOf(await node.takeLog()));
    }
    return all;
  }

  function sum(counts: readonly Counts[], route: string): number {
    return counts.reduce((total, each) => total + each[route]!, 0);
  }

  function report(name: string, epochs: readonly Counts[]): void {
    if (process.env["SIDELIGHT_REPORT"] !== undefined) console.log(name, JSON.stringify(epochs));
  }

  it("with a stream: one update a period, and nothing else", async () => {
    const node = await follow();
    await alignEpoch();
    const epochs = await countEpochs(node, 9);
    report("stream", epochs);
    for (const counts of epochs) {
      expect(counts).to.include({ bootstrap: 0, finality_update: 0, optimistic_update: 0, events: 0 });
    }
    expect(sum(epochs, "updates")).to.be.within(1, 2);
  });

  it("with a stream, beside missed slots: still nothing else", async () => {
    const node = await follow();
    await alignEpoch();
    const epochs = await countEpochs(node, 3, { missed: 3 });
    report("stream, missed slots", epochs);
    expect(sum(epochs, "optimistic_update") + sum(epochs, "finality_update")).to.equal(0);
    expect(sum(epochs, "updates")).to.be.at.most(1);
  });

  it("without a stream: one optimistic update a slot, one finality update an epoch, one update a period", async () => {
    const node = await follow({ kind: "sse-refused" });
    await alignEpoch();
    const epochs = await countEpochs(node, 9);
    report("polling", epochs);
    for (const counts of epochs) {
      expect(counts["finality_update"]).to.equal(1);
      // the finality update brings the head of its slot
      expect(counts["optimistic_update"]).to.be.at.most(EPOCH - 1);
    }
    expect(sum(epochs, "updates")).to.be.within(1, 2);
    // attempts at a stream become rare: 1, 2, 4 ... 300 s apart
    expect(sum(epochs, "events")).to.be.at.most(10);
    expect(sum(epochs.slice(-6), "events")).to.be.at.most(2);
  });

  it("without a stream, beside missed slots: no more", async () => {
    const node = await follow({ kind: "sse-refused" });
    await alignEpoch();
    const epochs = await countEpochs(node, 3, { missed: 2 });
    report("polling, missed slots", epochs);
    for (const counts of epochs) {
      expect(counts["optimistic_update"]! + counts["finality_update"]!).to.be.at.most(EPOCH + 1);
    }
  });

  it("while nothing becomes final: at most eight finality updates an epoch, one update an epoch", async () => {
    const node = await follow({ kind: "sse-refused" });
    await alignEpoch();
    const epochs = await countEpochs(node, 6, { attestationParticipation: 0.5 });
    report("polling, no finality", epochs);
    for (const counts of epochs) {
      expect(counts["finality_update"]).to.be.at.most(8);
      expect(counts["optimistic_update"]! + counts["finality_update"]!).to.be.at.most(2 * EPOCH);
      expect(counts["updates"]).to.be.at.most(1);
    }
    await client?.stop();
    await world.leap(5 * EPOCH);
  });

  it("while nothing becomes final, with a stream: at most four finality updates an epoch, one update an epoch", async () => {
    checkpoint = (await world.devnet.checkpoint()).root;
    const node = await follow();
    await alignEpoch();
    const epochs = await countEpochs(node, 6, { attestationParticipation: 0.5 });
    report("stream, no finality", epochs);
    for (const counts of epochs) {
      expect(counts["finality_update"]).to.be.at.most(4);
      expect(counts["optimistic_update"]).to.equal(0);
      expect(counts["updates"]).to.be.at.most(1);
    }
    await client?.stop();
    await world.leap(5 * EPOCH);
  });

  for (const fault of [{ kind: "status", status: 500 }, { kind: "reset" }, { kind: "garbage" }] as const) {
    it(`of which every one fails (${fault.kind}): no more than without failures, and fewer with time`, async () => {
      checkpoint = (await world.devnet.checkpoint()).root;
      const node = await follow({ kind: "sse-refused" });
      await alignEpoch();
      await node.setFaults(fault);
      const epochs = await countEpochs(node, 9);
      report(`all fail: ${fault.kind}`, epochs);
      const total = ({ events, ...counts }: Counts) => Object.values(counts).reduce((a, b) => a + b, 0);
      for (const counts of epochs) expect(total(counts)).to.be.at.most(EPOCH + 1);
      expect(sum(epochs, "events")).to.be.at.most(10);
      // 48 s each: a source is asked once a minute at most by then
      expect(total(epochs.at(-1)!)).to.be.at.most(2);
    });
  }

  it("of which every one fails and is retried as restSource does by default: three each, and fewer with time", async () => {
    checkpoint = (await world.devnet.checkpoint()).root;
    const node = await followWith({}, { kind: "sse-refused" });
    await alignEpoch();
    await node.setFaults({ kind: "status", status: 503 });
    const epochs = await countEpochs(node, 9);
    report("all fail, with retries", epochs);
    const total = ({ events, ...counts }: Counts) => Object.values(counts).reduce((a, b) => a + b, 0);
    for (const counts of epochs) expect(total(counts)).to.be.at.most(2 * EPOCH);
    expect(total(epochs.at(-1)!)).to.be.at.most(6);
  });

  it("over a whole period without a stream: below what the bounds add up to", async () => {
    checkpoint = (await world.devnet.checkpoint()).root;
    const node = await follow({ kind: "sse-refused" });
    await world.ticks(PERIOD);
    const counts = countsOf(await node.takeLog());
    report("polling, a period", [counts]);
    expect(counts["optimistic_update"]! + counts["finality_update"]!).to.be.at.most(PERIOD);
    expect(counts["updates"]).to.be.at.most(2);
    expect(counts["bootstrap"]).to.equal(0);
  });
});
