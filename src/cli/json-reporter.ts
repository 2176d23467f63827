/** `--json`: one object a line on stdout, and nothing else there. */
import type { LightClientEvents, SyncResult } from "../client/types.js";
import type { Failure } from "./failure.js";
import type { Terminal } from "./render/screen.js";
import type { Reporter } from "./reporter.js";

export function createJsonReporter({ out, err }: Pick<Terminal, "out" | "err">, verbose: boolean): Reporter {
  const write = (value: object) => out(`${JSON.stringify(value)}\n`);
  return {
    begin() {},
    event: (name, payload) => write(eventObject(name, payload, verbose)),
    listening: ({ addresses, enr }) => write({ event: "listening", addresses, enr }),
    warn: (text) => err(`sidelight: warning: ${text}\n`),
    note: (text) => err(`${text}\n`),
    synced: (result) => write(syncedObject(result)),
    failed: (failure) => write(failedObject(failure, verbose)),
    end() {},
  };
}

/** The payload with its name in front. Payloads are JSON-safe; an error is flattened to what it carries. */
export function eventObject<K extends keyof LightClientEvents>(
  name: K,
  payload: LightClientEvents[K],
  verbose: boolean,
): object {
  if (name === "error") {
    const { error, source } = payload as LightClientEvents["error"];
    const { code, message, details } = error.toJSON();
    return { event: name, code, message, details, source };
  }
  if (name === "committee" && !verbose) {
    const { pubkeys: _, ...rest } = payload as LightClientEvents["committee"];
    return { event: name, ...rest };
  }
  return { event: name, ...payload };
}

/** The last line of a `sync` that succeeded. */
export function syncedObject({ finalized, head, periods, elapsedMs }: SyncResult): object {
  return { event: "synced", finalized, optimistic: head, periods, elapsedMs };
}

/** The last line of anything that failed. */
export function failedObject({ code, message, details, exitCode, stack }: Failure, verbose: boolean): object {
  const failed = { event: "failed", code, message, details, exitCode };
  return verbose && stack !== undefined ? { ...failed, stack } : failed;
}
