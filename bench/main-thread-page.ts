/** The page of `main-thread.ts`: a client catches up, and the page listens as one that shows its progress would. */
import type { LightClient } from "../src/client/api.js";
import { connectLightClient } from "../src/worker/connect.js";
import { createClient, type MainThreadTask } from "./main-thread-client.js";

export type Place = "page" | "worker";

const CLIENTS: Record<Place, (task: MainThreadTask) => LightClient> = {
  page: createClient,
  worker(task) {
    const worker = new Worker("worker.js");
    worker.postMessage(task);
    return connectLightClient(worker);
  },
};

declare global {
  /** @returns how many periods' committees were told */
  var catchUp: (place: Place, task: MainThreadTask) => Promise<number>;
}

globalThis.catchUp = async (place, task) => {
  const client = CLIENTS[place](task);
  const shown = document.body.appendChild(document.createElement("p"));
  let told = 0;
  client.on("finality", ({ slot }) => shown.append(`${slot} `));
  client.on("status", ({ state }) => shown.append(`${state} `));
  await new Promise<void>((resolve, reject) => {
    client.on("committee", ({ period }) => {
      told++;
      if (period > task.lastPeriod) resolve();
    });
    // caught up it asks for a head, which nobody has
    client.syncOnce().catch(() => reject(new Error(`ended after ${told} committees`)));
  });
  await client.stop();
  return told;
};
