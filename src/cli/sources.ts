/** The sources that `--beacon` names. */
import { type BeaconProofSource, beaconProofSource } from "../proof-fetch/index.js";
import { type RestSource, type RestSourceOptions, restSource } from "../transport/rest.js";
import { type BlockSource, restBlocks } from "../transport/rest-blocks.js";
import { asTyped } from "./failure.js";
import type { Settings } from "./settings.js";

/** What options of the REST source are called on the command line. */
const OPTION_OF: Readonly<Record<string, string>> = {
  url: "--beacon",
  headers: "--header",
  timeoutMs: "--timeout",
  required: "--require",
};

type BeaconSettings = Pick<Settings, "beacons" | "timeoutMs">;

/** @throws OPTION_INVALID naming the command line's option */
export function createSources(settings: BeaconSettings): RestSource[] {
  return sourcesOf(restSource, settings);
}

/** By the same names as {@link createSources}. @throws as it does */
export function createBlockSources(settings: BeaconSettings): BlockSource[] {
  return sourcesOf(restBlocks, settings);
}

/** As {@link createSources}, of their states. @throws as it does */
export function createProofSources(settings: BeaconSettings): BeaconProofSource[] {
  return sourcesOf(beaconProofSource, settings);
}

function sourcesOf<S extends { readonly name: string }>(
  make: (url: string, options: Pick<RestSourceOptions, "name" | "headers" | "timeoutMs">) => S,
  { beacons, timeoutMs }: BeaconSettings,
): S[] {
  const sources: S[] = [];
  for (const { url, headers } of beacons) {
    const options = { headers, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    const source = describeSourceOption(() => make(url, options));
    // One host may be there twice, with other paths or keys; names must differ.
    const same = sources.filter(({ name }) => name.split(" #")[0] === source.name).length;
    sources.push(
      same === 0 ? source : describeSourceOption(() => make(url, { ...options, name: `${source.name} #${same + 1}` })),
    );
  }
  return sources;
}

/** Runs `make`; a refused option gets the name that the caller has typed. */
export function describeSourceOption<T>(make: () => T): T {
  try {
    return make();
  } catch (thrown) {
    const nameOf = (option: string) => (option.startsWith("providers") ? "--checkpoint-provider" : OPTION_OF[option]);
    throw asTyped(thrown, (option) => nameOf(option) ?? option);
  }
}
