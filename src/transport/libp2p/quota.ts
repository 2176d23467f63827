/** How often somebody may do something: a few times in a row, then again as time passes. */
import type { Clock } from "../../clock.js";

export interface QuotaRule {
  /** So many times in a row. */
  readonly burst: number;
  /** After that, once in so many milliseconds. */
  readonly perMs: number;
}

export interface Quota {
  /** Counts once more. @returns whether it is within the quota */
  take(key: string): boolean;
}

/** Kept of so many at most; whoever was seen longest ago is forgotten. */
const MAX_KEYS = 2_000;

export function createQuota(clock: Clock, { burst, perMs }: QuotaRule): Quota {
  const buckets = new Map<string, { readonly left: number; readonly atMs: number }>();
  return {
    take(key) {
      const nowMs = clock.nowMs();
      const { left, atMs } = buckets.get(key) ?? { left: burst, atMs: nowMs };
      const filled = Math.min(burst, left + Math.max(0, nowMs - atMs) / perMs);
      buckets.delete(key);
      buckets.set(key, { left: filled >= 1 ? filled - 1 : filled, atMs: nowMs });
      const [oldest] = buckets.keys();
      if (buckets.size > MAX_KEYS) buckets.delete(oldest!);
      return filled >= 1;
    },
  };
}
