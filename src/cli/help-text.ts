/** What `--help` says. Tested against `args.ts`: every option is here, and every option here exists. */
import type { Style } from "./render/style.js";
import type { Invocation } from "./settings.js";

type Topic = Extract<Invocation, { kind: "help" }>["topic"];

const ABOUT = `sidelight follows an Ethereum beacon chain from one block root that you trust. The servers it asks are not
trusted: what they send is verified (signatures of sync committees, Merkle branches) or it is not shown.`;

const GENERAL = `${ABOUT}

# Usage
  sidelight sync   --checkpoint <root> --beacon <url>   get to the head, once, and print it
  sidelight follow --checkpoint <root> --beacon <url>   get to the head, and follow it
  sidelight help sync | help follow                     every option, with examples
  sidelight --version

# Example
  $ sidelight follow --checkpoint 0x… --beacon https://beacon.example --store ~/.sidelight
`;

const SYNC_USAGE = `Gets to the head of a chain, once: bootstrap from the checkpoint (or the stored state), one verified committee for
each period since (about 27 hours on mainnet), then the newest finality and head. Prints both and exits.

# Usage
  sidelight sync --checkpoint <root> --beacon <url> [--beacon <url> …] [options]
`;

const FOLLOW_USAGE = `Gets to the head of a chain and follows it: head, finality and participation as they come, until Ctrl-C (or SIGTERM),
which is a clean end. Goes on trying while no server can be reached.

# Usage
  sidelight follow --checkpoint <root> --beacon <url> [--beacon <url> …] [options]
`;

const FOLLOW_OPTIONS = `
# When to end
  --slots <n>                     when the head is n slots beyond the first one
  --for <seconds>                 after so long; fails if there was no verified head by then
`;

const OPTIONS = `
# What to follow
  --checkpoint <root>             root of a finalized block that you trust: 0x and 64 hex digits. Required, no default
  --network <name or file>        mainnet (default), sepolia, hoodi, holesky, gnosis, chiado; or a file, see below
  --genesis-time <seconds>        for a configuration file that does not say it
  --genesis-validators-root <root>  the same

# Whom to ask
  --beacon <url>                  API of a beacon node, in order of preference. Required; repeat it for more
  --header "Name: value"          sent with every request, for an API key; repeat it for more
  --timeout <seconds>             for one request (default 10)

# What to keep
  --store <folder>                the verified state, for the next run: it goes on from there (default: nothing)

# How strict to be
  --max-checkpoint-age <seconds>  oldest checkpoint or stored state to start from (default 1209600: 14 days)
  --allow-stale-checkpoint        start from an older one all the same, with a warning
  --force-update                  after a whole period without finality (27 hours on mainnet) take the best update,
                                  although fewer than 2/3 may have signed it: trades safety for liveness, and says so
  --at <slot or time>             verify old data as of then: 7109432, 2023-08-15, 2023-08-15T12:00:00Z. The clock
                                  starts there, and what was signed later counts as from the future. The age of the
                                  checkpoint becomes a warning, and the age of the head does not matter
`;

const OUTPUT_OPTIONS = `
# What to print
  --json                          one JSON object a line, see below; warnings go to stderr
  --verbose                       every error (otherwise a repeated one once a minute), stacks, whole committees
  --no-color                      no colours; the same as NO_COLOR=1
  -h, --help    -V, --version
`;

const NETWORKS = `
# Other networks
  --network config.yaml           a configuration as clients use it (PRESET_BASE, ALTAIR_FORK_EPOCH, …). It lacks the
                                  genesis: add GENESIS_TIME and GENESIS_VALIDATORS_ROOT to it, or give the options. The
                                  genesis of a network that sidelight knows by name is known for its file too
  --network chain.json            {"spec": …, "genesis": …}, as a node you trust tells them:
    $ B=http://localhost:5052/eth/v1
    $ echo "{\\"spec\\": $(curl -s $B/config/spec), \\"genesis\\": $(curl -s $B/beacon/genesis)}" > chain.json
  --network from-beacon           asks the first --beacon for the same at each start. That server then chooses the
                                  chain: for local chains, and for a node of your own
`;

const TRUST = `
# What is trusted
  The checkpoint, the network's constants, this machine's clock, and that of each sync committee on the way more than
  a third is honest. Not the servers: they can keep silent or keep something back, not make anything up. Take the
  checkpoint from your own node, or compare several:
    $ curl -s http://localhost:5052/eth/v1/beacon/states/head/finality_checkpoints   # .data.finalized.root
  "optimistic" is signed but may still be replaced; "finalized" is what the chain itself will not undo.
`;

const JSON_SYNC = `
# JSON
  {"event": "status" | "store" | "committee" | "participation" | "finality" | "head" | "reorg" | "error", …}
  and as the last line one of
  {"event":"synced","finalized":{"slot":…,"root":"0x…",…},"optimistic":{…},"periods":…,"elapsedMs":…}
  {"event":"failed","code":"…","message":"…","details":{…},"exitCode":…}
`;

const JSON_FOLLOW = `
# JSON
  {"event": "status" | "store" | "committee" | "participation" | "finality" | "head" | "reorg" | "error", …}
  and, if it could not be done, as the last line
  {"event":"failed","code":"…","message":"…","details":{…},"exitCode":…}
`;

const EXIT_CODES = `
# Exit codes
  0  done
  1  something else: a bug, or this machine (no WebAssembly, for one)
  2  usage: an unknown option, no checkpoint, a malformed root, an unknown network
  3  verification failed: what came did not verify, and nothing else did; the checkpoint is too old; the clock is off;
     the head is old; a period that nobody could prove
  4  no source answered: unreachable, too slow, an HTTP error, or none has what was asked for
`;

const EXIT_SYNC = `  130 and 143  ended by Ctrl-C or SIGTERM before it was done; 141  by a reader that went away
`;
const EXIT_FOLLOW = `  Ctrl-C, SIGTERM and a reader that went away end it with 0
`;

const SYNC_EXAMPLES = `
# Examples
  $ sidelight sync --checkpoint 0x… --beacon https://a.example --beacon https://b.example --store ~/.sidelight
  $ sidelight sync --checkpoint 0x… --beacon https://a.example --json | tail -1 | jq -r .finalized.execution.blockHash
  $ sidelight sync --network sepolia --checkpoint 0x… --beacon https://a.example --at 2024-06-30
`;

const FOLLOW_EXAMPLES = `
# Examples
  $ sidelight follow --checkpoint 0x… --beacon https://a.example --beacon https://b.example --store ~/.sidelight
  $ sidelight follow --checkpoint 0x… --beacon https://a.example --json | jq -c 'select(.event == "finality")'
  $ sidelight follow --network from-beacon --checkpoint 0x… --beacon http://localhost:5052 --for 60
`;

const TEXTS: Readonly<Record<Topic, readonly string[]>> = {
  general: [GENERAL, EXIT_CODES],
  sync: [SYNC_USAGE, SYNC_EXAMPLES, OPTIONS, OUTPUT_OPTIONS, NETWORKS, TRUST, JSON_SYNC, EXIT_CODES, EXIT_SYNC],
  follow: [
    FOLLOW_USAGE,
    FOLLOW_EXAMPLES,
    OPTIONS,
    FOLLOW_OPTIONS,
    OUTPUT_OPTIONS,
    NETWORKS,
    TRUST,
    JSON_FOLLOW,
    EXIT_CODES,
    EXIT_FOLLOW,
  ],
};

export function helpText(topic: Topic, style: Style): string {
  return TEXTS[topic]
    .join("")
    .split("\n")
    .map((line) => (line.startsWith("# ") ? style.bold(line.slice(2)) : dimPrompt(line, style)))
    .join("\n");
}

function dimPrompt(line: string, style: Style): string {
  return line.replace(
    /^( +)\$ (.*)$/,
    (_, indent: string, command: string) => `${indent}${style.dim("$")} ${style.cyan(command)}`,
  );
}
