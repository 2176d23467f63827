/** The sources that `--beacon` names. */
import { isSidelightError } from "../errors.js";
import { type RestSource, restSource } from "../transport/rest.js";
import { usageError } from "./failure.js";
import type { Settings } from "./settings.js";

/** What options of the REST source are called on the command line. */
const OPTION_OF: Readonly<Record<string, string>> = {
  url: "--beacon",
  headers: "--header",
  timeoutMs: "--timeout",
  required: "--require",
};

/** @throws OPTION_INVALID naming the command line's option */
export function createSources({ beacons, headers, timeoutMs }: Pick<Settings, "beacons" | "headers" | "timeoutMs">) {
  const sources: RestSource[] = [];
  for (const url of beacons) {
    const options = { headers, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    const source = describeSourceOption(() => restSource(url, options));
    // One host may be there twice, with other paths or keys; names must differ.
    const same = sources.filter(({ name }) => name.split(" #")[0] === source.name).length;
    sources.push(
      same === 0
        ? source
        : describeSourceOption(() => restSource(url, { ...options, name: `${source.name} #${same + 1}` })),
    );
  }
  return sources;
}

/** Runs `make`; a refused option gets the name that the caller has typed. */
export function describeSourceOption<T>(make: () => T): T {
  try {
    return make();
  } catch (thrown) {
    if (!isSidelightError(thrown, "OPTION_INVALID")) throw thrown;
    const { option, expected, actual } = thrown.details;
    const name = option.startsWith("providers") ? "--checkpoint-provider" : OPTION_OF[option];
    throw usageError(name ?? option, expected, actual);
  }
}
