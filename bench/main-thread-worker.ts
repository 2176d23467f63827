/** The worker of `main-thread.ts`: its first message says what to do, all others are the connection's. */
import { serveLightClient } from "../src/worker/serve.js";
import { createClient, type MainThreadTask } from "./main-thread-client.js";

self.addEventListener(
  "message",
  ({ data }: MessageEvent<MainThreadTask>) => {
    serveLightClient(self as unknown as Worker, createClient(data), { stop: "client" });
  },
  { once: true },
);
