/** What a tab of the tests does, from inside: shares a client, and keeps what it was told, and when. */
import { createLightClient } from "../../../src/client/light-client.js";
import type { VerifiedHeader } from "../../../src/client/types.js";
import { indexedDbStore } from "../../../src/store/indexeddb.js";
import { type SharedLightClient, shareLightClient } from "../../../src/tabs/index.js";
import { restSource } from "../../../src/transport/rest.js";
import type { DevnetInfo } from "../../devnet/src/api-types.ts";
import { networkOf } from "../../support/network-of.js";

export interface TabTask {
  readonly info: DevnetInfo;
  readonly checkpoint: string;
  readonly url: string;
}

export interface TabState {
  readonly role: string;
  readonly status: string;
  readonly head: VerifiedHeader | null;
  /** Slots, in the order in which they were told. */
  readonly heads: readonly number[];
  readonly finalized: readonly number[];
  /** With the time at which it was taken on. */
  readonly roles: readonly { readonly role: string; readonly atMs: number }[];
  readonly errors: readonly string[];
}

function createTab() {
  const [heads, finalized, errors]: [number[], number[], string[]] = [[], [], []];
  const roles: { role: string; atMs: number }[] = [];
  let client: SharedLightClient;
  return {
    async share({ info, checkpoint, url }: TabTask): Promise<number> {
      client = shareLightClient({
        create: () =>
          createLightClient({
            network: networkOf({ info }),
            checkpoint,
            sources: [restSource(url)],
            store: indexedDbStore(),
          }),
      });
      client.on("role", ({ role }) => roles.push({ role, atMs: Date.now() }));
      client.on("head", ({ slot }) => heads.push(slot));
      client.on("finality", ({ slot }) => finalized.push(slot));
      client.on("error", ({ error }) => errors.push(`${error.code}: ${error.message}`));
      return (await client.start()).slot;
    },
    state: (): TabState => ({
      ...{ heads, finalized, roles, errors },
      role: client.role,
      status: client.status.state,
      head: client.head,
    }),
    stop: () => client.stop(),
    /** So that its process can be told from others by the time it takes. */
    burn(ms: number): void {
      for (const endMs = performance.now() + ms; performance.now() < endMs; );
    },
  };
}

export type Tab = ReturnType<typeof createTab>;

declare global {
  var tab: Tab;
}

globalThis.tab = createTab();
