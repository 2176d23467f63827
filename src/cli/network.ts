/** `--network`: a name, a file, or what a beacon node says of itself. */
import { readFileSync, statSync } from "node:fs";
import { isSidelightError, messageOf, SidelightError } from "../errors.js";
import { networkByName, networkFromBeaconNode } from "../networks/index.js";
import type { Network } from "../networks/types.js";
import { httpGet, withDeadline } from "../transport/http.js";
import {
  type Asked,
  networkFailed,
  requestTimeout,
  responseInvalid,
  statusError,
  tooLarge,
} from "../transport/rest-errors.js";
import { type RestConfig, resolveRestOptions } from "../transport/rest-options.js";
import { usageError } from "./failure.js";
import { networkFromText, refuseFlags } from "./network-file.js";
import { FROM_BEACON, type Settings } from "./settings.js";
import { describeSourceOption } from "./sources.js";

/** A configuration has about 10 KiB, a node's spec about 20. */
const MAX_CONFIG_BYTES = 1_048_576;

type NetworkSettings = Pick<
  Settings,
  "network" | "genesisTime" | "genesisValidatorsRoot" | "beacons" | "headers" | "timeoutMs"
>;

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
async function fetchNetwork({ beacons, headers, timeoutMs }: NetworkSettings, signal: AbortSignal): Promise<Network> {
  const url = beacons[0]!;
  const config = describeSourceOption(() =>
    resolveRestOptions(url, { headers, ...(timeoutMs === undefined ? {} : { timeoutMs }) }),
  );
  const spec = await getJson(config, "the chain's configuration", "/eth/v1/config/spec", signal);
  const genesis = await getJson(config, "the chain's genesis", "/eth/v1/beacon/genesis", signal);
  try {
    return networkFromBeaconNode({ spec, genesis });
  } catch (thrown) {
    if (!isSidelightError(thrown, "NETWORK_CONFIG_INVALID")) throw thrown;
    // Not the caller's mistake: the answer of a source that cannot be used.
    const { field, expected, actual } = thrown.details;
    const asked = { source: config.name, request: "the chain's configuration", redact: config.redact };
    throw responseInvalid(asked, `${field}: ${expected}`, actual);
  }
}

async function getJson(config: RestConfig, request: string, route: string, signal: AbortSignal): Promise<unknown> {
  const { clock, timeoutMs, redact } = config;
  const asked: Asked = { source: config.name, request, redact };
  const connection = new AbortController();
  const get = {
    fetch: config.fetch,
    url: config.urlOf(route),
    headers: { ...config.headers, accept: "application/json" },
    signal: connection.signal,
  };
  const limit = { bytes: MAX_CONFIG_BYTES, exceeded: (actual: number) => tooLarge(asked, MAX_CONFIG_BYTES, actual) };
  try {
    const late = () => requestTimeout(asked, timeoutMs);
    const answer = await withDeadline(
      { clock, timeoutMs, signal, late },
      httpGet(get, () => limit),
    );
    if (answer.status !== 200) throw statusError(asked, answer, clock.nowMs());
    return parseJson(asked, answer.body);
  } catch (thrown) {
    signal.throwIfAborted();
    throw isSidelightError(thrown) ? thrown : networkFailed(asked, thrown);
  } finally {
    connection.abort();
  }
}

function parseJson(asked: Asked, body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw responseInvalid(asked, "JSON", "something else");
  }
}
