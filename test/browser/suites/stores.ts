import { indexedDbStore } from "../../../src/store/indexeddb.js";
import { memoryStore } from "../../../src/store/memory.js";
import { storeContract } from "../../contract/store.js";

export function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("a connection was left open"));
  });
}

/** @param scope names the database: pages and workers of one origin share them */
export function storeSuites(scope: string): void {
  const name = `contract of ${scope}`;
  storeContract("memoryStore", memoryStore, undefined, { shared: false });
  storeContract(
    "indexedDbStore",
    () => indexedDbStore({ name }),
    () => deleteDatabase(name),
  );
}
