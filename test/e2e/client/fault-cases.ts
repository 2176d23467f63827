/** Every fault of the devnet, where it strikes a client, and what the client must make of it. */
import type { ErrorCode } from "../../../src/errors.js";
import {
  FAULT_KINDS,
  FAULTS,
  type Fault,
  type FaultKind,
  type FaultOf,
  type RouteName,
} from "../../devnet/src/client.ts";

export const PHASES = ["bootstrap", "catch-up", "polling", "streaming"] as const;
export type Phase = (typeof PHASES)[number];

export const ROUTES: Record<Phase, readonly RouteName[]> = {
  bootstrap: ["bootstrap"],
  "catch-up": ["updates"],
  polling: ["finality_update", "optimistic_update"],
  streaming: ["events"],
};

/**
 * What comes of a fault in each phase: the code that its source is reported with; `fine` if it does no harm; `idle` if
 * what is sent is true but of no use; `null` if it changes nothing there, so that there is nothing to run.
 */
type Outcome = ErrorCode | "fine" | "idle" | null;

/** A fault's parameters, and its outcomes in the order of {@link PHASES}. */
type Row<K extends FaultKind> = readonly [
  parameters: Omit<FaultOf<K>, "kind" | "routes" | "times" | "after">,
  bootstrap: Outcome,
  catchUp: Outcome,
  polling: Outcome,
  streaming: Outcome,
];

/** A new kind is a compile error here, and a failing test. */
const TABLE: { readonly [K in FaultKind]: readonly Row<K>[] } = {
  "wrong-bits": [
    [{}, null, "SIGNATURE_INVALID", "SIGNATURE_INVALID", "SIGNATURE_INVALID"],
    [{ count: 9 }, null, "SIGNATURE_INVALID", "SIGNATURE_INVALID", "SIGNATURE_INVALID"],
  ],
  "wrong-branch": [
    [{ branch: "finality" }, null, "FINALITY_BRANCH_INVALID", "FINALITY_BRANCH_INVALID", "FINALITY_BRANCH_INVALID"],
    [{ branch: "next-sync-committee" }, null, "NEXT_COMMITTEE_BRANCH_INVALID", null, null],
    [{ branch: "current-sync-committee" }, "CURRENT_COMMITTEE_BRANCH_INVALID", null, null, null],
    [
      { branch: "execution" },
      "EXECUTION_BRANCH_INVALID",
      "EXECUTION_BRANCH_INVALID",
      "EXECUTION_BRANCH_INVALID",
      "EXECUTION_BRANCH_INVALID",
    ],
  ],
  "branch-length": [
    [{ branch: "finality", delta: 1 }, null, "DECODE_FAILED", "DECODE_FAILED", "DECODE_FAILED"],
    [{ branch: "finality", delta: -1 }, null, "DECODE_FAILED", "DECODE_FAILED", "DECODE_FAILED"],
    [{ branch: "next-sync-committee", delta: 1 }, null, "DECODE_FAILED", null, null],
    [{ branch: "current-sync-committee", delta: -1 }, "DECODE_FAILED", null, null, null],
    [{ branch: "execution", delta: -1 }, "DECODE_FAILED", "DECODE_FAILED", "DECODE_FAILED", "DECODE_FAILED"],
  ],
  "wrong-signature": [
    [{}, null, "SIGNATURE_INVALID", "SIGNATURE_INVALID", "SIGNATURE_INVALID"],
    [{ variant: "infinity" }, null, "SIGNATURE_INVALID", "SIGNATURE_INVALID", "SIGNATURE_INVALID"],
    [{ variant: "garbage" }, null, "SIGNATURE_INVALID", "SIGNATURE_INVALID", "SIGNATURE_INVALID"],
  ],
  "wrong-signature-slot": [
    // old enough, a slot later is not in the future, and of the same fork and committee: nobody signs the slot itself
    [{ delta: 1 }, null, "fine", "UPDATE_FROM_FUTURE", "UPDATE_FROM_FUTURE"],
    [{ delta: -1 }, null, "SLOT_ORDER_INVALID", "SLOT_ORDER_INVALID", "SLOT_ORDER_INVALID"],
    [{ delta: -4 }, null, "SLOT_ORDER_INVALID", "SLOT_ORDER_INVALID", "SLOT_ORDER_INVALID"],
  ],
  "wrong-committee": [[{}, "CURRENT_COMMITTEE_BRANCH_INVALID", "NEXT_COMMITTEE_BRANCH_INVALID", null, null]],
  "no-finality": [[{}, null, "CATCH_UP_INCOMPLETE", "fine", "fine"]],
  "short-participation": [
    [{ participants: 1 }, null, "CATCH_UP_INCOMPLETE", "idle", "fine"],
    [{ participants: 20 }, null, "CATCH_UP_INCOMPLETE", "fine", "fine"],
    [{ participants: 0 }, null, "PARTICIPATION_TOO_LOW", "PARTICIPATION_TOO_LOW", "PARTICIPATION_TOO_LOW"],
  ],
  "forged-header": [[{}, null, "CATCH_UP_INCOMPLETE", "idle", "fine"]],
  "conflicting-next-committee": [[{}, null, "SIGNATURE_INVALID", null, null]],
  "forged-finality": [[{}, null, "fine", "fine", "fine"]],
  "stale-head": [
    [{ slots: 5 }, null, "fine", "idle", "fine"],
    [{ slots: 40 }, null, "fine", "idle", "fine"],
  ],
  "stale-finality": [[{ slots: 40 }, null, null, "fine", "fine"]],
  "equivocating-head": [[{}, null, null, "fine", "fine"]],
  "future-head": [[{ slots: 3 }, null, null, "UPDATE_FROM_FUTURE", "UPDATE_FROM_FUTURE"]],
  "wrong-periods": [
    [{ delta: 1 }, null, "RESPONSE_INVALID", null, null],
    [{ delta: -1 }, null, "RESPONSE_INVALID", null, null],
  ],
  "extra-updates": [[{ count: 2 }, null, "RESPONSE_INVALID", null, null]],
  "empty-array": [[{}, null, "NOT_AVAILABLE", null, null]],
  "other-fork": [
    [
      { fork: "capella" },
      "CURRENT_COMMITTEE_BRANCH_INVALID",
      "FINALITY_BRANCH_INVALID",
      "FINALITY_BRANCH_INVALID",
      "FINALITY_BRANCH_INVALID",
    ],
    [{ fork: "deneb", claim: false }, "DECODE_FAILED", "DECODE_FAILED", "DECODE_FAILED", "DECODE_FAILED"],
    [{ fork: "gloas", claim: false }, "DECODE_FAILED", "DECODE_FAILED", "DECODE_FAILED", "DECODE_FAILED"],
  ],
  "wrong-version": [
    // the version of a range of updates is in the digests; what an older fork's container has no room for is too large
    [{ version: "capella" }, "INPUT_TOO_LARGE", "fine", "DECODE_FAILED", "DECODE_FAILED"],
    [{ version: "nonsense" }, "FORK_UNKNOWN", "fine", "FORK_UNKNOWN", "FORK_UNKNOWN"],
    [{ version: "phase0" }, "FORK_UNKNOWN", "fine", "FORK_UNKNOWN", "FORK_UNKNOWN"],
  ],
  "missing-version": [[{}, "fine", "fine", "fine", "fine"]],
  "wrong-digest": [[{}, null, "fine", null, null]],
  "json-only": [[{}, "fine", "fine", "fine", null]],
  "ssz-only": [[{}, "fine", "fine", "fine", null]],
  "wrong-content-type": [
    [{ contentType: "text/html" }, "RESPONSE_INVALID", "RESPONSE_INVALID", "RESPONSE_INVALID", null],
    [{ contentType: "text/plain" }, "RESPONSE_INVALID", "RESPONSE_INVALID", "RESPONSE_INVALID", null],
    [{ contentType: "" }, "RESPONSE_INVALID", "RESPONSE_INVALID", "RESPONSE_INVALID", null],
  ],
  status: [
    [{ status: 404 }, "NOT_AVAILABLE", "NOT_AVAILABLE", "NOT_AVAILABLE", "SUBSCRIPTION_FAILED"],
    [{ status: 400 }, "HTTP_STATUS", "HTTP_STATUS", "HTTP_STATUS", "SUBSCRIPTION_FAILED"],
    [{ status: 500 }, "HTTP_STATUS", "HTTP_STATUS", "HTTP_STATUS", "SUBSCRIPTION_FAILED"],
    [{ status: 429, retryAfterSeconds: 120 }, "HTTP_STATUS", "HTTP_STATUS", "HTTP_STATUS", "SUBSCRIPTION_FAILED"],
    [{ status: 204 }, "HTTP_STATUS", "HTTP_STATUS", "HTTP_STATUS", "SUBSCRIPTION_FAILED"],
  ],
  redirect: [
    [{}, "NOT_AVAILABLE", "NOT_AVAILABLE", "NOT_AVAILABLE", "SUBSCRIPTION_FAILED"],
    [{ status: 307 }, "NOT_AVAILABLE", "NOT_AVAILABLE", "NOT_AVAILABLE", "SUBSCRIPTION_FAILED"],
  ],
  "no-cors": [[{}, "fine", "fine", "fine", "fine"]],
  "hidden-version": [[{}, "fine", null, "fine", null]],
  garbage: [
    [{}, "DECODE_FAILED", "RESPONSE_INVALID", "DECODE_FAILED", "SUBSCRIPTION_FAILED"],
    [{ bytes: 100_000 }, "INPUT_TOO_LARGE", "RESPONSE_INVALID", "INPUT_TOO_LARGE", null],
    [{ bytes: 0 }, "RESPONSE_INVALID", "NOT_AVAILABLE", "RESPONSE_INVALID", null],
  ],
  truncated: [
    [{}, "NETWORK_FAILED", "NETWORK_FAILED", "NETWORK_FAILED", "SUBSCRIPTION_FAILED"],
    [{ variant: "clean" }, "DECODE_FAILED", "RESPONSE_INVALID", "DECODE_FAILED", "SUBSCRIPTION_FAILED"],
  ],
  oversized: [
    [{}, "INPUT_TOO_LARGE", "INPUT_TOO_LARGE", "INPUT_TOO_LARGE", null],
    [{ variant: "declared" }, "INPUT_TOO_LARGE", "INPUT_TOO_LARGE", "INPUT_TOO_LARGE", null],
  ],
  slow: [
    [{ ms: 20 }, "fine", "fine", "fine", "fine"],
    [{ ms: 60_000 }, "REQUEST_TIMEOUT", "REQUEST_TIMEOUT", "REQUEST_TIMEOUT", "SUBSCRIPTION_FAILED"],
  ],
  drip: [
    [{ chunkBytes: 4_096, ms: 1 }, "fine", "fine", "fine", null],
    [{}, "REQUEST_TIMEOUT", "REQUEST_TIMEOUT", "REQUEST_TIMEOUT", null],
  ],
  hang: [[{}, "REQUEST_TIMEOUT", "REQUEST_TIMEOUT", "REQUEST_TIMEOUT", "SUBSCRIPTION_FAILED"]],
  reset: [[{}, "NETWORK_FAILED", "NETWORK_FAILED", "NETWORK_FAILED", "SUBSCRIPTION_FAILED"]],
  "sse-stop": [
    [{}, null, null, null, "SUBSCRIPTION_FAILED"],
    [{ events: 3 }, null, null, null, "SUBSCRIPTION_FAILED"],
  ],
  "sse-repeat": [[{}, null, null, null, "fine"]],
  "sse-garbage": [[{}, null, null, null, "SUBSCRIPTION_FAILED"]],
  "sse-refused": [
    [{}, null, null, null, "SUBSCRIPTION_FAILED"],
    [{ status: 500 }, null, null, null, "SUBSCRIPTION_FAILED"],
  ],
  "wrong-checksum": [[{}, null, null, null, null]],
  "trailing-bytes": [[{}, null, null, null, null]],
  "other-network": [[{}, null, null, null, null]],
  "sse-silent": [[{}, null, null, null, "fine"]],
};

/**
 * Lies that at least 2/3 of the committee signed: a light client cannot tell them from the truth. It may follow them, it
 * may get stuck with a committee that nobody else has, but it must do nothing worse.
 */
export const TRULY_SIGNED: readonly FaultKind[] = [
  "conflicting-next-committee",
  "forged-finality",
  "equivocating-head",
];

export interface FaultCase {
  readonly name: string;
  readonly phase: Phase;
  readonly fault: Fault;
  readonly outcome: NonNullable<Outcome>;
}

/** Servers have no such thing: `peers.test.ts` has them. */
const OF_PEERS: readonly FaultKind[] = ["wrong-checksum", "trailing-bytes", "other-network"];

/** Kinds for which the table has nothing. */
export function kindsWithoutCase(): FaultKind[] {
  return FAULT_KINDS.filter((kind) => !OF_PEERS.includes(kind)).filter(
    (kind) => !(TABLE[kind] ?? []).some(([, ...outcomes]) => outcomes.some(Boolean)),
  );
}

/** Phases in which a kind can strike by what the devnet says of it, but no variant of it is run. */
export function phasesNotRun(kind: FaultKind): Phase[] {
  const { routes } = FAULTS[kind];
  if (OF_PEERS.includes(kind)) return [];
  return PHASES.filter((phase, i) => {
    const canStrike = routes === null || ROUTES[phase].some((route) => routes.includes(route));
    return canStrike && TABLE[kind].every(([, ...outcomes]) => outcomes[i] === null);
  });
}

/** Every kind that servers have with every set of parameters, wherever it strikes; the first of each kind comes first. */
export function faultVariants(): { readonly name: string; readonly isFirst: boolean; readonly fault: Fault }[] {
  return FAULT_KINDS.filter((kind) => !OF_PEERS.includes(kind)).flatMap((kind) =>
    TABLE[kind].map(([parameters], i) => ({
      name: nameOf(kind, parameters),
      isFirst: i === 0,
      fault: { kind, ...parameters } as Fault,
    })),
  );
}

function nameOf(kind: FaultKind, parameters: object): string {
  return [kind, ...Object.entries(parameters).map(([key, value]) => `${key} ${value}`)].join(", ");
}

/** All variants of all kinds that strike in a phase. */
export function casesOf(phase: Phase): FaultCase[] {
  return FAULT_KINDS.flatMap((kind) =>
    (TABLE[kind] ?? []).flatMap(([parameters, ...outcomes]) => {
      const outcome = outcomes[PHASES.indexOf(phase)] ?? null;
      if (outcome === null) return [];
      const routes = ROUTES[phase].filter((route) => FAULTS[kind].routes?.includes(route) ?? true);
      return [{ name: nameOf(kind, parameters), phase, outcome, fault: { kind, ...parameters, routes } as Fault }];
    }),
  );
}
