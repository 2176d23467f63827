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
  sidelight serve  --checkpoint <root> --beacon <url>   follow it, and give it to others, peer to peer
  sidelight health --checkpoint <root> --beacon <url>   how the network does: participation, votes, anomalies
  sidelight prove  --checkpoint <root> --beacon <url> -o <file>   write a proof that anybody verifies offline
  sidelight verify --checkpoint <root> <file>           verify one: exit code 0 proven, 3 not, 5 no proof
  sidelight verify-evidence <file> --checkpoint <root>  is it true that a sync committee contradicted itself?
  sidelight help sync | follow | serve | health | prove | verify | verify-evidence   every option of it
  sidelight --version

# Example
  $ sidelight follow --checkpoint 0x… --beacon https://beacon.example --store ~/.sidelight
  $ sidelight sync --checkpoint quorum --beacon https://beacon.example
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

const SERVE_USAGE = `Follows a chain, as follow does, and gives others what it has verified, over libp2p and websockets: bootstraps,
updates, and each head by gossip, to pages and to other sidelights (--peer). Prints where it can be reached, as
addresses and as a node record (enr:-…); says goodbye when Ctrl-C or SIGTERM ends it. Needs packages that come apart:
see docs/p2p.md.

# Usage
  sidelight serve --checkpoint <root> --beacon <url> [--beacon <url> …] [--listen <multiaddr> …] [options]
`;

const SERVE_OPTIONS = `
# Where to serve
  --listen <multiaddr>            a websocket to wait at (default /ip4/127.0.0.1/tcp/9001/ws: this machine only, for a
                                  proxy that speaks TLS); /ip4/0.0.0.0/tcp/9001/ws for all; repeat it for more
  --max-connections <n>           connections of others at a time (default 200)
                                  The identity, and what was given, are kept in --store: without one the address is
                                  another one each time, and newcomers find nothing from before
`;

const FOLLOW_OPTIONS = `
# What to measure
  --metrics <[host:]port>         serves Prometheus' text at http://host:port/metrics (:9100; this machine only, unless
                                  a host is given)

# When to end
  --slots <n>                     when the head is n slots beyond the first one
  --for <seconds>                 after so long; fails if there was no verified head by then
`;

const OPTIONS = `
# What to follow
  --checkpoint <root>             root of a finalized block that you trust: 0x and 64 hex digits. No default
  --checkpoint quorum             what enough independent providers agree on: public ones, or those named next. They are
                                  asked only when the store holds nothing that can be used
  --checkpoint-provider <url>     one to ask: a beacon node, a checkpoint service; repeat it. <name>=<url> says who runs
                                  it: providers of one name (else of one domain) count once
  --require <k>                   how many must agree (default: more than half of them, and at least 2). One that
                                  contradicts the others ends it, however many agree
  --checkpoint stored             only what --store holds
  --network <name or file>        mainnet (default), sepolia, hoodi, holesky, gnosis, chiado; or a file, see below
  --genesis-time <seconds>        for a configuration file that does not say it
  --genesis-validators-root <root>  the same

# Whom to ask
  --beacon <url>                  API of a beacon node, in order of preference; repeat it for more
  --peer <multiaddr or enr:…>     a node to ask and hear from over libp2p, such as /dns4/node.example/tcp/443/wss/p2p/…;
                                  before all --beacon; repeat it for more. One --beacon or --peer is required
  --header "Name: value"          sent to the --beacon before it (to all, if it comes first), for an API key; repeat it
  --timeout <seconds>             for one request (default 10)

# What to keep
  --store <folder>                the verified state, for the next run: it goes on from there (default: nothing)

  --evidence <folder>             a file for each contradiction that a sync committee signs, for verify-evidence
                                  (default: they are only told)

# How strict to be
  --max-checkpoint-age <seconds>  oldest checkpoint or stored state to start from (default: the network's
                                  weak-subjectivity period, at most 14 days; 256 epochs where the stake is not known)
  --stale-checkpoint <what>       refuse an older one (default), warn and start from it, or allow it without a word
  --force-update                  after a whole period without finality (27 hours on mainnet) take the best update,
                                  although fewer than 2/3 may have signed it: trades safety for liveness, and says so
`;

const AT_OPTION = `  --at <slot or time>             verify old data as of then: 7109432, 2023-08-15, 2023-08-15T12:00:00Z. The clock
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
  checkpoint from your own node:
    $ curl -s http://localhost:5052/eth/v1/beacon/states/head/finality_checkpoints   # .data.finalized.root
  or compare several with --checkpoint quorum, and trust that not so many of them lie together.
  "optimistic" is signed but may still be replaced; "finalized" is what the chain itself will not undo.
`;

const JSON_SYNC = `
# JSON
  {"event": "checkpoint" | "status" | "store" | "committee" | "participation" | "finality" | "head" | "reorg" | …, …}
  and as the last line one of
  {"event":"synced","finalized":{"slot":…,"root":"0x…",…},"optimistic":{…},"periods":…,"elapsedMs":…}
  {"event":"failed","code":"…","message":"…","details":{…},"exitCode":…}
`;

const JSON_FOLLOW = `
# JSON
  {"event": "checkpoint" | "status" | "store" | "committee" | "participation" | "finality" | "head" | "reorg" | …, …}
  and, if it could not be done, as the last line
  {"event":"failed","code":"…","message":"…","details":{…},"exitCode":…}
`;

const JSON_SERVE = `
# JSON
  {"event":"listening","addresses":["/ip4/…/tcp/9001/ws/p2p/16Uiu2HA…"],"enr":"enr:-…"}
  and what follow --json prints
`;

const VERIFY = `Verifies evidence that a sync committee contradicted itself: what --evidence keeps, what exportEvidence gives, or an
equivocation line of follow --json. Asks nobody.

# Usage
  sidelight verify-evidence <file> --checkpoint <root> | --committee <root> [options]

# What you trust
  --checkpoint <root>             root of a final block whose state holds the committee that signed
  --committee <root>              root of a sync committee (hash_tree_root); repeat it where two have signed. A failure
                                  says which roots the evidence rests on

# Options
  --network <name or file>        mainnet (default), sepolia, hoodi, holesky, gnosis, chiado; or a configuration file,
                                  with --genesis-time and --genesis-validators-root if it does not say them
  --json                          {"event":"verified","kind":…,"known":{…},"received":{…},"signedBoth":[…]}, or
                                  {"event":"failed","code":…,…}
  --verbose    --no-color    -h, --help    -V, --version

# What is proven
  head            two blocks of one slot were signed. A committee may: its members sign what each sees as the head in
                  each slot. But the proposer has made two blocks, which he is slashed for, or those who signed lie
  finality        two blocks were signed as final that cannot both be. At least a third of the committee that signed, or
                  a third of all stake, has broken the rules
  next-committee  two committees were signed as the next one of a period. Without finality in both, a deep fork of the
                  chain at the beginning of the period can be the reason

# Exit codes
  0  it is true, for whoever trusts what was given
  1  something else: a bug, or this machine
  2  usage; a file that cannot be read, or is no evidence
  3  it proves nothing: not signed, no contradiction, of another chain, or resting on nothing that is trusted
`;

const EXIT_CODES = `
# Exit codes
  0  done
  1  something else: a bug, or this machine (no WebAssembly, a disk that takes no more of the output)
  2  usage: an unknown option, no checkpoint, a malformed root, an unknown network
  3  verification failed: what came did not verify, and nothing else did; checkpoint providers contradict each other;
     the checkpoint is too old; the clock is off; the head is old; a period that nobody could prove; two blocks that
     cannot both be final were signed as final
  4  no source answered: unreachable, too slow, an HTTP error, or none has what was asked for; too few checkpoint
     providers agree
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

const SERVE_EXAMPLES = `
# Examples
  $ sidelight serve --checkpoint 0x… --beacon https://a.example --store /var/lib/sidelight
  $ sidelight serve --checkpoint 0x… --beacon https://a.example --listen /ip4/0.0.0.0/tcp/9001/ws --json
  $ sidelight follow --checkpoint 0x… --peer /dns4/node.example/tcp/443/wss/p2p/16Uiu2HA…
`;

const TEXTS: Readonly<Record<Topic, readonly string[]>> = {
  general: [GENERAL, EXIT_CODES],
  "verify-evidence": [VERIFY],
  sync: [
    SYNC_USAGE,
    SYNC_EXAMPLES,
    OPTIONS,
    AT_OPTION,
    OUTPUT_OPTIONS,
    NETWORKS,
    TRUST,
    JSON_SYNC,
    EXIT_CODES,
    EXIT_SYNC,
  ],
  follow: [
    FOLLOW_USAGE,
    FOLLOW_EXAMPLES,
    OPTIONS,
    AT_OPTION,
    FOLLOW_OPTIONS,
    OUTPUT_OPTIONS,
    NETWORKS,
    TRUST,
    JSON_FOLLOW,
    EXIT_CODES,
    EXIT_FOLLOW,
  ],
  serve: [
    SERVE_USAGE,
    SERVE_EXAMPLES,
    OPTIONS,
    SERVE_OPTIONS,
    FOLLOW_OPTIONS,
    OUTPUT_OPTIONS,
    NETWORKS,
    TRUST,
    JSON_SERVE,
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
