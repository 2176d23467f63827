/** The service worker of an extension that follows a chain by peers alone; bundled, and put into one by the test. */
import { createLightClient } from "../../src/client/light-client.js";
import { createPeers } from "../../src/transport/libp2p/index.js";
import type { DevnetInfo } from "../devnet/src/api-types.ts";
import { PATIENCE_MS } from "../support/bad-peers.js";
import { networkOf } from "../support/network-of.js";

export interface PeersTask {
  readonly info: DevnetInfo;
  readonly checkpoint: string;
}

export interface PeersTold {
  readonly heads: { slot: number; root: string }[];
  readonly errors: string[];
  /** What the first of the peers was blamed for. */
  readonly blamed: (string | null)[];
}

/** What the test calls in the worker. */
export interface PeersWorker {
  /** Begins to follow, and to tell. */
  follow(addresses: readonly string[]): void;
  told(): PeersTold;
  leave(): Promise<void>;
}

/** Put there by the bundler. */
declare const TASK: PeersTask;

const network = networkOf(TASK);
let told: PeersTold;
let leave = async () => {};

function follow(addresses: readonly string[]): void {
  const peers = createPeers({ network, peers: addresses, allowInsecure: true, firstByteTimeoutMs: PATIENCE_MS });
  const sources = [...peers.sources];
  const client = createLightClient({ network, checkpoint: TASK.checkpoint, sources, staleCheckpoint: "allow" });
  const { heads, errors, blamed }: PeersTold = { heads: [], errors: [], blamed: [] };
  told = { heads, errors, blamed };
  client.on("head", ({ slot, root }) => heads.push({ slot, root }));
  client.on("error", ({ error }) => errors.push(`${error.code}: ${error.message}`));
  client.on("peer", ({ source, code }) => {
    if (source === sources[0]!.name) blamed.push(code);
  });
  client.start().catch((error: unknown) => errors.push(String(error)));
  leave = async () => {
    await client.stop();
    await peers.stop();
  };
}

Object.assign(globalThis, { follow, told: () => told, leave: () => leave() } satisfies PeersWorker);
