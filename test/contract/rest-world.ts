/** The REST source in front of a devnet, for the source contract. In Node and in browsers. */
import { type RestSourceOptions, restSource } from "../../src/transport/rest.js";
import type { Devnet, DevnetServer } from "../devnet/src/bind.ts";
import type { Fault } from "../devnet/src/faults.ts";
import type { SourceWorld, Trouble } from "./source.js";

const FAULTS: Readonly<Record<Trouble, readonly Fault[]>> = {
  silence: [{ kind: "hang" }],
  // asked where nobody is instead
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

/** No system hands out a port like this one: that of a server which was closed may be another's a moment later. */
const NOWHERE = "http://127.0.0.1:26999";

/** Soon enough for a test that waits for it; nothing that answers is asked with it. */
const IMPATIENT_MS = 150;

export function restWorld(devnet: Devnet, options: RestSourceOptions = {}): SourceWorld {
  const servers: DevnetServer[] = [];
  return {
    devnet,
    async serve(trouble) {
      const server = await devnet.newServer(trouble === undefined ? [] : FAULTS[trouble]);
      servers.push(server);
      const patience = trouble === "silence" ? { timeoutMs: IMPATIENT_MS } : {};
      const records = async () => {
        return (await server.requests()).filter(({ method }) => method === "GET");
      };
      return {
        // no delay between retries
        source: restSource(trouble === "unreachable" ? NOWHERE : server.url, {
          random: () => 0,
          ...patience,
          ...options,
        }),
        setTrouble: (next) => server.setFaults(next === null ? [] : FAULTS[next]),
        asked: async () => (await records()).length,
        // the log knows how long a request took once it is over, answered or not
        waiting: async () => (await records()).filter(({ status, durationMs }) => status + durationMs === 0).length,
        // the headers go out as the stream is taken up, in one step
        listened: async () => true,
      };
    },
    async close() {
      await Promise.all(servers.splice(0).map((server) => server.close()));
    },
  };
}
