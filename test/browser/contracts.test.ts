/** The contract suites where they matter most. Bundled by karma; the same suites run in Node by `test:unit`. */
import { blstBls } from "../../src/bls/blst/index.js";
import { herumiBls } from "../../src/bls/herumi.js";
import { indexedDbStore } from "../../src/store/indexeddb.js";
import { memoryStore } from "../../src/store/memory.js";
import { blsContract } from "../contract/bls.js";
import { storeContract } from "../contract/store.js";

const DATABASE = "sidelight-contract";

function deleteDatabase(): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(DATABASE);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("a connection was left open"));
  });
}

storeContract("memoryStore", memoryStore, undefined, { shared: false });
storeContract("indexedDbStore", () => indexedDbStore({ name: DATABASE }), deleteDatabase);
blsContract("herumiBls", herumiBls);
blsContract("blstBls", blstBls);
