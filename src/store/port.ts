/**
 * The store port: where a client keeps its last verified state between runs.
 *
 * A store holds opaque bytes (a snapshot, see `snapshot.ts`) under a key; what it gives back is verified again before
 * use, so a store need not be trusted for more than not to be written by someone who can also run code here.
 */
export interface CheckpointStore {
  /** The bytes last saved under `key`, or `null`. Rejects with `STORE_FAILED`. */
  load(key: string): Promise<Uint8Array | null>;
  /** Replaces what is kept under `key`, all or nothing. Resolves once it is durable. Rejects with `STORE_FAILED`. */
  save(key: string, snapshot: Uint8Array): Promise<void>;
  /** Forgets what is kept under `key`. Rejects with `STORE_FAILED`. */
  clear(key: string): Promise<void>;
  /** Gives back what the store holds open. Optional; the store opens again when used again. */
  close?(): Promise<void>;
}
