/** The same trouble again and again is told once a minute. Pure: time is an argument. */

const WINDOW_MS = 60_000;

export interface ErrorThrottle {
  /** @returns `null` to say nothing; else how often it was kept back since it was last told */
  admit(key: string, nowMs: number): { readonly keptBack: number } | null;
}

export function createErrorThrottle(): ErrorThrottle {
  const told = new Map<string, { atMs: number; keptBack: number }>();
  return {
    admit(key, nowMs) {
      const last = told.get(key);
      if (last !== undefined && nowMs - last.atMs < WINDOW_MS) {
        last.keptBack++;
        return null;
      }
      told.set(key, { atMs: nowMs, keptBack: 0 });
      return { keptBack: last?.keptBack ?? 0 };
    },
  };
}
