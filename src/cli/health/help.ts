/** What `sidelight health --help` says. Tested against `settings.ts`. */
import type { Style } from "../render/style.js";

const TEXT = `Says how a network does, from verified data: participation, inclusion distance, effectiveness and accuracy of votes,
empty slots, slashings, and what is out of the ordinary, in standard deviations.

# Usage
  sidelight health --checkpoint <root> --beacon <url> [--from <epoch>] [--to <epoch>] [options]
  sidelight health --live --checkpoint <root> --beacon <url> [options]

# Examples
  $ sidelight health --checkpoint 0x… --beacon https://a.example --from 410000 --to 410224 --at 13135392 --csv > day.csv
  $ sidelight health --live --checkpoint 0x… --beacon https://a.example --store ~/.sidelight

# What to measure
  --from <epoch>                  first and last epoch (default: the newest eight that are complete). Every block down
  --to <epoch>                    to the first epoch is fetched, and proven by the one after it, from the newest on or
                                  from --at, best one period after the last epoch (the checkpoint has to be older); with
                                  --store, epochs are kept as they come
  --live                          each slot and epoch as it comes, until Ctrl-C; series are kept in --store
  --threshold <number>            standard deviations beyond which something is an anomaly (default 10)

# What it prints
  --csv                           a line for each epoch, a column for each metric; nothing else on stdout
  --jsonl                         an object for each epoch

All other options are those of sync, and with --live of follow, but --json: sidelight help sync. Exit codes too.
`;

export function healthHelp(style: Style): string {
  return TEXT.split("\n")
    .map((line) => (line.startsWith("# ") ? style.bold(line.slice(2)) : line))
    .join("\n");
}
