import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ForkName, Network } from "../../../src/networks/index.js";

/** Where the reference data lies: it is not part of the repository. */
const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));
const ROOT = resolve(REPOSITORY, process.env["SIDELIGHT_DATA"] ?? "../shared/data");

/** Use inside `it`: skips the test, saying so, where the reference data is absent. */
export function readReference(test: Mocha.Context, path: string): string {
  if (!existsSync(ROOT)) {
    test.test!.title += " (skipped: no reference data, set SIDELIGHT_DATA)";
    test.skip();
  }
  return readFileSync(`${ROOT}/${path}`, "utf8");
}

export function sha256(data: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(data).digest());
}

/** The network with other entries in its fork table. */
export function withForks(network: Network, forks: Partial<Network["forks"]>): Network {
  return { ...network, forks: { ...network.forks, ...forks } };
}

/** The network as it was when `last` was the newest scheduled fork. */
export function upTo(network: Network, last: ForkName): Network {
  const names = Object.keys(network.forks) as ForkName[];
  const later = names.slice(names.indexOf(last) + 1);
  return withForks(
    network,
    Object.fromEntries(later.map((name) => [name, { version: network.forks[name].version, epoch: Infinity }])),
  );
}
