import type { Clock } from "../clock.js";

/**
 * A clock that notices when the machine (or the page) was suspended: a sleep that lasted much longer than asked. One that
 * is set forward looks the same, and needs the same.
 *
 * @param toleranceMs how late a sleep may end
 * @param onSuspended called once for each suspension, before any sleeper goes on, with how long it was at least
 */
export function watchfulClock(
  clock: Clock,
  toleranceMs: () => number,
  onSuspended: (suspendedMs: number) => void,
): Clock {
  /** How many have been noticed: who fell asleep before one need not tell it again. */
  let noticed = 0;
  return {
    nowMs: () => clock.nowMs(),
    async sleep(ms, signal) {
      const [startedMs, noticedBefore] = [clock.nowMs(), noticed];
      await clock.sleep(ms, signal);
      const lateMs = clock.nowMs() - startedMs - Math.max(ms, 0);
      if (noticed !== noticedBefore || lateMs <= toleranceMs()) return;
      noticed++;
      onSuspended(lateMs);
    },
  };
}
