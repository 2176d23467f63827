/**
 * Seeds and counts of random tests, from the environment: `SIDELIGHT_SEED` repeats a run, `SIDELIGHT_MUTATIONS` scales
 * how much is tried (1 by default, 10 for ten times as much).
 */

function fromEnvironment(name: string): number | undefined {
  const value = typeof process === "undefined" ? undefined : process.env[name];
  return value === undefined || value === "" ? undefined : Number(value);
}

/** The seed of random tests: printed by each, so that a failure can be repeated. Fixed unless the environment sets one. */
export function seedOf(): number {
  return fromEnvironment("SIDELIGHT_SEED") ?? 20_260_601;
}

/** `count`, scaled. */
export function runsFrom(count: number): number {
  return Math.max(1, Math.round(count * (fromEnvironment("SIDELIGHT_MUTATIONS") ?? 1)));
}
