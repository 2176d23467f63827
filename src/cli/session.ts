/** From settings to a client that is ready to go, and somebody who tells about it. */
import { statSync } from "node:fs";
import { createLightClient, type LightClient } from "../client/light-client.js";
import { type Clock, clockStartingAt, systemClock } from "../clock.js";
import { type ErrorCode, isSidelightError, messageOf, type SidelightError } from "../errors.js";
import { timeOfSlotMs } from "../networks/schedule.js";
import type { Network } from "../networks/types.js";
import { type LightClientOptions, resolveOptions } from "../options.js";
import { fileStore } from "../store/file.js";
import { usageError } from "./failure.js";
import { createHumanReporter } from "./human-reporter.js";
import { createJsonReporter } from "./json-reporter.js";
import { resolveNetwork } from "./network.js";
import type { Terminal } from "./render/screen.js";
import type { Style } from "./render/style.js";
import { formatDuration, formatTime, shortRoot } from "./render/text.js";
import { type Reporter, report } from "./reporter.js";
import { type AsOf, FROM_BEACON, type Settings } from "./settings.js";
import { createSources } from "./sources.js";
import { version } from "./version.js";

export interface Session {
  readonly client: LightClient;
  readonly reporter: Reporter;
  /** What went wrong on the way, for the exit code. */
  readonly troubles: Troubles;
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
): Promise<Session> {
  const sources = createSources(settings);
  assertStoreFolder(settings.store);
  const network = await resolveNetwork(settings, signal);
  const clock = settings.at === undefined ? systemClock() : clockStartingAt(asOfMs(settings.at, network));
  const { store, maxCheckpointAgeSeconds, at } = settings;
  const options: LightClientOptions = {
    network,
    checkpoint: settings.checkpoint,
    sources,
    clock,
    forceUpdate: settings.forceUpdate,
    // Old data is old on purpose: its age is told, and no reason to refuse it.
    allowStaleCheckpoint: settings.allowStaleCheckpoint || at !== undefined,
    ...(at === undefined ? {} : { maxHeadAgeSlots: Number.POSITIVE_INFINITY }),
    ...(store === undefined ? {} : { store: fileStore(store) }),
    ...(maxCheckpointAgeSeconds === undefined ? {} : { maxCheckpointAgeSeconds }),
  };
  const client = createLightClient(options);
  const reporter = settings.json
    ? createJsonReporter(terminal, settings.verbose)
    : createHumanReporter({
        network,
        checkpoint: settings.checkpoint,
        clock,
        terminal,
        style,
        verbose: settings.verbose,
        follows: settings.command === "follow",
        title: titleLines(
          settings,
          network,
          clock,
          sources.map(({ name }) => name),
          style,
        ),
      });
  reporter.begin(client);
  if (settings.network === FROM_BEACON) reporter.warn(trustWarning(sources[0]!.name, network));
  const troubles = watchTroubles(client);
  report(client, reporter);
  if (options.allowStaleCheckpoint) {
    const why = settings.allowStaleCheckpoint ? "--allow-stale-checkpoint" : "--at";
    warnOfAge(client, network, resolveOptions(options).maxCheckpointAgeSeconds * 1000, why, reporter);
  }
  return { client, reporter, troubles };
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

/** A store that cannot work is the caller's to mend now, not to be told of at the first save. */
function assertStoreFolder(folder: string | undefined): void {
  if (folder === undefined) return;
  try {
    if (!statSync(folder).isDirectory()) throw usageError("--store", "a folder", "a file");
  } catch (thrown) {
    if (isSidelightError(thrown)) throw thrown;
    // Not there yet: the first save makes it.
    if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") throw usageError("--store", "a folder", messageOf(thrown));
  }
}

function titleLines(settings: Settings, network: Network, clock: Clock, sources: readonly string[], style: Style) {
  const asOf = settings.at === undefined ? "" : `  as of ${formatTime(clock.nowMs() / 1000)}`;
  const parts = [`checkpoint ${shortRoot(settings.checkpoint)}`, `from ${sources.join(", ")}`];
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

/** Where the limit of weak subjectivity was lifted, it is a warning: the first committee tells how old it all is. */
function warnOfAge(client: LightClient, network: Network, limitMs: number, why: string, reporter: Reporter): void {
  const remove = client.on("committee", ({ trust }) => {
    remove();
    const ageMs = trust.ageSlots * network.slotDurationMs;
    if (ageMs <= limitMs) return;
    const age = `the ${trust.source === "store" ? "stored state" : "checkpoint"} is ${formatDuration(ageMs)} old`;
    const risk = "validators that have left since could have signed another history";
    reporter.warn(`${age}, beyond the limit of ${formatDuration(limitMs)}: ${risk}. Accepted, as ${why} says.`);
  });
}
