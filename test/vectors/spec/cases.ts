/**
 * The specification's vectors, found by the layout of their folders
 * (consensus-specs `tests/formats/README.md`): `<release>/<preset>/<fork>/<runner>/<handler>/<suite>/<case>/<file>`.
 */
import { LIGHT_CLIENT_FORKS, type LightClientFork } from "../../../src/networks/types.js";
import { countChecked } from "../counts.js";
import { hasData, listFiles } from "../data-folder.js";

const ROOT = "spec-vectors";

export interface VectorCase {
  readonly release: string;
  readonly preset: "minimal" | "mainnet" | "general";
  readonly fork: LightClientFork;
  readonly runner: string;
  readonly handler: string;
  readonly suite: string;
  readonly name: string;
  /** Relative to the data folder. */
  readonly folder: string;
  /** Names of the files in it. */
  readonly files: readonly string[];
}

/** Says where the vectors of a folder are from; lies beside them. */
const ORIGIN_FILE = "RELEASE.txt";

export interface FoundVectors {
  readonly cases: readonly VectorCase[];
  /** Files whose place in the layout is not understood. */
  readonly unknown: readonly string[];
}

/** Part of a release may lie in a folder of its own, with a suffix: `minimal-merkle_proof`. */
const PRESET_FOLDER = /^(minimal|mainnet|general)(-[a-z_]+)?$/;

function findVectors(): FoundVectors {
  const cases = new Map<string, VectorCase & { files: string[] }>();
  const unknown: string[] = [];
  for (const path of listFiles(ROOT)) {
    if (path.endsWith(`/${ORIGIN_FILE}`)) continue;
    const [, release, presetFolder = "", fork, runner, handler, suite, name, file, ...deeper] = path.split("/");
    const preset = PRESET_FOLDER.exec(presetFolder)?.[1];
    const isFork = (LIGHT_CLIENT_FORKS as readonly (string | undefined)[]).includes(fork);
    if (preset === undefined || !isFork || file === undefined || deeper.length > 0) {
      unknown.push(path);
      continue;
    }
    const folder = path.slice(0, path.lastIndexOf("/"));
    const found = cases.get(folder) ?? {
      release: release!,
      preset: preset as VectorCase["preset"],
      fork: fork as LightClientFork,
      runner: runner!,
      handler: handler!,
      suite: suite!,
      name: name!,
      folder,
      files: [],
    };
    found.files.push(file);
    cases.set(folder, found);
  }
  return { cases: [...cases.values()], unknown };
}

export const vectors: FoundVectors = hasData ? findVectors() : { cases: [], unknown: [] };

/** The cases of a handler, `ssz_static`'s handlers being the names of types: of a runner. */
export function casesOf(runner: string, handler?: string): readonly VectorCase[] {
  return vectors.cases.filter((vector) => vector.runner === runner && (handler ?? vector.handler) === vector.handler);
}

export function labelOf({ release, preset, fork, suite, name }: VectorCase): string {
  return `${release} ${preset} ${fork} ${suite}/${name}`;
}

export function countCase({ runner, handler, release, preset, fork }: VectorCase): void {
  // a row for each type would bury the rest of the table
  const suite = runner === "ssz_static" ? runner : `${runner}/${handler}`;
  countChecked({ suite, release, preset, fork });
}
