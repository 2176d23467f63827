/** The client that `main-thread.ts` has catch up: in the page itself, or in a worker. */
import { createLightClient, type LightClient } from "../src/client/light-client.js";
import { clockStartingAt } from "../src/clock.js";
import { mainnet } from "../src/networks/mainnet.js";
import { restSource } from "../src/transport/rest.js";

/** Structured-cloneable. */
export interface MainThreadTask {
  readonly url: string;
  readonly checkpoint: string;
  /** "Now", shortly after the last update. */
  readonly nowMs: number;
  readonly lastPeriod: number;
}

export function createClient({ url, checkpoint, nowMs }: MainThreadTask): LightClient {
  return createLightClient({
    network: mainnet,
    checkpoint,
    sources: [restSource(url)],
    clock: clockStartingAt(nowMs),
    staleCheckpoint: "allow",
    maxHeadAgeSlots: Number.POSITIVE_INFINITY,
  });
}
