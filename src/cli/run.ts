/** The commands `sync`, and `follow` and `serve`. Each ends with an exit code and leaves nothing running. */
import { EXIT, type ExitCode, exitCodeOf, type Failure, failureOf } from "./failure.js";
import type { Interruption } from "./interruption.js";
import type { Session } from "./session.js";
import type { Settings } from "./settings.js";

/** One pass to the head. */
export async function runSync({ client, reporter, troubles }: Session, interruption: Interruption): Promise<ExitCode> {
  try {
    const result = await client.syncOnce({ signal: interruption.signal });
    await client.stop();
    reporter.synced(result);
    return EXIT.done;
  } catch (thrown) {
    await client.stop();
    return fail(reporter, interruption.failure ?? failureOf(thrown, troubles.codes));
  }
}

/** What ends a `follow`. */
type Ending = "asked" | "slots" | "time" | { readonly died: string };

/** To the head, and on until someone or something ends it. */
export async function runFollow(
  settings: Pick<Settings, "slots" | "forSeconds">,
  { client, reporter, troubles }: Session,
  interruption: Interruption,
): Promise<ExitCode> {
  const end = new AbortController();
  let ending: Ending | null = null;
  const finish = (why: Ending) => {
    ending ??= why;
    end.abort();
  };
  const unwatch = interruption.onEnd(() => finish("asked"));
  const timer = endAfter(settings.forSeconds, () => finish("time"));
  endBeyond(settings.slots, client, () => finish("slots"));
  let failure: Failure | null = null;
  let hasStarted = false;
  try {
    await client.start({ signal: end.signal });
    hasStarted = true;
    client.on("status", (status) => status.state === "stopped" && finish({ died: status.reason }));
    if (client.status.state === "stopped") finish({ died: client.status.reason });
    await aborted(end.signal);
  } catch (thrown) {
    if (ending === null) failure = failureOf(thrown, troubles.codes);
  } finally {
    clearTimeout(timer);
    unwatch();
  }
  // whoever ends it, or reads no more, has what was wanted; who wanted it in a file that takes no more has not
  if (interruption.failure?.exitCode === EXIT.unexpected) failure = interruption.failure;
  failure ??= failureOfEnding(ending, hasStarted, settings.forSeconds, troubles);
  await client.stop();
  if (failure !== null) return fail(reporter, failure);
  reporter.end();
  return EXIT.done;
}

function failureOfEnding(
  ending: Ending | null,
  hasStarted: boolean,
  forSeconds: number | undefined,
  { codes, last }: Session["troubles"],
): Failure | null {
  if (ending !== null && typeof ending === "object") {
    // what ends a client that follows is told as an error before
    if (last?.message === ending.died) return failureOf(last, codes);
    return { code: "UNEXPECTED", message: ending.died, details: {}, exitCode: EXIT.unexpected };
  }
  // Who ends it by hand has seen what it did; who gave it a time wanted something to be followed in it.
  if (ending !== "time" || hasStarted) return null;
  const message = `no verified head within ${forSeconds} s`;
  const details = { forSeconds, lastError: last?.toJSON() ?? null };
  return { code: "TIME_OVER", message, details, exitCode: last === null ? EXIT.unanswered : exitCodeOf(last, codes) };
}

/** Tells it, if that is still to be done. */
export function fail(reporter: Session["reporter"], failure: Failure): ExitCode {
  if (!failure.isTold) reporter.failed(failure);
  return failure.exitCode;
}

function endAfter(seconds: number | undefined, end: () => void): NodeJS.Timeout | undefined {
  return seconds === undefined ? undefined : setTimeout(end, seconds * 1000);
}

function endBeyond(slots: number | undefined, client: Session["client"], end: () => void): void {
  if (slots === undefined) return;
  let first: number | null = null;
  client.on("head", ({ slot }) => {
    first ??= slot;
    if (slot - first >= slots) end();
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
