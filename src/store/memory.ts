/** A store that lives as long as the object: the default, and what tests use. */
import type { CheckpointStore } from "./port.js";

/** Keeps snapshots in memory, as copies. Two stores share nothing. Never rejects. */
export function memoryStore(): CheckpointStore {
  const snapshots = new Map<string, Uint8Array>();
  return {
    async load(key) {
      const snapshot = snapshots.get(key);
      return snapshot === undefined ? null : new Uint8Array(snapshot);
    },
    async save(key, snapshot) {
      snapshots.set(key, new Uint8Array(snapshot));
    },
    async clear(key) {
      snapshots.delete(key);
    },
  };
}
