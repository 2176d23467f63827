/** A disk that is full: the browser's own limit, made small enough to be reached, and reached. */
import { expect } from "chai";
import { createLightClient } from "../../src/client/light-client.js";
import { isSidelightError, type SidelightError } from "../../src/errors.js";
import { indexedDbStore } from "../../src/store/indexeddb.js";
import { restSource } from "../../src/transport/rest.js";
import { rejectionOf, until } from "../contract/async.js";
import { networkOf } from "../support/network-of.js";
import { chainsOfPage, connectChain } from "./support/chains.js";
import { pattern } from "./support/pattern.js";

/** Storage Buckets (https://wicg.github.io/storage-buckets/): Chromium has them, and the compiler does not know. */
interface Buckets {
  open(name: string, options: { quota: number }): Promise<{ readonly indexedDB: IDBFactory }>;
  delete(name: string): Promise<void>;
}
const { storageBuckets } = navigator as { storageBuckets?: Buckets };

const BUCKET = "small";
const KEY = "mainnet";
/** A snapshot of mainnet is about so large. */
const LENGTH = 60_000;

/** Databases of little room: a bucket of 2 MB, or in Firefox what `karma.conf.js` has left to an origin: 10 MiB. */
async function smallFactory(): Promise<IDBFactory> {
  if (storageBuckets === undefined) return indexedDB;
  return (await storageBuckets.open(BUCKET, { quota: 2_000_000 })).indexedDB;
}

function deleteIn(factory: IDBFactory, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = factory.deleteDatabase(name);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
  });
}

function openIn(factory: IDBFactory, name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = factory.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("filling", { autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Noise: some browsers compress. */
function noise(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

function put(database: IDBDatabase, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("filling", "readwrite");
    transaction.objectStore("filling").put(bytes);
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Fills what is left, down to a few kilobytes. @throws if there is no end of it */
async function fill(factory: IDBFactory): Promise<void> {
  let total = 0;
  for (const size of [1_000_000, 100_000, 10_000]) {
    // a new connection for each: to one that has just met the limit, Firefox refuses other writes with other words
    const database = await openIn(factory, "filling");
    for (let error: unknown = null; error === null; total += size) {
      error = await put(database, noise(size)).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      if (error !== null) expect(error).to.have.property("name", "QuotaExceededError");
      if (total > 100_000_000) throw new Error("the quota is not as small as it was made");
    }
    database.close();
  }
}

describe("indexedDbStore on a full disk", function () {
  this.timeout(120_000);
  let factory: IDBFactory;

  before(async () => {
    factory = await smallFactory();
  });
  afterEach(async () => {
    await deleteIn(factory, "filling");
    await deleteIn(factory, "sidelight");
  });
  after(() => storageBuckets?.delete(BUCKET));

  it("refuses with STORE_FAILED, keeps the last snapshot, and works again when there is room", async () => {
    const store = indexedDbStore({ indexedDB: factory });
    await store.save(KEY, pattern(1, LENGTH));
    await fill(factory);
    const error = await rejectionOf(store.save("another", noise(1_000_000)));
    if (!isSidelightError(error, "STORE_FAILED")) throw error;
    expect(error.details).to.have.property("operation", "save");
    expect(error.message).to.match(/^IndexedDB save: QuotaExceededError/);
    expect(await store.load("another")).to.equal(null);
    expect(await store.load(KEY)).to.deep.equal(pattern(1, LENGTH));
    await deleteIn(factory, "filling");
    await until(
      () =>
        store.save(KEY, pattern(2, LENGTH)).then(
          () => true,
          () => false,
        ),
      "room again",
    );
    expect(await store.load(KEY)).to.deep.equal(pattern(2, LENGTH));
    await store.close!();
  });

  it("does not keep a client from going on, which says so", async () => {
    const chain = await connectChain(chainsOfPage(), "live");
    const { root: checkpoint } = await chain.checkpoint({ epoch: 9 });
    await fill(factory);
    const client = createLightClient({
      network: networkOf(chain),
      checkpoint,
      sources: [restSource(chain.url)],
      store: indexedDbStore({ indexedDB: factory }),
    });
    const errors: SidelightError[] = [];
    client.on("error", ({ error }) => errors.push(error));
    const { head } = await client.syncOnce();
    await client.stop();
    expect(head.root).to.equal((await chain.truth(head.slot))?.root);
    expect(errors.map(({ code }) => code)).to.include("STORE_FAILED");
    expect(errors.map(({ message }) => message).join()).to.contain("QuotaExceededError");
  });
});
