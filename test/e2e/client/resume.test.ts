import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { fileStore } from "../../../src/store/file.js";
import { indexedDbStore } from "../../../src/store/indexeddb.js";
import { memoryStore } from "../../../src/store/memory.js";
import type { CheckpointStore } from "../../../src/store/port.js";
import { codesOf, record } from "../../unit/client/fake-chain.js";
import { watchUnhandled } from "../../unit/client/waiting.js";
import { installIndexedDb, removeIndexedDb } from "../../unit/store/fake-indexeddb.js";
import { expectTrueHeader } from "./expect-truth.js";
import { createWorld, type Node, type World } from "./world.js";

describe("a client that sleeps and resumes from its store", () => {
  watchUnhandled();
  let world: World;
  let node: Node;
  let folder: string;
  let checkpoint: string;

  before(async () => {
    world = await createWorld({ forks: { deneb: 0, electra: 12, fulu: 40, gloas: 60 }, preSlots: 150 });
    node = await world.node("node");
    checkpoint = (await world.devnet.checkpoint({ epoch: 9 })).root;
    folder = await mkdtemp(join(tmpdir(), "sidelight-resume-"));
    installIndexedDb();
  });
  after(async () => {
    removeIndexedDb();
    await rm(folder, { recursive: true, force: true });
    await world?.stop();
  });

  /** A new run each time, as after a restart: only what the store keeps is left of the one before. */
  async function sync(store: CheckpointStore, root = checkpoint) {
    await node.takeLog();
    const client = world.client({ checkpoint: root, sources: [node.source], store: world.store(store) });
    const log = record(client);
    const result = await world.drive(client.syncOnce());
    await client.stop();
    const requests = (await node.takeLog()).map(({ route }) => route);
    await expectTrueHeader(world, result.head);
    await expectTrueHeader(world, result.finalized);
    expect(result.head.slot).to.equal(world.slot() - 1);
    return { result, log, requests };
  }

  const memory = memoryStore();
  const stores: Record<string, () => CheckpointStore> = {
    "memory (kept by the program)": () => memory,
    "a file": () => fileStore(folder),
    IndexedDB: () => indexedDbStore(),
  };

  it("makes the fewest requests that the protocol allows, from every store, after any sleep", async () => {
    const expected: [sleep: number, requests: (routes: string[]) => void][] = [
      [0, (routes) => expect(routes).to.deep.equal(["bootstrap", "updates", "finality_update", "updates"])],
      // the stored state has no optimistic head: its signature is not kept
      [0, (routes) => expect(routes).to.have.length.at.most(1)],
      [1, (routes) => expect(routes).to.have.length.at.most(1)],
      [7, (routes) => expect(routes).to.have.length.at.most(2)],
      [64, (routes) => expect(routes).to.have.length.at.most(3)],
      // into the next fork, over five periods
      [5 * 64 + 11, (routes) => expect(routes.filter((route) => route === "updates")).to.have.length.at.most(2)],
    ];
    for (const [sleep, expectRequests] of expected) {
      if (sleep > 0) await world.leap(sleep);
      for (const [name, open] of Object.entries(stores)) {
        const { requests, log } = await sync(open());
        expect(requests.length, `${name} after ${sleep} slots: ${requests}`).to.be.at.most(4);
        expectRequests(requests);
        expect(codesOf(log)).to.deep.equal([]);
        if (!requests.includes("bootstrap")) {
          expect(log.store).to.deep.equal([{ outcome: "resumed", reason: null, keys: "reused" }]);
        }
      }
    }
  });

  it("resumes what a client stored that followed, and follows on", async () => {
    const open = () => world.store(fileStore(join(folder, "following")));
    const first = world.client({ checkpoint, sources: [node.source], store: open() });
    await world.drive(first.start());
    await world.ticks(12);
    const { finalized } = first;
    await first.stop();
    await world.leap(3);
    await node.takeLog();
    const second = world.client({ checkpoint, sources: [node.source], store: open() });
    const log = record(second);
    await world.drive(second.start());
    await world.ticks(4);
    expect(second.head?.slot).to.equal(world.slot() - 1);
    expect(second.finalized!.slot).to.be.at.least(finalized!.slot);
    expect(log.store).to.deep.equal([{ outcome: "resumed", reason: null, keys: "reused" }]);
    expect((await node.takeLog()).map(({ route }) => route)).to.not.include("bootstrap");
    await second.stop();
  });

  it("starts from its checkpoint when a file was damaged, and keeps a good one afterwards", async () => {
    const place = join(folder, "damaged");
    await sync(fileStore(place));
    const [name] = (await readdir(place)).filter((file) => file.endsWith(".snapshot"));
    const path = join(place, name!);
    const bytes = await readFile(path);
    for (const damage of [bytes.subarray(0, 1_000), Buffer.alloc(0), Buffer.from(bytes).fill(7, 500, 600)]) {
      await writeFile(path, damage);
      const { log, requests } = await sync(fileStore(place));
      expect(log.store.map(({ outcome }) => outcome)).to.deep.equal(["discarded"]);
      expect(codesOf(log)).to.deep.equal(["SNAPSHOT_INVALID"]);
      expect(requests).to.include("bootstrap");
      expect((await sync(fileStore(place))).log.store.map(({ outcome }) => outcome)).to.deep.equal(["resumed"]);
    }
  });

  it("starts from a checkpoint that is not the stored one's", async () => {
    const store = memoryStore();
    await sync(store);
    const other = (await world.devnet.checkpoint({ epoch: 14 })).root;
    const { log } = await sync(store, other);
    expect(log.store[0]).to.include({ outcome: "discarded" });
    expect(log.store[0]!.reason).to.contain("another checkpoint");
  });

  it("starts from its checkpoint when the store holds the state of another network", async () => {
    const other = await createWorld({ forks: { deneb: 0, electra: 12 }, preSlots: 150, seed: 1 });
    try {
      // a store that does not look at the key, such as one file for everything
      let kept: Uint8Array | null = null;
      const careless: CheckpointStore = {
        load: async () => kept,
        save: async (_, bytes) => {
          kept = bytes;
        },
        clear: async () => {},
      };
      const { root } = await other.devnet.checkpoint();
      const theirs = await other.node("other");
      const client = other.client({ checkpoint: root, sources: [theirs.source], store: careless });
      await other.drive(client.syncOnce());
      await client.stop();
      expect(kept).to.not.equal(null);
      const { log } = await sync(careless);
      expect(log.store[0]).to.include({ outcome: "discarded" });
      expect(codesOf(log)).to.deep.equal(["SNAPSHOT_INVALID"]);
    } finally {
      await other.stop();
    }
  });
});
