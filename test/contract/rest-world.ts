/** The REST source in front of a devnet, for the source contract. In Node and in browsers. */
import { type RestSourceOptions, restSource } from "../../src/transport/rest.js";
import type { Devnet, DevnetServer } from "../devnet/src/bind.ts";
import type { Fault } from "../devnet/src/faults.ts";
import type { SourceWorld, Trouble } from "./source.js";

const FAULTS: Readonly<Record<Trouble, readonly Fault[]>> = {
  silence: [{ kind: "hang" }],
  // its server is closed instead
  unreachable: [],
  cut: [{ kind: "truncated" }],
  noise: [{ kind: "garbage" }],
  flood: [{ kind: "oversized" }],
  busy: [{ kind: "status", status: 503 }],
  lacking: [{ kind: "status", status: 404 }],
  "ended stream": [{ kind: "sse-stop" }],
  "noisy stream": [{ kind: "sse-garbage" }],
  "no stream": [{ kind: "sse-refused" }],
};

/** Soon enough for a test that waits for it; nothing that answers is asked with it. */
const IMPATIENT_MS = 150;

export function restWorld(devnet: Devnet, options: RestSourceOptions = {}): SourceWorld {
  const servers: DevnetServer[] = [];
  return {
    devnet,
    async serve(trouble) {
      const server = await devnet.newServer(trouble === undefined ? [] : FAULTS[trouble]);
      servers.push(server);
      if (trouble === "unreachable") await server.close();
      const patience = trouble === "silence" ? { timeoutMs: IMPATIENT_MS } : {};
      const records = async () => {
        if (trouble === "unreachable") return [];
        return (await server.requests()).filter(({ method }) => method === "GET");
      };
      return {
        // no delay between retries
        source: restSource(server.url, { random: () => 0, ...patience, ...options }),
        setTrouble: (next) => server.setFaults(next === null ? [] : FAULTS[next]),
        asked: async () => (await records()).length,
        // the log knows how long a request took once it is over, answered or not
        waiting: async () => (await records()).filter(({ status, durationMs }) => status + durationMs === 0).length,
      };
    },
    async close() {
      await Promise.all(servers.splice(0).map((server) => server.close()));
    },
  };
}
