/** From settings to a client that is ready to go, and somebody who tells about it. */
import { statSync } from "node:fs";
import { createLightClient, type LightClient } from "../client/light-client.js";
import { type Clock, clockStartingAt, systemClock } from "../clock.js";
import { type ErrorCode, isSidelightError, messageOf, type SidelightError } from "../errors.js";
import { collectMetrics, meteredBls, meteredStore } from "../metrics/collect.js";
import { CLIENT_METRICS } from "../metrics/definitions.js";
import { createMetricsRegistry, type MetricsRegistry } from "../metrics/registry.js";
import { timeOfSlotMs } from "../networks/schedule.js";
import type { Network } from "../networks/types.js";
import { type LightClientOptions, resolveOptions } from "../options.js";
import { fileStore } from "../store/file.js";
import { collectBootstraps } from "./bootstraps.js";
import { describeCheckpoint, resolveCheckpoint } from "./checkpoint.js";
import { keepEvidence } from "./evidence-files.js";
import { usageError } from "./failure.js";
import { createHumanReporter } from "./human-reporter.js";
import { createJsonReporter } from "./json-reporter.js";
import { type Listen, serveMetrics } from "./metrics-server.js";
import { resolveNetwork } from "./network.js";
import { assembleParty, type LoadPeers } from "./party.js";
import type { Terminal } from "./render/screen.js";
import type { Style } from "./render/style.js";
import { formatDuration, formatTime } from "./render/text.js";
import { type Reporter, report } from "./reporter.js";
import { type AsOf, FROM_BEACON, type Settings } from "./settings.js";
import { createSources } from "./sources.js";
import { version } from "./version.js";

export interface Session {
  readonly client: LightClient;
  readonly network: Network;
  readonly reporter: Reporter;
  /** What went wrong on the way, for the exit code. */
  readonly troubles: Troubles;
  /** Ends what the session holds open beside the client. */
  close(): Promise<void>;
}

export interface Troubles {
  /** Codes of all `error` events. */
  readonly codes: ReadonlySet<ErrorCode>;
  readonly last: SidelightError | null;
}

/** @throws whatever is wrong with the settings; what `resolveNetwork` throws */
export async function openSession(
  settings: Settings,
  terminal: Terminal,
  style: Style,
  signal: AbortSignal,
  loadPeers: LoadPeers = NO_PEERS,
): Promise<Session> {
  const beacons = createSources(settings);
  assertFolder("--store", settings.store);
  assertFolder("--evidence", settings.evidence);
  const network = await resolveNetwork(settings, signal);
  const clock = settings.at === undefined ? systemClock() : clockStartingAt(asOfMs(settings.at, network));
  const party = needsPeers(settings) ? await assembleParty(loadPeers, { ...settings, network, clock }) : null;
  const isServing = settings.command === "serve";
  const sources = [...(party?.sources ?? []), ...(isServing ? beacons.map(party!.share) : beacons)];
  const { store, maxCheckpointAgeSeconds, at, staleCheckpoint = at === undefined ? "refuse" : "warn" } = settings;
  const options: LightClientOptions = {
    network,
    checkpoint: resolveCheckpoint(settings, network),
    sources,
    clock,
    forceUpdate: settings.forceUpdate,
    // What is accepted with a warning is warned of below, in words of the command line.
    staleCheckpoint: staleCheckpoint === "refuse" ? "refuse" : "allow",
    ...(at === undefined ? {} : { maxHeadAgeSlots: Number.POSITIVE_INFINITY }),
    ...(store === undefined ? {} : { store: fileStore(store) }),
    ...(maxCheckpointAgeSeconds === undefined ? {} : { maxCheckpointAgeSeconds }),
  };
  const registry = settings.metrics === undefined ? null : createMetricsRegistry(CLIENT_METRICS);
  const client = createLightClient(registry === null ? options : metered(options, registry));
  const reporter = settings.json
    ? createJsonReporter(terminal, settings.verbose)
    : createHumanReporter({
        network,
        clock,
        terminal,
        style,
        verbose: settings.verbose,
        follows: settings.command !== "sync",
        title: titleLines(
          settings,
          network,
          clock,
          sources.map(({ name }) => name),
          style,
        ),
      });
  reporter.begin(client);
  if (settings.network === FROM_BEACON) reporter.warn(trustWarning(beacons[0]!.name, network));
  const troubles = watchTroubles(client);
  report(client, reporter);
  if (settings.evidence !== undefined) keepEvidence(client, settings.evidence, settings.network, reporter);
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const each of closers.reverse()) await each();
  };
  if (party !== null) closers.push(party.stop);
  try {
    if (registry !== null) closers.push(await openMetrics(client, registry, settings.metrics!, reporter));
    if (isServing) {
      reporter.listening(await party!.listen());
      const askable = [...party!.sources, ...beacons];
      const onFalse = (error: SidelightError, source: string) => reporter.event("error", { error, source });
      closers.push(collectBootstraps(client, network, askable, party!.archive!, onFalse));
    }
  } catch (thrown) {
    reporter.end();
    await close();
    throw thrown;
  }
  if (staleCheckpoint === "warn") {
    warnOfAge(client, settings.staleCheckpoint === undefined ? "--at" : "--stale-checkpoint", reporter);
  }
  return { client, network, reporter, troubles, close };
}

/** Where nobody can load them: commands that take no peers, and programs that start none. */
const NO_PEERS: LoadPeers = () => Promise.reject(new TypeError("expected a program that loads peers"));

function needsPeers({ command, peers }: Settings): boolean {
  return command === "serve" || peers.length > 0;
}

function metered(options: LightClientOptions, registry: MetricsRegistry): LightClientOptions {
  const { bls, store } = resolveOptions(options);
  return { ...options, bls: meteredBls(bls, registry), store: meteredStore(store, registry) };
}

async function openMetrics(
  client: LightClient,
  registry: MetricsRegistry,
  listen: Listen,
  reporter: Reporter,
): Promise<() => Promise<void>> {
  const end = collectMetrics(client, registry);
  const server = await serveMetrics(registry, listen);
  reporter.note(
    `metrics at http://${listen.host.includes(":") ? `[${listen.host}]` : listen.host}:${server.port}/metrics`,
  );
  return async () => {
    end();
    await server.close();
  };
}

/** @throws OPTION_INVALID for a moment before genesis, or one that is still to come */
function asOfMs(at: AsOf, network: Network): number {
  const unixMs = "slot" in at ? timeOfSlotMs(network, at.slot) : at.unixMs;
  const what = "slot" in at ? `slot ${at.slot}, which begins ${formatTime(unixMs / 1000)}` : formatTime(unixMs / 1000);
  if (unixMs < network.genesisTime * 1000) {
    throw usageError("--at", `a moment after the genesis of ${network.name}, ${formatTime(network.genesisTime)}`, what);
  }
  if (unixMs > Date.now()) throw usageError("--at", "a moment that has passed by this machine's clock", what);
  return unixMs;
}

/** A folder that cannot work is the caller's to mend now, not to be told of at the first save. */
function assertFolder(option: string, folder: string | undefined): void {
  if (folder === undefined) return;
  try {
    if (!statSync(folder).isDirectory()) throw usageError(option, "a folder", "a file");
  } catch (thrown) {
    if (isSidelightError(thrown)) throw thrown;
    // Not there yet: the first save makes it.
    if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") throw usageError(option, "a folder", messageOf(thrown));
  }
}

function titleLines(settings: Settings, network: Network, clock: Clock, sources: readonly string[], style: Style) {
  const asOf = settings.at === undefined ? "" : `  as of ${formatTime(clock.nowMs() / 1000)}`;
  const parts = [describeCheckpoint(settings.checkpoint), `from ${sources.join(", ")}`];
  if (settings.store !== undefined) parts.push(`kept in ${settings.store}`);
  return [
    `${style.bold(`sidelight ${settings.command}`)} ${style.dim(version())}  ${style.bold(network.name)}${asOf}`,
    style.dim(parts.join(" · ")),
  ];
}

function trustWarning(source: string, network: Network): string {
  return [
    `--network ${FROM_BEACON}: genesis and fork schedule of ${network.name} are taken on trust from ${source},`,
    "which thereby chooses the chain; only what it says about that chain is verified.",
    `Genesis validators root: ${network.genesisValidatorsRoot}`,
  ].join(" ");
}

function watchTroubles(client: LightClient): Troubles {
  const codes = new Set<ErrorCode>();
  let last: SidelightError | null = null;
  client.on("error", ({ error }) => {
    codes.add(error.code);
    if (isSidelightError(error, "NO_SOURCE_ANSWERED")) for (const { code } of error.details.attempts) codes.add(code);
    last = error;
  });
  return {
    codes,
    get last() {
      return last;
    },
  };
}

/** Where the limit of weak subjectivity was lifted, it is a warning. */
function warnOfAge(client: LightClient, why: string, reporter: Reporter): void {
  client.on("checkpoint", ({ stale, resumed, ageSeconds, maxAgeSeconds }) => {
    if (!stale) return;
    const age = `the ${resumed ? "stored state" : "checkpoint"} is ${formatDuration(ageSeconds * 1000)} old`;
    const limit = `beyond the limit of ${formatDuration(maxAgeSeconds * 1000)}`;
    const risk = "validators that have left since could have signed another history";
    reporter.warn(`${age}, ${limit}: ${risk}. Accepted, as ${why} says.`);
  });
}
