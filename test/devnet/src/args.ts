import { parseArgs } from "node:util";
import type { DevnetOptions, PresetChoice, RangePattern, ScheduledFork } from "./api-types.ts";

export type Arguments = {
  options: DevnetOptions;
  /** Port of the first server; 0 takes a free one. */
  port: number;
  /** End when standard input ends: a parent that dies takes the devnet with it. */
  exitWithParent: boolean;
  help: boolean;
};

export const USAGE = `Usage: node --import tsx src/main.ts [options]

  --live                      a block each slot of real time, after a fast run up to now (default: on command)
  --preset minimal|mainnet    default minimal
  --forks electra=1,fulu=2    epoch of each fork; earlier ones default to genesis, later ones to never
  --blob-schedule 2:12,4:15   epoch:max-blobs, comma separated (from Fulu on)
  --validators N              default 64 (minimal) or 512 (mainnet)
  --seconds-per-slot N        default 6 or 12; 1 with --live
  --genesis-time N            unix seconds
  --pre-slots N               slots to produce before the devnet is ready
  --seed N                    another number is another network
  --patterns JSON             e.g. '[{"from":20,"to":40,"offline":0.34}]'
  --strict                    verify every block again
  --port N                    default 0: a free port
  --options JSON              all options at once, as client.ts passes them
  --exit-with-parent          end when standard input ends
`;

function parseForks(text: string): DevnetOptions["forks"] {
  const entries = text.split(",").map((part) => {
    const [name, epoch] = part.split("=");
    return [name, epoch === "Infinity" ? Infinity : Number(epoch)];
  });
  return Object.fromEntries(entries) as Partial<Record<ScheduledFork, number>>;
}

function parseBlobSchedule(text: string): DevnetOptions["blobSchedule"] {
  return text.split(",").map((part) => {
    const [epoch, maxBlobsPerBlock] = part.split(":").map(Number);
    return { epoch: epoch ?? 0, maxBlobsPerBlock: maxBlobsPerBlock ?? 0 };
  });
}

function optional(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

/** JSON has no Infinity: client.ts sends it as null. */
function reviveOptions(json: string): DevnetOptions {
  const options = JSON.parse(json) as DevnetOptions;
  if (!options.forks) return options;
  const forks = Object.entries(options.forks).map(([name, epoch]) => [name, epoch ?? Infinity]);
  return { ...options, forks: Object.fromEntries(forks) };
}

function withoutUndefined(options: DevnetOptions): DevnetOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

export function parseArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      live: { type: "boolean" },
      preset: { type: "string" },
      forks: { type: "string" },
      "blob-schedule": { type: "string" },
      validators: { type: "string" },
      "seconds-per-slot": { type: "string" },
      "genesis-time": { type: "string" },
      "pre-slots": { type: "string" },
      seed: { type: "string" },
      patterns: { type: "string" },
      strict: { type: "boolean" },
      port: { type: "string" },
      options: { type: "string" },
      "exit-with-parent": { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  const flags: DevnetOptions = {
    mode: values.live ? "live" : undefined,
    preset: values.preset as PresetChoice | undefined,
    forks: values.forks === undefined ? undefined : parseForks(values.forks),
    blobSchedule: values["blob-schedule"] === undefined ? undefined : parseBlobSchedule(values["blob-schedule"]),
    validators: optional(values.validators),
    secondsPerSlot: optional(values["seconds-per-slot"]),
    genesisTime: optional(values["genesis-time"]),
    preSlots: optional(values["pre-slots"]),
    seed: optional(values.seed),
    patterns: values.patterns === undefined ? undefined : (JSON.parse(values.patterns) as RangePattern[]),
    strict: values.strict,
  };
  return {
    options: { ...(values.options === undefined ? {} : reviveOptions(values.options)), ...withoutUndefined(flags) },
    port: optional(values.port) ?? 0,
    exitWithParent: values["exit-with-parent"] ?? false,
    help: values.help ?? false,
  };
}
