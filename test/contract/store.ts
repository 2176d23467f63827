/**
 * What every checkpoint store must do, in Node and in browsers: no Node modules in here.
 */
import { expect } from "chai";
import type { CheckpointStore } from "../../src/store/port.js";

export interface StoreContractOptions {
  /** Do two stores from `create` share what they hold? Default `true`. */
  shared?: boolean;
}

/**
 * @param create a store; called again within a test it gives another object over the same backing (see `shared`)
 * @param cleanup after each test: closes and deletes the backing, so that the next test starts empty
 */
export function storeContract(
  name: string,
  create: () => CheckpointStore | Promise<CheckpointStore>,
  cleanup: () => void | Promise<void> = () => {},
  { shared = true }: StoreContractOptions = {},
): void {
  describe(`${name} as a CheckpointStore`, () => {
    const opened: CheckpointStore[] = [];

    async function make(): Promise<CheckpointStore> {
      const store = await create();
      opened.push(store);
      return store;
    }

    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close?.();
      await cleanup();
    });

    it("has nothing before the first save", async () => {
      const store = await make();
      expect(await store.load("mainnet")).to.equal(null);
    });

    it("gives back every bit of what was saved", async () => {
      const store = await make();
      const all = Uint8Array.from({ length: 256 }, (_, i) => i);
      await store.save("mainnet", all);
      expectBytes(await store.load("mainnet"), all);
    });

    it("keeps zero bytes apart from nothing", async () => {
      const store = await make();
      await store.save("mainnet", new Uint8Array(0));
      expectBytes(await store.load("mainnet"), new Uint8Array(0));
    });

    it("replaces what it had, also by something shorter", async () => {
      const store = await make();
      await store.save("mainnet", pattern(1, 5_000));
      await store.save("mainnet", pattern(2, 3_000));
      expectBytes(await store.load("mainnet"), pattern(2, 3_000));
    });

    it("forgets what is cleared", async () => {
      const store = await make();
      await store.save("mainnet", pattern(1, 100));
      await store.clear("mainnet");
      expect(await store.load("mainnet")).to.equal(null);
      await store.save("mainnet", pattern(2, 100));
      expectBytes(await store.load("mainnet"), pattern(2, 100));
    });

    it("clears what it does not have", async () => {
      const store = await make();
      await store.clear("mainnet");
      expect(await store.load("mainnet")).to.equal(null);
    });

    it("keeps keys apart, whatever characters they have", async () => {
      const store = await make();
      const keys = [
        "mainnet",
        "Mainnet",
        "mainnet ",
        "main/net",
        "../mainnet",
        "a\\b",
        "con",
        ".",
        "..",
        "%002e",
        "ü",
        "\0",
        "",
      ];
      for (const [i, key] of keys.entries()) await store.save(key, pattern(i, 50));
      for (const [i, key] of keys.entries()) expectBytes(await store.load(key), pattern(i, 50));
      await store.clear("mainnet");
      expect(await store.load("mainnet")).to.equal(null);
      for (const [i, key] of keys.entries()) if (i > 0) expectBytes(await store.load(key), pattern(i, 50));
    });

    it("takes a copy when it is called: changing the bytes afterwards changes nothing", async () => {
      const store = await make();
      const bytes = pattern(1, 100);
      const saving = store.save("mainnet", bytes);
      bytes.fill(0);
      await saving;
      expectBytes(await store.load("mainnet"), pattern(1, 100));
    });

    it("hands out copies: changing one changes nothing", async () => {
      const store = await make();
      await store.save("mainnet", pattern(1, 100));
      (await store.load("mainnet"))!.fill(0);
      expectBytes(await store.load("mainnet"), pattern(1, 100));
    });

    it("saves a part of a larger buffer as that part", async () => {
      const store = await make();
      const buffer = pattern(1, 1_000);
      await store.save("mainnet", buffer.subarray(10, 20));
      const loaded = (await store.load("mainnet"))!;
      expectBytes(loaded, buffer.slice(10, 20));
      expect(loaded.buffer.byteLength).to.equal(10);
    });

    it("keeps 200 KiB", async () => {
      const store = await make();
      await store.save("mainnet", pattern(3, 204_800));
      expectBytes(await store.load("mainnet"), pattern(3, 204_800));
    });

    it("keeps the last of many saves at once, and never shows a mixture", async () => {
      const store = await make();
      const saves: Promise<void>[] = [];
      const seen: (Uint8Array | null)[] = [];
      for (let i = 0; i < 20; i++) {
        saves.push(store.save("mainnet", pattern(i, 2_000 + i)));
        seen.push(await store.load("mainnet"));
      }
      await Promise.all(saves);
      for (const bytes of seen) if (bytes !== null) expectBytes(bytes, pattern(bytes[0]!, bytes.length));
      expectBytes(await store.load("mainnet"), pattern(19, 2_019));
    });

    it("does a save and a clear at once in the order they were called in", async () => {
      const store = await make();
      await Promise.all([store.save("mainnet", pattern(1, 100)), store.clear("mainnet")]);
      expect(await store.load("mainnet")).to.equal(null);
      await Promise.all([store.clear("mainnet"), store.save("mainnet", pattern(2, 100))]);
      expectBytes(await store.load("mainnet"), pattern(2, 100));
    });

    it("works again after it was closed", async () => {
      const store = await make();
      await store.close?.();
      await store.save("mainnet", pattern(1, 100));
      await store.close?.();
      await store.close?.();
      expectBytes(await store.load("mainnet"), pattern(1, 100));
    });

    it("completes a save that was under way when it was closed", async () => {
      const store = await make();
      const saving = store.save("mainnet", pattern(1, 100));
      await store.close?.();
      await saving;
      expectBytes(await store.load("mainnet"), pattern(1, 100));
    });

    if (!shared) return;

    it("lets a second store object load what the first one saved, and the other way round", async () => {
      const first = await make();
      const second = await make();
      await first.save("mainnet", pattern(1, 100));
      expectBytes(await second.load("mainnet"), pattern(1, 100));
      await second.save("mainnet", pattern(2, 100));
      expectBytes(await first.load("mainnet"), pattern(2, 100));
      await second.clear("mainnet");
      expect(await first.load("mainnet")).to.equal(null);
    });

    it("keeps one whole snapshot when two store objects save at once", async () => {
      const first = await make();
      const second = await make();
      const saves: Promise<void>[] = [];
      for (let i = 0; i < 10; i++) {
        saves.push(first.save("mainnet", pattern(i, 2_000)), second.save("mainnet", pattern(100 + i, 3_000)));
      }
      await Promise.all(saves);
      const bytes = (await first.load("mainnet"))!;
      expectBytes(bytes, pattern(bytes[0]!, bytes.length));
      expect(bytes[0]! % 100, "one of the two last").to.equal(9);
    });
  });
}

/** Bytes that differ everywhere for different seeds (below 256): a mixture of two is none of them. */
function pattern(seed: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (seed + i * 7) & 0xff);
}

function expectBytes(actual: Uint8Array | null, expected: Uint8Array): void {
  expect(actual).to.be.an.instanceof(Uint8Array);
  expect(actual!.length).to.equal(expected.length);
  expect(
    actual!.every((byte, i) => byte === expected[i]),
    "same bytes",
  ).to.equal(true);
}
