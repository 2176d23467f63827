import { expect } from "chai";
import { indexedDbStore } from "../../../src/store/indexeddb.js";
import { storeContract } from "../../contract/store.js";
import { rejection, thrownBy } from "./expect-rejection.js";
import { installIndexedDb, killConnection, newFactory, removeIndexedDb } from "./fake-indexeddb.js";

const BYTES = Uint8Array.of(1, 2, 3);

describe("indexedDbStore where there is no IndexedDB", () => {
  it("can be made, does nothing, and says so when it is used", async () => {
    const store = indexedDbStore();
    const error = await rejection("STORE_FAILED", store.load("mainnet"));
    expect(error.details).to.deep.equal({ operation: "load", message: "there is no IndexedDB here" });
    expect((await rejection("STORE_FAILED", store.save("mainnet", BYTES))).details.operation).to.equal("save");
    expect((await rejection("STORE_FAILED", store.clear("mainnet"))).details.operation).to.equal("clear");
    await store.close?.();
  });

  it("looks for it again at the next call", async () => {
    const store = indexedDbStore();
    await rejection("STORE_FAILED", store.load("mainnet"));
    installIndexedDb();
    try {
      await store.save("mainnet", BYTES);
      expect(await store.load("mainnet")).to.deep.equal(BYTES);
      await store.close?.();
    } finally {
      removeIndexedDb();
    }
  });
});

describe("indexedDbStore with IndexedDB", () => {
  before(installIndexedDb);
  after(removeIndexedDb);

  let factory = newFactory();
  storeContract(
    "indexedDbStore",
    () => indexedDbStore({ indexedDB: factory }),
    () => {
      factory = newFactory();
    },
  );

  describe("indexedDbStore", () => {
    it("opens nothing before it is used, and one connection for all calls", async () => {
      const opened: string[] = [];
      const spied = wrapFactory(newFactory(), (inner, name, version) => {
        opened.push(`${name} ${version}`);
        return inner.open(name, version);
      });
      const store = indexedDbStore({ indexedDB: spied });
      expect(opened).to.deep.equal([]);
      await Promise.all([store.load("a"), store.save("a", BYTES), store.clear("b")]);
      await store.load("a");
      expect(opened).to.deep.equal(["sidelight 1"]);
    });

    it("keeps databases of different names apart", async () => {
      const indexedDB = newFactory();
      await indexedDbStore({ indexedDB, name: "one" }).save("mainnet", BYTES);
      expect(await indexedDbStore({ indexedDB, name: "two" }).load("mainnet")).to.equal(null);
      expect((await indexedDB.databases()).map(({ name }) => name)).to.have.members(["one", "two"]);
    });

    it("uses the global factory of the moment when none is given", async () => {
      await indexedDbStore().save("mainnet", BYTES);
      expect((await globalThis.indexedDB.databases()).map(({ name }) => name)).to.deep.equal(["sidelight"]);
    });

    it("asks for strict durability and resolves a save only after the transaction is complete", async () => {
      const { database, factory: spied } = capturing(newFactory());
      const store = indexedDbStore({ indexedDB: spied });
      await store.load("mainnet");
      const events: string[] = [];
      spyOnTransactions(database(), (transaction) => {
        events.push(`${transaction.mode} ${transaction.durability}`);
        transaction.addEventListener("complete", () => events.push("complete"));
      });
      await store.save("mainnet", BYTES).then(() => events.push("saved"));
      expect(events).to.deep.equal(["readwrite strict", "complete", "saved"]);
    });

    for (const [what, fault] of Object.entries<() => never>({
      "a factory that refuses (private mode)": () => {
        throw new DOMException(
          "A mutation operation was attempted on a database that did not allow it",
          "InvalidStateError",
        );
      },
      "a factory that is forbidden (sandboxed frame)": () => {
        throw new DOMException("The operation is insecure", "SecurityError");
      },
    })) {
      it(`reports ${what} and opens anew at the next call`, async () => {
        let broken = true;
        const store = indexedDbStore({
          indexedDB: wrapFactory(newFactory(), (inner, name, version) =>
            broken ? fault() : inner.open(name, version),
          ),
        });
        const error = await rejection("STORE_FAILED", store.save("mainnet", BYTES));
        expect(error.details.operation).to.equal("save");
        expect(error.details.message).to.match(/^(InvalidState|Security)Error: \w+/);
        broken = false;
        await store.save("mainnet", BYTES);
        expect(await store.load("mainnet")).to.deep.equal(BYTES);
      });
    }

    it("reports a request that fails", async () => {
      const indexedDB = wrapFactory(newFactory(), () =>
        failingRequest(new DOMException("Internal error", "UnknownError")),
      );
      const error = await rejection("STORE_FAILED", indexedDbStore({ indexedDB }).load("mainnet"));
      expect(error.details).to.deep.equal({ operation: "load", message: "UnknownError: Internal error" });
    });

    it("reports a database of a newer version", async () => {
      const indexedDB = newFactory();
      (await openRaw(indexedDB, 7)).close();
      const error = await rejection("STORE_FAILED", indexedDbStore({ indexedDB }).load("mainnet"));
      expect(error.details.message).to.match(/^VersionError/);
    });

    it("reports a database of the same name that somebody else made", async () => {
      const indexedDB = newFactory();
      (await openRaw(indexedDB, 1, () => {})).close();
      const error = await rejection("STORE_FAILED", indexedDbStore({ indexedDB }).load("mainnet"));
      expect(error.details.message).to.match(/^NotFoundError/);
    });

    it("reports something else than bytes under its key", async () => {
      const indexedDB = newFactory();
      const store = indexedDbStore({ indexedDB });
      await store.load("mainnet");
      const raw = await openRaw(indexedDB, 1);
      await settled(raw.transaction("snapshots", "readwrite").objectStore("snapshots").put("text", "mainnet"));
      raw.close();
      const error = await rejection("STORE_FAILED", store.load("mainnet"));
      expect(error.details.message).to.equal("the database holds something else");
      await store.save("mainnet", BYTES);
      expect(await store.load("mainnet")).to.deep.equal(BYTES);
    });

    it("does not hang on an upgrade that another page blocks, and lets go of what opens later", async () => {
      const indexedDB = newFactory();
      const hog = await openRaw(indexedDB, 1);
      const versions = wrapFactory(indexedDB, (inner, name) => inner.open(name, 2));
      const store = indexedDbStore({ indexedDB: versions, timeoutMs: 30 });
      const error = await rejection("STORE_FAILED", store.load("mainnet"));
      expect(error.details.message).to.equal(
        "an older version of the database is open elsewhere and was not closed within 30 ms",
      );
      hog.close();
      // The request that nobody waits for any more completes now; were its connection kept, this would be blocked.
      await pause(20);
      (await openRaw(indexedDB, 3)).close();
    });

    it("does not hang when opening never ends, and tries anew", async () => {
      let broken = true;
      const indexedDB = wrapFactory(newFactory(), (inner, name, version) =>
        broken ? silentRequest() : inner.open(name, version),
      );
      const store = indexedDbStore({ indexedDB, timeoutMs: 20 });
      const error = await rejection("STORE_FAILED", store.save("mainnet", BYTES));
      expect(error.details).to.deep.equal({ operation: "save", message: "the database did not open within 20 ms" });
      broken = false;
      await store.save("mainnet", BYTES);
    });

    it("does not hang on a transaction that waits for another page's, and leaves nothing of it", async () => {
      const indexedDB = newFactory();
      const store = indexedDbStore({ indexedDB, timeoutMs: 30 });
      await store.save("mainnet", BYTES);
      const raw = await openRaw(indexedDB, 1);
      const hold = holdTransaction(raw);
      const error = await rejection("STORE_FAILED", store.save("mainnet", Uint8Array.of(9)));
      expect(error.details).to.deep.equal({ operation: "save", message: "no answer within 30 ms" });
      await hold.end();
      expect(await store.load("mainnet")).to.deep.equal(BYTES);
      raw.close();
    });

    it("waits for ever if it is to: timers take no longer delay than 2^31 - 1 ms", async () => {
      const delays: (number | undefined)[] = [];
      const { setTimeout: original } = globalThis;
      globalThis.setTimeout = ((run: () => void, ms?: number) => {
        delays.push(ms);
        return original(run, ms);
      }) as typeof setTimeout;
      try {
        for (const timeoutMs of [Number.POSITIVE_INFINITY, 2 ** 31]) {
          await indexedDbStore({ indexedDB: newFactory(), timeoutMs }).save("mainnet", BYTES);
        }
      } finally {
        globalThis.setTimeout = original;
      }
      expect(delays.filter((ms) => ms !== undefined && ms > 0)).to.deep.equal([0, 0, 0, 0].map(() => 2 ** 31 - 1));
    });

    it("refuses a wait that is no time", () => {
      for (const timeoutMs of [0, -1, Number.NaN, "soon", null]) {
        const error = thrownBy("OPTION_INVALID", () => indexedDbStore({ timeoutMs: timeoutMs as number }));
        expect(error.details.option).to.equal("timeoutMs");
      }
    });

    it("waits 5 seconds by default", async () => {
      const delays: (number | undefined)[] = [];
      const { setTimeout } = globalThis;
      globalThis.setTimeout = ((callback: () => void, ms?: number) => {
        delays.push(ms);
        return setTimeout(callback, 0);
      }) as typeof setTimeout;
      try {
        const store = indexedDbStore({ indexedDB: wrapFactory(newFactory(), silentRequest) });
        const error = await rejection("STORE_FAILED", store.load("mainnet"));
        expect(error.details.message).to.equal("the database did not open within 5000 ms");
      } finally {
        globalThis.setTimeout = setTimeout;
      }
      expect(delays).to.deep.equal([5_000]);
    });

    it("lets another page upgrade, then reports the newer version", async () => {
      const indexedDB = newFactory();
      const store = indexedDbStore({ indexedDB });
      await store.save("mainnet", BYTES);
      let blocked = false;
      const upgraded = await openRaw(
        indexedDB,
        2,
        () => {},
        () => {
          blocked = true;
        },
      );
      expect(blocked).to.equal(false);
      upgraded.close();
      const error = await rejection("STORE_FAILED", store.load("mainnet"));
      expect(error.details.message).to.match(/^VersionError/);
    });

    it("lets another page delete the database, then starts an empty one", async () => {
      const indexedDB = newFactory();
      const store = indexedDbStore({ indexedDB });
      await store.save("mainnet", BYTES);
      await settled(indexedDB.deleteDatabase("sidelight"));
      expect(await store.load("mainnet")).to.equal(null);
      await store.save("mainnet", BYTES);
      expect(await store.load("mainnet")).to.deep.equal(BYTES);
    });

    it("completes a save that was under way when another page wants to upgrade", async () => {
      const indexedDB = newFactory();
      const store = indexedDbStore({ indexedDB });
      await store.load("mainnet");
      const saving = store.save("mainnet", BYTES);
      const upgrading = openRaw(indexedDB, 2, () => {});
      await saving;
      const raw = await upgrading;
      const request = raw.transaction("snapshots").objectStore("snapshots").get("mainnet");
      await settled(request);
      expect(request.result).to.deep.equal(BYTES);
      raw.close();
    });

    it("opens anew after the browser has ended the connection", async () => {
      const { database, factory: spied } = capturing(newFactory());
      const store = indexedDbStore({ indexedDB: spied });
      await store.save("mainnet", BYTES);
      const first = database();
      killConnection(first);
      await pause(10);
      expect(await store.load("mainnet")).to.deep.equal(BYTES);
      expect(database()).to.not.equal(first);
    });

    it("reports a connection that was closed without a word, and opens anew at the next call", async () => {
      const { database, factory: spied } = capturing(newFactory());
      const store = indexedDbStore({ indexedDB: spied });
      await store.save("mainnet", BYTES);
      database().close();
      const error = await rejection("STORE_FAILED", store.load("mainnet"));
      expect(error.details.message).to.match(/^InvalidStateError/);
      expect(await store.load("mainnet")).to.deep.equal(BYTES);
    });

    it("reports a full disk that the request tells, and keeps the old snapshot", async () => {
      const store = indexedDbStore({ indexedDB: newFactory() });
      await store.save("mainnet", BYTES);
      const restore = patchPut(() => {
        throw new DOMException("The quota has been exceeded", "QuotaExceededError");
      });
      try {
        const error = await rejection("STORE_FAILED", store.save("mainnet", Uint8Array.of(9)));
        expect(error.details).to.deep.equal({
          operation: "save",
          message: "QuotaExceededError: The quota has been exceeded",
        });
      } finally {
        restore();
      }
      expect(await store.load("mainnet")).to.deep.equal(BYTES);
    });

    it("reports a full disk that only the commit tells, and keeps the old snapshot", async () => {
      const store = indexedDbStore({ indexedDB: newFactory() });
      await store.save("mainnet", BYTES);
      const restore = patchPut((put) => {
        const request = put();
        // After the request has succeeded, as browsers do.
        request.addEventListener("success", () => abortWith(request.transaction!, "QuotaExceededError"));
        return request;
      });
      try {
        const error = await rejection("STORE_FAILED", store.save("mainnet", Uint8Array.of(9)));
        expect(error.details.message).to.match(/^QuotaExceededError/);
      } finally {
        restore();
      }
      expect(await store.load("mainnet")).to.deep.equal(BYTES);
    });

    it("leaves no rejection unhandled, whatever fails", async () => {
      const unhandled: unknown[] = [];
      const listener = (reason: unknown) => unhandled.push(reason);
      process.on("unhandledRejection", listener);
      try {
        const store = indexedDbStore({ indexedDB: newFactory(), timeoutMs: 20 });
        await store.save("mainnet", BYTES);
        const restore = patchPut((put) => {
          const request = put();
          abortWith(request.transaction!, "QuotaExceededError");
          throw new DOMException("both at once", "DataError");
        });
        await rejection("STORE_FAILED", store.save("mainnet", BYTES)).finally(restore);
        await rejection(
          "STORE_FAILED",
          indexedDbStore({ indexedDB: wrapFactory(newFactory(), silentRequest), timeoutMs: 5 }).load("a"),
        );
        await pause(30);
      } finally {
        process.off("unhandledRejection", listener);
      }
      expect(unhandled).to.deep.equal([]);
    });
  });
});

type Open = (inner: IDBFactory, name: string, version: number | undefined) => IDBOpenDBRequest;

function wrapFactory(inner: IDBFactory, open: Open): IDBFactory {
  return { open: (name: string, version?: number) => open(inner, name, version) } as IDBFactory;
}

/** A factory that remembers the last connection it gave. */
function capturing(inner: IDBFactory): { factory: IDBFactory; database: () => IDBDatabase } {
  let last: IDBDatabase | undefined;
  const factory = wrapFactory(inner, (_, name, version) => {
    const request = inner.open(name, version);
    request.addEventListener("success", () => {
      last = request.result;
    });
    return request;
  });
  return { factory, database: () => last! };
}

function spyOnTransactions(database: IDBDatabase, seen: (transaction: IDBTransaction) => void): void {
  const original = database.transaction.bind(database);
  database.transaction = (...args: Parameters<IDBDatabase["transaction"]>) => {
    const transaction = original(...args);
    seen(transaction);
    return transaction;
  };
}

function silentRequest(): IDBOpenDBRequest {
  const Request = globalThis.IDBOpenDBRequest as unknown as new () => IDBOpenDBRequest;
  return new Request();
}

function failingRequest(error: DOMException): IDBOpenDBRequest {
  const request = silentRequest();
  Object.defineProperty(request, "error", { value: error });
  queueMicrotask(() => {
    for (const { type, callback } of (request as unknown as { listeners: { type: string; callback: () => void }[] })
      .listeners) {
      if (type === "error") callback.call(request);
    }
  });
  return request;
}

/** A connection that ignores `versionchange`, like a page that does not care. */
function openRaw(
  factory: IDBFactory,
  version: number,
  upgrade: (database: IDBDatabase) => void = (database) => database.createObjectStore("snapshots"),
  blocked: () => void = () => {},
): Promise<IDBDatabase> {
  const request = factory.open("sidelight", version);
  request.onupgradeneeded = () => {
    if (!request.result.objectStoreNames.contains("snapshots")) upgrade(request.result);
  };
  request.onblocked = blocked;
  return settled(request).then(() => request.result);
}

function settled(request: IDBRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve());
    request.addEventListener("error", () => reject(request.error));
  });
}

/** A transaction on the object store that goes on until it is told to end. */
function holdTransaction(database: IDBDatabase): { end: () => Promise<void> } {
  const transaction = database.transaction("snapshots", "readwrite");
  const done = new Promise<void>((resolve) => transaction.addEventListener("complete", () => resolve()));
  let held = true;
  const spin = () => {
    if (held) transaction.objectStore("snapshots").get("nothing").onsuccess = spin;
  };
  spin();
  return {
    end: () => {
      held = false;
      return done;
    },
  };
}

function patchPut(fault: (put: () => IDBRequest<IDBValidKey>) => IDBRequest<IDBValidKey>): () => void {
  const { prototype } = globalThis.IDBObjectStore;
  const { put } = prototype;
  prototype.put = function (this: IDBObjectStore, ...args: Parameters<IDBObjectStore["put"]>) {
    return fault(() => put.apply(this, args));
  };
  return () => {
    prototype.put = put;
  };
}

function abortWith(transaction: IDBTransaction, errorName: string): void {
  (transaction as unknown as { _abort(name: string): void })._abort(errorName);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
