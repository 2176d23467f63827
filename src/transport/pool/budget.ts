/** How many bytes may still come this hour: the last sixty minutes, minute by minute, so that it costs sixty numbers. */
import { SidelightError } from "../../errors.js";

const MINUTE_MS = 60_000;
const MINUTES = 60;

export interface ByteBudget {
  add(bytes: number, nowMs: number): void;
  /** The error to throw instead of asking; `null` while there is something left. */
  spent(nowMs: number): SidelightError<"BYTE_BUDGET_SPENT"> | null;
}

/** @param limitBytes in any sixty minutes; `Infinity` for no limit */
export function createByteBudget(limitBytes: number): ByteBudget {
  /** Bytes of a minute, by its number since 1970. */
  const minutes = new Map<number, number>();

  function forgetOld(nowMs: number): void {
    const now = Math.floor(nowMs / MINUTE_MS);
    // both ways: a clock that was set back must not keep tomorrow's bytes
    for (const minute of minutes.keys()) if (Math.abs(now - minute) >= MINUTES) minutes.delete(minute);
  }

  return {
    add(bytes, nowMs) {
      if (limitBytes === Number.POSITIVE_INFINITY) return;
      forgetOld(nowMs);
      const minute = Math.floor(nowMs / MINUTE_MS);
      minutes.set(minute, (minutes.get(minute) ?? 0) + bytes);
    },
    spent(nowMs) {
      forgetOld(nowMs);
      let usedBytes = 0;
      for (const bytes of minutes.values()) usedBytes += bytes;
      if (usedBytes < limitBytes) return null;
      const oldest = Math.min(...minutes.keys());
      const resetsInMs = Math.max(0, (oldest + MINUTES) * MINUTE_MS - nowMs);
      const message = `${usedBytes} bytes came in the last hour, maxBytesPerHour is ${limitBytes}: nothing is asked until some of them are longer ago`;
      return new SidelightError("BYTE_BUDGET_SPENT", message, { usedBytes, limitBytes, resetsInMs });
    },
  };
}
