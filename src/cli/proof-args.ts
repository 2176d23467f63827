/** The command lines of `prove` and `verify`. Pure; every mistake is refused by the name of its option. */
import type { ParseArgsConfig } from "node:util";
import { parseOptions, readTimeoutMs } from "./args.js";
import { type Beacon, readBeacons } from "./beacons.js";
import { usageError } from "./failure.js";

/** Every option of both; `PROOF_HELP` explains them. */
export const PROOF_OPTIONS = {
  checkpoint: { type: "string" },
  network: { type: "string" },
  "genesis-time": { type: "string" },
  "genesis-validators-root": { type: "string" },
  json: { type: "boolean" },
  verbose: { type: "boolean" },
  "no-color": { type: "boolean" },
  help: { type: "boolean", short: "h" },
  beacon: { type: "string", multiple: true },
  header: { type: "string", multiple: true },
  timeout: { type: "string" },
  rpc: { type: "string", multiple: true },
  path: { type: "string", multiple: true },
  account: { type: "string" },
  slot: { type: "string", multiple: true },
  "max-state-bytes": { type: "string" },
  output: { type: "string", short: "o" },
} as const satisfies NonNullable<ParseArgsConfig["options"]>;

/** What says what to prove and whom to ask: `verify` reads a file, and asks nobody. */
const PROVE_ONLY = [
  "beacon",
  "header",
  "timeout",
  "rpc",
  "path",
  "account",
  "slot",
  "max-state-bytes",
  "output",
] as const;

export interface ProofArgs {
  readonly help: boolean;
  readonly json: boolean;
  readonly checkpoint: string;
  readonly network: string;
  readonly genesisTime: string | undefined;
  readonly genesisValidatorsRoot: string | undefined;
  readonly beacons: readonly Beacon[];
  readonly timeoutMs: number | undefined;
  readonly rpcs: readonly string[];
  readonly paths: readonly (readonly (string | number)[])[];
  readonly account: string | undefined;
  readonly slots: readonly string[];
  readonly maxStateBytes: number;
  /** Where `prove` writes to, and what `verify` reads. */
  readonly file: string;
}

export const PROOF_HELP = `Proofs to take away: made by whoever has the network, verified offline by whoever has a checkpoint's root.

# Usage
  sidelight prove  --checkpoint <root> --beacon <url> [--path <path> …] [--account <address> --rpc <url>] -o <file>
  sidelight verify --checkpoint <root> <file>

# prove
  --checkpoint <root>       root of a finalized block that whoever gets the proof trusts
  --beacon <url>            a beacon node, for light-client data and for --path; repeat it
  --header "Name: value"    sent to the --beacon before it (to all, if it comes first), for an API key; repeat it
  --timeout <seconds>       for one request to a node (default 10); a whole state may take a multiple
  --path <path>             a part of the finalized state, such as validators.12.effectiveBalance; repeat it
  --account <address>       an account of the finalized execution state
  --slot <slot>             a slot of its storage; repeat it
  --rpc <url>               an execution node, for --account; repeat it
  --max-state-bytes <n>     may a whole state be fetched where a node has no proof routes? (default: 0, never)
  -o, --output <file>       where to write the proof

# Both
  --network <name or file>  mainnet (default), sepolia, hoodi, …, a configuration file, or (prove) from-beacon
  --genesis-time, --genesis-validators-root   for a configuration file that does not say them
  --json                    one line of JSON
  --verbose                 stacks of failures
  --no-color                no colours; the same as NO_COLOR=1

# Exit codes of verify
  0 it is proven   3 it is not   5 the file is no proof   2 usage
`;

/** @throws OPTION_INVALID */
export function parseProofArgs(command: "prove" | "verify", args: readonly string[]): ProofArgs {
  const { values, positionals, tokens } = parseOptions(args, PROOF_OPTIONS);
  const beacons = command === "prove" ? readBeacons(tokens) : [];
  const { checkpoint = "", path = [], account, slot = [] } = values;
  const help = values.help === true;
  const file = command === "prove" ? (values.output ?? "") : (positionals[0] ?? "");
  if (!help) {
    const alien = command === "verify" && PROVE_ONLY.find((name) => values[name] !== undefined);
    if (alien) throw usageError(`--${alien}`, "it with prove only", "it with verify");
    const extra = positionals.slice(command === "prove" ? 0 : 1)[0];
    if (extra !== undefined) throw usageError("command", `options after ${command}`, JSON.stringify(extra));
    if (!/^0x[0-9a-fA-F]{64}$/.test(checkpoint)) {
      throw usageError("--checkpoint", "0x and 64 hex digits", JSON.stringify(checkpoint));
    }
    if (file === "") throw usageError(command === "prove" ? "--output" : "file", "a file", "none");
    if (command === "prove" && beacons.length === 0) throw usageError("--beacon", "a URL", "none");
    if (account !== undefined && !(values.rpc?.length ?? 0)) throw usageError("--rpc", "a URL, for --account", "none");
    if (account === undefined && slot.length > 0) throw usageError("--account", "an address, for --slot", "none");
    if (account === undefined && values.rpc !== undefined)
      throw usageError("--account", "an address, for --rpc", "none");
  }
  return {
    help,
    json: values.json === true,
    checkpoint,
    network: values.network ?? "mainnet",
    genesisTime: values["genesis-time"],
    genesisValidatorsRoot: values["genesis-validators-root"],
    beacons,
    timeoutMs: readTimeoutMs(values.timeout),
    rpcs: values.rpc ?? [],
    paths: path.map(parsePath),
    account,
    slots: slot.map(parseSlot),
    maxStateBytes: parseCount("--max-state-bytes", values["max-state-bytes"] ?? "0"),
    file,
  };
}

/** `validators.12.effectiveBalance` */
function parsePath(text: string): (string | number)[] {
  return text.split(".").map((part) => (/^\d{1,15}$/.test(part) ? Number(part) : part));
}

/** A quantity, as a word: `0x1`, `7`. */
function parseSlot(text: string): string {
  if (!/^(0x[0-9a-fA-F]{1,64}|\d{1,77})$/.test(text))
    throw usageError("--slot", "a number or 0x hex", JSON.stringify(text));
  const hex = BigInt(text).toString(16);
  if (hex.length > 64) throw usageError("--slot", "at most 32 bytes", JSON.stringify(text));
  return `0x${hex.padStart(64, "0")}`;
}

function parseCount(option: string, text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(count)) return count;
  throw usageError(option, "a whole number", JSON.stringify(text));
}
