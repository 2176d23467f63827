/** A client in a worker, dedicated or shared, as the documentation shows it. What it follows is in its URL. */
import { createLightClient } from "../../../src/client/light-client.js";
import { restSource } from "../../../src/transport/rest.js";
import { type PortLike, serveLightClient, type WebPort } from "../../../src/worker/index.js";
import type { DevnetInfo } from "../../devnet/src/api-types.ts";
import { networkOf } from "../../support/network-of.js";

export interface WorkerTask {
  readonly info: DevnetInfo;
  readonly checkpoint: string;
  readonly url: string;
}

export function urlOf(task: WorkerTask): string {
  return `/base/dist-test/bundle/workers/client.js?${encodeURIComponent(JSON.stringify(task))}`;
}

/** What is used of a worker's global object; the compiler is told of pages only. */
interface WorkerScope extends WebPort {
  onconnect?: ((event: MessageEvent) => void) | null;
}

function serve(scope: WorkerScope): void {
  const { info, checkpoint, url } = JSON.parse(decodeURIComponent(location.search.slice(1))) as WorkerTask;
  const client = createLightClient({ network: networkOf({ info }), checkpoint, sources: [restSource(url)] });
  if (!("onconnect" in scope)) serveLightClient(scope, client, { stop: "client" });
  else scope.onconnect = ({ ports: [port] }) => void serveLightClient(port as PortLike, client);
}

// the page takes the address from here
if (typeof document === "undefined") serve(globalThis as unknown as WorkerScope);
