/** Waiting for what a client does: real turns of the event loop for what is ready, virtual time for what sleeps. */
import type { ManualClock } from "../../support/clock.js";

/** Longest that anything may take in real time: generous, since nothing here depends on it. */
const REAL_LIMIT_MS = 20_000;

/** Resolves once `holds`, without moving any clock. */
export async function until(holds: () => boolean, what = "a condition"): Promise<void> {
  const deadline = Date.now() + REAL_LIMIT_MS;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Lets everything that is ready run, host pauses of the client included. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export interface DriveOptions {
  /** Virtual time that may pass. @default an hour */
  readonly limitMs?: number;
}

/**
 * Moves virtual time on, from sleeper to sleeper, until `promise` settles; gives its outcome. Fails when it has not after
 * `limitMs`, or when nothing sleeps and still nothing happens: a hang.
 */
export async function drive<T>(clock: ManualClock, promise: Promise<T>, options: DriveOptions = {}): Promise<T> {
  const { limitMs = 3_600_000 } = options;
  const endMs = clock.nowMs() + limitMs;
  let settled = false;
  const done = promise.finally(() => {
    settled = true;
  });
  done.catch(() => {});
  const deadline = Date.now() + REAL_LIMIT_MS;
  while (!settled) {
    await settle();
    if (settled) break;
    const next = clock.nextWakeMs;
    if (next === null && Date.now() > deadline) throw new Error("nothing sleeps and nothing happens: it hangs");
    if (next === null) continue;
    if (next > endMs) throw new Error(`not settled after ${limitMs} ms of virtual time`);
    await clock.advanceTo(next);
  }
  return done;
}

/** Lets `ms` of virtual time pass, and what each sleeper starts run to its end (host pauses included) before the next. */
export async function passTime(clock: ManualClock, ms: number): Promise<void> {
  const endMs = clock.nowMs() + ms;
  await settle();
  for (let next = clock.nextWakeMs; next !== null && next <= endMs; next = clock.nextWakeMs) {
    await clock.advanceTo(next);
    await settle();
  }
  await clock.advanceTo(endMs);
}

/** What a promise rejects with; fails when it resolves. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (thrown) {
    return thrown;
  }
  throw new Error(`expected a rejection, got ${JSON.stringify(value)}`);
}

/** Collects unhandled rejections while tests run. Call within `describe`. */
export function watchUnhandled(): void {
  const seen: unknown[] = [];
  const note = (reason: unknown) => seen.push(reason);
  before(() => process.on("unhandledRejection", note));
  after(() => process.off("unhandledRejection", note));
  afterEach(async () => {
    await settle();
    if (seen.length > 0) throw new Error(`unhandled rejection: ${String(seen.splice(0)[0])}`);
  });
}
