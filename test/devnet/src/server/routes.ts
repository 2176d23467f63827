import type { RouteName } from "../api-types.ts";
import * as chainRoutes from "./chain-routes.ts";
import * as lightClientRoutes from "./light-client-routes.ts";
import { badRequest, type Result, type View } from "./result.ts";

type Handler = (view: View, params: readonly string[], query: URLSearchParams) => Result;

export type Route = { name: RouteName; pattern: RegExp; handle: Handler };

export type RouteMatch = { route: Route; params: string[] };

function route(name: RouteName, path: string, handle: Handler): Route {
  const pattern = new RegExp(`^${path.replaceAll(/:[a-z]+/g, "([^/]+)")}$`);
  return { name, pattern, handle };
}

function updatesFromQuery(view: View, query: URLSearchParams): Result {
  const [start, count] = ["start_period", "count"].map((name) => query.get(name));
  if (!start || !/^\d+$/.test(start)) return badRequest(`start_period: expected a number, got ${start}`);
  if (!count || !/^[1-9]\d*$/.test(count)) return badRequest(`count: expected a positive number, got ${count}`);
  return lightClientRoutes.updates(view, Number(start), Number(count));
}

const first = (params: readonly string[]): string => params[0] ?? "";

export const ROUTES: readonly Route[] = [
  route("bootstrap", "/eth/v1/beacon/light_client/bootstrap/:root", (view, params) =>
    lightClientRoutes.bootstrap(view, first(params)),
  ),
  route("updates", "/eth/v1/beacon/light_client/updates", (view, _, query) => updatesFromQuery(view, query)),
  route("finality_update", "/eth/v1/beacon/light_client/finality_update", lightClientRoutes.finalityUpdate),
  route("optimistic_update", "/eth/v1/beacon/light_client/optimistic_update", lightClientRoutes.optimisticUpdate),
  route("genesis", "/eth/v1/beacon/genesis", chainRoutes.genesis),
  route("spec", "/eth/v1/config/spec", chainRoutes.spec),
  route("fork_schedule", "/eth/v1/config/fork_schedule", chainRoutes.forkSchedule),
  route("header", "/eth/v1/beacon/headers/:id", (view, params) => chainRoutes.header(view, first(params))),
  route("headers", "/eth/v1/beacon/headers", (view, _, query) => chainRoutes.headers(view, query)),
  route("block", "/eth/v[12]/beacon/blocks/:id", (view, params) => chainRoutes.block(view, first(params))),
  route("block_root", "/eth/v1/beacon/blocks/:id/root", (view, params) => chainRoutes.blockRoot(view, first(params))),
  route("state", "/eth/v2/debug/beacon/states/:id", (view, params) => chainRoutes.state(view, first(params))),
  route("state_root", "/eth/v1/beacon/states/:id/root", (view, params) => chainRoutes.stateRoot(view, first(params))),
  route("finality_checkpoints", "/eth/v1/beacon/states/:id/finality_checkpoints", (view, params) =>
    chainRoutes.finalityCheckpoints(view, first(params)),
  ),
  route("validator", "/eth/v1/beacon/states/:id/validators/:validator", (view, params) =>
    chainRoutes.validator(view, first(params), params[1] ?? ""),
  ),
  route("state_proof", "/eth/v0/beacon/proof/state/:id", (view, params, query) =>
    chainRoutes.stateProof(view, first(params), query.get("format")),
  ),
  route("block_proof", "/eth/v0/beacon/proof/block/:id", (view, params, query) =>
    chainRoutes.blockProof(view, first(params), query.get("format")),
  ),
  route("version", "/eth/v1/node/version", chainRoutes.version),
  route("syncing", "/eth/v1/node/syncing", chainRoutes.syncing),
  route("health", "/eth/v1/node/health", () => ({ kind: "empty", status: 200 })),
  route("identity", "/eth/v1/node/identity", chainRoutes.identity),
  // Answered by the event stream, never by this table's handler.
  route("events", "/eth/v1/events", () => badRequest("topics: expected one or more known topics")),
];

export function matchRoute(path: string): RouteMatch | null {
  for (const candidate of ROUTES) {
    const match = candidate.pattern.exec(path);
    if (match) return { route: candidate, params: match.slice(1).map(decodeURIComponent) };
  }
  return null;
}
