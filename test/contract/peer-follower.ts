/** A client with nothing but peers, and what it tells: in Node, in pages, in workers of all kinds. */
import { createLightClient } from "../../src/client/light-client.js";
import { createPeers } from "../../src/transport/libp2p/index.js";
import type { DevnetInfo } from "../devnet/src/api-types.ts";
import { networkOf } from "../support/network-of.js";

/** JSON-safe, as {@link Told} is: both cross from one thread to another. */
export interface FollowTask {
  readonly info: DevnetInfo;
  readonly checkpoint: string;
  /** Multiaddrs. */
  readonly peers: readonly string[];
  readonly firstByteTimeoutMs: number;
  readonly chunkTimeoutMs: number;
}

export interface Told {
  isStarted: boolean;
  state: string;
  readonly heads: { slot: number; root: string }[];
  /** Peer events: whose, what was done to it, and why. */
  readonly peers: { source: string; action: string; code: string | null }[];
  readonly errors: string[];
}

export interface Follower {
  told(): Promise<Told>;
  /** Says goodbye. Idempotent. */
  stop(): Promise<void>;
}

export function followPeers({ info, checkpoint, peers: addresses, ...patience }: FollowTask): Follower {
  const network = networkOf({ info });
  const peers = createPeers({ network, peers: addresses, allowInsecure: true, ...patience });
  const client = createLightClient({ network, checkpoint, sources: [...peers.sources], staleCheckpoint: "allow" });
  const told: Told = { isStarted: false, state: "idle", heads: [], peers: [], errors: [] };
  client.on("head", ({ slot, root }) => told.heads.push({ slot, root }));
  client.on("peer", ({ source, action, code }) => told.peers.push({ source, action, code }));
  client.on("error", ({ error, source }) => told.errors.push(`${source} ${error.code}: ${error.message}`));
  client.start().then(
    () => {
      told.isStarted = true;
    },
    (error: unknown) => told.errors.push(`start: ${error}`),
  );
  return {
    told: async () => ({ ...told, state: client.status.state }),
    async stop() {
      await client.stop();
      await peers.stop();
    },
  };
}
