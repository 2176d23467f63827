/** `--metrics`: Prometheus' text over HTTP, for a scraper on this machine or the network that the caller names. */
import { createServer } from "node:http";
import { type MetricsRegistry, PROMETHEUS_CONTENT_TYPE } from "../metrics/registry.js";
import { usageError } from "./failure.js";

export interface Listen {
  readonly host: string;
  readonly port: number;
}

export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** `:9100`, `9100`, `0.0.0.0:9100`, `[::1]:9100`. Without a host only this machine is served. */
export function parseListen(text: string): Listen {
  const match = /^(?:(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]*):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) {
    throw usageError("--metrics", "a port, or host:port, such as :9100", JSON.stringify(text));
  }
  const host = (match[1] ?? "").replace(/^\[|\]$/g, "");
  return { host: host === "" ? "127.0.0.1" : host, port };
}

/** Resolves once it listens. @throws OPTION_INVALID when it cannot listen there */
export function serveMetrics(registry: MetricsRegistry, { host, port }: Listen): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split("?", 1)[0];
    if (request.method !== "GET" || (path !== "/metrics" && path !== "/")) {
      response.writeHead(404, { "content-type": "text/plain" }).end("only GET /metrics\n");
      return;
    }
    response.writeHead(200, { "content-type": PROMETHEUS_CONTENT_TYPE }).end(registry.text());
  });
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(usageError("--metrics", `to listen on ${host}:${port}`, error.message)));
    server.listen(port, host, () => {
      const address = server.address();
      resolve({
        port: typeof address === "object" && address !== null ? address.port : port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}
