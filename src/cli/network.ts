/** `--network`: a name, a file, or what a beacon node says of itself. */
import { readFileSync, statSync } from "node:fs";
import { isSidelightError, messageOf, SidelightError } from "../errors.js";
import { networkByName, networkFromBeaconNode } from "../networks/index.js";
import type { Network } from "../networks/types.js";
import { askedOf, getJson } from "../transport/get-json.js";
import { responseInvalid } from "../transport/rest-errors.js";
import { resolveRestOptions } from "../transport/rest-options.js";
import { usageError } from "./failure.js";
import { networkFromText, refuseFlags } from "./network-file.js";
import { FROM_BEACON, type Settings } from "./settings.js";
import { describeSourceOption } from "./sources.js";

/** A configuration has about 10 KiB, a node's spec about 20. */
const MAX_CONFIG_BYTES = 1_048_576;

type NetworkSettings = Pick<Settings, "network" | "genesisTime" | "genesisValidatorsRoot" | "beacons" | "timeoutMs">;

/**
 * @throws OPTION_INVALID, NETWORK_UNKNOWN, NETWORK_CONFIG_INVALID
 * @throws with {@link FROM_BEACON}: what the beacon node's answers deserve, and `signal.reason`
 */
export async function resolveNetwork(settings: NetworkSettings, signal: AbortSignal): Promise<Network> {
  if (settings.network === FROM_BEACON) {
    refuseFlags(settings, `--network ${FROM_BEACON}`);
    return fetchNetwork(settings, signal);
  }
  const named = byName(settings.network);
  if (!isSidelightError(named)) {
    refuseFlags(settings, `--network ${named.name}`);
    return named;
  }
  return networkFromText(readConfig(settings.network, named), settings);
}

function byName(name: string): Network | SidelightError {
  try {
    return networkByName(name);
  } catch (error) {
    if (isSidelightError(error, "NETWORK_UNKNOWN")) return error;
    throw error;
  }
}

/** @throws `unknown` if there is no such file */
function readConfig(path: string, unknown: SidelightError): string {
  try {
    const { size } = statSync(path);
    if (size > MAX_CONFIG_BYTES)
      throw usageError("--network", `a file of at most ${MAX_CONFIG_BYTES} bytes`, `${size}`);
    return readFileSync(path, "utf8");
  } catch (thrown) {
    if (isSidelightError(thrown)) throw thrown;
    if ((thrown as NodeJS.ErrnoException).code !== "ENOENT") {
      throw usageError("--network", "a file that can be read", messageOf(thrown));
    }
    if (!isSidelightError(unknown, "NETWORK_UNKNOWN")) throw unknown;
    const { details } = unknown;
    const expected = `${details.known.join(", ")}, ${FROM_BEACON}, or a configuration file`;
    const message = `--network: expected ${expected}, got ${JSON.stringify(path)}: no such network, no such file`;
    throw new SidelightError("NETWORK_UNKNOWN", message, details);
  }
}

/** What the first `--beacon` says of its chain. The caller says aloud that this is taken on trust. */
async function fetchNetwork({ beacons, timeoutMs }: NetworkSettings, signal: AbortSignal): Promise<Network> {
  const { url, headers } = beacons[0]!;
  const config = describeSourceOption(() =>
    resolveRestOptions(url, { headers, ...(timeoutMs === undefined ? {} : { timeoutMs }) }),
  );
  const ask = (words: string, route: string) =>
    getJson(config, { words, route, maxBytes: MAX_CONFIG_BYTES, clock: config.clock, signal });
  const spec = await ask("the chain's configuration", "/eth/v1/config/spec");
  const genesis = await ask("the chain's genesis", "/eth/v1/beacon/genesis");
  try {
    return networkFromBeaconNode({ spec, genesis });
  } catch (thrown) {
    if (!isSidelightError(thrown, "NETWORK_CONFIG_INVALID")) throw thrown;
    // Not the caller's mistake: the answer of a source that cannot be used.
    const { field, expected, actual } = thrown.details;
    throw responseInvalid(askedOf(config, "the chain's configuration"), `${field}: ${expected}`, actual);
  }
}
