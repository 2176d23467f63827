/** What a run tells: two ways to do so, `json-reporter.ts` and `human-reporter.ts`. */
import type { LightClient } from "../client/light-client.js";
import type { LightClientEvents, SyncResult } from "../client/types.js";
import type { Failure } from "./failure.js";
import type { Listening } from "./party.js";

export interface Reporter {
  /** Once the chain is known and before anything happens on it. */
  begin(client: LightClient): void;
  event<K extends keyof LightClientEvents>(name: K, payload: LightClientEvents[K]): void;
  /** Others can come to us. */
  listening(at: Listening): void;
  /** Something the user must know and that ends nothing. Goes to stderr, in either way of telling. */
  warn(text: string): void;
  /** Something good to know that is no result. Goes to stderr too. */
  note(text: string): void;
  synced(result: SyncResult): void;
  failed(failure: Failure): void;
  /** Nothing more comes. Idempotent. */
  end(): void;
}

/** Every event that a client has. The type makes the list complete. */
const EVENTS: Readonly<Record<keyof LightClientEvents, true>> = {
  head: true,
  finality: true,
  participation: true,
  committee: true,
  reorg: true,
  status: true,
  "forced-update": true,
  peer: true,
  woke: true,
  checkpoint: true,
  store: true,
  equivocation: true,
  error: true,
};

/** Passes every event of a client on. */
export function report(client: LightClient, reporter: Reporter): void {
  const pass = <K extends keyof LightClientEvents>(name: K) =>
    client.on(name, (payload) => reporter.event(name, payload));
  for (const name of Object.keys(EVENTS) as (keyof LightClientEvents)[]) pass(name);
}
