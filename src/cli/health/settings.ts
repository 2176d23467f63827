/** Reads `sidelight health …`: its own options, and all of `sync` (a range) or `follow` (live). */
import type { ParseArgsConfig } from "node:util";
import { describeValue } from "../../errors.js";
import { parseCommandLine } from "../args.js";
import { usageError } from "../failure.js";
import type { Settings } from "../settings.js";

/** Every option of its own; `help.ts` explains them. */
export const HEALTH_OPTIONS = {
  from: { type: "string" },
  to: { type: "string" },
  threshold: { type: "string" },
  live: { type: "boolean" },
  csv: { type: "boolean" },
  jsonl: { type: "boolean" },
} as const satisfies NonNullable<ParseArgsConfig["options"]>;

export interface HealthSettings {
  /** First and last epoch. @default the newest eight that are complete */
  readonly fromEpoch: number | undefined;
  readonly toEpoch: number | undefined;
  readonly threshold: number | undefined;
  readonly live: boolean;
  readonly format: "text" | "csv" | "jsonl";
  readonly settings: Settings;
}

type Own = { -readonly [K in keyof typeof HEALTH_OPTIONS]?: string | true };

/** @returns `null` if help was asked for. @throws OPTION_INVALID naming the option */
export function parseHealth(args: readonly string[]): HealthSettings | null {
  if (args.includes("--help") || args.includes("-h")) return null;
  const { own, others } = split(args);
  const live = own.live === true;
  for (const name of ["from", "to"] as const) {
    if (live && own[name] !== undefined) throw usageError(`--${name}`, "it without --live", "it with --live");
  }
  if (own.csv && own.jsonl) throw usageError("--csv", "it, or --jsonl", "both");
  const invocation = parseCommandLine([live ? "follow" : "sync", ...others]);
  if (invocation.kind !== "run") throw usageError("health", "options of sync and follow", describeValue(others[0]));
  const { settings } = invocation;
  if (settings.json) throw usageError("--json", "--jsonl, an object for each epoch", "--json");
  if (settings.beacons.length === 0) throw usageError("--beacon", "a beacon node's API: peers have no blocks", "none");
  const fromEpoch = integer("--from", own.from);
  const toEpoch = integer("--to", own.to);
  if (fromEpoch !== undefined && toEpoch !== undefined && toEpoch < fromEpoch) {
    throw usageError("--to", `an epoch from ${fromEpoch} on`, String(toEpoch));
  }
  return {
    fromEpoch,
    toEpoch,
    threshold: positive("--threshold", own.threshold),
    live,
    format: own.csv ? "csv" : own.jsonl ? "jsonl" : "text",
    settings,
  };
}

function split(args: readonly string[]): { own: Own; others: string[] } {
  const own: Own = {};
  const others: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const [word, attached] = splitOnce(args[i]!);
    const name = word.slice(2) as keyof typeof HEALTH_OPTIONS;
    if (!word.startsWith("--") || !Object.hasOwn(HEALTH_OPTIONS, name)) {
      others.push(args[i]!);
      continue;
    }
    if (own[name] !== undefined) throw usageError(word, "it once", "it twice");
    if (HEALTH_OPTIONS[name].type === "boolean") {
      if (attached !== undefined) throw usageError(word, "it without a value", describeValue(attached));
      own[name] = true;
      continue;
    }
    const value = attached ?? args[++i];
    if (value === undefined) throw usageError(word, "a value", "nothing");
    own[name] = value;
  }
  return { own, others };
}

function splitOnce(word: string): [string, string | undefined] {
  const at = word.indexOf("=");
  return word.startsWith("--") && at > 0 ? [word.slice(0, at), word.slice(at + 1)] : [word, undefined];
}

function integer(option: string, text: string | true | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (typeof text !== "string" || !/^(0|[1-9]\d{0,11})$/.test(text)) {
    throw usageError(option, "an epoch: an integer of 0 or more", describeValue(text));
  }
  return Number(text);
}

function positive(option: string, text: string | true | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (typeof text !== "string" || !/^\d{1,6}(\.\d{1,6})?$/.test(text) || Number(text) === 0) {
    throw usageError(option, "a number of standard deviations above 0", describeValue(text));
  }
  return Number(text);
}
