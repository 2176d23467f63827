/** A beacon node that knows only what it is given: light-client objects as JSON, 404 for anything else. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** A JSON text, as it is sent. */
type Json = string;

export interface StaticData {
  /** By block root, `0x` hex. */
  readonly bootstraps?: Readonly<Record<string, Json>>;
  /** By period: each `{version, data}`. */
  readonly updates?: ReadonlyMap<number, Json>;
  readonly finalityUpdate?: Json;
  readonly optimisticUpdate?: Json;
}

export interface StaticNode {
  readonly url: string;
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  close(): Promise<void>;
}

const PREFIX = "/eth/v1/beacon/light_client/";

export async function staticNode(data: StaticData): Promise<StaticNode> {
  const requests: { path: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    requests.push({ path, headers: request.headers });
    const body = answer(data, new URL(path, "http://static"));
    response.writeHead(body === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(body ?? '{"code":404,"message":"not here"}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function answer(data: StaticData, { pathname, searchParams }: URL): Json | undefined {
  if (!pathname.startsWith(PREFIX)) return undefined;
  const [route, root] = pathname.slice(PREFIX.length).split("/");
  if (route === "bootstrap") return data.bootstraps?.[root ?? ""];
  if (route === "finality_update") return data.finalityUpdate;
  if (route === "optimistic_update") return data.optimisticUpdate;
  if (route !== "updates") return undefined;
  const first = Number(searchParams.get("start_period"));
  const found: Json[] = [];
  for (let period = first; period < first + Number(searchParams.get("count")); period++) {
    const update = data.updates?.get(period);
    if (update === undefined) break;
    found.push(update);
  }
  return found.length === 0 ? undefined : `[${found.join(",")}]`;
}
