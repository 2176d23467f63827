/** The cells of the grid: each fault that servers can have, when it strikes, and who else there is to ask. */
import { FAULTS, type Fault, type FaultKind, type RouteName } from "../../devnet/src/client.ts";
import { faultVariants } from "../../e2e/client/fault-cases.js";
import { FUZZ } from "../../support/fuzz.js";

export const PHASES = ["bootstrap", "catch-up", "follow", "resume"] as const;
export type Phase = (typeof PHASES)[number];

/** Who is asked, the first of them first. */
export const COMPANIES = {
  "one liar among two honest": ["liar", "honest", "honest"],
  "all lying": ["liar", "liar", "liar"],
  "all dead": ["liar", "liar", "liar"],
} as const;
export type Company = keyof typeof COMPANIES;

/** Where a client asks in each phase, so that a fault there is one of the phase. What else a fault strikes, it strikes too. */
const ASKED: Record<Phase, readonly RouteName[]> = {
  bootstrap: ["bootstrap"],
  "catch-up": ["updates"],
  follow: ["finality_update", "optimistic_update", "events"],
  resume: ["updates", "finality_update", "optimistic_update"],
};

export interface Variant {
  readonly name: string;
  readonly fault: Fault;
}

export interface Cell {
  readonly name: string;
  readonly phase: Phase;
  readonly company: Company;
  readonly variant: Variant;
}

/** The first variant of each kind; with `SIDELIGHT_FUZZ` above 1 all of them. */
export const VARIANTS: readonly Variant[] = faultVariants().filter(({ isFirst }) => isFirst || FUZZ > 1);

/** Ways to be dead, for sources that all are. */
export const DEATHS: readonly Variant[] = (
  [
    { kind: "reset" },
    { kind: "hang" },
    { kind: "status", status: 503 },
    { kind: "status", status: 429, retryAfterSeconds: 30 },
  ] as const
).map((fault) => ({ name: Object.values(fault).join(" "), fault }));

function canStrike(kind: FaultKind, phase: Phase): boolean {
  const { routes } = FAULTS[kind];
  return routes === null || ASKED[phase].some((route) => routes.includes(route));
}

export function cellsOf(phase: Phase): Cell[] {
  const companies = ["one liar among two honest", "all lying"] as const;
  return VARIANTS.filter(({ fault }) => canStrike(fault.kind, phase)).flatMap((variant) =>
    companies.map((company) => ({ name: `${variant.name}: ${company}`, phase, company, variant })),
  );
}

/** All dead: nothing but the fault, from three sources. */
export function deadCellsOf(phase: Phase): Cell[] {
  return DEATHS.map((variant) => ({
    name: `${variant.name}: all dead`,
    phase,
    company: "all dead" as const,
    variant,
  }));
}
