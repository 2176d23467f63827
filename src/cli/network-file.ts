/** A network from the text of a file: a configuration in YAML, or a node's own answers in JSON. Pure. */
import { parse } from "yaml";
import { describeValue, isSidelightError, messageOf, SidelightError } from "../errors.js";
import { type ConfigValues, networkByName, networkFromBeaconNode, networkFromConfig } from "../networks/index.js";
import type { Network } from "../networks/types.js";
import { usageError } from "./failure.js";

/** Genesis values as the command line gives them. */
export interface GenesisFlags {
  readonly genesisTime: string | undefined;
  readonly genesisValidatorsRoot: string | undefined;
}

/**
 * Two forms are understood:
 *
 * - `{"spec": …, "genesis": …}`: the answers of `/eth/v1/config/spec` and `/eth/v1/beacon/genesis`, saved from a node
 * - configuration values (consensus-specs `configs/*.yaml`), as YAML or JSON. They lack the genesis, which comes from
 *   keys `GENESIS_TIME` and `GENESIS_VALIDATORS_ROOT` in the file, from the flags, or, if the file is a newer
 *   configuration of a network that the library ships (same `CONFIG_NAME` and `GENESIS_FORK_VERSION`), from there
 *
 * @throws NETWORK_CONFIG_INVALID, OPTION_INVALID
 */
export function networkFromText(text: string, flags: GenesisFlags): Network {
  const values = parseText(text);
  if ("spec" in values && "genesis" in values) {
    refuseFlags(flags, "a file that has spec and genesis");
    return networkFromBeaconNode({ spec: values["spec"], genesis: values["genesis"] });
  }
  const shipped = shippedNetwork(values);
  const given = (key: string, flag: string | undefined, known: number | string | undefined) =>
    pick(key, values[key], flag) ?? known;
  const genesisTime = given("GENESIS_TIME", flags.genesisTime, shipped?.genesisTime);
  const genesisValidatorsRoot = given(
    "GENESIS_VALIDATORS_ROOT",
    flags.genesisValidatorsRoot,
    shipped?.genesisValidatorsRoot,
  );
  const missing = "the key in the file, or the option: a configuration does not say it, /eth/v1/beacon/genesis does";
  if (genesisTime === undefined) throw usageError("GENESIS_TIME or --genesis-time", missing, "neither");
  if (genesisValidatorsRoot === undefined) {
    throw usageError("GENESIS_VALIDATORS_ROOT or --genesis-validators-root", missing, "neither");
  }
  const network = networkFromConfig(values, {
    genesisTime: genesisTime as string,
    genesisValidatorsRoot: genesisValidatorsRoot as string,
  });
  // What is known of the stake of this very chain is known of it by any configuration.
  const isShipped = network.genesisValidatorsRoot === shipped?.genesisValidatorsRoot;
  return isShipped && shipped.stake !== undefined ? { ...network, stake: shipped.stake } : network;
}

/** A genesis that is not asked for would be an option that does nothing. @throws OPTION_INVALID */
export function refuseFlags({ genesisTime, genesisValidatorsRoot }: GenesisFlags, beside: string): void {
  const option = genesisTime !== undefined ? "--genesis-time" : "--genesis-validators-root";
  const value = genesisTime ?? genesisValidatorsRoot;
  if (value !== undefined) throw usageError(option, `no genesis beside ${beside}`, describeValue(value));
}

function parseText(text: string): ConfigValues {
  let value: unknown;
  try {
    // The failsafe schema leaves scalars as they are written: 0x00000000 must not become a number.
    // Some editors and shells put a byte order mark in front, which YAML skips and JSON does not.
    const plain = text.replace(/^\uFEFF/, "");
    value = /^\s*\{/.test(plain) ? JSON.parse(plain) : parse(plain, { schema: "failsafe" });
  } catch (thrown) {
    throw configInvalid("file", "YAML or JSON", messageOf(thrown).split("\n")[0]!);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw configInvalid("file", "keys and values", describeValue(value));
  }
  return value as ConfigValues;
}

/** The file's value and the flag's may both be there if they are the same. */
function pick(key: string, inFile: unknown, flag: string | undefined): unknown {
  if (inFile === undefined || flag === undefined) return inFile ?? flag;
  if (String(inFile).toLowerCase() === flag.toLowerCase()) return inFile;
  const option = `--${key.toLowerCase().replaceAll("_", "-")}`;
  throw usageError(option, `${describeValue(inFile)}, as the file says`, describeValue(flag));
}

function shippedNetwork(values: ConfigValues): Network | undefined {
  try {
    const network = networkByName(String(values["CONFIG_NAME"]));
    const version = String(values["GENESIS_FORK_VERSION"]).toLowerCase();
    return version === network.forks.phase0.version ? network : undefined;
  } catch (error) {
    if (isSidelightError(error, "NETWORK_UNKNOWN")) return undefined;
    throw error;
  }
}

function configInvalid(field: string, expected: string, actual: string): SidelightError<"NETWORK_CONFIG_INVALID"> {
  const message = `${field}: expected ${expected}, got ${actual}`;
  return new SidelightError("NETWORK_CONFIG_INVALID", message, { field, expected, actual });
}
