/** Tries inputs on targets, and keeps those that end in a way that none before has ended. */
import fc from "fast-check";
import { type Mutation, mutations } from "../../support/mutate.js";
import type { Run, Targets } from "./targets.js";

/** An input that can be told in a line, and what became of it. */
export interface Recipe {
  readonly target: string;
  readonly mutations: readonly Mutation[];
  readonly outcome: string;
}

export interface Figures {
  tried: number;
  refused: number;
  unchanged: number;
  /** What was accepted and false, or failed in an unforeseen way: must be 0. */
  wrong: number;
  slowestMs: number;
  readonly outcomes: Record<string, number>;
}

export function newFigures(): Figures {
  return { tried: 0, refused: 0, unchanged: 0, wrong: 0, slowestMs: 0, outcomes: {} };
}

/** @throws what the target throws */
export async function tryOne(run: Run, input: readonly Mutation[], figures: Figures): Promise<string> {
  const startedMs = performance.now();
  figures.tried++;
  try {
    const outcome = await run(input);
    figures[outcome === "unchanged" ? "unchanged" : "refused"]++;
    figures.outcomes[outcome] = (figures.outcomes[outcome] ?? 0) + 1;
    return outcome;
  } catch (thrown) {
    figures.wrong++;
    throw thrown;
  } finally {
    figures.slowestMs = Math.max(figures.slowestMs, performance.now() - startedMs);
  }
}

export interface FuzzOptions {
  readonly seed: number;
  /** Inputs for each target. */
  readonly runs: number;
  readonly figures: Figures;
  readonly onNew?: (recipe: Recipe) => void;
}

/** @throws with the smallest input that is accepted wrongly */
export async function fuzz(targets: Targets, { seed, runs, figures, onNew }: FuzzOptions): Promise<void> {
  const inputs = fc.array(mutations, { minLength: 1, maxLength: 4 });
  for (const [target, run] of targets) {
    const seen = new Set<string>();
    const property = fc.asyncProperty(inputs, async (input) => {
      const outcome = await tryOne(run, input, figures);
      if (!seen.has(outcome)) onNew?.({ target, mutations: input, outcome });
      seen.add(outcome);
    });
    // what passes through sockets' worth of code takes a hundred times as long
    const numRuns = target === "client" ? Math.ceil(runs / 4) : runs;
    await fc.assert(property, { seed, numRuns });
  }
}

export function tell({ tried, refused, unchanged, wrong, slowestMs }: Figures): string {
  return `inputs tried ${tried}, refused ${refused}, accepted unchanged ${unchanged}, accepted wrongly ${wrong}; slowest ${slowestMs.toFixed(0)} ms`;
}
