/** A page of its own, in a frame: does what the test's page tells it to (`support/frames.ts`). */
import { createLightClient } from "../../../src/client/light-client.js";
import { isSidelightError, messageOf } from "../../../src/errors.js";
import { indexedDbStore } from "../../../src/store/indexeddb.js";
import type { CheckpointStore } from "../../../src/store/port.js";
import { type SharedLightClient, shareLightClient } from "../../../src/tabs/index.js";
import { restSource } from "../../../src/transport/rest.js";
import type { DevnetInfo } from "../../devnet/src/api-types.ts";
import { networkOf } from "../../support/network-of.js";
import { pattern } from "../support/pattern.js";

const stores = new Map<string, CheckpointStore>();
const connections = new Map<string, IDBDatabase>();
let shared: SharedLightClient | undefined;
const seen = { roles: [] as string[], heads: [] as number[], errors: [] as string[] };

/** One store a database, as one client has: its connection stays open. */
function storeOf(database: string): CheckpointStore {
  const store = stores.get(database) ?? indexedDbStore({ name: database, timeoutMs: 1_000 });
  stores.set(database, store);
  return store;
}

export interface ClientTask {
  readonly info: DevnetInfo;
  readonly checkpoint: string;
  readonly url: string;
  readonly database: string;
}

const commands = {
  save: (database: string, key: string, bytes: Uint8Array) => storeOf(database).save(key, bytes),
  load: (database: string, key: string) => storeOf(database).load(key),
  /** Saves patterns one after the other; what is read in between must be a whole one. Gives the number of reads. */
  async storm(database: string, seeds: readonly number[], length: number): Promise<number> {
    const store = storeOf(database);
    let reads = 0;
    for (const seed of seeds) {
      const saving = store.save("mainnet", pattern(seed, length));
      const bytes = await store.load("mainnet");
      const isWhole = bytes === null || pattern(bytes[0]!, bytes.length).every((byte, i) => byte === bytes[i]);
      if (!isWhole) throw new Error("torn");
      reads++;
      await saving;
    }
    return reads;
  },
  /** Begins to save and waits for nothing. */
  beginStorm(database: string, seeds: readonly number[], length: number): void {
    for (const seed of seeds)
      storeOf(database)
        .save("mainnet", pattern(seed, length))
        .catch(() => {});
  },
  /** What else opens the database: holds its connection, and does not care for others that want to upgrade. */
  hog(database: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(database);
      request.onsuccess = () => {
        connections.set(database, request.result);
        resolve();
      };
      request.onerror = () => reject(request.error);
    });
  },
  release(database: string): void {
    connections.get(database)?.close();
  },
  /** From here on, this page has no IndexedDB. */
  loseIndexedDb(): void {
    Object.defineProperty(globalThis, "indexedDB", { value: undefined, configurable: true });
  },
  /** One pass of a client that keeps its state in the database. */
  async sync({ info, checkpoint, url, database }: ClientTask) {
    const client = createLightClient({
      network: networkOf({ info }),
      checkpoint,
      sources: [restSource(url)],
      store: storeOf(database),
    });
    const outcomes: string[] = [];
    const errors: { code: string; message: string }[] = [];
    client.on("store", ({ outcome }) => outcomes.push(outcome));
    client.on("error", ({ error }) => errors.push({ code: error.code, message: error.message }));
    const { head, finalized } = await client.syncOnce();
    await client.stop();
    return { head: head.root, slot: head.slot, finalizedSlot: finalized.slot, outcomes, errors };
  },
  /** Takes part in following; resolves with the first head's slot. */
  async share({ info, checkpoint, url, database }: ClientTask): Promise<number> {
    const create = () =>
      createLightClient({
        network: networkOf({ info }),
        checkpoint,
        sources: [restSource(url)],
        store: storeOf(database),
      });
    shared = shareLightClient({ create, name: database });
    shared.on("role", ({ role }) => seen.roles.push(role));
    shared.on("head", ({ slot }) => seen.heads.push(slot));
    shared.on("error", ({ error }) => seen.errors.push(error.message));
    return (await shared.start()).slot;
  },
  shared: () => ({
    ...seen,
    role: shared!.role,
    status: shared!.status,
    head: shared!.head,
    finalized: shared!.finalized,
  }),
  unshare: () => shared!.stop(),
};

export type FrameCommands = typeof commands;

/** How a failure crosses to the other page. */
export interface Failure {
  readonly code: string | null;
  readonly message: string;
}

window.addEventListener("message", async ({ data, source }) => {
  const { id, name, args } = data as { id: number; name: keyof FrameCommands; args: never[] };
  const reply = (answer: object) => (source as Window).postMessage({ id, ...answer }, { targetOrigin: "*" });
  try {
    reply({ result: await (commands[name] as (...list: never[]) => unknown)(...args) });
  } catch (thrown) {
    const failure: Failure = { code: isSidelightError(thrown) ? thrown.code : null, message: messageOf(thrown) };
    reply({ failure });
  }
});
window.parent.postMessage("ready", "*");
