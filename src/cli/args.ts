/** Reads a command line. Pure; every mistake is refused by the name of its option, nothing is replaced by a default. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { describeValue, messageOf } from "../errors.js";
import { usageError } from "./failure.js";
import type { AsOf, Invocation, Settings } from "./settings.js";

/** Every option there is; `help-text.ts` explains them. */
export const OPTIONS = {
  network: { type: "string" },
  "genesis-time": { type: "string" },
  "genesis-validators-root": { type: "string" },
  checkpoint: { type: "string" },
  beacon: { type: "string", multiple: true },
  header: { type: "string", multiple: true },
  timeout: { type: "string" },
  store: { type: "string" },
  at: { type: "string" },
  "max-checkpoint-age": { type: "string" },
  "allow-stale-checkpoint": { type: "boolean" },
  "force-update": { type: "boolean" },
  slots: { type: "string" },
  for: { type: "string" },
  json: { type: "boolean" },
  verbose: { type: "boolean" },
  "no-color": { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const satisfies NonNullable<ParseArgsConfig["options"]>;

const COMMANDS = ["sync", "follow"] as const;
type CommandName = (typeof COMMANDS)[number];

/** @throws OPTION_INVALID naming the option */
export function parseCommandLine(args: readonly string[]): Invocation {
  const { values, positionals } = parse(args);
  if (values.version) return { kind: "version" };
  const isHelp = values.help === true || positionals[0] === "help";
  const [word, ...rest] = positionals[0] === "help" ? positionals.slice(1) : positionals;
  if (isHelp && word === undefined) return { kind: "help", topic: "general" };
  const command = COMMANDS.find((name) => name === word);
  if (command === undefined) {
    throw usageError("command", COMMANDS.join(" or "), word === undefined ? "none" : describeValue(word));
  }
  if (rest.length > 0) throw usageError("command", `options after ${command}`, describeValue(rest[0]));
  if (isHelp) return { kind: "help", topic: command };
  return { kind: "run", settings: readSettings(command, values) };
}

function parse(args: readonly string[]) {
  let parsed: ReturnType<typeof parseTokens>;
  try {
    parsed = parseTokens(args);
  } catch (thrown) {
    // Node's text is good: "Unknown option '--chekpoint'", "Option '--at <value>' argument missing".
    throw usageError("command line", "known options and their values", lowerFirst(messageOf(thrown).split(". ")[0]!));
  }
  const seen = new Set<string>();
  for (const token of parsed.tokens) {
    if (token.kind !== "option") continue;
    const { name } = token;
    const isRepeatable = "multiple" in OPTIONS[name as keyof typeof OPTIONS];
    if (seen.has(name) && !isRepeatable) throw usageError(`--${name}`, "it once", "it twice");
    seen.add(name);
  }
  return parsed;
}

function parseTokens(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true, tokens: true });
}

type Values = ReturnType<typeof parseTokens>["values"];

function readSettings(command: CommandName, values: Values): Settings {
  if (command === "sync") {
    for (const name of ["slots", "for"] as const) {
      if (values[name] !== undefined) throw usageError(`--${name}`, "it with follow only", "it with sync");
    }
  }
  return {
    command,
    network: nonEmpty("--network", values.network) ?? "mainnet",
    genesisTime: values["genesis-time"],
    genesisValidatorsRoot: values["genesis-validators-root"],
    checkpoint: readCheckpoint(values.checkpoint),
    beacons: readBeacons(values.beacon),
    headers: readHeaders(values.header ?? []),
    timeoutMs: scale(positive("--timeout", values.timeout), 1000),
    store: nonEmpty("--store", values.store),
    at: values.at === undefined ? undefined : parseAsOf(values.at),
    maxCheckpointAgeSeconds: positive("--max-checkpoint-age", values["max-checkpoint-age"]),
    allowStaleCheckpoint: values["allow-stale-checkpoint"] ?? false,
    forceUpdate: values["force-update"] ?? false,
    slots: positiveInteger("--slots", values.slots),
    forSeconds: positive("--for", values.for),
    json: values.json ?? false,
    verbose: values.verbose ?? false,
    color: !values["no-color"],
  };
}

function readCheckpoint(text: string | undefined): string {
  const expected = "the root of a finalized block that you trust: 0x and 64 hex digits";
  if (text === undefined) throw usageError("--checkpoint", expected, "nothing; there is no default for what you trust");
  if (!/^0x[0-9a-f]{64}$/i.test(text)) throw usageError("--checkpoint", expected, describeRoot(text));
  if (/^0x0+$/.test(text)) throw usageError("--checkpoint", expected, "a root of zeroes");
  return text.toLowerCase();
}

/** What is wrong with it, rather than all of it. */
function describeRoot(text: string): string {
  const digits = text.replace(/^0x/i, "");
  if (!/^[0-9a-f]*$/i.test(digits)) return describeValue(text);
  const prefix = /^0x/.test(text) ? "" : " without 0x";
  return `${digits.length} hex digits${prefix}`;
}

function readBeacons(urls: readonly string[] | undefined): readonly string[] {
  if (urls === undefined) throw usageError("--beacon", "the URL of a beacon node's API, at least one", "none");
  return urls;
}

/** `K: V`, as curl takes it. A value is never shown: it may be a key. */
function readHeaders(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim();
    if (colon < 1 || name === "")
      throw usageError("--header", '"Name: value"', `${line.length} characters without a name`);
    headers[name] = line.slice(colon + 1).trim();
  }
  return headers;
}

/**
 * A slot, or an ISO 8601 time. A date is its midnight in UTC; a time of day needs its zone, because old data is verified
 * as of this moment and "some hours off" would look like a lying source.
 */
export function parseAsOf(text: string): AsOf {
  const expected = "a slot, or a time such as 2024-06-30 or 2024-06-30T12:00:00Z";
  if (/^(0|[1-9]\d{0,14})$/.test(text)) return { slot: Number(text) };
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const unixMs = isTime && isDate(text.slice(0, 10)) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(unixMs)) throw usageError("--at", expected, describeValue(text));
  return { unixMs };
}

/** `Date.parse` makes a day in March of the 31st of February. */
function isDate(text: string): boolean {
  const unixMs = Date.parse(text);
  return !Number.isNaN(unixMs) && new Date(unixMs).toISOString().startsWith(text);
}

function positive(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,12}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0)) throw usageError(option, "a number of seconds above 0", describeValue(text));
  return value;
}

function positiveInteger(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,11}$/.test(text)) throw usageError(option, "an integer above 0", describeValue(text));
  return Number(text);
}

function nonEmpty(option: string, text: string | undefined): string | undefined {
  if (text === "") throw usageError(option, "a value", "an empty one");
  return text;
}

function scale(value: number | undefined, factor: number): number | undefined {
  return value === undefined ? undefined : Math.ceil(value * factor);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
