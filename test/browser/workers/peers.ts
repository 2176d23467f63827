/** A client with nothing but peers in a dedicated worker. What it follows is in its URL. */
import { createLightClient } from "../../../src/client/light-client.js";
import { createPeers } from "../../../src/transport/libp2p/index.js";
import { serveLightClient, type WebPort } from "../../../src/worker/index.js";
import type { DevnetInfo } from "../../devnet/src/api-types.ts";
import { networkOf } from "../../support/network-of.js";

export interface PeersTask {
  readonly info: DevnetInfo;
  readonly checkpoint: string;
  readonly peers: readonly string[];
}

export function urlOfPeers(task: PeersTask): string {
  return `/base/dist-test/bundle/workers/peers.js?${encodeURIComponent(JSON.stringify(task))}`;
}

function serve(scope: WebPort): void {
  const { info, checkpoint, peers: addresses } = JSON.parse(decodeURIComponent(location.search.slice(1))) as PeersTask;
  const network = networkOf({ info });
  const peers = createPeers({ network, peers: addresses, allowInsecure: true });
  const sources = [...peers.sources];
  const client = createLightClient({ network, checkpoint, sources, staleCheckpoint: "allow" });
  serveLightClient(scope, client, { stop: "client" });
}

// the page takes the address from here
if (typeof document === "undefined") serve(globalThis as unknown as WebPort);
