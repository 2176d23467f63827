/** The globals of IndexedDB, for as long as a test needs them: other tests see Node as it is. */
import * as fake from "fake-indexeddb";

const CLASSES = {
  IDBCursor: fake.IDBCursor,
  IDBCursorWithValue: fake.IDBCursorWithValue,
  IDBDatabase: fake.IDBDatabase,
  IDBFactory: fake.IDBFactory,
  IDBIndex: fake.IDBIndex,
  IDBKeyRange: fake.IDBKeyRange,
  IDBObjectStore: fake.IDBObjectStore,
  IDBOpenDBRequest: fake.IDBOpenDBRequest,
  IDBRequest: fake.IDBRequest,
  IDBTransaction: fake.IDBTransaction,
  IDBVersionChangeEvent: fake.IDBVersionChangeEvent,
};

/** A factory of its own for each call: databases do not outlive a test. */
export function newFactory(): IDBFactory {
  return new fake.IDBFactory();
}

/** Puts IndexedDB into `globalThis`, with an empty `indexedDB`. */
export function installIndexedDb(): void {
  for (const [name, value] of Object.entries(CLASSES)) {
    Object.defineProperty(globalThis, name, { value, configurable: true });
  }
  Object.defineProperty(globalThis, "indexedDB", { value: newFactory(), configurable: true, writable: true });
}

/** Takes it away again. */
export function removeIndexedDb(): void {
  for (const name of [...Object.keys(CLASSES), "indexedDB"]) Reflect.deleteProperty(globalThis, name);
}

/** Kills a connection as a browser does that has lost its storage: fires `close`. */
export function killConnection(database: IDBDatabase): void {
  // its declared type asks for the class where it takes an instance
  fake.forceCloseDatabase(database as unknown as Parameters<typeof fake.forceCloseDatabase>[0]);
}
