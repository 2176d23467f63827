import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { RequestRecord } from "../api-types.ts";
import type { Chain } from "../chain/chain.ts";
import type { Fault } from "../faults.ts";
import { answerRequest } from "./answer.ts";
import { errorAnswer } from "./encode.ts";
import { parseTopics } from "./events.ts";
import { createFaultSet } from "./fault-state.ts";
import type { Answer } from "./result.ts";
import { matchRoute, type RouteMatch } from "./routes.ts";
import { openStream } from "./stream.ts";
import { type Exchange, findFault, isUnanswered, pause, sendAnswer } from "./wire.ts";

/** One server in front of the chain: its own port, faults and request log. */
export type Face = {
  url: string;
  setFaults(faults: readonly Fault[]): void;
  requests(): readonly RequestRecord[];
  clearRequests(): void;
  close(): Promise<void>;
};

/** Lodestar's own value: longer than any client's, so that the client is the one who closes. */
const KEEP_ALIVE_MS = 72_000;

/** A page that asks once a second for a day. */
const LOG_LIMIT = 100_000;

const PREFLIGHT = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, OPTIONS",
  "access-control-max-age": "600",
};

export async function createFace(chain: Chain, port = 0): Promise<Face> {
  const faultSet = createFaultSet();
  let log: RequestRecord[] = [];

  function startRecord(request: IncomingMessage, match: RouteMatch | null): RequestRecord {
    const record: RequestRecord = {
      method: request.method ?? "",
      path: request.url ?? "",
      route: match?.route.name ?? "unknown",
      accept: request.headers.accept ?? "",
      origin: request.headers.origin ?? null,
      status: 0,
      contentType: "",
      bytes: 0,
      startedMs: Date.now(),
      durationMs: 0,
      faults: [],
    };
    log.push(record);
    if (log.length > LOG_LIMIT) log.shift();
    return record;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://devnet");
    const match = matchRoute(url.pathname);
    const record = startRecord(request, match);
    const exchange = createExchange(response, record);
    if (request.method === "OPTIONS") return answerPreflight(request, response, record);
    const faults = match ? faultSet.strike(match.route.name, "request") : [];
    record.faults.push(...faults.map(({ kind }) => kind));

    const slow = findFault(faults, "slow");
    if (slow) await pause(slow.ms, exchange.signal);
    if (isUnanswered(exchange, faults) || exchange.signal.aborted) return;
    if (match?.route.name === "events" && streamEvents(url, exchange, faults, record)) return;
    const answer = makeAnswer(request, url, match, faults);
    record.contentType = answer.headers["content-type"] ?? "";
    await sendAnswer(exchange, answer, faults);
  }

  /** A preflight is no request of its own: it counts for no fault, and only CORS can refuse it. */
  function answerPreflight(request: IncomingMessage, response: ServerResponse, { route }: RequestRecord): void {
    const isRefused = faultSet
      .list()
      .some(({ kind, routes }) => kind === "no-cors" && (!routes || routes.some((name) => name === route)));
    const allowed = request.headers["access-control-request-headers"] ?? "accept";
    const headers = { ...PREFLIGHT, "access-control-allow-headers": allowed };
    response.writeHead(isRefused ? 403 : 204, isRefused ? {} : headers).end();
  }

  function makeAnswer(request: IncomingMessage, url: URL, match: RouteMatch | null, faults: readonly Fault[]): Answer {
    if (!match) return errorAnswer(404, `Route ${request.method}:${url.pathname} not found`);
    if (request.method !== "GET") return errorAnswer(405, `Method ${request.method} not allowed`);
    const refused = match.route.name === "events" ? findFault(faults, "sse-refused") : undefined;
    if (refused) return errorAnswer(refused.status ?? 404, "fault: no event stream here");
    try {
      return answerRequest(match, { chain, head: chain.head }, url, request.headers.accept, faults);
    } catch (error) {
      return errorAnswer(500, error instanceof Error ? `${error.message}\n${error.stack}` : String(error));
    }
  }

  function streamEvents(url: URL, exchange: Exchange, faults: readonly Fault[], record: RequestRecord): boolean {
    const topics = parseTopics(url.searchParams);
    const isRefused = ["sse-refused", "status", "redirect", "garbage"].some((kind) =>
      faults.some((fault) => fault.kind === kind),
    );
    if (!topics || isRefused) return false;
    openStream({ chain, topics, exchange, faults, faultSet, record });
    return true;
  }

  const server = createServer((request, response) => {
    // the chain keeps a time of its own: this machine's would look like a client's clock that is off
    response.sendDate = false;
    void handle(request, response);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setFaults: (faults) => faultSet.set(faults),
    requests: () => log,
    clearRequests() {
      log = [];
    },
    close() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function createExchange(response: ServerResponse, record: RequestRecord): Exchange {
  const gone = new AbortController();
  response.on("close", () => {
    record.status = response.headersSent ? response.statusCode : 0;
    // 0 is of those that still wait
    record.durationMs = Math.max(1, Date.now() - record.startedMs);
    gone.abort();
  });
  return {
    response,
    signal: gone.signal,
    sent(bytes) {
      record.bytes += bytes;
      record.status = response.statusCode;
    },
  };
}
