/** Reads a command line. Pure; every mistake is refused by the name of its option, nothing is replaced by a default. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { describeValue, messageOf } from "../errors.js";
import type { StaleCheckpoint } from "../options.js";
import { type Beacon, readBeacons } from "./beacons.js";
import { parseProvider } from "./checkpoint.js";
import { usageError } from "./failure.js";
import { parseListen } from "./metrics-server.js";
import {
  type AsOf,
  type CheckpointSetting,
  FROM_BEACON,
  type Invocation,
  type Settings,
  type Verification,
} from "./settings.js";

/** Every option there is; `help-text.ts` explains them. */
export const OPTIONS = {
  network: { type: "string" },
  "genesis-time": { type: "string" },
  "genesis-validators-root": { type: "string" },
  checkpoint: { type: "string" },
  "checkpoint-provider": { type: "string", multiple: true },
  require: { type: "string" },
  beacon: { type: "string", multiple: true },
  peer: { type: "string", multiple: true },
  header: { type: "string", multiple: true },
  timeout: { type: "string" },
  store: { type: "string" },
  at: { type: "string" },
  "max-checkpoint-age": { type: "string" },
  "stale-checkpoint": { type: "string" },
  "force-update": { type: "boolean" },
  slots: { type: "string" },
  listen: { type: "string", multiple: true },
  "max-connections": { type: "string" },
  metrics: { type: "string" },
  evidence: { type: "string" },
  committee: { type: "string", multiple: true },
  for: { type: "string" },
  json: { type: "boolean" },
  verbose: { type: "boolean" },
  "no-color": { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const satisfies NonNullable<ParseArgsConfig["options"]>;

const COMMANDS = ["sync", "follow", "serve", "verify-evidence"] as const;
type CommandName = Exclude<(typeof COMMANDS)[number], "verify-evidence">;
/** Those that read their own options (`health/settings.ts`, `proof-args.ts`): `main.ts` knows them by the first word. */
const OTHER_COMMANDS = ["health", "prove", "verify"];
/** What only some commands take. */
const SPECIAL: readonly (readonly [name: keyof typeof OPTIONS, commands: readonly CommandName[]])[] = [
  ["slots", ["follow", "serve"]],
  ["for", ["follow", "serve"]],
  ["metrics", ["follow", "serve"]],
  ["listen", ["serve"]],
  ["max-connections", ["serve"]],
  // what was signed long ago is no news to others
  ["at", ["sync", "follow"]],
];
/** Node's timers end at once beyond 2^31 - 1 milliseconds: 24 days. */
const MAX_TIMER_SECONDS = 2_147_483;
/** This machine only, unless the caller says otherwise. */
const DEFAULT_LISTEN = "/ip4/127.0.0.1/tcp/9001/ws";
/** What `verify-evidence` takes: it asks nobody. */
const VERIFICATION_OPTIONS = [
  ...["network", "genesis-time", "genesis-validators-root", "checkpoint", "committee"],
  ...["json", "verbose", "no-color", "help", "version"],
];

/** @throws OPTION_INVALID naming the option */
export function parseCommandLine(args: readonly string[]): Invocation {
  const { values, positionals, tokens } = parseOptions(args, OPTIONS);
  if (values.version) return { kind: "version" };
  const isHelp = values.help === true || positionals[0] === "help";
  const [word, ...rest] = positionals[0] === "help" ? positionals.slice(1) : positionals;
  if (isHelp && word === undefined) return { kind: "help", topic: "general" };
  const command = COMMANDS.find((name) => name === word);
  if (command === undefined) {
    if (OTHER_COMMANDS.includes(word!)) throw usageError("command", `${word} as the first word`, "it after options");
    const known = [...COMMANDS.slice(0, -1), ...OTHER_COMMANDS, ...COMMANDS.slice(-1)];
    throw usageError("command", known.join(" or "), word === undefined ? "none" : describeValue(word));
  }
  if (command === "verify-evidence" && !isHelp) return { kind: "verify", verification: readVerification(rest, values) };
  if (rest.length > 0) throw usageError("command", `options after ${command}`, describeValue(rest[0]));
  if (isHelp || command === "verify-evidence") return { kind: "help", topic: command };
  return { kind: "run", settings: readSettings(command, values, readBeacons(tokens)) };
}

type Options = NonNullable<ParseArgsConfig["options"]>;
type Parsed<T extends Options> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T; allowPositionals: true; strict: true; tokens: true }>
>;

/** What was typed, by `options` alone. @throws OPTION_INVALID for what none of them is, and for one that is there twice */
export function parseOptions<T extends Options>(args: readonly string[], options: T): Parsed<T> {
  const parsed = parseTokens(args, options);
  const seen = new Set<string>();
  for (const token of parsed.tokens as readonly { readonly kind: string; readonly name?: string }[]) {
    if (token.kind !== "option") continue;
    const name = token.name!;
    if (seen.has(name) && options[name]!.multiple !== true) throw usageError(`--${name}`, "it once", "it twice");
    seen.add(name);
  }
  return parsed;
}

function parseTokens<T extends Options>(args: readonly string[], options: T): Parsed<T> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true, tokens: true });
  } catch (thrown) {
    // Node's text is good: "Unknown option '--chekpoint'", "Option '--at <value>' argument missing".
    const said = lowerFirst(messageOf(thrown).split(/\.\s/)[0]!);
    throw usageError("command line", "known options and their values", said);
  }
}

type Values = ReturnType<typeof parseOptions<typeof OPTIONS>>["values"];

function readSettings(command: CommandName, values: Values, beacons: readonly Beacon[]): Settings {
  if (values.committee !== undefined)
    throw usageError("--committee", "it with verify-evidence only", `it with ${command}`);
  for (const [name, commands] of SPECIAL) {
    if (values[name] === undefined || commands.includes(command)) continue;
    throw usageError(`--${name}`, `it with ${commands.join(" or ")} only`, `it with ${command}`);
  }
  if (values.network === FROM_BEACON && beacons.length === 0) {
    throw usageError("--network", "a name or a file where there is no --beacon", FROM_BEACON);
  }
  if (beacons.length === 0 && values.peer === undefined) {
    throw usageError("--beacon", "the URL of a beacon node's API, or a --peer, at least one", "none");
  }
  return {
    command,
    network: nonEmpty("--network", values.network) ?? "mainnet",
    genesisTime: values["genesis-time"],
    genesisValidatorsRoot: values["genesis-validators-root"],
    checkpoint: readCheckpoint(values),
    beacons,
    peers: values.peer ?? [],
    timeoutMs: readTimeoutMs(values.timeout),
    store: nonEmpty("--store", values.store),
    at: values.at === undefined ? undefined : parseAsOf(values.at),
    maxCheckpointAgeSeconds: positive("--max-checkpoint-age", values["max-checkpoint-age"]),
    staleCheckpoint: readStale(values["stale-checkpoint"]),
    forceUpdate: values["force-update"] ?? false,
    listen: command === "serve" ? (values.listen ?? [DEFAULT_LISTEN]) : [],
    maxConnections: positiveInteger("--max-connections", values["max-connections"]),
    slots: positiveInteger("--slots", values.slots),
    forSeconds: seconds("--for", values.for),
    evidence: nonEmpty("--evidence", values.evidence),
    metrics: values.metrics === undefined ? undefined : parseListen(values.metrics),
    json: values.json ?? false,
    verbose: values.verbose ?? false,
    color: !values["no-color"],
  };
}

function readVerification(files: readonly string[], values: Values): Verification {
  for (const name of Object.keys(values)) {
    if (!VERIFICATION_OPTIONS.includes(name))
      throw usageError(`--${name}`, "it with sync or follow only", "it with verify-evidence");
  }
  if (values.network === FROM_BEACON)
    throw usageError("--network", "a name or a file", `${FROM_BEACON}: nobody is asked`);
  if (files.length !== 1) throw usageError("verify-evidence", "one file", `${files.length} files`);
  const given: [string, string][] = (values.committee ?? []).map((root) => ["--committee", root]);
  if (values.checkpoint !== undefined) given.push(["--checkpoint", values.checkpoint]);
  if (given.length === 0) {
    const expected = "the root of a final block (--checkpoint) or of a sync committee (--committee) that you trust";
    throw usageError("verify-evidence", expected, "neither: anybody can make evidence of a committee of his own");
  }
  return {
    file: files[0]!,
    trusted: given.map(([option, root]) => {
      if (!/^0x[0-9a-f]{64}$/i.test(root)) throw usageError(option, "a root: 0x and 64 hex digits", describeRoot(root));
      return root.toLowerCase();
    }),
    network: nonEmpty("--network", values.network) ?? "mainnet",
    genesisTime: values["genesis-time"],
    genesisValidatorsRoot: values["genesis-validators-root"],
    json: values.json ?? false,
    color: !values["no-color"],
  };
}

function readCheckpoint(values: Values): CheckpointSetting {
  const { checkpoint: text, "checkpoint-provider": providers, require: needed, at, store } = values;
  const root = "the root of a finalized block that you trust (0x and 64 hex digits), quorum or stored";
  if (text === "quorum" || (text === undefined && providers !== undefined)) {
    if (at !== undefined)
      throw usageError("--checkpoint", "a root beside --at", "quorum: providers tell what is final now");
    return { kind: "quorum", providers: providers?.map(parseProvider), required: positiveInteger("--require", needed) };
  }
  for (const [option, value] of [["--checkpoint-provider", providers] as const, ["--require", needed] as const]) {
    if (value !== undefined)
      throw usageError(option, "it with --checkpoint quorum only", `it with ${describeValue(text)}`);
  }
  if (text === "stored") {
    if (store === undefined) throw usageError("--checkpoint", "stored beside --store", "stored without a store");
    return { kind: "stored" };
  }
  if (text === undefined) throw usageError("--checkpoint", root, "nothing; there is no default for what you trust");
  if (!/^0x[0-9a-f]{64}$/i.test(text)) throw usageError("--checkpoint", root, describeRoot(text));
  if (/^0x0+$/.test(text)) throw usageError("--checkpoint", root, "a root of zeroes");
  return { kind: "root", root: text.toLowerCase() };
}

function readStale(text: string | undefined): StaleCheckpoint | undefined {
  if (text === undefined || text === "refuse" || text === "warn" || text === "allow") return text;
  throw usageError("--stale-checkpoint", "refuse, warn or allow", describeValue(text));
}

/** What is wrong with it, rather than all of it. */
function describeRoot(text: string): string {
  const digits = text.replace(/^0x/i, "");
  if (!/^[0-9a-f]*$/i.test(digits)) return describeValue(text);
  const prefix = /^0x/.test(text) ? "" : " without 0x";
  return `${digits.length} hex digits${prefix}`;
}

/** `--timeout`, of one request. */
export function readTimeoutMs(text: string | undefined): number | undefined {
  return scale(seconds("--timeout", text), 1000);
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

/** What a timer can wait for. */
function seconds(option: string, text: string | undefined): number | undefined {
  const value = positive(option, text);
  if (value !== undefined && value > MAX_TIMER_SECONDS) {
    throw usageError(option, `at most ${MAX_TIMER_SECONDS} seconds`, describeValue(text));
  }
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
