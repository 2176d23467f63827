import { describeValue, SidelightError } from "../errors.js";
import { chiado } from "./chiado.js";
import { gnosis } from "./gnosis.js";
import { holesky } from "./holesky.js";
import { hoodi } from "./hoodi.js";
import { mainnet } from "./mainnet.js";
import { sepolia } from "./sepolia.js";
import type { Network } from "./types.js";

/**
 * The network of that name: for command lines and configuration files. It brings every network along; a program that
 * knows its network imports that one.
 *
 * @throws `NETWORK_UNKNOWN` with the names there are
 */
export function networkByName(name: string): Network {
  const networks = [mainnet, sepolia, hoodi, holesky, gnosis, chiado];
  const network = networks.find((candidate) => candidate.name === name);
  if (network !== undefined) return network;
  const known = networks.map((candidate) => candidate.name);
  throw new SidelightError("NETWORK_UNKNOWN", `unknown network ${describeValue(name)}: known are ${known.join(", ")}`, {
    name: typeof name === "string" ? name : describeValue(name),
    known,
  });
}
