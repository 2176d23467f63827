import type { Fault } from "../faults.ts";
import { type EncodeOptions, encodeResult, errorAnswer, formatsOf } from "./encode.ts";
import { hooksOf } from "./fault-hooks.ts";
import { negotiate } from "./negotiate.ts";
import type { Answer, LightClientItem, Result, View } from "./result.ts";
import { matchRoute, type RouteMatch } from "./routes.ts";

/** What the faults make of the view, the objects and their encoding; shared by answers and events. */
export function faultyView(view: View, faults: readonly Fault[]): View {
  return faults.reduce((current, fault) => hooksOf(fault).view?.(current, fault as never) ?? current, view);
}

export function faultyItems(items: LightClientItem[], faults: readonly Fault[], view: View): LightClientItem[] {
  return faults.reduce((current, fault) => hooksOf(fault).items?.(current, fault as never, view) ?? current, items);
}

export function faultyEncoding(faults: readonly Fault[]): EncodeOptions {
  return faults.reduce<EncodeOptions>(
    (current, fault) => hooksOf(fault).encode?.(current, fault as never) ?? current,
    {},
  );
}

function faultyQuery(query: URLSearchParams, faults: readonly Fault[]): URLSearchParams {
  const copy = new URLSearchParams(query);
  for (const fault of faults) hooksOf(fault).query?.(copy, fault as never);
  return copy;
}

function respond(match: RouteMatch, view: View, query: URLSearchParams, faults: readonly Fault[]): Result {
  const seen = faultyView(view, faults);
  const result = match.route.handle(seen, match.params, faultyQuery(query, faults));
  if (result.kind !== "lightClient") return result;
  return { ...result, items: faultyItems(result.items, faults, seen) };
}

/** The objects of a light-client route, before anybody wrote them down. */
export function answerItems(url: URL, view: View, faults: readonly Fault[]): Result {
  const match = matchRoute(url.pathname);
  if (!match) throw new Error(`no route ${url.pathname}`);
  return respond(match, view, url.searchParams, faults);
}

export function answerRequest(
  match: RouteMatch,
  view: View,
  url: URL,
  accept: string | undefined,
  faults: readonly Fault[],
): Answer {
  const result = respond(match, view, url.searchParams, faults);
  const offered = faults.reduce(
    (formats, fault) => hooksOf(fault).formats?.(formats, fault as never) ?? formats,
    formatsOf(result),
  );
  const format = negotiate(accept, offered);
  const honest =
    format === null && (result.kind === "lightClient" || result.kind === "value")
      ? errorAnswer(406, `Accepted media types not supported: ${accept}`)
      : encodeResult(view.chain.config, result, format ?? "json", faultyEncoding(faults));
  const path = url.pathname + url.search;
  return faults.reduce((answer, fault) => hooksOf(fault).answer?.(answer, fault as never, path) ?? answer, honest);
}
