/** Waiting, in Node and in browsers. */

/** Longest that anything may take in real time: generous, since nothing here depends on it. */
const REAL_LIMIT_MS = 20_000;

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Resolves once `holds`; fails when it never does. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  limitMs = REAL_LIMIT_MS,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await pause(5);
  }
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
