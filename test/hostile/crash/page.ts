/** Writes to IndexedDB until the browser is killed; what was confirmed goes to the console. */
import { toHex } from "../../../src/ssz/bytes.js";
import { indexedDbStore } from "../../../src/store/indexeddb.js";
import type { ChainData } from "./data.js";
import { writeUntilTheEnd } from "./write.js";

declare global {
  var writer: {
    write(data: ChainData): void;
    load(key: string): Promise<string | null>;
  };
}

globalThis.writer = {
  write(data: ChainData): void {
    const confirm = (slot: number) => console.log(`confirmed ${slot}`);
    writeUntilTheEnd({ data, store: indexedDbStore(), confirm }).catch((error) => console.log(`failed ${error}`));
  },
  async load(key: string): Promise<string | null> {
    const bytes = await indexedDbStore().load(key);
    return bytes && toHex(bytes);
  },
};
