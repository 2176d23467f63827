/** The committees' decompressed keys beside the stored state: they save time, and nothing is trusted to them. */
import { expect } from "chai";
import { type BlstBls, blstBls } from "../../../src/bls/blst/index.js";
import { herumiBls } from "../../../src/bls/herumi.js";
import type { Bls } from "../../../src/bls/port.js";
import { sha256 } from "../../../src/ssz/hash.js";
import { memoryStore } from "../../../src/store/memory.js";
import type { CheckpointStore } from "../../../src/store/port.js";
import { type Snapshot, snapshotCodec, snapshotKey } from "../../../src/store/snapshot.js";
import { createSnapshotTypes } from "../../../src/store/snapshot-types.js";
import { signedItem } from "../../support/batch-items.js";
import { readyKeys } from "../../support/keys.js";
import { codesOf, createFakeChain, type FakeChain, record } from "./fake-chain.js";
import { drive, watchUnhandled } from "./waiting.js";

/** Of an exported key: index, point. */
const RECORD_BYTES = 98;

describe("the committees' keys beside the stored state", () => {
  watchUnhandled();
  let chain: FakeChain;

  beforeEach(async () => {
    // two are absent: with the aggregate, three keys of a committee are decompressed
    chain = await createFakeChain({ slot: 203, participants: () => 30 });
  });

  const codec = () => snapshotCodec(chain.forge.chain);
  const load = async (store: CheckpointStore) => codec().decode((await store.load(snapshotKey(chain.network)))!);

  async function sync(store: CheckpointStore, bls: Bls = blstBls()) {
    const source = chain.source();
    const client = chain.client({ store, bls, sources: [source] });
    const log = record(client);
    const { head } = await drive(chain.clock, client.syncOnce());
    await client.stop();
    return { head, log, requests: source.requests };
  }

  async function stored(): Promise<CheckpointStore> {
    const store = memoryStore();
    await sync(store);
    return store;
  }

  /** Stores something else instead. */
  async function replace(store: CheckpointStore, change: (snapshot: Snapshot) => Snapshot): Promise<void> {
    await store.save(snapshotKey(chain.network), codec().encode(change(await load(store))));
  }

  async function expectResumed(store: CheckpointStore, keys: "reused" | "ignored" | null, bls?: Bls): Promise<void> {
    await chain.clock.advance(chain.network.slotDurationMs);
    const { head, log, requests } = await sync(store, bls);
    expect(log.store).to.deep.equal([{ outcome: "resumed", reason: null, keys }]);
    expect(requests).to.not.include("bootstrap");
    expect(codesOf(log)).to.deep.equal([]);
    expect(head.slot).to.equal(chain.slot() - 1);
  }

  it("are stored, those that were decompressed, and told as reused", async () => {
    const store = await stored();
    const { keys } = await load(store);
    // the committee of period 3 has signed a head
    expect(keys!.current.length).to.equal(3 * RECORD_BYTES);
    await expectResumed(store, "reused");
  });

  it("are what the backend then has, before it has verified anything", async () => {
    const store = await stored();
    const { keys, store: state } = await load(store);
    let afterImport: Uint8Array | undefined;
    const real = blstBls();
    const bls: BlstBls = {
      ...real,
      importKeys(committee, bytes) {
        const isTaken = real.importKeys(committee, bytes);
        afterImport ??= real.exportKeys(committee);
        return isTaken;
      },
    };
    await expectResumed(store, "reused", bls);
    expect(afterImport).to.deep.equal(keys!.current);
    expect(state.currentSyncCommittee.pubkeys).to.have.length(32);
  });

  describe("are ignored, and the state is resumed all the same, when they", () => {
    let foreign: Uint8Array;

    before(async () => {
      await readyKeys();
      const bls = blstBls();
      await bls.ready();
      const { committee, bits, signingRoot, signature } = signedItem(bls, 0);
      bls.verifySyncAggregate(committee, bits, signingRoot, signature);
      foreign = bls.exportKeys(committee);
      expect(foreign.length).to.be.greaterThan(RECORD_BYTES);
    });

    const changes: [string, (snapshot: Snapshot) => Snapshot][] = [
      ["are another committee's", (it) => withKeys(it, { current: foreign })],
      ["are of a committee that is not there", (it) => withKeys(it, { next: it.keys!.current })],
      ["are not on the curve", (it) => withKeys(it, { current: changed(it.keys!.current, RECORD_BYTES - 1) })],
      ["have another x", (it) => withKeys(it, { current: changed(it.keys!.current, 20) })],
      [
        "have an index beyond the committee",
        (it) => withKeys(it, { current: changed(it.keys!.current, RECORD_BYTES) }),
      ],
      ["end within a key", (it) => withKeys(it, { current: it.keys!.current.slice(0, -1) })],
      ["are noise", (it) => withKeys(it, { current: sha256(new Uint8Array(1)) })],
      ["are good for one committee, and noise for the other", (it) => withKeys(it, { next: new Uint8Array(7) })],
    ];
    for (const [what, change] of changes) {
      it(what, async () => {
        const store = await stored();
        await replace(store, change);
        await expectResumed(store, "ignored");
      });
    }

    function withKeys(snapshot: Snapshot, other: Partial<NonNullable<Snapshot["keys"]>>): Snapshot {
      return { ...snapshot, keys: { ...snapshot.keys!, ...other } };
    }
    function changed(bytes: Uint8Array, at: number): Uint8Array {
      const copy = bytes.slice();
      copy[at]! ^= 1;
      return copy;
    }

    it("make the backend throw", async () => {
      const store = await stored();
      const bls = {
        ...blstBls(),
        importKeys() {
          throw new Error("not mine");
        },
      };
      await expectResumed(store, "ignored", bls);
    });
  });

  it("are of no concern to a backend that keeps none", async () => {
    const store = await stored();
    await expectResumed(store, null, herumiBls());
  });

  it("need not be there: a state that version 1 wrote is resumed", async () => {
    const store = await stored();
    const key = snapshotKey(chain.network);
    const { bodyOfVersion } = createSnapshotTypes(chain.forge.chain.types);
    const bytes = (await store.load(key))!;
    const { network, content } = bodyOfVersion[2].deserialize(bytes.subarray(38));
    const body = bodyOfVersion[1].serialize({ network, content });
    const version1 = Uint8Array.of(...bytes.subarray(0, 4), 1, 0, ...sha256(body), ...body);
    await store.save(key, version1);
    await expectResumed(store, null);
  });

  describe("do not keep the state from being stored when the backend", () => {
    const exports: [string, () => unknown, string[]][] = [
      ["exports nothing", () => new Uint8Array(), []],
      ["exports no bytes", () => "keys", []],
      ["exports more than there can be", () => new Uint8Array(70_000), []],
      [
        "throws",
        () => {
          throw new Error("out of memory");
        },
        ["UNEXPECTED"],
      ],
    ];
    for (const [what, exportKeys, errors] of exports) {
      it(what, async () => {
        const store = memoryStore();
        const bls = { ...blstBls(), exportKeys } as Bls;
        const { log } = await sync(store, bls);
        expect([...new Set(codesOf(log))]).to.deep.equal(errors);
        expect(await load(store)).to.not.have.property("keys");
        await expectResumed(store, null);
      });
    }
  });

  it("are told to be none when the state is discarded", async () => {
    const store = await stored();
    await replace(store, (snapshot) => ({ ...snapshot, checkpoint: new Uint8Array(32).fill(1) }));
    const { log } = await sync(store);
    expect(log.store).to.have.length(1);
    expect(log.store[0]).to.deep.include({ outcome: "discarded", keys: null });
  });
});
