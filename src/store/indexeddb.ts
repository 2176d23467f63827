/**
 * A store in the browser's IndexedDB: pages, workers, service workers of extensions.
 *
 * One database, one object store, a snapshot a key. The connection is opened when it is first needed and kept. It is
 * given up, to be opened anew by the next call, when anything fails, when the browser ends it, and when another page
 * wants to upgrade or delete the database (`versionchange`): that page must not have to wait for this one.
 */
import { messageOf, optionInvalid, SidelightError } from "../errors.js";
import type { CheckpointStore } from "./port.js";

export interface IndexedDbStoreOptions {
  /** Name of the database. @default "sidelight" */
  name?: string;
  /**
   * Where databases come from, if not from `globalThis.indexedDB`; a storage bucket's, for one.
   * @default globalThis.indexedDB, looked up at each opening
   */
  indexedDB?: IDBFactory;
  /**
   * Longest wait for the database to open, and for one transaction. Opening can wait forever: for a page that does not
   * let go of an older version, or in a browser that has lost its storage process. `Infinity`: for ever.
   * @default 5_000
   */
  timeoutMs?: number;
}

/** Version of the schema below. A new one adds its step to {@link upgradeSchema}. */
const SCHEMA_VERSION = 1;

const SNAPSHOTS = "snapshots";

type Operation = "load" | "save" | "clear";

/**
 * Keeps snapshots in IndexedDB. Making one does nothing yet, so it may be made where there is no IndexedDB; what it
 * lacks (also in private modes, or over quota) is told by the first call that needs it: `STORE_FAILED`.
 *
 * A save resolves once its transaction is complete, written to disk where the browser can promise that (`durability:
 * "strict"`).
 *
 * @throws OPTION_INVALID
 */
export function indexedDbStore(options: IndexedDbStoreOptions = {}): CheckpointStore {
  const { name = "sidelight", timeoutMs = 5_000 } = options;
  if (!(typeof timeoutMs === "number" && timeoutMs > 0))
    throw optionInvalid("timeoutMs", "a number above 0", timeoutMs);
  let connection: Promise<IDBDatabase> | undefined;

  function connect(): Promise<IDBDatabase> {
    if (connection !== undefined) return connection;
    const opening: Promise<IDBDatabase> = openDatabase(options.indexedDB, name, timeoutMs, () => release(opening));
    connection = opening;
    return opening;
  }

  /** Gives up a connection. Transactions that run on it are completed first, by IndexedDB itself. */
  function release(given: Promise<IDBDatabase>): Promise<void> {
    if (connection === given) connection = undefined;
    return given.then(
      (database) => database.close(),
      () => undefined,
    );
  }

  async function run<T>(
    operation: Operation,
    mode: "readonly" | "readwrite",
    work: (snapshots: IDBObjectStore) => IDBRequest<T>,
  ): Promise<T> {
    const connected = connect();
    try {
      const database = await connected;
      const transaction = database.transaction(SNAPSHOTS, mode, { durability: "strict" });
      const done = completed(transaction);
      // Looked at below as well; this one keeps it from being called unhandled when `work` fails first.
      done.catch(() => undefined);
      const both = Promise.all([answered(work(transaction.objectStore(SNAPSHOTS))), done]);
      const [result] = await within(timeoutMs, both, () => {
        abort(transaction);
        return `no answer within ${timeoutMs} ms`;
      });
      return result;
    } catch (thrown) {
      void release(connected);
      throw storeFailed(operation, thrown);
    }
  }

  return {
    async load(key) {
      const value: unknown = await run("load", "readonly", (snapshots) => snapshots.get(key));
      if (value === undefined) return null;
      if (!(value instanceof Uint8Array)) throw storeFailed("load", new Error("the database holds something else"));
      return value;
    },
    async save(key, snapshot) {
      // A copy, made now: the caller may go on writing, and cloning a view would store all of its buffer.
      const copy = new Uint8Array(snapshot);
      await run("save", "readwrite", (snapshots) => snapshots.put(copy, key));
    },
    async clear(key) {
      await run("clear", "readwrite", (snapshots) => snapshots.delete(key));
    },
    async close() {
      if (connection !== undefined) await release(connection);
    },
  };
}

/** Opens the database. A request that is no longer waited for is not left to itself. */
async function openDatabase(
  injected: IDBFactory | undefined,
  name: string,
  timeoutMs: number,
  lost: () => unknown,
): Promise<IDBDatabase> {
  const factory = injected ?? (globalThis.indexedDB as IDBFactory | undefined);
  if (factory === undefined || factory === null) throw new Error("there is no IndexedDB here");
  const request = factory.open(name, SCHEMA_VERSION);
  let blocked = false;
  request.addEventListener("blocked", () => {
    blocked = true;
  });
  request.addEventListener("upgradeneeded", ({ oldVersion }) => upgradeSchema(request.result, oldVersion));
  const opened = answered(request).then((database) => {
    database.addEventListener("versionchange", lost);
    database.addEventListener("close", lost);
    return database;
  });
  return within(timeoutMs, opened, () => {
    // Should it open after all, nobody is waiting for it: keep it from blocking others.
    opened.then(
      (database) => database.close(),
      () => undefined,
    );
    if (blocked) return `an older version of the database is open elsewhere and was not closed within ${timeoutMs} ms`;
    return `the database did not open within ${timeoutMs} ms`;
  });
}

/** What a request gives. */
function answered<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });
}

/** The end of a transaction. A commit that fails (a full disk) ends in `abort` alone. */
function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener("complete", () => resolve());
    const failed = () => reject(transaction.error ?? new DOMException("AbortError", "AbortError"));
    transaction.addEventListener("error", failed);
    transaction.addEventListener("abort", failed);
  });
}

function upgradeSchema(database: IDBDatabase, oldVersion: number): void {
  if (oldVersion < 1) database.createObjectStore(SNAPSHOTS);
}

function abort(transaction: { abort(): void }): void {
  try {
    transaction.abort();
  } catch {
    // It has ended meanwhile.
  }
}

/** `promise`, or a rejection with what `expire` says once `timeoutMs` have passed. Leaves no timer behind. */
function within<T>(timeoutMs: number, promise: Promise<T>, expire: () => string): Promise<T> {
  return new Promise((resolve, reject) => {
    // setTimeout turns a delay beyond 2^31-1 ms into 1 ms
    const timer = setTimeout(() => reject(new Error(expire())), Math.min(timeoutMs, 0x7fffffff));
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function storeFailed(operation: Operation, cause: unknown): SidelightError<"STORE_FAILED"> {
  const message = describeFailure(cause);
  return new SidelightError("STORE_FAILED", `IndexedDB ${operation}: ${message}`, { operation, message }, { cause });
}

/** Name and message: browsers say little in the messages of their DOMExceptions, sometimes nothing. */
function describeFailure(thrown: unknown): string {
  const text = messageOf(thrown);
  if (!(thrown instanceof Error) || thrown.name === "Error" || text.startsWith(thrown.name)) return text;
  return text === "" ? thrown.name : `${thrown.name}: ${text}`;
}
