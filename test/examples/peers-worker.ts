/** The service worker of an extension that follows a chain by peers alone; bundled, and put into one by the test. */
import { createLightClient } from "../../src/client/light-client.js";
import { createPeers } from "../../src/transport/libp2p/index.js";
import type { DevnetInfo } from "../devnet/src/api-types.ts";
import { networkOf } from "../support/network-of.js";

export interface PeersTask {
  readonly info: DevnetInfo;
  readonly checkpoint: string;
  readonly peers: readonly string[];
}

export interface PeersTold {
  readonly heads: { slot: number; root: string }[];
  readonly errors: string[];
}

/** Put there by the bundler. */
declare const TASK: PeersTask;

const network = networkOf(TASK);
const peers = createPeers({ network, peers: TASK.peers, allowInsecure: true });
const sources = [...peers.sources];
const client = createLightClient({ network, checkpoint: TASK.checkpoint, sources, staleCheckpoint: "allow" });
const told: PeersTold = { heads: [], errors: [] };
Object.assign(globalThis, { told });
client.on("head", ({ slot, root }) => told.heads.push({ slot, root }));
client.on("error", ({ error }) => told.errors.push(`${error.code}: ${error.message}`));
client.start().catch((error: unknown) => told.errors.push(String(error)));
