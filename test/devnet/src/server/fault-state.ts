import type { RouteName } from "../api-types.ts";
import { FAULTS, type Fault, type FaultKind, isFaultKind } from "../faults.ts";

/** A stream is one request and many events: its content is spoilt event by event, its wire once. */
export type Phase = "request" | "event";

export type FaultSet = {
  set(faults: readonly Fault[]): void;
  list(): readonly Fault[];
  /** The faults that strike now; counts this request (or event) for each one that is meant for the route. */
  strike(route: RouteName, phase: Phase): Fault[];
};

const SPOILS_EVENTS: readonly FaultKind[] = [
  "wrong-bits",
  "wrong-branch",
  "branch-length",
  "wrong-signature",
  "wrong-signature-slot",
  "no-finality",
  "short-participation",
  "forged-header",
  "forged-finality",
  "stale-head",
  "stale-finality",
  "equivocating-head",
  "future-head",
  "other-fork",
  "wrong-version",
  "missing-version",
  "sse-repeat",
  "sse-garbage",
];

export function assertFaults(faults: unknown): asserts faults is readonly Fault[] {
  if (!Array.isArray(faults)) throw new Error("faults: expected a list");
  for (const fault of faults) {
    const kind = String((fault as { kind?: unknown } | null)?.kind);
    if (!isFaultKind(kind)) throw new Error(`unknown fault kind ${kind}; known are ${Object.keys(FAULTS).join(", ")}`);
  }
}

function concerns(fault: Fault, route: RouteName, phase: Phase): boolean {
  const routes = fault.routes ?? FAULTS[fault.kind].routes;
  if (routes && !routes.includes(route)) return false;
  return route !== "events" || SPOILS_EVENTS.includes(fault.kind) === (phase === "event");
}

export function createFaultSet(): FaultSet {
  let switches: { fault: Fault; seen: number }[] = [];
  return {
    set(faults) {
      assertFaults(faults);
      switches = faults.map((fault) => ({ fault, seen: 0 }));
    },
    list: () => switches.map(({ fault }) => fault),
    strike(route, phase) {
      return switches
        .filter(({ fault }) => concerns(fault, route, phase))
        .filter((entry) => {
          entry.seen++;
          const { after = 0, times = Infinity } = entry.fault;
          return entry.seen > after && entry.seen <= after + times;
        })
        .map(({ fault }) => fault);
    },
  };
}
